using System.Collections.Concurrent;

namespace IotIngest.Decoding;

/// <summary>What a birth said of a metric.</summary>
internal readonly record struct BornMetric(string Name, uint Type, string? Unit);

/// <summary>One edge node: what its births said, and where its sequence stands. Guarded by its own lock.</summary>
internal sealed class SparkplugNode
{
    public Lock Turn { get; } = new();

    /// <summary>Null: no birth has come since this process started.</summary>
    public ulong? BirthSequence { get; set; }
    public bool IsBorn { get; set; }

    /// <summary>The number of the newest message; null: none has come.</summary>
    public int? Sequence { get; set; }
    public DateTimeOffset RebirthAskedAt { get; set; } = DateTimeOffset.MinValue;
    public long UsedAt { get; set; }

    /// <summary>The node's own metrics and those of its devices: one alias means one metric in the whole node.</summary>
    public Dictionary<ulong, BornMetric> ByAlias { get; } = [];

    /// <summary>Types and units of metrics that come by name.</summary>
    public Dictionary<(string Device, string Name), BornMetric> ByName { get; } = [];
    public HashSet<string> Devices { get; } = new(StringComparer.Ordinal);

    public int Size => ByAlias.Count + ByName.Count + Devices.Count + 8;

    public void Forget()
    {
        ByAlias.Clear();
        ByName.Clear();
        Devices.Clear();
    }
}

/// <summary>The nodes of this process, bounded by what their births hold. A node that is forgotten is asked for a rebirth when it speaks next.</summary>
internal sealed class SparkplugNodes(int nodeCountMax = 5_000, int partsMax = 500_000)
{
    /// <summary>Metrics and devices of one node; more are not kept, and what comes by their alias is refused.</summary>
    public const int PartsOfNodeMax = 50_000;

    private readonly ConcurrentDictionary<string, SparkplugNode> nodes = new(StringComparer.Ordinal);
    private readonly Lock trimming = new();
    private long clock;

    public int Count => nodes.Count;

    public SparkplugNode? Find(string key) => nodes.GetValueOrDefault(key);

    public SparkplugNode Open(string key)
    {
        var node = nodes.GetOrAdd(key, static _ => new SparkplugNode());
        node.UsedAt = Interlocked.Increment(ref clock);
        return node;
    }

    /// <summary>Forgets the nodes that were silent longest until the rest fits. Called after births.</summary>
    public void Trim()
    {
        lock (trimming)
        {
            var parts = nodes.Values.Sum(node => (long)node.Size);
            if (nodes.Count <= nodeCountMax && parts <= partsMax)
            {
                return;
            }

            foreach (var (key, node) in nodes.OrderBy(entry => entry.Value.UsedAt).ToArray())
            {
                if (nodes.Count <= nodeCountMax * 9 / 10 && parts <= partsMax / 10 * 9)
                {
                    return;
                }

                nodes.TryRemove(key, out _);
                parts -= node.Size;
            }
        }
    }
}
