namespace CommandCenter.Grains.Districts;

/// <summary>The ticker and the clocks (configuration section <c>Districts</c>).</summary>
public sealed class DistrictsOptions
{
    /// <summary>Clocks fired in one tick at most, 1 to 10000; default 200. Further ones wait for the next second.</summary>
    public int ClocksPerTick { get; set; } = 200;
}
