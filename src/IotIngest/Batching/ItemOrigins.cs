namespace IotIngest.Batching;

/// <summary>What is behind an item in a lane: it decides how the item is counted when it arrives, and when history does not take it.</summary>
internal enum ItemOrigin
{
    /// <summary>QoS 0: nothing keeps it.</summary>
    Passing,

    /// <summary>The journal or an external broker keeps it until it is delivered.</summary>
    Kept,

    /// <summary>Read from the journal once more for history: it has been counted already.</summary>
    Again,
}

/// <summary>How many items of a batch came from where.</summary>
internal readonly record struct OriginCounts(int Passing, int Again)
{
    public static OriginCounts operator +(OriginCounts one, OriginCounts other) => new(one.Passing + other.Passing, one.Again + other.Again);
}

/// <summary>The origins of what waits in a queue, as runs: under load one run stands for thousands of readings.</summary>
internal sealed class ItemOrigins
{
    private readonly Queue<(ItemOrigin Origin, int Count)> runs = new();
    private ItemOrigin lastOrigin;
    private int lastCount;

    // Of the oldest run in the queue this many are gone.
    private int headTaken;

    public void Append(ItemOrigin origin, int count)
    {
        if (lastCount > 0 && origin != lastOrigin)
        {
            runs.Enqueue((lastOrigin, lastCount));
            lastCount = 0;
        }

        lastOrigin = origin;
        lastCount += count;
    }

    /// <summary>Takes that many of the oldest.</summary>
    public OriginCounts Take(int count)
    {
        var taken = default(OriginCounts);
        while (count > 0 && runs.TryPeek(out var run))
        {
            var part = Math.Min(count, run.Count - headTaken);
            taken += Of(run.Origin, part);
            count -= part;
            headTaken += part;
            if (headTaken == run.Count)
            {
                runs.Dequeue();
                headTaken = 0;
            }
        }

        taken += Of(lastOrigin, count);
        lastCount -= count;
        return taken;
    }

    private static OriginCounts Of(ItemOrigin origin, int count) => origin switch
    {
        ItemOrigin.Passing => new(count, 0),
        ItemOrigin.Again => new(0, count),
        _ => default,
    };
}
