namespace CommandCenter.Grains.Contracts;

/// <summary>The clock of the domain. Everything that reads, judges or shows a time of the city uses it; the runtime's own timers do not,
/// so that a simulated city can run faster than the machine.</summary>
/// <param name="Provider">Real time, or scaled time while the demonstration runs faster than 1.</param>
/// <param name="Speed">1 to 60; above 1 every screen says 模拟时间.</param>
public sealed record DomainClock(TimeProvider Provider, double Speed = 1)
{
    /// <summary>Reads the time, UTC, whole milliseconds.</summary>
    public DateTimeOffset Now
    {
        get
        {
            var now = Provider.GetUtcNow();
            return new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
        }
    }
}
