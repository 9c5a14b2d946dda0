using IotIngest.Receiving;

namespace IotIngest.Delivering;

/// <summary>The journal's batches of which history did not take everything, with the parts that are left. They hold no message, and there are never more of them than rows in the journal.</summary>
internal sealed class Postponed
{
    private readonly Lock gate = new();
    private readonly Dictionary<JournalBatch, int> parts = [];

    public void Add(JournalBatch batch, int count)
    {
        lock (gate)
        {
            parts[batch] = parts.GetValueOrDefault(batch) + count;
        }
    }

    /// <summary>Takes every batch that is on disk, the oldest first.</summary>
    public (JournalBatch Batch, int Parts)[] TakeCommitted()
    {
        lock (gate)
        {
            var taken = parts.Where(entry => entry.Key.Committed.IsCompletedSuccessfully).OrderBy(entry => entry.Key.RowId).Select(entry => (entry.Key, entry.Value)).ToArray();
            foreach (var (batch, _) in taken)
            {
                parts.Remove(batch);
            }

            return taken;
        }
    }
}
