using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.QualityDesk;

/// <summary>One bar of the rate chart: an hour, or the busiest hour of several where a bar each would be too thin to see.</summary>
public sealed record HourBar(DateTimeOffset From, QualityHour Busiest);

/// <summary>The rate chart as plain figures.</summary>
public static class HourBars
{
    public const int BarsMax = 170;
    private static readonly int[] Steps = [1, 2, 3, 6, 12, 24];

    /// <summary>Hours that one bar stands for.</summary>
    public static int StepOf(int hours) => Steps.FirstOrDefault(step => (hours + step - 1) / step <= BarsMax, Steps[^1]);

    public static ImmutableArray<HourBar> From(ImmutableArray<QualityHour> hours)
    {
        var step = StepOf(hours.Length);
        return [.. hours.Chunk(step).Select(chunk => new HourBar(chunk[0].From, chunk.MaxBy(hour => hour.Raised)!))];
    }

    /// <summary>The top of the scale: the busiest bar, and never so low that the line of 12 would lie outside.</summary>
    public static int Top(ImmutableArray<HourBar> bars)
    {
        var most = bars.IsEmpty ? 0 : bars.Max(bar => bar.Busiest.Raised);
        var top = Math.Max(most, 15);
        var unit = top switch { <= 30 => 5, <= 100 => 10, <= 500 => 50, <= 2_000 => 200, _ => (int)Math.Pow(10, Math.Floor(Math.Log10(top))) };
        return (top + unit - 1) / unit * unit;
    }
}
