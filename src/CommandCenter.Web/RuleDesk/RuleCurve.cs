using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.RuleDesk;

/// <summary>The pretended course of a measured value through the levels of a rule, in the units of the drawing.</summary>
internal sealed record RuleCurve
{
    private const double HoldWidth = 44;
    private const double Step = 62;

    public required bool Below { get; init; }
    public required string Points { get; init; }
    public required IReadOnlyList<CurveLevel> Levels { get; init; }
    public required IReadOnlyList<(double From, double To, string Word)> Strip { get; init; }
    public (double Top, double Bottom, double Recovery, double LabelY)? Band { get; init; }
    public string? RecoveryLabel { get; init; }
    public double RecoveredX { get; init; }
    public double RecoveredY { get; init; }
    public double EndX { get; init; }
    public string? OffLabel { get; init; }
    public string HoldNote { get; init; } = string.Empty;

    /// <summary>Null for kinds that measure no value, and where no level has one.</summary>
    public static RuleCurve? Of(JsonObject document, RuleSpeaker speaker, double left, double right, double top, double bottom)
    {
        var levels = RuleJson.Levels(document).Select(level => (level.Colour, level.Word, level.Level, Value: RuleJson.Number(level.Level, "value")))
            .Where(level => level.Value is not null).ToArray();
        if (!(RuleSchema.Measures(RuleJson.Kind(document)) || RuleJson.Kind(document) == "count") || levels.Length == 0 || RuleJson.Text(document, "when") == "outside")
        {
            return null;
        }

        var below = RuleSpeaker.IsBelow(document);
        var values = levels.Select(level => level.Value!.Value).ToArray();
        var recovery = Recovery(document, values[0], below);
        var (low, high) = (Math.Min(values.Min(), recovery), Math.Max(values.Max(), recovery));
        var span = high > low ? high - low : Math.Max(1, Math.Abs(high));
        low -= span * (below ? 0.18 : 0.35);
        high += span * (below ? 0.35 : 0.18);

        // Values that lie close are spread so that each can be read; the order stays true.
        double Y(double value) => bottom - ((value - low) / (high - low) * (bottom - top));
        var ys = Spread([.. values.Select(Y)], below, top, bottom);

        var points = new List<(double X, double Y)>();
        var start = below ? top + 6 : bottom - 6;
        points.Add((left, start));
        var x = left + 46;
        points.Add((x, start));
        var placed = new List<CurveLevel>();
        for (var i = 0; i < levels.Length; i++)
        {
            x += Step * 0.55;
            points.Add((x, ys[i]));
            var delay = RuleJson.Number(levels[i].Level, "onDelaySeconds") ?? 0;
            placed.Add(new(levels[i].Colour, levels[i].Word, ys[i], x, x + (delay > 0 ? HoldWidth : 0), speaker.Chip(document, levels[i].Word), delay > 0 ? speaker.Duration(delay) : null));
            x += Step * 0.45;
        }

        var beyond = below ? Math.Min(bottom, ys[^1] + 12) : Math.Max(top, ys[^1] - 12);
        points.Add((x, beyond));
        x += 40;
        points.Add((x, beyond));
        var recoveryY = Math.Clamp(Y(recovery), top, bottom);
        recoveryY = below ? Math.Min(recoveryY, ys[0] - 8) : Math.Max(recoveryY, ys[0] + 8);
        x += 46;
        points.Add((x, recoveryY));
        var recoveredX = x;
        var off = RuleJson.Number(document, "offDelaySeconds") ?? 0;
        var endX = recoveredX + (off > 0 ? HoldWidth + 10 : 0);
        points.Add((x + 26, start));
        points.Add((right, start));
        return new()
        {
            Below = below, Points = Text(points), Levels = placed, Strip = Bands(placed, endX), Band = (Math.Min(ys[0], recoveryY), Math.Max(ys[0], recoveryY), recoveryY, below ? Math.Min(recoveryY, ys[0] - 17) : Math.Max(recoveryY, ys[0] + 17)),
            RecoveryLabel = speaker.RecoveryLabel(document), RecoveredX = recoveredX, RecoveredY = recoveryY, EndX = endX, OffLabel = off > 0 ? speaker.OffLabel(off) : null,
            HoldNote = speaker.HoldNote(placed),
        };
    }

    private static double Recovery(JsonObject document, double lowest, bool below)
    {
        if (RuleJson.Object(document, "recover") is { } recover)
        {
            var bound = below ? RuleJson.Number(recover, "above") ?? RuleJson.Number(recover, "atLeast") : RuleJson.Number(recover, "below") ?? RuleJson.Number(recover, "atMost");
            if (bound is { } fixedAt)
            {
                return fixedAt;
            }
        }

        return RuleSpeaker.RecoveryOf(document, lowest);
    }

    private static double[] Spread(double[] ys, bool below, double top, double bottom)
    {
        const double Least = 19;
        var sign = below ? 1 : -1;
        for (var i = 1; i < ys.Length; i++)
        {
            if ((ys[i] - ys[i - 1]) * sign < Least)
            {
                ys[i] = ys[i - 1] + (sign * Least);
            }
        }

        var over = below ? ys[^1] - (bottom - 14) : top + 14 - ys[^1];
        return over <= 0 ? ys : [.. ys.Select(y => y - (sign * over))];
    }

    private static List<(double, double, string)> Bands(List<CurveLevel> levels, double endX)
    {
        var strip = new List<(double, double, string)>();
        for (var i = 0; i < levels.Count; i++)
        {
            var to = i + 1 < levels.Count ? Math.Max(levels[i].RaisedX, levels[i + 1].RaisedX) : endX;
            if (to > levels[i].RaisedX)
            {
                strip.Add((levels[i].RaisedX, to, levels[i].Word));
            }
        }

        return strip;
    }

    private static string Text(List<(double X, double Y)> points)
    {
        var text = new StringBuilder();
        foreach (var (x, y) in points)
        {
            text.Append(CultureInfo.InvariantCulture, $"{x:0.#},{y:0.#} ");
        }

        return text.ToString();
    }
}

/// <summary>One level in the drawing: where the curve crosses it, and where the warning is raised after its hold.</summary>
internal sealed record CurveLevel(Colour Colour, string Word, double Y, double X, double RaisedX, string Label, string? HoldLabel);
