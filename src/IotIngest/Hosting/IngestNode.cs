using CommandCenter.Grains.Contracts;
using IotIngest.Batching;
using IotIngest.Brokering;
using IotIngest.Decoding;
using IotIngest.Delivering;
using IotIngest.Receiving;
using IotIngest.Rejecting;
using IotIngest.Routing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IotIngest.Hosting;

/// <summary>One ingest node: its rooms, wired in the order of the flow, and the order in which they start and stop. The directory is loaded and the journal replayed before a
/// broker is listened to; at the end reading stops first, what was read becomes durable, is acknowledged and delivered.</summary>
public sealed partial class IngestNode : IHostedLifecycleService, IAsyncDisposable
{
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CatchUpEvery = TimeSpan.FromSeconds(1);

    /// <summary>Messages of the backlog on their way at one time; a row more may be.</summary>
    private const int ReplayCountMax = 4_000;

    private readonly TimeProvider timers;
    private readonly ILogger<IngestNode> log;
    private readonly IngestJournal journal;
    private readonly DeviceDirectory directory;
    private readonly RejectionLedger ledger;
    private readonly StreetLanes lanes;
    private readonly BrokerAnswers answers;
    private readonly EmbeddedBroker? embedded;
    private readonly ExternalBroker? external;
    private readonly IngestOptions options;
    private readonly IngestMetrics metrics;
    private readonly DomainClock clock;
    private readonly HealthReporting reporting;
    private readonly Action? giveUp;
    private readonly FolderLock? folder;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task opening = Task.CompletedTask;
    private Task catchingUp = Task.CompletedTask;
    private volatile bool started;
    private int stopped;
    private long lookedAt, lookedMessages, lookedRefused;

    internal IngestNode(
        BrokerOptions broker, IngestOptions options, GrainBorder grains, IngestMetrics metrics, DomainClock clock, TimeProvider timers, ILoggerFactory loggers, IIngestJournal? journalInstead = null,
        Action? giveUp = null, FolderLock? folder = null)
    {
        (this.timers, this.options, this.giveUp, this.folder) = (timers, options, giveUp, folder);
        (this.metrics, this.clock) = (metrics, clock);
        reporting = new HealthReporting(grains, LookAtHealth, timers);
        metrics.FreeDiskBytes = FreeDiskBytes;
        log = loggers.CreateLogger<IngestNode>();
        journal = new IngestJournal(options, metrics, loggers.CreateLogger<IngestJournal>());
        var durable = journalInstead ?? journal;
        var numbers = new BatchNumbers(journal.Node, journal.Run);
        var decoders = new Decoders(options);
        directory = new DeviceDirectory(grains, options, timers, loggers.CreateLogger<DeviceDirectory>());
        ledger = new RejectionLedger(grains, numbers, options, metrics, timers, loggers.CreateLogger<RejectionLedger>());
        lanes = new StreetLanes(grains, numbers, options, metrics, clock, timers, loggers.CreateLogger<StreetDelivery>());
        answers = new BrokerAnswers(metrics, loggers.CreateLogger<BrokerAnswers>());
        Pipeline = new IngestPipeline(decoders, directory, lanes, ledger, durable, answers, metrics, clock, broker);
        Again = new DecodingAgain(decoders, directory, grains, numbers, metrics, clock);
        if (broker.Mode == BrokerMode.Embedded)
        {
            embedded = new EmbeddedBroker(broker, options, Pipeline, durable, directory, metrics, clock, timers, loggers);
        }
        else if (broker.Subscribe)
        {
            external = new ExternalBroker(broker, options, Pipeline, decoders, numbers, clock, timers, loggers.CreateLogger<ExternalBroker>());
        }
    }

    /// <summary>Where messages that come over HTTP go in.</summary>
    public IngestPipeline Pipeline { get; }

    /// <summary>Decodes kept messages again after a mapping fix.</summary>
    public DecodingAgain Again { get; }

    /// <summary>The port on which the embedded broker really listens; 0 when there is none.</summary>
    public int BrokerPort => embedded?.Port ?? 0;

    /// <summary>The same with TLS.</summary>
    public int BrokerTlsPort => embedded?.TlsPort ?? 0;

    /// <summary>The account under which the platform's own clients speak to the embedded broker; null with a broker of its own.</summary>
    public (string Name, string Password)? BrokerAccount => embedded?.Platform;

    /// <summary>The directory is loaded, the journal is replayed, and the broker listens or is connected to.</summary>
    public bool IsReady => started && (external is null || external.IsConnected);

    /// <summary>Ends when the replay is done and the broker is listened to; a broker of its own may still be away.</summary>
    public Task Opened => ready.Task;

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
        // Nearly always this is done at once, and what is wrong with the configuration ends the start. A registry, street or history that does not answer
        // must not keep the host from showing its pages: then the node opens later, by itself.
        reporting.Start();
        opening = OpenAsync();
        if (await Task.WhenAny(opening, Task.Delay(TimeSpan.FromMilliseconds(options.StartWaitMs), timers, cancellationToken)).ConfigureAwait(false) == opening)
        {
            await opening.ConfigureAwait(false);
        }
        else
        {
            LogOpensLater(options.StartWaitMs);
            _ = opening.ContinueWith(
                failed =>
                {
                    LogCannotOpen(failed.Exception!.InnerException!);
                    giveUp?.Invoke();
                },
                CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before any service stops, while every grain still answers.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref stopped, 1) != 0)
        {
            return;
        }

        started = false;
        await stopping.CancelAsync().ConfigureAwait(false);
        await opening.WaitAsync(DrainMax, timers, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await catchingUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await answers.StopAsync().ConfigureAwait(false);
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

        await reporting.StopAsync().ConfigureAwait(false);
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

        await answers.DisposeAsync().ConfigureAwait(false);
        ledger.Dispose();
        Again.Dispose();
        directory.Dispose();
        journal.Dispose();
        stopping.Dispose();
    }

    /// <summary>How the node is; each call ends the time that its rates and ages are of.</summary>
    internal IngestNodeHealth LookAtHealth()
    {
        var now = timers.GetTimestamp();
        var seconds = Math.Max(0.001, timers.GetElapsedTime(lookedAt, now).TotalSeconds);
        var (messages, refused) = (metrics.Messages, metrics.RejectedTotal);
        var health = new IngestNodeHealth
        {
            Node = Name,
            At = clock.Now,
            Ready = IsReady,
            MessagesPerSecond = lookedAt == 0 ? 0 : (messages - lookedMessages) / seconds,
            RefusedPerSecond = lookedAt == 0 ? 0 : (refused - lookedRefused) / seconds,
            Messages = messages,
            Delivered = metrics.Delivered,
            Refused = refused,
            Coalesced = metrics.Coalesced,
            QueueDepth = metrics.QueueDepth?.Invoke() ?? 0,
            JournalLagMs = metrics.JournalLagMs?.Invoke() ?? 0,
            JournalBytes = metrics.JournalBytes?.Invoke() ?? 0,
            FreeDiskBytes = FreeDiskBytes(),
            Trouble = JournalTrouble,
            Connections = metrics.OpenConnections,
            CommitAgeMs = metrics.TakeLongestAge("commit"),
            StreetAgeMs = metrics.TakeLongestAge("street"),
            HistoryAgeMs = metrics.TakeLongestAge("history"),
        };
        (lookedAt, lookedMessages, lookedRefused) = (now, messages, refused);
        return health;
    }

    private long? FreeDiskBytes()
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(options.DataDirectory)).AvailableFreeSpace;
        }
        catch (Exception unknown) when (unknown is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task OpenAsync()
    {
        var cancellation = stopping.Token;
        await directory.StartAsync(cancellation).ConfigureAwait(false);
        journal.Start();
        await ReplayAsync(cancellation).ConfigureAwait(false);
        ledger.Start();
        catchingUp = CatchUpAsync(cancellation);
        if (embedded is not null)
        {
            await embedded.StartAsync(cancellation).ConfigureAwait(false);
        }

        external?.Start();
        if (embedded is not null || external is not null)
        {
            // A node that serves HTTP only has nobody to answer to.
            answers.Start(embedded is not null ? embedded.PublishAsync : external!.PublishAsync);
        }

        started = true;
        Pipeline.Open();
        ready.TrySetResult();
    }

    private async Task ReplayAsync(CancellationToken cancellation)
    {
        var (count, rows, sent) = (0, 0, 0);
        var batches = new HashSet<JournalBatch>();
        foreach (var message in journal.ReadBacklog())
        {
            if (sent >= ReplayCountMax && !batches.Contains(message.Batch))
            {
                await DeliveredAsync(batches, cancellation).ConfigureAwait(false);
                sent = 0;
            }

            await TakeAgainAsync(message, cancellation).ConfigureAwait(false);
            rows += batches.Add(message.Batch) ? 1 : 0;
            count++;
            sent++;
        }

        await DeliveredAsync(batches, cancellation).ConfigureAwait(false);
        if (count > 0)
        {
            LogReplayed(count, rows);
        }
    }

    /// <summary>Brings history what it could not take in time, row by row, once it takes everything else again.</summary>
    private async Task CatchUpAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(CatchUpEvery, timers);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            var postponed = lanes.HistoryKeepsUp ? lanes.Postponed.TakeCommitted() : [];
            foreach (var (batch, parts, items) in postponed)
            {
                try
                {
                    var messages = journal.ReadAgain(batch, parts);
                    foreach (var message in messages)
                    {
                        await TakeAgainAsync(message, cancellation, again: true).ConfigureAwait(false);
                    }

                    await DeliveredAsync([.. messages.Select(message => message.Batch)], cancellation).ConfigureAwait(false);
                    lanes.Postponed.Arrived(items);
                    metrics.CountDelivered(items);
                }
                catch (SqliteException unreadable)
                {
                    LogCannotReadAgain(unreadable);
                    lanes.Postponed.Arrived(items);
                    lanes.Postponed.Add(batch, parts, items);
                }
            }

            if (postponed.Length > 0)
            {
                LogCaughtUp(postponed.Length);
            }
        }
    }

    private Task TakeAgainAsync(JournaledMessage message, CancellationToken cancellation, bool again = false)
    {
        var (format, topic) = JournalTopic.Read(message.Topic);
        return Pipeline.TakeAsync(new RawMessage(topic, message.Payload, message.ReceivedAt, Durable: true, message.Batch, format, Again: again)).AsTask().WaitAsync(cancellation);
    }

    private static async Task DeliveredAsync(HashSet<JournalBatch> batches, CancellationToken cancellation)
    {
        foreach (var batch in batches)
        {
            await batch.Delivered.WaitAsync(cancellation).ConfigureAwait(false);
        }

        batches.Clear();
    }
}
