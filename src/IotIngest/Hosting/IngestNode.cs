using CommandCenter.Grains.Contracts;
using IotIngest.Batching;
using IotIngest.Brokering;
using IotIngest.Decoding;
using IotIngest.Delivering;
using IotIngest.Receiving;
using IotIngest.Rejecting;
using IotIngest.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IotIngest.Hosting;

/// <summary>One ingest node: its rooms, wired in the order of the flow, and the order in which they start and stop. The directory is loaded and the journal replayed before a
/// broker is listened to; at the end reading stops first, what was read becomes durable, is acknowledged and delivered.</summary>
public sealed partial class IngestNode : IHostedLifecycleService, IAsyncDisposable
{
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(10);

    private readonly TimeProvider timers;
    private readonly ILogger<IngestNode> log;
    private readonly IngestJournal journal;
    private readonly DeviceDirectory directory;
    private readonly RejectionLedger ledger;
    private readonly StreetLanes lanes;
    private readonly EmbeddedBroker? embedded;
    private readonly ExternalBroker? external;
    private bool started;

    internal IngestNode(
        BrokerOptions broker, IngestOptions options, GrainBorder grains, IngestMetrics metrics, DomainClock clock, TimeProvider timers, ILoggerFactory loggers, IIngestJournal? journalInstead = null)
    {
        this.timers = timers;
        log = loggers.CreateLogger<IngestNode>();
        journal = new IngestJournal(options, metrics, loggers.CreateLogger<IngestJournal>());
        var durable = journalInstead ?? journal;
        var numbers = new BatchNumbers(journal.Node, journal.Run);
        var decoders = new Decoders(options);
        directory = new DeviceDirectory(grains, options, timers, loggers.CreateLogger<DeviceDirectory>());
        ledger = new RejectionLedger(grains, numbers, options, metrics, timers, loggers.CreateLogger<RejectionLedger>());
        lanes = new StreetLanes(grains, numbers, options, metrics, clock, timers, loggers.CreateLogger<StreetDelivery>());
        Pipeline = new IngestPipeline(decoders, directory, lanes, ledger, durable, metrics, clock, broker);
        if (broker.Mode == BrokerMode.Embedded)
        {
            embedded = new EmbeddedBroker(broker, Pipeline, durable, metrics, clock, timers, loggers);
        }
        else
        {
            external = new ExternalBroker(broker, options, Pipeline, decoders, numbers, clock, timers, loggers.CreateLogger<ExternalBroker>());
        }
    }

    /// <summary>Where messages that come over HTTP go in.</summary>
    public IngestPipeline Pipeline { get; }

    /// <summary>The port on which the embedded broker really listens; 0 when there is none.</summary>
    public int BrokerPort => embedded?.Port ?? 0;

    /// <summary>The same with TLS.</summary>
    public int BrokerTlsPort => embedded?.TlsPort ?? 0;

    /// <summary>The directory is loaded, the journal is replayed, and the broker listens or is connected to.</summary>
    public bool IsReady => started && (external is null || external.IsConnected);

    /// <summary>Why nothing of QoS 1 and 2 is acknowledged at the moment, such as a full disk; null: all is well.</summary>
    public string? JournalTrouble => journal.Trouble;

    /// <summary>The node's name, stable over restarts.</summary>
    public string Name => journal.Node;

    /// <summary>Registered devices that this node knows.</summary>
    public int DeviceCount => directory.Count;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await directory.StartAsync(cancellationToken).ConfigureAwait(false);
        await ReplayAsync(cancellationToken).ConfigureAwait(false);
        ledger.Start();
        if (embedded is not null)
        {
            await embedded.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        external?.Start();
        started = true;
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before any service stops, while every grain still answers.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (!started)
        {
            return;
        }

        started = false;
        if (embedded is not null)
        {
            await embedded.StopAsync().ConfigureAwait(false);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(DrainMax);
        await lanes.StopAsync(deadline.Token).ConfigureAwait(false);
        if (external is not null)
        {
            // After the lanes, so that what they delivered is still acknowledged.
            await external.StopAsync().ConfigureAwait(false);
        }

        await ledger.StopAsync().ConfigureAwait(false);
        await directory.StopAsync().ConfigureAwait(false);
        journal.Dispose();
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => StoppingAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await StoppingAsync(CancellationToken.None).ConfigureAwait(false);
        if (embedded is not null)
        {
            await embedded.DisposeAsync().ConfigureAwait(false);
        }

        if (external is not null)
        {
            await external.DisposeAsync().ConfigureAwait(false);
        }

        ledger.Dispose();
        directory.Dispose();
        journal.Dispose();
    }

    private async Task ReplayAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        var batches = new HashSet<JournalBatch>();
        var backlog = journal.ReadBacklog().ToList();
        journal.Start();
        foreach (var message in backlog)
        {
            var (format, topic) = JournalTopic.Read(message.Topic);
            await Pipeline.TakeAsync(new RawMessage(topic, message.Payload, message.ReceivedAt, Durable: true, message.Batch, format)).ConfigureAwait(false);
            batches.Add(message.Batch);
            count++;
        }

        foreach (var batch in batches)
        {
            await batch.Delivered.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        if (count > 0)
        {
            LogReplayed(count, batches.Count);
        }
    }
}
