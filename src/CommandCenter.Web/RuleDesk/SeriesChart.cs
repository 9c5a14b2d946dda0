using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.RuleDesk;

/// <summary>Where times and values of a stored series lie in the drawing.</summary>
internal sealed record SeriesScale(DateTimeOffset From, DateTimeOffset To, double Low, double High, double Left, double Right, double Top, double Bottom)
{
    private static readonly int[] Steps = [1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

    public double X(DateTimeOffset at) => Left + (Math.Clamp((at - From) / (To - From), 0, 1) * (Right - Left));

    public double Y(double value) => Bottom - ((value - Low) / (High - Low) * (Bottom - Top));

    /// <summary>The step that gives some 400 points for the span: few enough to draw, many enough that no peak is lost, for each has its extremes.</summary>
    public static TimeSpan StepOf(TimeSpan span) => TimeSpan.FromSeconds(Steps.FirstOrDefault(step => span.TotalSeconds / step <= 420, 86_400));

    /// <summary>Room above and below what is drawn.</summary>
    public static (double Low, double High) Around(IEnumerable<double> values)
    {
        var all = values.Where(double.IsFinite).ToArray();
        if (all.Length == 0)
        {
            return (0, 1);
        }

        var (low, high) = (all.Min(), all.Max());
        var room = high > low ? (high - low) * 0.08 : Math.Max(1, Math.Abs(high) * 0.1);
        return (low >= 0 && low - room < 0 ? 0 : low - room, high + room);
    }

    /// <summary>Lines of the mean: a gap of more than three steps and three intervals of the device is not drawn over.</summary>
    public IEnumerable<string> Lines(ImmutableArray<HistoryInterval> points, TimeSpan gap)
    {
        var text = new StringBuilder();
        HistoryInterval? last = null;
        foreach (var point in points)
        {
            if (last is not null && point.At - last.At > gap && text.Length > 0)
            {
                yield return text.ToString();
                text.Clear();
            }

            text.Append(CultureInfo.InvariantCulture, $"{X(point.At):0.#},{Y(point.Mean):0.#} ");
            last = point;
        }

        if (text.Length > 0)
        {
            yield return text.ToString();
        }
    }

    /// <summary>Round values for the axis.</summary>
    public IEnumerable<double> Marks()
    {
        var step = Math.Pow(10, Math.Floor(Math.Log10(High - Low)));
        step = (High - Low) / step < 2 ? step / 5 : (High - Low) / step < 5 ? step / 2 : step;
        for (var value = Math.Ceiling(Low / step) * step; value <= High; value += step)
        {
            yield return Math.Round(value, 9);
        }
    }

    /// <summary>Round times for the axis, in the district's own time.</summary>
    public IEnumerable<(DateTimeOffset At, string Text)> Times()
    {
        var hours = (To - From).TotalHours;
        var step = hours switch { <= 2 => 0.25, <= 6 => 1, <= 30 => 3, <= 80 => 12, <= 200 => 24, <= 800 => 120, _ => 720 };
        var start = Parts.Times.Local(From);
        var day = new DateTimeOffset(start.Date, start.Offset);
        for (var at = day; at < To; at = at.AddHours(step))
        {
            if (at > From)
            {
                yield return (at, at.ToString(step >= 24 || at.TimeOfDay == TimeSpan.Zero ? "MM-dd" : "HH:mm", CultureInfo.InvariantCulture));
            }
        }
    }
}

/// <summary>A stretch of one colour of a warning, for the bands above a series.</summary>
internal sealed record WarningBand(DateTimeOffset From, DateTimeOffset To, Colour Colour, bool Stands)
{
    public static IEnumerable<WarningBand> Of(TriedWarning warning, DateTimeOffset end)
    {
        var over = warning.ClearedAt ?? end;
        var changes = warning.Changes.IsEmpty ? [new TriedChange(warning.RaisedAt, warning.Colour)] : warning.Changes;
        for (var i = 0; i < changes.Length; i++)
        {
            var to = i + 1 < changes.Length ? changes[i + 1].At : over;
            if (to >= changes[i].At)
            {
                yield return new(changes[i].At, to, changes[i].Colour, warning.ClearedAt is null);
            }
        }
    }
}
