using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.History;
using CommandCenter.Grains.Hosting;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.TestingHost;

namespace CommandCenter.Cluster.Tests;

/// <summary>Silos in this process over one SQLite file and one remembered history, with a domain clock that the test sets. The runtime's own time is real.</summary>
internal sealed class StreetCluster : IAsyncDisposable
{
    public static readonly AreaId Street = new("320404002");
    public static readonly DateTimeOffset Start = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("cc-cluster-").FullName;

    private StreetCluster(InProcessTestCluster cluster) => Cluster = cluster;

    public InProcessTestCluster Cluster { get; private set; }
    public SettableTime Time { get; private init; } = null!;
    public IReadingHistory History { get; private init; } = null!;

    /// <summary>While true no warning can be stored, as with a full disk.</summary>
    public bool StoreFails { get; set; }
    public IStreetGrain Grain => Cluster.Client.GetGrain<IStreetGrain>(Street.Value);

    /// <param name="history">Null: one that only remembers.</param>
    /// <param name="services">What the test sets differently in each silo.</param>
    public static async Task<StreetCluster> StartAsync(short silos, IReadingHistory? history = null, Action<IServiceCollection>? services = null)
    {
        var time = new SettableTime { Now = Start };
        history ??= new RememberedHistory();
        var builder = new InProcessTestClusterBuilder(silos);
        var cluster = new StreetCluster(null!) { Time = time, History = history };
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(new DomainClock(time));
            silo.Services.AddSingleton(Options.Create(new StoringOptions { DataDirectory = cluster._folder }));
            silo.Services.AddSingleton(Options.Create(new HistoryOptions { DataDirectory = cluster._folder }));
            silo.Services.AddSingleton(Options.Create(new GeographyOptions()));
            silo.Services.AddCommandCenterRooms();
            silo.Services.Replace(ServiceDescriptor.Singleton(history));
            silo.Services.Replace(ServiceDescriptor.Singleton<IWarningStore>(
                provider => new FailingWarningStore(new WarningStore(provider.GetRequiredService<OperationsDatabase>()), () => cluster.StoreFails)));
            services?.Invoke(silo.Services);
        });
        cluster.Cluster = builder.Build();
        await cluster.Cluster.DeployAsync();
        return cluster;
    }

    public async Task RegisterAsync(params DeviceRegistration[] devices)
    {
        var store = Service<IRegistryStore>();
        await store.SaveAsync(devices, []);
        await Grain.ApplyDevicesAsync([.. devices], []);
    }

    /// <summary>One reading that is observed and received at the second; history holds it too, as ingest would have it.</summary>
    public async Task IngestAsync(int second, double value, string device = "wl-1")
    {
        var at = Start.AddSeconds(second);
        Time.Now = at > Time.Now ? at : Time.Now;
        var batch = new IngestBatch { Node = "n", Sequence = second, Street = Street, Readings = [new(new(device), new("water_depth"), value, at, at, Quality.Good)] };
        await History.AppendAsync(batch);
        await Grain.IngestAsync(batch);
    }

    public async Task<ImmutableArray<WarningView>> WarningsAsync()
    {
        var page = await Service<IWarningStore>().ListAsync(new() { Limit = 1000 }, Actor.System);
        return page.Items;
    }

    public T Service<T>()
        where T : notnull => Cluster.GetSiloServiceProvider(Cluster.Silos[0].SiloAddress).GetRequiredService<T>();

    /// <summary>Waits until the condition holds; fails with what was last seen after half a minute.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> holds)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Exception? failure = null;
            T? seen = default;
            try
            {
                seen = await look();
                if (holds(seen))
                {
                    return seen;
                }
            }
            catch (Exception caught) when (caught is OrleansException or TimeoutException or SiloUnavailableException)
            {
                failure = caught;
            }

            if (TimeProvider.System.GetElapsedTime(deadline) > TimeSpan.FromSeconds(30))
            {
                throw new TimeoutException($"The condition did not come true; last seen: {seen}", failure);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A domain clock that stands where the test puts it.</summary>
internal sealed class SettableTime : TimeProvider
{
    public DateTimeOffset Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>A history that remembers arrivals, shared by the silos as a real server would be.</summary>
internal sealed class RememberedHistory : IReadingHistory
{
    private readonly ConcurrentQueue<IngestBatch> _batches = new();

    public Task AppendAsync(IngestBatch batch, CancellationToken cancellation = default)
    {
        _batches.Enqueue(batch);
        return Task.CompletedTask;
    }

    public Task<Page<HistoryPoint>> ReadRawAsync(DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, int limit, string? cursor, CancellationToken cancellation = default) =>
        Task.FromResult(new Page<HistoryPoint>([], null));

    public Task<Page<HistoryInterval>> ReadEveryAsync(DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, TimeSpan every, int limit, string? cursor, CancellationToken cancellation = default) =>
        Task.FromResult(new Page<HistoryInterval>([], null));

    public Task<HistoryImport> ImportAsync(ImmutableArray<Reading> readings, CancellationToken cancellation = default) => Task.FromResult(new HistoryImport(0, 0));

    public IAsyncEnumerable<IngestBatch> ReadPastAsync(
        AreaId street, ImmutableArray<DeviceId> devices, ImmutableArray<QuantityId> quantities, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation = default) => throw new NotSupportedException();

    public async IAsyncEnumerable<IngestBatch> ReadArrivalsAsync(AreaId street, DateTimeOffset receivedFrom, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var batch in _batches.Where(batch => batch.Street == street && batch.Readings.Any(reading => reading.ReceivedAt >= receivedFrom)))
        {
            await Task.Yield();
            yield return batch;
        }
    }
}

/// <summary>The warning store, but for the writes that the test lets fail.</summary>
internal sealed class FailingWarningStore(IWarningStore inner, Func<bool> fails) : IWarningStore
{
    public Task CommitAsync(WarningCommit commit, CancellationToken cancellation = default) =>
        fails() ? Task.FromException(new IOException("The disk is full.")) : inner.CommitAsync(commit, cancellation);

    public Task<ImmutableArray<WarningView>> LoadClearedAsync(AreaId street, DateTimeOffset clearedFrom, DateTimeOffset now, CancellationToken cancellation = default) =>
        inner.LoadClearedAsync(street, clearedFrom, now, cancellation);

    public Task<ImmutableArray<WarningView>> FindManyAsync(IReadOnlyList<WarningId> ids, CancellationToken cancellation = default) => inner.FindManyAsync(ids, cancellation);

    public Task<ImmutableDictionary<WarningId, WarningId>> FindPreviousAsync(IReadOnlyList<WarningView> warnings, CancellationToken cancellation = default) =>
        inner.FindPreviousAsync(warnings, cancellation);

    public Task<ImmutableArray<WarningView>> LoadOpenAsync(AreaId street, CancellationToken cancellation = default) => inner.LoadOpenAsync(street, cancellation);

    public Task<WarningView?> FindAsync(WarningId id, CancellationToken cancellation = default) => inner.FindAsync(id, cancellation);

    public Task<WarningId?> FindPreviousAsync(RuleId rule, string subject, DateTimeOffset beforeOnset, CancellationToken cancellation = default) =>
        inner.FindPreviousAsync(rule, subject, beforeOnset, cancellation);

    public Task<Page<WarningView>> ListAsync(WarningQuery query, Actor actor, CancellationToken cancellation = default) => inner.ListAsync(query, actor, cancellation);
}
