using System.Collections.Immutable;

namespace CommandCenter.Grains.Rules;

/// <summary>The hours at which a rule or a level judges, Asia/Shanghai: from ≤ time &lt; to, may run over midnight; from = to is the whole day.
/// Empty days are every day; hours over midnight belong to the day on which they began.</summary>
internal sealed record RuleSchedule(TimeOnly From, TimeOnly To)
{
    // China keeps one offset the whole year, so a fixed one gives the same answer on machines without time zone data.
    private static readonly long ShanghaiMs = 8 * 3_600_000L;
    private const long DayMs = 86_400_000;

    public ImmutableArray<DayOfWeek> Days { get; init; } = [];

    public bool Covers(long atMs)
    {
        var local = atMs + ShanghaiMs;
        var day = Math.DivRem(local, DayMs, out var rest);
        if (rest < 0)
        {
            day--;
            rest += DayMs;
        }

        var from = From.Ticks / TimeSpan.TicksPerMillisecond;
        var to = To.Ticks / TimeSpan.TicksPerMillisecond;
        if (from < to)
        {
            return rest >= from && rest < to && OnDay(day);
        }

        return from == to ? OnDay(day) : rest >= from ? OnDay(day) : rest < to && OnDay(day - 1);
    }

    // The first of January 1970 was a Thursday.
    private bool OnDay(long day) => Days.IsEmpty || Days.Contains((DayOfWeek)((((day + 4) % 7) + 7) % 7));
}
