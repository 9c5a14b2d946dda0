using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.History;
using CommandCenter.Grains.History.Influx;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Running;
using Xunit;

namespace CommandCenter.Grains.Tests.History;

/// <summary>One InfluxDB for the tests of a class; each test has a database of its own.</summary>
public sealed class InfluxServer : IAsyncLifetime
{
    private int _databases;

    internal TimeSeriesServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await TimeSeriesServer.StartInfluxDbAsync();

    public async ValueTask DisposeAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }
    }

    internal InfluxTest New(Action<HistoryOptions>? configure = null) =>
        new(Server.Url, string.Create(CultureInfo.InvariantCulture, $"city {Interlocked.Increment(ref _databases)}"), configure);
}

/// <summary>A history in a database of InfluxDB.</summary>
internal sealed class InfluxTest : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = TemporaryHistory.Noon;

    private readonly HttpClient _http = new();

    public InfluxTest(string url, string database, Action<HistoryOptions>? configure = null)
    {
        Options = new()
        {
            Provider = HistoryProvider.InfluxDb, Url = url, Database = database, RetentionDays = 3650, ArrivalDays = 3650, RetryFirstMs = 20, RetryLongestMs = 200,
        };
        configure?.Invoke(Options);
        _http.BaseAddress = new Uri(url);
        Open = Make();
    }

    public HistoryOptions Options { get; }

    public FakeTimeProvider City { get; } = new(Noon);

    public InfluxHistory Open { get; private set; }

    public async Task RestartAsync()
    {
        await Open.DisposeAsync();
        Open = Make();
    }

    public InfluxHistory Make() => new(Microsoft.Extensions.Options.Options.Create(Options), new DomainClock(City), TimeProvider.System, NullLogger<InfluxHistory>.Instance);

    /// <summary>Asks the server past the history.</summary>
    public async Task<JsonElement> QueryAsync(string statement)
    {
        using var answer = await _http.PostAsync(
            $"query?epoch=ms&db={Uri.EscapeDataString(Options.Database)}", new FormUrlEncodedContent([KeyValuePair.Create("q", statement)]), TestContext.Current.CancellationToken);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("results")[0];
    }

    /// <summary>Writes past the history.</summary>
    public async Task<int> WriteAsync(string lines)
    {
        using var answer = await _http.PostAsync(
            $"write?precision=ms&rp=commandcenter&db={Uri.EscapeDataString(Options.Database)}", new StringContent(lines), TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    public async Task<ImmutableArray<HistoryPoint>> AllAsync(string device, string quantity = "water_depth") =>
        (await Open.ReadRawAsync(new(device), new(quantity), DateTimeOffset.UnixEpoch, Noon.AddYears(50), 1000, null, TestContext.Current.CancellationToken)).Items;

    public async Task<List<IngestBatch>> ArrivalsAsync(AreaId street, DateTimeOffset from)
    {
        var batches = new List<IngestBatch>();
        await foreach (var batch in Open.ReadArrivalsAsync(street, from, TestContext.Current.CancellationToken))
        {
            batches.Add(batch);
        }

        return batches;
    }

    public async ValueTask DisposeAsync()
    {
        await Open.DisposeAsync();
        _http.Dispose();
    }
}
