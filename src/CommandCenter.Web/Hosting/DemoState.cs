namespace CommandCenter.Web.Hosting;

/// <summary>Whether what the screens show is pretended: then every screen says 模拟数据, and 模拟时间 when the clock runs faster.</summary>
/// <param name="Speed">1 to 60; above 1 the domain's clock runs faster than the real one.</param>
public sealed record DemoState(bool Enabled, double Speed)
{
    public bool SimulatedTime => Speed > 1;
}
