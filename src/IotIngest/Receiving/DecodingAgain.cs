using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using IotIngest.Checking;
using IotIngest.Decoding;
using IotIngest.Delivering;
using IotIngest.Hosting;
using IotIngest.Routing;

namespace IotIngest.Receiving;

/// <summary>What became of messages that were decoded again.</summary>
/// <param name="Passed">Messages of which nothing is refused any more.</param>
/// <param name="Refused">Messages of which something still is.</param>
/// <param name="Live">Readings, events, positions and statuses that went to history and to the street's live rules.</param>
/// <param name="HistoryOnly">Those that went to history only, because they are late or something newer is known.</param>
public sealed record DecodedAgain(int Passed, int Refused, int Live, int HistoryOnly, ImmutableArray<KeptOutcome> Outcomes);

/// <summary>Decodes refused messages again, after a device was registered or its mapping mended. The time of receipt stays the one of the first arrival, so that
/// nothing looks fresh that is not. Rules see only what is still in time order and not late; everything goes to history, which keeps it once, so doing it twice
/// changes nothing.</summary>
public sealed class DecodingAgain : IDisposable
{
    private readonly Decoders decoders;
    private readonly DeviceDirectory directory;
    private readonly GrainBorder grains;
    private readonly BatchNumbers numbers;
    private readonly IngestMetrics metrics;
    private readonly DomainClock clock;
    private readonly SemaphoreSlim turn = new(1, 1);

    internal DecodingAgain(Decoders decoders, DeviceDirectory directory, GrainBorder grains, BatchNumbers numbers, IngestMetrics metrics, DomainClock clock) =>
        (this.decoders, this.directory, this.grains, this.numbers, this.metrics, this.clock) = (decoders, directory, grains, numbers, metrics, clock);

    /// <summary>Decodes, delivers and then answers; messages must come oldest first. A street or history that does not answer throws, and nothing is settled: do it again.</summary>
    public async Task<DecodedAgain> DecodeAsync(ImmutableArray<KeptMessage> messages, CancellationToken cancellation = default)
    {
        // One at a time: the numbers of the batches rise, and two readings of one message cannot overtake each other.
        await turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var decoded = new DecodedMessage();
            var item = new CheckedItem();
            var passing = new List<Passing>();
            var outcomes = ImmutableArray.CreateBuilder<KeptOutcome>(messages.Length);
            foreach (var message in messages)
            {
                outcomes.Add(new(message.Id, Decode(message, decoded, item, passing)));
            }

            var (live, historyOnly) = await DeliverAsync(passing).ConfigureAwait(false);
            foreach (var outcome in outcomes)
            {
                metrics.CountDecodedAgain(outcome.Refusals.IsEmpty);
            }

            var passed = outcomes.Count(outcome => outcome.Refusals.IsEmpty);
            return new(passed, outcomes.Count - passed, live, historyOnly, outcomes.ToImmutable());
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private ImmutableArray<KeptRefusal> Decode(KeptMessage message, DecodedMessage decoded, CheckedItem checkedItem, List<Passing> passing)
    {
        var refusals = new Refusals();
        decoders.Decode(message.Topic, message.Payload, message.Format, decoded, message.At, isTrial: true);
        refusals.Format = decoded.Format;
        foreach (var refusal in decoded.Refusals)
        {
            refusals.Refuse(refusal.Reason, refusal.Detail);
        }

        foreach (ref readonly var item in decoded.Items)
        {
            if (message.Retained && !IngestPipeline.SaysSomethingRetained(item))
            {
                continue;
            }

            if (item.IsQuiet)
            {
                continue;
            }

            if (directory.Find(decoded.Format!, item) is not { } device)
            {
                refusals.Device = item.Key.ToString();
                refusals.Refuse(RejectionReason.UnknownDevice, $"no device is registered under \"{item.Key}\"");
                refusals.Device = null;
                continue;
            }

            refusals.Device = device.Id.Value;
            Checker.Check(item, decoded, device, message.At, checkedItem, refusals);
            refusals.Device = null;
            if (checkedItem.Readings.Length > 0 || checkedItem.HasOccurrence)
            {
                passing.Add(new(device.Id, device.Street, checkedItem.Readings.ToArray(), checkedItem.Event, checkedItem.Position, checkedItem.Status, checkedItem.Late));
            }
        }

        return [.. refusals.All];
    }

    private async Task<(int Live, int HistoryOnly)> DeliverAsync(List<Passing> passing)
    {
        var lateBefore = clock.Now - Checker.LateMax;
        var (live, historyOnly) = (0, 0);
        foreach (var street in passing.GroupBy(part => part.Street))
        {
            var conditions = await grains.Street(street.Key).GetDevicesAsync([.. street.Select(part => part.Device).Distinct()]).ConfigureAwait(false);
            var batch = new AgainBatch(conditions, lateBefore);
            foreach (var part in street)
            {
                batch.Add(part);
            }

            // A name of its own, because the lanes of this node number their batches at the same time.
            var whole = batch.ToBatch(numbers.Node + "/again", numbers.Next(), street.Key);
            await grains.History().AppendAsync(whole).ConfigureAwait(false);
            if (batch.Live > 0)
            {
                await grains.Street(street.Key).IngestAsync(whole with { LateReadings = [], LateEvents = [], LatePositions = [], LateStatuses = [] }).ConfigureAwait(false);
            }

            (live, historyOnly) = (live + batch.Live, historyOnly + batch.HistoryOnly);
        }

        return (live, historyOnly);
    }

    /// <summary>What one item of a message left after every check.</summary>
    internal sealed record Passing(
        DeviceId Device, AreaId Street, Reading[] Readings, DeviceEvent? Event, DevicePosition? Position, DeviceStatus? Status, bool Late);

    private sealed class Refusals : IRefusals
    {
        /// <summary>Reasons kept of one message; a message may hold thousands of values.</summary>
        private const int CountMax = 64;

        public List<KeptRefusal> All { get; } = [];
        public string? Device { get; set; }
        public string? Format { get; set; }

        public void Refuse(RejectionReason reason, string detail)
        {
            if (All.Count < CountMax)
            {
                All.Add(new(reason, detail, Device, Format));
            }
        }
    }
}
