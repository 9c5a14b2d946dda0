using System.Globalization;
using System.Text.Json.Nodes;
using CommandCenter.Web.Parts;
using Microsoft.Extensions.Localization;

namespace CommandCenter.Web.RuleDesk;

/// <summary>A shape of a schematic drawing. For a rectangle X2, Y2 are its size, for a circle X2 is its radius.</summary>
internal sealed record PictureMark(string Shape, string Class, double X, double Y, double X2 = 0, double Y2 = 0, string Text = "", string Anchor = "start");

/// <summary>Schematic drawings of the kinds that have no axis of values: events, silence, fences, expressions, and bands that are left on either side.</summary>
internal static class RuleSketch
{
    public static IReadOnlyList<PictureMark> Of(JsonObject document, RuleSpeaker speaker, IStringLocalizer words) => RuleJson.Kind(document) switch
    {
        "absence" => Absence(document, speaker, words),
        "geofence" => Fence(document, speaker, words),
        "composite" => Tree(document, speaker),
        "threshold" when RuleJson.Text(document, "when") == "outside" => Outside(document, speaker, words),
        "event" => Event(document, speaker, words),
        _ => Parts(document, speaker),
    };

    private static List<PictureMark> Event(JsonObject document, RuleSpeaker speaker, IStringLocalizer words)
    {
        var marks = new List<PictureMark> { Line("quiet-line", 16, 170, 690, 170), Note(16, 44, words["picture.warning"]) };
        var types = speaker.List(RuleJson.Texts(RuleJson.Object(document, "parameters"), "types").Select(speaker.EventName));
        marks.Add(Note(60, 206, words["picture.event"]));
        marks.Add(new("text", "strong", 60, 226, Text: types));
        foreach (var x in (double[])[70, 130, 190])
        {
            marks.Add(new("circle", "beat", x, 170, 6));
        }

        var row = 0;
        var quiet = RuleJson.Number(RuleJson.Object(document, "parameters"), "endsAfterQuietSeconds");
        var off = RuleJson.Number(document, "offDelaySeconds") ?? 0;
        foreach (var (colour, word, level) in RuleJson.Levels(document).Reverse())
        {
            var delay = RuleJson.Number(level, "onDelaySeconds") ?? 0;
            var begins = delay > 0 ? 150 : 70;
            var y = 54 + (row++ * 25);
            marks.Add(new("rect", "strip " + word, begins, y, 420 - begins, 14));
            if (delay > 0)
            {
                marks.Add(Line("hold " + word, 70, y + 7, begins, y + 7));
            }

            marks.Add(new("text", "value " + word, 436, y + 12, Text: $"{Severity.Shape(colour)} {speaker.Chip(document, word)}{(delay > 0 ? " · " + speaker.Held(delay) : string.Empty)}"));
        }

        marks.Add(Line("guide", 420, 54, 420, 170));
        marks.Add(Line("hold off", 190, 170, 420, 170));
        marks.Add(Note(305, 206, quiet is { } seconds ? words["picture.quiet", speaker.Duration(seconds)] : words["picture.end_event"], "middle"));
        if (off > 0)
        {
            marks.Add(Note(305, 226, speaker.OffLabel(off), "middle"));
        }

        return marks;
    }

    private static List<PictureMark> Absence(JsonObject document, RuleSpeaker speaker, IStringLocalizer words)
    {
        var marks = new List<PictureMark> { Line("quiet-line", 16, 170, 690, 170), Note(16, 206, words["picture.interval"]), Note(16, 44, words["picture.warning"]) };
        var multiple = RuleJson.Number(RuleJson.Object(document, "parameters"), "multiple") ?? 3;
        foreach (var x in (double[])[40, 90, 140, 190, 600, 650])
        {
            marks.Add(new("circle", "beat", x, 170, 6));
        }

        marks.Add(Line("hold", 190, 170, 360, 170));
        marks.Add(Note(275, 206, words["picture.silence", RuleJson.Plain(multiple)], "middle"));
        var row = 0;
        foreach (var (colour, word, level) in RuleJson.Levels(document).Reverse())
        {
            var delay = RuleJson.Number(level, "onDelaySeconds") ?? 0;
            var begins = delay > 0 ? 430 : 360;
            var y = 54 + (row++ * 25);
            marks.Add(new("rect", "strip " + word, begins, y, 600 - begins, 14));
            marks.Add(new("text", "value " + word, 608, y + 12, Text: $"{Severity.Shape(colour)}{(delay > 0 ? " " + speaker.Held(delay) : string.Empty)}"));
        }

        marks.Add(Line("guide", 600, 54, 600, 170));
        marks.Add(Note(600, 206, words["picture.heard"], "middle"));
        return marks;
    }

    private static List<PictureMark> Fence(JsonObject document, RuleSpeaker speaker, IStringLocalizer words)
    {
        var parameters = RuleJson.Object(document, "parameters");
        var when = RuleJson.Text(parameters, "when") ?? "inside";
        var marks = new List<PictureMark>();
        var inside = when is "inside" or "enter";
        if (parameters?["line"] is not null)
        {
            marks.Add(Line("route", 40, 190, 220, 120));
            marks.Add(Line("route", 220, 120, 420, 150));
            marks.Add(Line("trace", 60, 176, 200, 118));
            marks.Add(Line("trace", 200, 118, 330, 60));
            marks.Add(new("circle", "device hit", 330, 60, 7));
            marks.Add(Note(60, 220, words["picture.route"]));
        }
        else
        {
            marks.Add(new("rect", "fence", 130, 50, 260, 150));
            marks.Add(Line("trace", inside ? 30 : 220, inside ? 190 : 150, inside ? 250 : 460, inside ? 120 : 80));
            marks.Add(new("circle", "device hit", inside ? 250 : 460, inside ? 120 : 80, 7));
            marks.Add(Note(140, 70, words["picture.fence"]));
        }

        Levels(document, speaker, marks, 500, 150);
        return marks;
    }

    private static List<PictureMark> Outside(JsonObject document, RuleSpeaker speaker, IStringLocalizer words)
    {
        var bounds = RuleJson.Levels(document).SelectMany(level => new[] { (level.Colour, level.Word, Value: RuleJson.Number(level.Level, "below")), (level.Colour, level.Word, Value: RuleJson.Number(level.Level, "above")) })
            .Where(bound => bound.Value is not null).OrderBy(bound => bound.Value).ToArray();
        var marks = new List<PictureMark> { Line("axis", 30, 130, 690, 130) };
        if (bounds.Length == 0)
        {
            return marks;
        }

        var (low, high) = (bounds[0].Value!.Value, bounds[^1].Value!.Value);
        var span = high > low ? high - low : 1;
        for (var i = 0; i < bounds.Length; i++)
        {
            var x = 110 + ((bounds[i].Value!.Value - low) / span * 480);
            marks.Add(Line("hold " + bounds[i].Word, x, 96, x, 164));
            marks.Add(new("text", "value " + bounds[i].Word, x, i % 2 == 0 ? 86 : 184, Text: Severity.Shape(bounds[i].Colour) + " " + speaker.Value(document, bounds[i].Value!.Value), Anchor: "middle"));
        }

        marks.Add(Note(350, 214, words["picture.outside"], "middle"));
        return marks;
    }

    private static List<PictureMark> Tree(JsonObject document, RuleSpeaker speaker)
    {
        var marks = new List<PictureMark>();
        var when = RuleJson.Object(RuleJson.Object(document, "parameters"), "when");
        var gravest = RuleJson.Levels(document).LastOrDefault();
        var expression = when is not null && gravest.Word is not null && RuleJson.Object(when, gravest.Word) is { } own ? own : when;
        var parts = speaker.Branches(expression);
        var step = Math.Min(46, 210.0 / Math.Max(1, parts.Count));
        for (var i = 0; i < parts.Count; i++)
        {
            var y = 14 + (i * step);
            marks.Add(new("rect", "box", 16, y, 470, Math.Min(34, step - 6)));
            marks.Add(new("text", "strong", 28, y + (Math.Min(34, step - 6) / 2) + 5, Text: parts[i].Length > 34 ? parts[i][..33] + "…" : parts[i]));
            marks.Add(Line("arrow", 486, y + 15, 536, 110));
        }

        Levels(document, speaker, marks, 546, 116);
        return marks;
    }

    private static List<PictureMark> Parts(JsonObject document, RuleSpeaker speaker)
    {
        var marks = new List<PictureMark>();
        Levels(document, speaker, marks, 30, 130);
        return marks;
    }

    private static void Levels(JsonObject document, RuleSpeaker speaker, List<PictureMark> marks, double x, double middle)
    {
        var levels = RuleJson.Levels(document).ToArray();
        for (var i = 0; i < levels.Length; i++)
        {
            var delay = RuleJson.Number(levels[i].Level, "onDelaySeconds") ?? 0;
            marks.Add(new("text", "value " + levels[i].Word, x, middle + ((i - ((levels.Length - 1) / 2.0)) * 26),
                Text: string.Create(CultureInfo.InvariantCulture, $"{Severity.Shape(levels[i].Colour)} {speaker.Chip(document, levels[i].Word)}{(delay > 0 ? " · " + speaker.Held(delay) : string.Empty)}")));
        }
    }

    private static PictureMark Line(string style, double x, double y, double x2, double y2) => new("line", style, x, y, x2, y2);

    private static PictureMark Note(double x, double y, string text, string anchor = "start") => new("text", "note", x, y, Text: text, Anchor: anchor);
}
