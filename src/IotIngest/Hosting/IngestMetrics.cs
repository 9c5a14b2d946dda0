using System.Diagnostics.Metrics;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Hosting;

/// <summary>What ingest counts: the meter <c>IotIngest</c>. The counts are kept in plain fields, because a message passes several of them, and are read when they are collected.</summary>
public sealed class IngestMetrics : IDisposable
{
    private readonly Meter meter;
    private readonly long[] rejected = new long[Enum.GetValues<RejectionReason>().Length];
    private readonly Histogram<double> ageMs;
    private readonly Lock agesGate = new();
    private readonly Dictionary<string, double> longestAges = new(StringComparer.Ordinal);
    private long decodedAgainPassed, decodedAgainRefused;
    private long messages, readings, events, delivered, coalesced, mismatched, ahead, late, unacknowledgedCloses, answersDropped, historyDropped, historyPostponed, refusedConnections, refusedSignIns, refusedSubscriptions, paced, lastWillsPassing;

    public IngestMetrics()
    {
        meter = new Meter("IotIngest");
        meter.CreateObservableCounter("ingest.messages", () => Messages, description: "Messages taken from brokers and HTTP.");
        meter.CreateObservableCounter("ingest.readings", () => Readings, description: "Readings that passed every check.");
        meter.CreateObservableCounter("ingest.events", () => Events, description: "Events, positions and statuses that passed every check.");
        meter.CreateObservableCounter("ingest.delivered", () => Delivered, description: "Readings and events that street and history have taken.");
        meter.CreateObservableCounter("ingest.coalesced", () => Coalesced, description: "QoS 0 readings replaced by a later one while a queue was full.");
        meter.CreateObservableCounter("ingest.history_dropped", () => HistoryDropped, description: "QoS 0 readings and events that are missing in history because it did not keep up.");
        meter.CreateObservableCounter("ingest.history_postponed", () => HistoryPostponed, description: "Readings and events that history gets from the journal later because it did not keep up.");
        meter.CreateObservableGauge("ingest.history_owed", () => HistoryOwedNow, description: "Readings and events that history still has to get from the journal.");
        meter.CreateObservableCounter("ingest.last_wills_passing", () => LastWillsPassing, description: "Last wills that were taken without being kept in the journal, because it was full.");
        meter.CreateObservableCounter("ingest.street_mismatch", () => Mismatched, description: "Messages whose topic names another street than the registry.");
        meter.CreateObservableCounter("ingest.ahead", () => Ahead, description: "Messages whose time was more than 5 min ahead.");
        meter.CreateObservableCounter("ingest.late", () => Late, description: "Messages whose time was more than 24 h behind.");
        meter.CreateObservableCounter("ingest.answers_dropped", () => Interlocked.Read(ref answersDropped), description: "Messages to devices that were dropped because too many waited to be published.");
        meter.CreateObservableCounter("ingest.stalled_closes", () => StalledCloses, description: "Connections closed because a commit stalled.");
        meter.CreateObservableCounter("ingest.refused_connections", () => RefusedConnections, description: "Connections closed because an address or account had too many, or came too fast.");
        meter.CreateObservableCounter("ingest.refused_sign_ins", () => RefusedSignIns, description: "Connections without a right name and secret.");
        meter.CreateObservableCounter("ingest.refused_subscriptions", () => RefusedSubscriptions, description: "Subscriptions to what is not the account's to hear.");
        meter.CreateObservableCounter("ingest.paced", () => Paced, description: "Times that a connection was not read for a moment because it published too fast.");
        meter.CreateObservableGauge("ingest.connections", () => OpenConnections, description: "Connections to the embedded broker.");
        meter.CreateObservableCounter("ingest.rejected", MeasureRejected, description: "Refused messages and values, by reason.");
        meter.CreateObservableGauge("ingest.queue_depth", () => QueueDepth?.Invoke() ?? 0, description: "Readings and events that wait for delivery.");
        meter.CreateObservableGauge("ingest.history_bytes", () => HistoryBytes?.Invoke() ?? 0, "By", "Bytes in memory that streets have taken and history has not.");
        meter.CreateObservableGauge("ingest.journal_bytes", () => JournalBytes?.Invoke() ?? 0, "By", "Bytes in the journal that are not delivered.");
        meter.CreateObservableGauge("ingest.journal_lag", () => JournalLagMs?.Invoke() ?? 0, "ms", "Age of the oldest message that waits for its commit.");
        meter.CreateObservableCounter("ingest.decoded_again", () => new Measurement<long>[]
        {
            new(Interlocked.Read(ref decodedAgainPassed), new KeyValuePair<string, object?>("result", "passed")),
            new(Interlocked.Read(ref decodedAgainRefused), new KeyValuePair<string, object?>("result", "refused")),
        }, description: "Kept messages decoded again, by what became of them.");
        meter.CreateObservableGauge("ingest.free_disk", () => FreeDiskBytes?.Invoke() ?? -1, "By", "Free on the journal's disk; -1: not known.");
        ageMs = meter.CreateHistogram<double>("ingest.age", "ms", "Age since receipt, by stage (commit, street, history).");
    }

    public long Messages => Interlocked.Read(ref messages);
    public long Readings => Interlocked.Read(ref readings);
    public long Events => Interlocked.Read(ref events);
    public long Delivered => Interlocked.Read(ref delivered);
    public long Coalesced => Interlocked.Read(ref coalesced);
    public long Mismatched => Interlocked.Read(ref mismatched);
    public long Ahead => Interlocked.Read(ref ahead);
    public long Late => Interlocked.Read(ref late);
    public long StalledCloses => Interlocked.Read(ref unacknowledgedCloses);

    public long RefusedConnections => Interlocked.Read(ref refusedConnections);
    public long RefusedSignIns => Interlocked.Read(ref refusedSignIns);
    public long RefusedSubscriptions => Interlocked.Read(ref refusedSubscriptions);
    public int OpenConnections => Connections?.Invoke() ?? 0;
    public long HistoryOwedNow => HistoryOwed?.Invoke() ?? 0;
    public long LastWillsPassing => Interlocked.Read(ref lastWillsPassing);
    public long Paced => Interlocked.Read(ref paced);

    internal Func<int>? Connections { get; set; }
    internal Func<long>? QueueDepth { get; set; }
    internal Func<long>? HistoryBytes { get; set; }
    internal Func<long>? HistoryOwed { get; set; }
    internal Func<long>? JournalBytes { get; set; }
    internal Func<double>? JournalLagMs { get; set; }
    internal Func<long?>? FreeDiskBytes { get; set; }

    public long HistoryDropped => Interlocked.Read(ref historyDropped);
    public long HistoryPostponed => Interlocked.Read(ref historyPostponed);
    public long Rejected(RejectionReason reason) => Interlocked.Read(ref rejected[(int)reason]);

    public void Dispose() => meter.Dispose();

    internal void CountMessage() => Interlocked.Increment(ref messages);
    internal void CountReadings(int count) => Interlocked.Add(ref readings, count);
    internal void CountEvent() => Interlocked.Increment(ref events);
    internal void CountDelivered(int count) => Interlocked.Add(ref delivered, count);
    internal void CountHistoryDropped(int count) => Interlocked.Add(ref historyDropped, count);
    internal void CountHistoryPostponed(int count) => Interlocked.Add(ref historyPostponed, count);
    internal void CountCoalesced(int count) => Interlocked.Add(ref coalesced, count);
    internal void CountMismatch() => Interlocked.Increment(ref mismatched);
    internal void CountAhead() => Interlocked.Increment(ref ahead);
    internal void CountLate() => Interlocked.Increment(ref late);
    internal void CountRefusedConnection() => Interlocked.Increment(ref refusedConnections);
    internal void CountRefusedSignIn() => Interlocked.Increment(ref refusedSignIns);
    internal void CountRefusedSubscription() => Interlocked.Increment(ref refusedSubscriptions);
    internal void CountLastWillPassing() => Interlocked.Increment(ref lastWillsPassing);
    internal void CountPaced() => Interlocked.Increment(ref paced);
    internal void CountStalledClose() => Interlocked.Increment(ref unacknowledgedCloses);
    internal void CountAnswerDropped() => Interlocked.Increment(ref answersDropped);
    internal void CountRejected(RejectionReason reason) => Interlocked.Increment(ref rejected[(int)reason]);
    internal void CountDecodedAgain(bool passed) => Interlocked.Increment(ref passed ? ref decodedAgainPassed : ref decodedAgainRefused);
    internal void RecordAge(double milliseconds, string stage)
    {
        ageMs.Record(milliseconds, new KeyValuePair<string, object?>("stage", stage));
        lock (agesGate)
        {
            longestAges[stage] = Math.Max(milliseconds, longestAges.GetValueOrDefault(stage));
        }
    }

    /// <summary>The longest age at the stage since the last call; null: nothing passed.</summary>
    internal double? TakeLongestAge(string stage)
    {
        lock (agesGate)
        {
            return longestAges.Remove(stage, out var longest) ? longest : null;
        }
    }

    internal long RejectedTotal
    {
        get
        {
            var total = 0L;
            for (var reason = 0; reason < rejected.Length; reason++)
            {
                total += Interlocked.Read(ref rejected[reason]);
            }

            return total;
        }
    }

    private IEnumerable<Measurement<long>> MeasureRejected() => Enum.GetValues<RejectionReason>()
        .Select(reason => new Measurement<long>(Rejected(reason), new KeyValuePair<string, object?>("reason", RejectionWords.Of(reason))));
}
