using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using IotIngest.Delivering;
using IotIngest.Hosting;
using IotIngest.Receiving;

namespace IotIngest.Rejecting;

/// <summary>The whole messages of one report's rejections, each once however many of its values were refused. Bounded by message and by report: beyond, a rejection
/// keeps its first bytes only and cannot be decoded again. Called under the ledger's lock.</summary>
internal sealed class KeptPayloads(BatchNumbers numbers, IngestOptions options)
{
    private readonly Dictionary<(ReadOnlyMemory<byte> Payload, DateTimeOffset At), string> ids = [];
    private readonly List<KeptMessage> messages = [];
    private long bytes;
    private long lastNumber;

    /// <summary>What was too large is not there, and what a client was not allowed to say must not be said by a second reading.</summary>
    public static bool MayPassLater(RejectionReason reason) => reason is not (RejectionReason.TooLarge or RejectionReason.NotAllowed);

    /// <summary>The identity under which the message is kept; null: there is no room for it.</summary>
    public string? Keep(in RawMessage message)
    {
        var key = (message.Payload, message.ReceivedAt);
        if (ids.TryGetValue(key, out var known))
        {
            return known;
        }

        if (message.Payload.Length > options.KeptMessageBytesMax || bytes + message.Payload.Length > options.KeptReportBytesMax)
        {
            return null;
        }

        bytes += message.Payload.Length;
        var id = string.Create(CultureInfo.InvariantCulture, $"{numbers.Node}-{numbers.Run}-m{++lastNumber}");
        ids.Add(key, id);
        messages.Add(new KeptMessage
        {
            Id = id, At = message.ReceivedAt, Topic = message.Topic, Format = message.Format, Retained = message.Retained, Payload = message.Payload.ToArray(),
        });
        return id;
    }

    public ImmutableArray<KeptMessage> Take()
    {
        ImmutableArray<KeptMessage> taken = [.. messages];
        ids.Clear();
        messages.Clear();
        bytes = 0;
        return taken;
    }
}
