using System.Runtime.InteropServices;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.History;

/// <summary>One append, import or round of upkeep that waits for its commit.</summary>
internal sealed class HistoryWrite
{
    public IngestBatch? Batch { get; init; }
    public System.Collections.Immutable.ImmutableArray<Reading> Imported { get; init; } = [];
    public bool Upkeep { get; init; }
    public TaskCompletionSource<HistoryImport> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Rows => Batch is { } batch
        ? 1 + Length(batch.Readings) + Length(batch.LateReadings) + Length(batch.Events) + Length(batch.Positions) + Length(batch.Statuses)
            + Length(batch.LateEvents) + Length(batch.LatePositions) + Length(batch.LateStatuses)
        : Length(Imported);

    private static int Length<T>(System.Collections.Immutable.ImmutableArray<T> items) => items.IsDefault ? 0 : items.Length;
}

internal readonly record struct BatchRow(long Arrival, int Street, int Node, long Sequence, long Received);

/// <param name="Place">The how-many-th of its device and quantity in its batch.</param>
/// <param name="Write">Which of the commit's writes it belongs to.</param>
internal readonly record struct ReadingRow(long Arrival, long At, long Received, double Value, int Device, int Write, short Quantity, ushort Place, byte Quality, bool Live);

internal readonly record struct ItemRow<T>(long Arrival, int Device, T Item, bool CertainlyNew);

/// <summary>The rows of one commit, in order of arrival, and which of them are left out because they are stored already.</summary>
internal sealed class CommitPlan
{
    /// <summary>A great import does not hold its memory for ever.</summary>
    private const int RowsKeptMax = 200_000;

    private readonly List<(long Offered, long Added)> _counts = [];

    public List<BatchRow> Batches { get; } = [];
    public List<ReadingRow> Readings { get; } = [];
    public List<ItemRow<DeviceEvent>> Events { get; } = [];
    public List<ItemRow<DevicePosition>> Positions { get; } = [];
    public List<ItemRow<DeviceStatus>> Statuses { get; } = [];

    /// <summary>Places in the lists above of what must be compared with the file.</summary>
    public List<int> SuspectReadings { get; } = [];
    public List<int> SuspectEvents { get; } = [];
    public List<int> SuspectPositions { get; } = [];
    public List<int> SuspectStatuses { get; } = [];
    public HashSet<int> DroppedReadings { get; } = [];
    public HashSet<int> DroppedEvents { get; } = [];
    public HashSet<int> DroppedPositions { get; } = [];
    public HashSet<int> DroppedStatuses { get; } = [];

    public int Items => Readings.Count + Events.Count + Positions.Count + Statuses.Count;

    public int Dropped => DroppedReadings.Count + DroppedEvents.Count + DroppedPositions.Count + DroppedStatuses.Count;

    /// <summary>Forgets the rows and keeps the room for the next ones: lists of this length made anew for each commit would be large objects, and those end in full collections.</summary>
    public void Clear()
    {
        _counts.Clear();
        Batches.Clear();
        Readings.Clear();
        if (Readings.Capacity > RowsKeptMax)
        {
            Readings.Capacity = 0;
        }

        Events.Clear();
        Positions.Clear();
        Statuses.Clear();
        SuspectReadings.Clear();
        SuspectEvents.Clear();
        SuspectPositions.Clear();
        SuspectStatuses.Clear();
        DroppedReadings.Clear();
        DroppedEvents.Clear();
        DroppedPositions.Clear();
        DroppedStatuses.Clear();
    }

    /// <summary>The next writes are this many.</summary>
    public void Expect(int writes)
    {
        for (var write = 0; write < writes; write++)
        {
            _counts.Add(default);
        }
    }

    public void Add(in ReadingRow row, Known known)
    {
        if (known == Known.Stored)
        {
            DroppedReadings.Add(Readings.Count);
        }
        else if (known == Known.Unsure)
        {
            SuspectReadings.Add(Readings.Count);
        }

        Readings.Add(row);
        CollectionsMarshal.AsSpan(_counts)[row.Write].Offered++;
    }

    public void Count(int write) => CollectionsMarshal.AsSpan(_counts)[write].Added++;

    public long Offered(int write) => _counts[write].Offered;

    public long Imported(int write) => _counts[write].Added;

    /// <summary>Of equal rows in the commit the first stays. Only suspects can repeat a row, because a certainly new one is later than all before it, and one known as stored is left out already.</summary>
    public void DropRepeatedInside()
    {
        if (SuspectReadings.Count > 0)
        {
            var suspects = new HashSet<int>(SuspectReadings);
            var seen = new HashSet<(int, short, long)>();
            for (var n = 0; n < Readings.Count; n++)
            {
                var row = Readings[n];
                if (!DroppedReadings.Contains(n) && !seen.Add((row.Device, row.Quantity, row.At)))
                {
                    DroppedReadings.Add(n);
                    suspects.Remove(n);
                }
            }

            SuspectReadings.RemoveAll(n => !suspects.Contains(n));
        }

        Sift(Events, row => (row.Device, row.Item.EventId, row.Item.State, row.Item.ObservedAt.ToUnixTimeMilliseconds()), SuspectEvents, DroppedEvents);
        Sift(Positions, row => (row.Device, row.Item.ObservedAt.ToUnixTimeMilliseconds()), SuspectPositions, DroppedPositions);
        Sift(Statuses, row => (row.Device, row.Item.Online, row.Item.ObservedAt.ToUnixTimeMilliseconds()), SuspectStatuses, DroppedStatuses);
    }

    private static void Sift<TItem, TKey>(List<ItemRow<TItem>> rows, Func<ItemRow<TItem>, TKey> keyOf, List<int> suspects, HashSet<int> dropped)
    {
        if (rows.TrueForAll(row => row.CertainlyNew))
        {
            return;
        }

        var seen = new HashSet<TKey>();
        for (var n = 0; n < rows.Count; n++)
        {
            if (!seen.Add(keyOf(rows[n])))
            {
                dropped.Add(n);
            }
            else if (!rows[n].CertainlyNew)
            {
                suspects.Add(n);
            }
        }
    }
}
