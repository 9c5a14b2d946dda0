namespace IotIngest.Delivering;

/// <summary>The node's name and the numbers of its batches. The run number rises with each start and stands in the upper bits, so numbers rise over restarts without a write for each.</summary>
internal sealed class BatchNumbers(string node, long run)
{
    /// <summary>68 thousand million batches in one run, 134 million runs.</summary>
    private const int CounterBits = 36;

    private long last = run << CounterBits;

    public string Node { get; } = node;
    public long Run { get; } = run;

    public long Next() => Interlocked.Increment(ref last);
}
