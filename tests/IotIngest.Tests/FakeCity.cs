using System.Collections.Concurrent;
using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using IotIngest.Delivering;
using IotIngest.Hosting;
using IotIngest.Receiving;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotIngest.Tests;

/// <summary>The cluster as ingest sees it: streets, history, ledger and registry that keep what they are given. A gate can hold or fail the calls.</summary>
internal sealed class FakeCity
{
    private readonly ConcurrentDictionary<AreaId, FakeStreet> streets = new();

    public FakeCity(params DeviceRegistration[] devices)
    {
        Registry = new FakeRegistry(devices);
        Border = new GrainBorder(street => streets.GetOrAdd(street, key => new FakeStreet(this)), () => History, () => Ledger, () => Registry, observer => observer);
    }

    public GrainBorder Border { get; }
    public FakeRegistry Registry { get; }
    public FakeHistory History { get; } = new();
    public FakeLedger Ledger { get; } = new();
    public ConcurrentQueue<IngestBatch> Batches { get; } = new();

    /// <summary>What the streets know of their devices.</summary>
    public ImmutableArray<DeviceCondition> Conditions { get; set; } = [];

    /// <summary>Every street call waits for it.</summary>
    public Func<IngestBatch, Task> BeforeStreet { get; set; } = _ => Task.CompletedTask;

    public ImmutableArray<Reading> Readings => [.. Batches.SelectMany(batch => batch.Readings)];
    public ImmutableArray<DeviceEvent> Events => [.. Batches.SelectMany(batch => batch.Events)];

    public static DeviceRegistration Device(string id, string street = "320404002", params DeviceQuantity[] quantities) => new()
    {
        Id = new(id), Name = id, Kind = "water_level", Street = new(street), Version = 1,
        Quantities = quantities.Length > 0 ? [.. quantities] : [new() { Name = new("water_depth"), Unit = "mm" }],
    };

    /// <summary>Waits until the condition holds; the deadline fails the test with what was seen.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            if (deadline.IsCancellationRequested)
            {
                throw new TimeoutException("It never came to this: " + what);
            }

            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private sealed class FakeStreet(FakeCity city) : IStreetGrain
    {
        public async Task IngestAsync(IngestBatch batch)
        {
            await city.BeforeStreet(batch);
            city.Batches.Enqueue(batch);
        }

        public Task TickAsync() => throw new NotSupportedException();
        public Task ApplyDevicesAsync(ImmutableArray<DeviceRegistration> devices, ImmutableArray<DeviceId> removed) => throw new NotSupportedException();
        public Task ApplyRulesAsync() => throw new NotSupportedException();
        public Task ApplyMaintenanceAsync() => throw new NotSupportedException();
        public Task<ImmutableArray<Outcome<WarningView>>> ExecuteManyAsync(ImmutableArray<WarningId> ids, WarningCommand command, Actor actor) => throw new NotSupportedException();
        public Task<DeviceExplanation?> ExplainAsync(DeviceId id, Actor actor) => throw new NotSupportedException();
        public Task<ImmutableArray<DeviceCondition>> GetDevicesAsync(ImmutableArray<DeviceId> ids) =>
            Task.FromResult(city.Conditions.Where(condition => ids.Contains(condition.Id)).ToImmutableArray());
        public Task<WarningView?> GetWarningAsync(WarningId id, Actor actor) => throw new NotSupportedException();
        public Task<Outcome<WarningView>> ExecuteAsync(WarningId id, WarningCommand command, Actor actor) => throw new NotSupportedException();
        public Task ShowIncidentAsync(IncidentView incident) => throw new NotSupportedException();
        public Task<ImmutableArray<AreaSnapshotPart>> SubscribeAsync(IAreaObserver observer, string? knownEpoch, long knownSeq) => throw new NotSupportedException();
        public Task UnsubscribeAsync(IAreaObserver observer) => throw new NotSupportedException();
    }
}

internal sealed class FakeHistory : IReadingHistoryGrain
{
    public ConcurrentQueue<IngestBatch> Batches { get; } = new();
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    public async Task AppendAsync(IngestBatch batch)
    {
        await Before();
        Batches.Enqueue(batch);
    }

    public Task<Page<HistoryPoint>> ReadRawAsync(DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, int limit, string? cursor) => throw new NotSupportedException();
    public Task<Page<HistoryInterval>> ReadEveryAsync(DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, TimeSpan every, int limit, string? cursor) => throw new NotSupportedException();
    public Task<HistoryImport> ImportAsync(ImmutableArray<Reading> readings) => throw new NotSupportedException();
    public IAsyncEnumerable<IngestBatch> ReadArrivalsAsync(AreaId street, DateTimeOffset receivedFrom) => throw new NotSupportedException();
    public IAsyncEnumerable<IngestBatch> ReadPastAsync(AreaId street, ImmutableArray<DeviceId> devices, ImmutableArray<QuantityId> quantities, DateTimeOffset from, DateTimeOffset to) => throw new NotSupportedException();
}

internal sealed class FakeLedger : IIngestLedgerGrain
{
    public ConcurrentQueue<LedgerReport> Reports { get; } = new();
    public ImmutableArray<Rejection> Rejections => [.. Reports.SelectMany(report => report.Rejections)];
    public ImmutableArray<UnregisteredDevice> Unregistered => [.. Reports.SelectMany(report => report.Unregistered)];

    public long Count(RejectionReason reason) => Reports.Sum(report => report.Counts.GetValueOrDefault(reason));

    public Task ReportAsync(LedgerReport report)
    {
        Reports.Enqueue(report);
        return Task.CompletedTask;
    }

    public Task<RejectionList> ListRejectionsAsync(int limit, string? cursor, Actor actor) => throw new NotSupportedException();
    public Task<Page<UnregisteredDevice>> ListUnregisteredAsync(int limit, string? cursor, Actor actor) => throw new NotSupportedException();
    public Task<RejectionList> QueryRejectionsAsync(RejectionQuery query, Actor actor) => throw new NotSupportedException();
    public Task<Page<KeptMessage>> LoadKeptAsync(RejectionQuery query, Actor actor) => throw new NotSupportedException();
    public Task SettleKeptAsync(ImmutableArray<KeptOutcome> outcomes) => throw new NotSupportedException();
    public Task<ImmutableArray<WrongClock>> ListWrongClocksAsync(Actor actor) => throw new NotSupportedException();
}

internal sealed class FakeRegistry(IEnumerable<DeviceRegistration> devices) : IRegistryGrain
{
    private readonly Lock gate = new();
    private readonly Dictionary<DeviceId, DeviceRegistration> held = devices.ToDictionary(device => device.Id);
    private readonly Dictionary<DeviceId, BrokerAccount> accounts = [];
    private readonly List<IRegistryObserver> followers = [];
    private long sequence;

    /// <summary>The next change is not told to the followers.</summary>
    public bool LoseNext { get; set; }
    public int Follows { get; private set; }

    public async Task PutAsync(DeviceRegistration device)
    {
        DeviceChange change;
        IRegistryObserver[] told;
        lock (gate)
        {
            held[device.Id] = device;
            change = new(++sequence, device.Id, device);
            told = LoseNext ? [] : [.. followers];
            LoseNext = false;
        }

        foreach (var follower in told)
        {
            await follower.ApplyAsync(change);
        }
    }

    /// <summary>Gives the device a new secret, and tells the followers as the registry does.</summary>
    public async Task<string> IssueAsync(string device, GatewayRights? gateway = null)
    {
        var secret = DeviceSecrets.Make();
        await ChangeAsync(device, secret, gateway);
        return secret;
    }

    /// <summary>Withdraws the device's account.</summary>
    public Task WithdrawAsync(string device) => ChangeAsync(device, null, null);

    private async Task ChangeAsync(string device, string? secret, GatewayRights? gateway)
    {
        DeviceChange change;
        IRegistryObserver[] told;
        lock (gate)
        {
            var id = new DeviceId(device);
            var salt = DeviceSecrets.MakeSalt();
            var account = accounts[id] = new BrokerAccount
            {
                Device = id, Version = (accounts.GetValueOrDefault(id)?.Version ?? 0) + 1, Salt = salt, Rounds = 10, IssuedAt = DateTimeOffset.UnixEpoch, Gateway = gateway,
                Hash = secret is null ? [] : DeviceSecrets.Hash(System.Text.Encoding.UTF8.GetBytes(secret), salt, 10),
            };
            change = new(++sequence, id, held[id]) { Account = account };
            told = [.. followers];
        }

        foreach (var follower in told)
        {
            await follower.ApplyAsync(change);
        }
    }

    public Task<RegistrySnapshot?> FollowAsync(IRegistryObserver node, long knownSequence)
    {
        lock (gate)
        {
            Follows++;
            if (!followers.Contains(node))
            {
                followers.Add(node);
            }

            return Task.FromResult(knownSequence == sequence ? null : new RegistrySnapshot(sequence, [.. held.Values]) { Accounts = [.. accounts.Values] });
        }
    }

    public Task<Outcome<DeviceRegistration>> PutAsync(DeviceRegistration device, Actor actor) => throw new NotSupportedException();
    public Task<ImmutableArray<Outcome<DeviceRegistration>>> PutManyAsync(ImmutableArray<DeviceRegistration> devices, Actor actor) => throw new NotSupportedException();
    public Task<ImmutableArray<DeviceSource>> SelectUnknownAsync(ImmutableArray<DeviceSource> sources) => throw new NotSupportedException();
    public Task<ImmutableArray<DeviceRegistration?>> GetManyAsync(ImmutableArray<DeviceId> ids, Actor actor) => throw new NotSupportedException();

    public Task<DeviceRegistration?> GetAsync(DeviceId id, Actor actor) => throw new NotSupportedException();
    public Task<DeviceFindings?> SearchAsync(DeviceSearch search, Actor actor) => throw new NotSupportedException();
    public Task<CredentialState?> DescribeCredentialAsync(DeviceId device, Actor actor) => throw new NotSupportedException();

    public Task<Outcome<IssuedCredential>> IssueCredentialAsync(DeviceId device, GatewayRights? gateway, Actor actor) => throw new NotSupportedException();
    public Task<Outcome<DeviceId>> WithdrawCredentialAsync(DeviceId device, Actor actor) => throw new NotSupportedException();
}

/// <summary>A node in a folder of its own, listening on a free port.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly bool ownsFolder;

    public TestNode(FakeCity city, string? folder = null, Action<BrokerOptions>? broker = null, Action<IngestOptions>? ingest = null, IIngestJournal? journal = null, TimeProvider? time = null,
        ILoggerFactory? loggers = null)
    {
        ownsFolder = folder is null;
        Folder = folder ?? Directory.CreateTempSubdirectory("ingest-test-").FullName;
        var brokerOptions = new BrokerOptions { Host = "127.0.0.1", Port = 0, Anonymous = true };
        broker?.Invoke(brokerOptions);
        var options = new IngestOptions { DataDirectory = Folder, RetryFirstMs = 5, RetryLongestMs = 20 };
        ingest?.Invoke(options);
        Metrics = new IngestMetrics();
        Node = new IngestNode(brokerOptions, options, city.Border, Metrics, new DomainClock(time ?? TimeProvider.System), TimeProvider.System, loggers ?? NullLoggerFactory.Instance, journal);
    }

    public string Folder { get; }
    public IngestMetrics Metrics { get; }
    public IngestNode Node { get; }
    public IngestPipeline Pipeline => Node.Pipeline;

    public static async Task<TestNode> StartAsync(
        FakeCity city, string? folder = null, Action<BrokerOptions>? broker = null, Action<IngestOptions>? ingest = null, IIngestJournal? journal = null, TimeProvider? time = null,
        ILoggerFactory? loggers = null)
    {
        var node = new TestNode(city, folder, broker, ingest, journal, time, loggers);
        await node.Node.StartAsync(TestContext.Current.CancellationToken);
        await node.Node.Opened.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        Metrics.Dispose();
        if (ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
