using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using CommandCenter.Grains.Contracts;
using IotIngest.Batching;
using IotIngest.Hosting;
using IotIngest.Receiving;
using Microsoft.Extensions.Logging;

namespace IotIngest.Delivering;

/// <summary>Carries one lane's batches to the street and to history, side by side, one call at a time each. A call that fails is made again for ever. Behind a street the lane fills and pushes back;
/// history never holds up the street: what it does not take in time it gets from the journal later. The journal lets a message go when both have it.</summary>
internal sealed partial class StreetDelivery : IDisposable
{
    private readonly StreetLane lane;
    private readonly GrainBorder grains;
    private readonly BatchNumbers numbers;
    private readonly Postponed postponed;
    private readonly IngestOptions options;
    private readonly IngestMetrics metrics;
    private readonly DomainClock clock;
    private readonly TimeProvider timers;
    private readonly ILogger<StreetDelivery> log;
    private readonly Channel<Shipment> history;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource giveUp = new();
    private Task running = Task.CompletedTask;
    private long historyBytes;
    private bool behind;

    public StreetDelivery(
        StreetLane lane, GrainBorder grains, BatchNumbers numbers, Postponed postponed, IngestOptions options, IngestMetrics metrics, DomainClock clock, TimeProvider timers,
        ILogger<StreetDelivery> log)
    {
        (this.lane, this.grains, this.numbers, this.postponed, this.options, this.metrics, this.clock, this.timers, this.log) = (lane, grains, numbers, postponed, options, metrics, clock, timers, log);

        // Bounded by bytes, in TryQueue.
        history = Channel.CreateUnbounded<Shipment>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    }

    /// <summary>What waits for history in memory.</summary>
    public long HistoryBytes => Interlocked.Read(ref historyBytes);

    public void Start() => running = Task.WhenAll(Task.Run(DeliverToStreetAsync), Task.Run(DeliverToHistoryAsync));

    public async Task StopAsync(CancellationToken deadline)
    {
        using var registration = deadline.Register(giveUp.Cancel);
        await stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
    }

    public void Dispose()
    {
        stopping.Dispose();
        giveUp.Dispose();
    }

    private async Task DeliverToStreetAsync()
    {
        // A lone reading goes at once. From then on the pause follows the size of the last batch, so that under load calls carry many readings and at rest none waits.
        var lastCount = 0;
        try
        {
            while (true)
            {
                if (!stopping.IsCancellationRequested)
                {
                    await lane.WaitForArrivalAsync().WaitAsync(stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    await LingerAsync(lastCount).ConfigureAwait(false);
                }

                var batch = lane.Take();
                lastCount = batch.Count;
                if (batch.Count > 0)
                {
                    await DeliverAsync(batch).ConfigureAwait(false);
                }
                else if (stopping.IsCancellationRequested)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            LogLeft(lane.Street, lane.Depth);
        }
        finally
        {
            history.Writer.TryComplete();
        }
    }

    private async Task LingerAsync(int lastCount)
    {
        // Twenty readings in the last batch are worth one millisecond: below some thousand readings a second a street does not wait, at twenty thousand the pause feeds itself up to its full 20 ms.
        var linger = Math.Min(options.LingerMs, lastCount / 20);
        if (linger > 0)
        {
            var urgency = lane.WaitForUrgencyAsync();
            if (!urgency.IsCompleted)
            {
                await Task.WhenAny(urgency, Task.Delay(TimeSpan.FromMilliseconds(linger), timers, stopping.Token)).ConfigureAwait(false);
            }
        }
    }

    private async Task DeliverAsync(LaneBatch batch)
    {
        var message = new IngestBatch
        {
            Node = numbers.Node,
            Sequence = numbers.Next(),
            Street = lane.Street,
            Readings = ImmutableCollectionsMarshal.AsImmutableArray(batch.Readings),
            LateReadings = ImmutableCollectionsMarshal.AsImmutableArray(batch.LateReadings),
            Events = ImmutableCollectionsMarshal.AsImmutableArray(batch.Events),
            Positions = ImmutableCollectionsMarshal.AsImmutableArray(batch.Positions),
            Statuses = ImmutableCollectionsMarshal.AsImmutableArray(batch.Statuses),
            LateEvents = ImmutableCollectionsMarshal.AsImmutableArray(batch.LateEvents),
            LatePositions = ImmutableCollectionsMarshal.AsImmutableArray(batch.LatePositions),
            LateStatuses = ImmutableCollectionsMarshal.AsImmutableArray(batch.LateStatuses),
        };
        var shipment = new Shipment(message, batch, metrics);
        var queued = TryQueue(shipment);

        // The street also gets what is only for history: it counts it on the device.
        await RetryAsync("street", () => grains.Street(lane.Street).IngestAsync(message)).ConfigureAwait(false);
        RecordAge(batch, "street");
        if (queued)
        {
            shipment.Arrive();
        }
        else
        {
            Postpone(batch);
        }
    }

    private bool TryQueue(Shipment shipment)
    {
        // What is nowhere else than in memory and with a broker that waits for its acknowledgement has no second way; that broker's window bounds it.
        var batch = shipment.Batch;
        var waiting = Interlocked.Read(ref historyBytes);
        if (waiting > 0 && waiting + batch.SizeBytes > options.HistoryBytesMax && Array.TrueForAll(batch.Receipts, entry => entry.Receipt.CanBeReadAgain)
            && Array.TrueForAll(batch.Open, receipt => receipt.CanBeReadAgain))
        {
            if (!behind)
            {
                behind = true;
                LogBehind(lane.Street, options.HistoryBytesMax);
            }

            return false;
        }

        behind = false;
        Interlocked.Add(ref historyBytes, batch.SizeBytes);
        history.Writer.TryWrite(shipment);
        return true;
    }

    /// <summary>The street has the batch and history has not: what is in the journal comes from there when history takes things again; QoS 0 is missing in history.</summary>
    private void Postpone(LaneBatch batch)
    {
        // Messages whose receipt goes with a later batch (the open ones) may have parts in this one: their rows stay until history has read them again. The lane still holds parts of each,
        // so none has gone. What was read again has a receipt that cannot be read again, and is never here.
        metrics.CountHistoryDropped(batch.Origins.Passing);
        var items = batch.Count - batch.Origins.Passing;
        metrics.CountHistoryPostponed(items);

        // The newest row stands for the items of all, because it is read last.
        for (var i = 0; i < batch.Receipts.Length; i++)
        {
            var (receipt, parts) = batch.Receipts[i];
            postponed.Add((JournalBatch)receipt, parts, batch.Open.Length == 0 && i == batch.Receipts.Length - 1 ? items : 0);
        }

        for (var i = 0; i < batch.Open.Length; i++)
        {
            batch.Open[i].Add(1);
            postponed.Add((JournalBatch)batch.Open[i], 1, i == batch.Open.Length - 1 ? items : 0);
        }
    }

    private async Task DeliverToHistoryAsync()
    {
        try
        {
            var together = new List<Shipment>();
            while (await history.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                GatherForHistory(together);
                var message = together.Count == 1 ? together[0].Message : Merge(together);
                await RetryAsync("history", () => grains.History().AppendAsync(message)).ConfigureAwait(false);
                foreach (var shipment in together)
                {
                    RecordAge(shipment.Batch, "history");
                    shipment.Arrive();
                    Interlocked.Add(ref historyBytes, -shipment.Batch.SizeBytes);
                }

                together.Clear();
            }
        }
        catch (OperationCanceledException)
        {
            LogLeftHistory(lane.Street, history.Reader.Count);
        }
    }

    /// <summary>Takes what has gathered while history was busy, up to the size of a good commit.</summary>
    private void GatherForHistory(List<Shipment> together)
    {
        var count = 0;
        while (count < options.HistoryBatchCountMax && history.Reader.TryRead(out var shipment))
        {
            together.Add(shipment);
            count += shipment.Batch.Count;
        }
    }

    // The calls of one street stay in order and each shipment is in one call only, so the last number stands for all: it is higher than every one before it.
    private static IngestBatch Merge(List<Shipment> shipments) => shipments[^1].Message with
    {
        Readings = Join(shipments, message => message.Readings),
        LateReadings = Join(shipments, message => message.LateReadings),
        Events = Join(shipments, message => message.Events),
        Positions = Join(shipments, message => message.Positions),
        Statuses = Join(shipments, message => message.Statuses),
        LateEvents = Join(shipments, message => message.LateEvents),
        LatePositions = Join(shipments, message => message.LatePositions),
        LateStatuses = Join(shipments, message => message.LateStatuses),
    };

    private static ImmutableArray<T> Join<T>(List<Shipment> shipments, Func<IngestBatch, ImmutableArray<T>> part)
    {
        var joined = new T[shipments.Sum(shipment => part(shipment.Message).Length)];
        var at = 0;
        foreach (var shipment in shipments)
        {
            var items = part(shipment.Message);
            items.CopyTo(joined, at);
            at += items.Length;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(joined);
    }

    private async Task RetryAsync(string where, Func<Task> call)
    {
        var pauseMs = options.RetryFirstMs;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await call().ConfigureAwait(false);
                if (attempt > 1)
                {
                    LogRecovered(where, lane.Street, attempt);
                }

                return;
            }
            catch (Exception failure)
            {
                if (attempt == 1)
                {
                    LogFailed(failure, where, lane.Street);
                }

                giveUp.Token.ThrowIfCancellationRequested();
                await Task.Delay(TimeSpan.FromMilliseconds(pauseMs), timers, giveUp.Token).ConfigureAwait(false);
                pauseMs = Math.Min(pauseMs * 2, options.RetryLongestMs);
            }
        }
    }

    private void RecordAge(LaneBatch batch, string stage)
    {
        if (batch.OldestReceivedAt != DateTimeOffset.MaxValue)
        {
            metrics.RecordAge((clock.Now - batch.OldestReceivedAt).TotalMilliseconds, stage);
        }
    }

    /// <summary>One batch on its two ways.</summary>
    private sealed class Shipment(IngestBatch message, LaneBatch batch, IngestMetrics metrics)
    {
        private int waysLeft = 2;

        public IngestBatch Message { get; } = message;
        public LaneBatch Batch { get; } = batch;

        public void Arrive()
        {
            if (Interlocked.Decrement(ref waysLeft) > 0)
            {
                return;
            }

            metrics.CountDelivered(Batch.Count - Batch.Origins.Again);
            foreach (var (receipt, parts) in Batch.Receipts)
            {
                receipt.Release(parts);
            }
        }
    }
}
