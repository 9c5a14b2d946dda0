using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace IotIngest.Receiving;

/// <summary>The messages of one commit, and what is left of them to deliver. Its row goes when nothing is left.</summary>
internal sealed class JournalBatch(Action<JournalBatch> emptied) : IReceipt
{
    private const int HeaderBytes = 8 + 1 + 2 + 4;

    private readonly TaskCompletionSource committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] body = ArrayPool<byte>.Shared.Rent(16_384);
    private int undelivered;
    private int handedOver;

    /// <summary>False for a batch that was read back: it is delivered now, however long that takes.</summary>
    public bool CanBeReadAgain { get; private init; } = true;

    /// <summary>The row, once it is written; 0 before.</summary>
    public long RowId { get; set; }
    public int Count { get; private set; }
    public int Length { get; private set; }

    /// <summary>When the first message came, by the runtime's clock.</summary>
    public long StartedTimestamp { get; set; }

    /// <summary>Ends when every message of the batch is on disk.</summary>
    public Task Committed => committed.Task;

    /// <summary>Ends when nothing is left to deliver; only for batches found at start, which get no further messages.</summary>
    public Task Delivered => delivered.Task;

    public bool IsDelivered => Volatile.Read(ref undelivered) == 0;
    public ReadOnlySpan<byte> Body => body.AsSpan(0, Math.Min(Length, body.Length));

    /// <summary>True for the first caller only, and only while nothing is left to deliver.</summary>
    public bool TryHandOver() => IsDelivered && Interlocked.Exchange(ref handedOver, 1) == 0;

    public void Complete() => committed.TrySetResult();

    public void Add(int parts) => Interlocked.Add(ref undelivered, parts);

    public void Release(int parts)
    {
        if (Interlocked.Add(ref undelivered, -parts) == 0)
        {
            delivered.TrySetResult();
            emptied(this);
        }
    }

    /// <summary>Adds a message. Not thread-safe: the journal's lock is held.</summary>
    public void Append(string topic, ReadOnlySpan<byte> payload, DateTimeOffset receivedAt, byte qos)
    {
        var needed = HeaderBytes + Encoding.UTF8.GetMaxByteCount(topic.Length) + payload.Length;
        if (body.Length - Length < needed)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(body.Length * 2, Length + needed));
            Body.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(body);
            body = larger;
        }

        var room = body.AsSpan(Length);
        BinaryPrimitives.WriteInt64LittleEndian(room, receivedAt.ToUnixTimeMilliseconds());
        room[8] = qos;
        var topicBytes = Encoding.UTF8.GetBytes(topic, room[HeaderBytes..]);
        BinaryPrimitives.WriteUInt16LittleEndian(room[9..], (ushort)topicBytes);
        BinaryPrimitives.WriteInt32LittleEndian(room[11..], payload.Length);
        payload.CopyTo(room[(HeaderBytes + topicBytes)..]);
        Length += HeaderBytes + topicBytes + payload.Length;
        Count++;
        Interlocked.Increment(ref undelivered);
    }

    /// <summary>Makes the batch of a row that was found at start; its messages count as not delivered.</summary>
    public static JournalBatch Restore(long rowId, int count, int length, Action<JournalBatch> emptied)
    {
        var batch = new JournalBatch(emptied) { RowId = rowId, Count = count, Length = length, undelivered = count, CanBeReadAgain = false };
        batch.DropBody();
        batch.Complete();
        return batch;
    }

    /// <summary>Gives the bytes back, which are on disk now.</summary>
    public void DropBody()
    {
        ArrayPool<byte>.Shared.Return(body);
        body = [];
    }

    /// <summary>Reads a row. Throws <see cref="InvalidDataException"/> on a row that this journal has not written.</summary>
    public static List<(string Topic, byte[] Payload, DateTimeOffset ReceivedAt, byte Qos)> Parse(ReadOnlySpan<byte> row)
    {
        var messages = new List<(string, byte[], DateTimeOffset, byte)>();
        while (!row.IsEmpty)
        {
            if (row.Length < HeaderBytes)
            {
                throw new InvalidDataException("A row of the ingest journal ends inside a message.");
            }

            var receivedAt = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(row));
            var qos = row[8];
            int topicBytes = BinaryPrimitives.ReadUInt16LittleEndian(row[9..]);
            var payloadBytes = BinaryPrimitives.ReadInt32LittleEndian(row[11..]);
            if (payloadBytes < 0 || row.Length < HeaderBytes + topicBytes + payloadBytes)
            {
                throw new InvalidDataException("A row of the ingest journal ends inside a message.");
            }

            var topic = Encoding.UTF8.GetString(row.Slice(HeaderBytes, topicBytes));
            messages.Add((topic, row.Slice(HeaderBytes + topicBytes, payloadBytes).ToArray(), receivedAt, qos));
            row = row[(HeaderBytes + topicBytes + payloadBytes)..];
        }

        return messages;
    }
}
