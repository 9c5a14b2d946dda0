using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.History.Influx;
using Running;
using Xunit;
using static CommandCenter.Grains.Tests.History.InfluxTest;

namespace CommandCenter.Grains.Tests.History;

/// <summary>InfluxDB away and back, and the write path of 2.x.</summary>
public sealed class InfluxOutageTests
{
    private static readonly AreaId Street = new("320404002");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static IngestBatch Batch(long sequence) => new()
    {
        Node = "node-1", Sequence = sequence, Street = Street,
        Readings = [new(new("wl-017"), new("water_depth"), sequence, Noon.AddSeconds(sequence), Noon.AddSeconds(sequence), Quality.Good)],
    };

    [Fact]
    public async Task What_is_appended_while_the_server_is_away_waits_and_is_there_once_when_it_is_back()
    {
        await using var server = await TimeSeriesServer.StartInfluxDbAsync();
        await using var history = new InfluxTest(server.Url, "city");
        await history.Open.AppendAsync(Batch(1), Cancelled);
        await server.KillAsync();
        var waiting = Enumerable.Range(2, 50).Select(i => history.Open.AppendAsync(Batch(i), Cancelled)).ToList();
        await Assert.ThrowsAsync<InfluxOutageException>(() => history.AllAsync("wl-017"));
        Assert.DoesNotContain(waiting, append => append.IsCompleted);
        await server.StartAgainAsync();
        await Task.WhenAll(waiting);
        Assert.Equal(Enumerable.Range(1, 51).Select(i => (double)i), (await history.AllAsync("wl-017")).Select(point => point.Value));
        Assert.Equal(51, (await history.ArrivalsAsync(Street, Noon)).Count);
    }

    [Fact]
    public async Task An_append_that_waited_long_enough_fails_and_the_queue_holds_no_more_than_its_bound()
    {
        await using var server = await TimeSeriesServer.StartInfluxDbAsync();
        await using var history = new InfluxTest(server.Url, "city", options =>
        {
            options.AppendWaitSeconds = 1;
            options.QueuedWritesMax = 4;
        });
        await server.KillAsync();
        var all = Enumerable.Range(1, 200).Select(i => history.Open.AppendAsync(Batch(i), Cancelled)).ToList();
        foreach (var append in all)
        {
            await Assert.ThrowsAsync<InfluxOutageException>(() => append);
        }

        await server.StartAgainAsync();
        await history.Open.AppendAsync(Batch(1), Cancelled);
        Assert.Contains(1, (await history.AllAsync("wl-017")).Select(point => point.Value));
    }

    [Fact]
    public async Task A_server_that_speaks_only_like_version_2_is_recognised_and_gets_the_readings()
    {
        await using var server = await TimeSeriesServer.StartVictoriaMetricsAsync();
        await using var history = new InfluxTest(server.Url, "city");
        await history.Open.AppendAsync(Batch(1), Cancelled);
        await history.Open.AppendAsync(Batch(2), Cancelled);
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        _ = await http.GetAsync("internal/force_flush", Cancelled);
        var lines = await http.GetStringAsync("api/v1/export?match[]=readings_value", Cancelled);
        Assert.Contains("\"device\":\"wl-017\"", lines, StringComparison.Ordinal);
        Assert.Contains("\"quantity\":\"water_depth\"", lines, StringComparison.Ordinal);
        Assert.Contains("\"values\":[1,2]", lines, StringComparison.Ordinal);
        Assert.Contains($"\"timestamps\":[{Noon.AddSeconds(1).ToUnixTimeMilliseconds()},{Noon.AddSeconds(2).ToUnixTimeMilliseconds()}]", lines, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_write_path_can_be_forced()
    {
        await using var server = await TimeSeriesServer.StartVictoriaMetricsAsync();
        await using var history = new InfluxTest(server.Url, "city", options => options.WriteApi = InfluxApi.V1);
        await history.Open.AppendAsync(Batch(1), Cancelled);
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        _ = await http.GetAsync("internal/force_flush", Cancelled);

        // Only the first version's path names a database.
        Assert.Contains("\"db\":\"city\"", await http.GetStringAsync("api/v1/export?match[]=readings_value", Cancelled), StringComparison.Ordinal);
    }
}
