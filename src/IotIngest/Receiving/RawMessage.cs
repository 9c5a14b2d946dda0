using IotIngest.Batching;

namespace IotIngest.Receiving;

/// <summary>What must happen to the place a message came from once it is delivered: the journal row goes, or the external broker gets its acknowledgement.</summary>
internal interface IReceipt
{
    /// <summary>The message has this many more parts on their way.</summary>
    void Add(int parts);

    /// <summary>The message is on disk and can be read again, so that its copy in memory may be dropped.</summary>
    bool CanBeReadAgain { get; }

    /// <summary>This many parts are delivered, or refused for good.</summary>
    void Release(int parts);
}

/// <summary>What a broker or HTTP delivered: bytes, not yet believed.</summary>
/// <param name="Payload">Not changed by anyone after it came here.</param>
/// <param name="Durable">QoS 1 and 2, HTTP and replay: it waits for room and is never merged away.</param>
/// <param name="Receipt">Null with QoS 0.</param>
/// <param name="Format">Null: the topic tells.</param>
/// <param name="Again">Read from the journal once more for history, while the present goes on: it has been judged, counted and told of, and must not touch what decoders remember.</param>
/// <param name="Retained">The broker had kept it from before: nobody knows when it was sent.</param>
internal readonly record struct RawMessage(
    string Topic, ReadOnlyMemory<byte> Payload, DateTimeOffset ReceivedAt, bool Durable, IReceipt? Receipt = null, string? Format = null, bool Retained = false, bool Again = false)
{
    /// <summary>What is behind each of its items.</summary>
    public ItemOrigin Origin => Again ? ItemOrigin.Again : Durable ? ItemOrigin.Kept : ItemOrigin.Passing;
}
