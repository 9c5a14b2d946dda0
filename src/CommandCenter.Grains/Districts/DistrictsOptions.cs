namespace CommandCenter.Grains.Districts;

/// <summary>The ticker and the clocks (configuration section <c>Districts</c>).</summary>
public sealed class DistrictsOptions
{
    /// <summary>Clocks fired in one tick at most, 1 to 10000; default 200. Further ones wait for the next second.</summary>
    public int ClocksPerTick { get; set; } = 200;

    /// <summary>Seconds without a report after which a street counts as silent, 2 to 300; default 10. Until then rules over several streets wait for it; from then on
    /// they go on without it, and what it last told counts for nothing and is not calm.</summary>
    public int SilentSeconds { get; set; } = 10;

    /// <summary>Seconds between snapshots of the rules over several streets, 5 to 600; default 30.</summary>
    public int SnapshotSeconds { get; set; } = 30;

    /// <summary>Warnings handed to the incident room at the same time, 1 to 1000; default 32. Further ones wait for the next tick.</summary>
    public int HandOversMax { get; set; } = 32;
}
