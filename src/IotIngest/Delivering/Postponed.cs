using IotIngest.Receiving;

namespace IotIngest.Delivering;

/// <summary>The journal's batches of which history did not take everything, with the parts that are left. They hold no message, and there are never more of them than rows in the journal.</summary>
internal sealed class Postponed
{
    private readonly Lock gate = new();
    private long itemsTotal;
    private readonly Dictionary<JournalBatch, (int Parts, int Items)> waiting = [];

    /// <summary>Readings and events that history has still to get.</summary>
    public long ItemCount
    {
        get
        {
            lock (gate)
            {
                return itemsTotal;
            }
        }
    }

    /// <param name="parts">Of the batch's messages, as its receipt counts them.</param>
    /// <param name="items">Readings and events, as they are counted when they are delivered. Of a call with several batches the newest stands for all.</param>
    public void Add(JournalBatch batch, int parts, int items)
    {
        lock (gate)
        {
            var held = waiting.GetValueOrDefault(batch);
            waiting[batch] = (held.Parts + parts, held.Items + items);
            itemsTotal += items;
        }
    }

    /// <summary>History has them now.</summary>
    public void Arrived(int items)
    {
        lock (gate)
        {
            itemsTotal -= items;
        }
    }

    /// <summary>Takes every batch that is on disk, the oldest first. Its items still wait until <see cref="Arrived"/>.</summary>
    public (JournalBatch Batch, int Parts, int Items)[] TakeCommitted()
    {
        lock (gate)
        {
            var taken = waiting.Where(entry => entry.Key.Committed.IsCompletedSuccessfully).OrderBy(entry => entry.Key.RowId).Select(entry => (entry.Key, entry.Value.Parts, entry.Value.Items)).ToArray();
            foreach (var (batch, _, _) in taken)
            {
                waiting.Remove(batch);
            }

            return taken;
        }
    }
}
