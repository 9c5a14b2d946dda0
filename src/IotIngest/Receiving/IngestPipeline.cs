using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using IotIngest.Batching;
using IotIngest.Checking;
using IotIngest.Decoding;
using IotIngest.Hosting;
using IotIngest.Rejecting;
using IotIngest.Routing;

namespace IotIngest.Receiving;

/// <summary>The way of a message through the rooms: decode, check, find its street, hand it to the street's lane. Everything up to the lane runs on the thread that received the message and allocates nothing for readings.</summary>
public sealed class IngestPipeline
{
    [ThreadStatic]
    private static Scratch? scratch;

    [ThreadStatic]
    private static Scratch? rightsScratch;

    private readonly Decoders decoders;
    private readonly DeviceDirectory directory;
    private readonly StreetLanes lanes;
    private readonly RejectionLedger ledger;
    private readonly IIngestJournal journal;
    private readonly BrokerAnswers answers;
    private readonly IngestMetrics metrics;
    private readonly DomainClock clock;
    private readonly int maxPayloadBytes;
    private readonly TimeSpan commitStall;
    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal IngestPipeline(
        Decoders decoders, DeviceDirectory directory, StreetLanes lanes, RejectionLedger ledger, IIngestJournal journal, BrokerAnswers answers, IngestMetrics metrics, DomainClock clock, BrokerOptions broker)
    {
        (this.decoders, this.directory, this.lanes, this.ledger, this.journal, this.answers, this.metrics, this.clock) = (decoders, directory, lanes, ledger, journal, answers, metrics, clock);
        maxPayloadBytes = broker.MaxPayloadBytes;
        commitStall = TimeSpan.FromMilliseconds(broker.CommitStallMs);
    }

    /// <summary>Takes a message that came over HTTP. When the call returns, what was accepted is durable; it is delivered soon after.</summary>
    /// <param name="format">A name of the contract's list of formats, or <c>canonical</c>.</param>
    /// <param name="topic">The topic the message would have had over MQTT; the canonical format needs it.</param>
    /// <param name="actor">Who sends it; what speaks of a device outside the actor's scope is refused as a whole. Null: the platform itself.</param>
    /// <exception cref="TimeoutException">The journal takes nothing at the moment; the same message may be sent again.</exception>
    public async Task<IngestAnswer> AcceptAsync(string format, string topic, ReadOnlyMemory<byte> payload, Actor? actor, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(format);
        ArgumentNullException.ThrowIfNull(topic);
        var receivedAt = clock.Now;
        if (payload.Length > maxPayloadBytes)
        {
            return new(0, [RefuseTooLarge(topic, payload, format, receivedAt)]);
        }

        await opened.Task.WaitAsync(cancellation).ConfigureAwait(false);
        if (actor is { SeesWholeDistrict: false } && SpeaksOutside(actor, format, topic, payload.Span))
        {
            RefuseNotAllowed(actor.Id, topic, payload, receivedAt);
            return new(0, [new(RejectionReason.NotAllowed, "a device in it is outside the sender's scope")]);
        }

        // The journal tells the format by the topic; a format that the caller names is kept as a topic of its own. Whoever waits for a full or failing disk is told to come again.
        using var stalled = new CancellationTokenSource(commitStall, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stalled.Token);
        try
        {
            var batch = await journal.AppendAsync(JournalTopic.Of(format, topic), payload, receivedAt, 1, limit.Token).ConfigureAwait(false);
            var answer = new AnswerList();
            await TakeAsync(new RawMessage(topic, payload, receivedAt, Durable: true, batch, format), answer).ConfigureAwait(false);
            await batch.Committed.WaitAsync(limit.Token).ConfigureAwait(false);
            return new(answer.Accepted, [.. answer.Refusals]);
        }
        catch (OperationCanceledException) when (stalled.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException("The journal takes no messages at the moment.");
        }
    }

    /// <summary>The same for the platform itself.</summary>
    public Task<IngestAnswer> AcceptAsync(string format, string topic, ReadOnlyMemory<byte> payload, CancellationToken cancellation = default) => AcceptAsync(format, topic, payload, null, cancellation);

    /// <summary>Whether a message speaks of a registered device that the actor may not see.</summary>
    private bool SpeaksOutside(Actor actor, string format, string topic, ReadOnlySpan<byte> payload)
    {
        var own = new Scratch();
        decoders.Decode(topic, payload, format, own.Decoded, clock.Now, isTrial: true);
        foreach (ref readonly var item in own.Decoded.Items)
        {
            if (directory.Find(own.Decoded.Format!, item) is { } device && !actor.MaySee(device.Street, device.Registration.Areas))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Says what would become of a message, without any effect.</summary>
    public TryAnswer Try(string format, string topic, ReadOnlyMemory<byte> payload, Actor? actor = null)
    {
        ArgumentNullException.ThrowIfNull(format);
        ArgumentNullException.ThrowIfNull(topic);
        var answer = new AnswerList();
        if (payload.Length > maxPayloadBytes)
        {
            answer.Refuse(RejectionReason.TooLarge, TooLarge(payload.Length));
            return new([], [.. answer.Refusals]);
        }

        var receivedAt = clock.Now;
        var own = new Scratch();
        decoders.Decode(topic, payload.Span, format, own.Decoded, receivedAt, isTrial: true);
        own.Decoded.Refusals.ForEach(refusal => answer.Refuse(refusal.Reason, refusal.Detail));
        var items = ImmutableArray.CreateBuilder<TryItem>();
        foreach (ref readonly var item in own.Decoded.Items)
        {
            if (item.IsQuiet)
            {
                continue;
            }

            var device = directory.Find(own.Decoded.Format!, item) is { } found && actor?.MaySee(found.Street, found.Registration.Areas) != false ? found : null;
            Checker.TimeOf(item, receivedAt, out var at);
            own.Checked.Clear();
            if (device is not null)
            {
                Checker.Check(item, own.Decoded, device, receivedAt, own.Checked, answer);
            }
            else if (item.BadTime is not null)
            {
                answer.Refuse(RejectionReason.BadTime, $"\"{item.BadTime}\" is not a time");
            }

            items.Add(Trial.Describe(item, own.Decoded, device, at, own.Checked));
        }

        return new(items.ToImmutable(), [.. answer.Refusals]);
    }

    /// <summary>Takes a message; ends when everything in it waits for delivery or is refused. A durable message waits for room, one of QoS 0 waits only for an event.</summary>
    internal ValueTask TakeAsync(RawMessage message, AnswerList? answer = null)
    {
        var own = scratch ??= new Scratch();
        decoders.Decode(message.Topic, message.Payload.Span, message.Format, own.Decoded, message.ReceivedAt, isTrial: message.Again);
        if (!message.Again)
        {
            metrics.CountMessage();
            foreach (var wanted in own.Decoded.Answers)
            {
                answers.Offer(wanted);
            }
        }

        var refusals = own.Refusals;
        refusals.Begin(ledger, message, own.Decoded.Format, answer);
        foreach (var refusal in own.Decoded.Refusals)
        {
            refusals.Refuse(refusal.Reason, refusal.Detail);
        }

        List<Part>? left = null;
        foreach (ref readonly var item in own.Decoded.Items)
        {
            if (message.Retained && !SaysSomethingRetained(item))
            {
                continue;
            }

            var device = directory.Find(own.Decoded.Format!, item);
            if (device is null && item.IsQuiet)
            {
                continue;
            }

            if (device is null && message.Again)
            {
                continue;
            }

            if (device is null)
            {
                RefuseUnregistered(message, own.Decoded, item, answer);
                continue;
            }

            if (own.Decoded.Street.Length > 0 && !own.Decoded.Street.Span.SequenceEqual(device.Street.Value))
            {
                metrics.CountMismatch();
            }

            refusals.Device = device.Id.Value;
            var timing = Checker.Check(item, own.Decoded, device, message.ReceivedAt, own.Checked, refusals);
            refusals.Device = null;
            if (!message.Again)
            {
                NoteClock(message, item, device);
            }

            if (timing == Timing.Ahead)
            {
                metrics.CountAhead();
            }
            else if (timing == Timing.Late)
            {
                metrics.CountLate();
            }

            if (answer is not null)
            {
                answer.Accepted += !item.IsQuiet && (own.Checked.Readings.Length > 0 || own.Checked.HasOccurrence) ? 1 : 0;
            }

            Offer(message, own.Checked, lanes.Of(device), ref left);
        }

        if (left is not null)
        {
            return new(OfferLaterAsync(message, left));
        }

        message.Receipt?.Release(1);
        return ValueTask.CompletedTask;
    }

    /// <summary>A retained message is as old as it may be: that a device is gone still holds, and an item with a time of its own is judged by it. The rest would make a dead device look alive.</summary>
    internal static bool SaysSomethingRetained(in DecodedItem item) => item.Kind == ItemKind.Status ? !item.Online : item.At is not null;

    /// <summary>Only the status of a registered device is worth keeping for those who subscribe later; everything else would let any client fill the memory with topics.</summary>
    internal bool MayBeRetained(string topic)
    {
        Span<Range> parts = stackalloc Range[6];
        var text = topic.AsSpan();
        return text.Split(parts, '/') == 5 && text[parts[0]] is "city" && text[parts[1]] is "v1" && text[parts[4]] is "status"
            && directory.Find(Decoders.Canonical, text[parts[3]]) is { } device && text[parts[2]].SequenceEqual(device.Street.Value);
    }

    /// <summary>Whether the account may publish this. A canonical topic names its device; of a foreign message only its decoding tells whom it speaks for.</summary>
    internal bool MayPublish(AccountEntry account, string topic, ReadOnlySpan<byte> payload)
    {
        if (TopicRights.DeviceOf(topic, out var device, out var channel))
        {
            return TopicRights.IsForDevices(channel) && account.SpeaksFor(device);
        }

        return TopicRights.MatchesGateway(account, topic) || SpeaksOnlyFor(account, topic, payload);
    }

    /// <summary>Only the status of its own may name a device that is not registered here; the rest is not the account's to say.</summary>
    private bool SpeaksOnlyFor(AccountEntry account, string topic, ReadOnlySpan<byte> payload)
    {
        // A decoder that keeps sessions would take a look for a message, so its topic must do.
        if (TopicRights.SparkplugKeyOf(topic) is { } key)
        {
            return account.Devices(directory).Any(entry => entry.Registration.Source is { Format: "sparkplug-b" } source && TopicRights.CoversSparkplug(source.Key, key));
        }

        var own = rightsScratch ??= new Scratch();
        decoders.Decode(topic, payload, null, own.Decoded, clock.Now, isTrial: true);
        if (own.Decoded.Format is not { } format || !account.Devices(directory).Any(entry => entry.Registration.Source?.Format == format))
        {
            return false;
        }

        foreach (ref readonly var item in own.Decoded.Items)
        {
            if (directory.Find(format, item) is not { } spoken || !account.SpeaksFor(spoken.Id.Value))
            {
                return false;
            }
        }

        return true;
    }

    internal void RefuseNotAllowed(string account, string topic, ReadOnlyMemory<byte> payload, DateTimeOffset receivedAt)
    {
        metrics.CountMessage();
        ledger.Refuse(RejectionReason.NotAllowed, $"the account \"{account}\" may not publish here", topic, payload, null, account, receivedAt);
    }

    /// <summary>From here on messages over HTTP are taken; before, the node knows no device.</summary>
    internal void Open() => opened.TrySetResult();

    internal IngestRefusal RefuseTooLarge(string topic, ReadOnlyMemory<byte> payload, string? format, DateTimeOffset receivedAt)
    {
        metrics.CountMessage();
        var detail = TooLarge(payload.Length);
        ledger.Refuse(RejectionReason.TooLarge, detail, topic, payload, format, null, receivedAt);
        return new(RejectionReason.TooLarge, detail);
    }

    private string TooLarge(int length) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{length} bytes, allowed are {maxPayloadBytes}");

    private void Offer(in RawMessage message, CheckedItem item, StreetLane lane, ref List<Part>? left)
    {
        var readings = item.Readings;
        if (readings.Length > 0)
        {
            if (!message.Again)
            {
                metrics.CountReadings(readings.Length);
            }

            message.Receipt?.Add(1);
            if (left is not null || lane.TryAdd(readings, item.Late, message.Origin, message.Receipt, out var refused) == LaneAnswer.Full)
            {
                (left ??= []).Add(new Part(lane, readings.ToArray(), item.Late, null, null, null));
            }
            else
            {
                CountOverload(message, refused);
            }
        }
        else if (item.HasOccurrence)
        {
            if (!message.Again)
            {
                metrics.CountEvent();
            }

            message.Receipt?.Add(1);
            if (left is not null || lane.TryAdd(item.Event, item.Position, item.Status, item.Late, message.Origin, message.Receipt) == LaneAnswer.Full)
            {
                (left ??= []).Add(new Part(lane, [], item.Late, item.Event, item.Position, item.Status));
            }
        }
    }

    private async Task OfferLaterAsync(RawMessage message, List<Part> parts)
    {
        foreach (var part in parts)
        {
            while (true)
            {
                var room = part.Lane.WaitForRoomAsync();
                var refused = 0;
                var taken = part.Readings.Length > 0
                    ? part.Lane.TryAdd(part.Readings, part.Late, message.Origin, message.Receipt, out refused)
                    : part.Lane.TryAdd(part.Event, part.Position, part.Status, part.Late, message.Origin, message.Receipt);
                if (taken == LaneAnswer.Taken)
                {
                    CountOverload(message, refused);
                    break;
                }

                await room.ConfigureAwait(false);
            }
        }

        message.Receipt?.Release(1);
    }

    private void CountOverload(in RawMessage message, int refused)
    {
        for (var i = 0; i < refused; i++)
        {
            ledger.Refuse(message, RejectionReason.Overload, "the street's queue is full and this kind may not be merged", message.Format, null);
        }
    }

    /// <summary>A retained message is older than its receipt by nature and says nothing about a clock.</summary>
    private void NoteClock(in RawMessage message, in DecodedItem item, DeviceEntry device)
    {
        if (item.At is not { } at || message.Retained)
        {
            return;
        }

        var offset = at - message.ReceivedAt;
        if (offset > Checker.AheadMax || offset < -Checker.AheadMax)
        {
            device.ClockIsWrong = true;
            ledger.NoteClock(device.Id, offset, message.ReceivedAt);
        }
        else if (device.ClockIsWrong)
        {
            device.ClockIsWrong = false;
            ledger.NoteClock(device.Id, null, message.ReceivedAt);
        }
    }

    private void RefuseUnregistered(in RawMessage message, DecodedMessage decoded, in DecodedItem item, AnswerList? answer)
    {
        var key = item.Key.ToString();
        var (start, count, kind, type) = (item.ValuesStart, item.ValuesCount, item.Kind, item.EventType);
        ledger.RefuseUnregistered(message, decoded.Format!, key, decoded.Street.ToString(), () =>
        {
            var names = ImmutableArray.CreateBuilder<string>();
            for (var i = start; i < start + Math.Min(count, 64); i++)
            {
                names.Add(decoded.StringOf(decoded.Values[i].Name));
            }

            return new(names.ToImmutable(), type, kind == ItemKind.Position);
        });
        answer?.Refuse(RejectionReason.UnknownDevice, $"no device is registered under \"{key}\"");
    }

    /// <summary>A part of a message for which its lane had no room.</summary>
    private sealed record Part(StreetLane Lane, Reading[] Readings, bool Late, DeviceEvent? Event, DevicePosition? Position, DeviceStatus? Status);

    /// <summary>What one thread needs to take a message.</summary>
    private sealed class Scratch
    {
        public DecodedMessage Decoded { get; } = new();
        public CheckedItem Checked { get; } = new();
        public LedgerRefusals Refusals { get; } = new();
    }

    /// <summary>Sends the refusals of one message to the ledger, and to the caller's answer where there is one.</summary>
    private sealed class LedgerRefusals : IRefusals
    {
        private RejectionLedger? ledger;
        private RawMessage message;
        private string? format;
        private AnswerList? answer;

        public string? Device { get; set; }

        public void Begin(RejectionLedger to, in RawMessage about, string? its, AnswerList? alsoTo) => (ledger, message, format, answer, Device) = (to, about, its, alsoTo, null);

        public void Refuse(RejectionReason reason, string detail)
        {
            if (!message.Again)
            {
                ledger!.Refuse(message, reason, detail, format, Device);
            }

            answer?.Refuse(reason, detail);
        }
    }
}

/// <summary>The answer to one message, as it grows.</summary>
internal sealed class AnswerList : IRefusals
{
    /// <summary>Refusals named in one answer; the ledger counts all of them.</summary>
    private const int NamedMax = 1_000;

    public int Accepted { get; set; }
    public List<IngestRefusal> Refusals { get; } = [];

    public void Refuse(RejectionReason reason, string detail)
    {
        if (Refusals.Count < NamedMax)
        {
            Refusals.Add(new(reason, detail));
        }
    }
}
