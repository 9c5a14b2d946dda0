using System.Runtime.InteropServices;
using System.Threading.Channels;
using CommandCenter.Grains.Contracts;
using IotIngest.Batching;
using IotIngest.Hosting;
using Microsoft.Extensions.Logging;

namespace IotIngest.Delivering;

/// <summary>Carries one lane's batches to the street and to history, side by side, one call at a time each. A call that fails is made again for ever; meanwhile the lane fills and pushes back.
/// The journal lets a message go when both have it.</summary>
internal sealed partial class StreetDelivery : IDisposable
{
    private readonly StreetLane lane;
    private readonly GrainBorder grains;
    private readonly BatchNumbers numbers;
    private readonly IngestOptions options;
    private readonly IngestMetrics metrics;
    private readonly DomainClock clock;
    private readonly TimeProvider timers;
    private readonly ILogger<StreetDelivery> log;
    private readonly Channel<Shipment> history;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource giveUp = new();
    private Task running = Task.CompletedTask;

    public StreetDelivery(
        StreetLane lane, GrainBorder grains, BatchNumbers numbers, IngestOptions options, IngestMetrics metrics, DomainClock clock, TimeProvider timers, ILogger<StreetDelivery> log)
    {
        (this.lane, this.grains, this.numbers, this.options, this.metrics, this.clock, this.timers, this.log) = (lane, grains, numbers, options, metrics, clock, timers, log);
        history = Channel.CreateBounded<Shipment>(new BoundedChannelOptions(options.HistoryBatchCountMax) { SingleReader = true, SingleWriter = true });
    }

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
        // Ten readings in the last batch are worth one millisecond: at a hundred readings a second a street does not wait, at ten thousand it waits its full 20 ms.
        var linger = Math.Min(options.LingerMs, lastCount / 10);
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
        };
        var shipment = new Shipment(message, batch, metrics);
        if (!history.Writer.TryWrite(shipment))
        {
            await history.Writer.WriteAsync(shipment, giveUp.Token).ConfigureAwait(false);
        }

        // What is only for history does not wake the street.
        if (batch.Count > batch.LateReadings.Length)
        {
            await RetryAsync("street", () => grains.Street(lane.Street).IngestAsync(message)).ConfigureAwait(false);
            RecordAge(batch, "street");
        }

        shipment.Arrive();
    }

    private async Task DeliverToHistoryAsync()
    {
        try
        {
            await foreach (var shipment in history.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                await RetryAsync("history", () => grains.History().AppendAsync(shipment.Message)).ConfigureAwait(false);
                RecordAge(shipment.Batch, "history");
                shipment.Arrive();
            }
        }
        catch (OperationCanceledException)
        {
            LogLeftHistory(lane.Street, history.Reader.Count);
        }
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

            metrics.CountDelivered(Batch.Count);
            foreach (var (receipt, parts) in Batch.Receipts)
            {
                receipt.Release(parts);
            }
        }
    }
}
