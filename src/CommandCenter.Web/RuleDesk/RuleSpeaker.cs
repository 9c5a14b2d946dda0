using System.Globalization;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Parts;
using CommandCenter.Web.Texts;
using Microsoft.Extensions.Localization;

namespace CommandCenter.Web.RuleDesk;

/// <summary>One sentence about a rule; with a colour when it says how that colour is reached.</summary>
public sealed record RuleSentence(Colour? Colour, string Text);

/// <summary>Says a rule document in plain sentences of the screen's language, so that nobody has to read JSON. What the rule does not say is not said.</summary>
public sealed partial class RuleSpeaker(IStringLocalizer<RuleWords> words, RuleDeskContext desk)
{
    private string W(string key, params object[] values) => words[key, values];

    public static string Colour(IStringLocalizer words, string colour)
    {
        ArgumentNullException.ThrowIfNull(words);
        return words["colour." + colour];
    }

    /// <summary>How each colour is reached, gravest last, then what else counts, and how it ends.</summary>
    public IReadOnlyList<RuleSentence> Say(JsonObject document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var sentences = new List<RuleSentence>();
        foreach (var (colour, word, level) in RuleJson.Levels(document))
        {
            sentences.Add(new(colour, LevelSentence(document, word, level)));
        }

        foreach (var text in Also(document).Concat(Guards(document)))
        {
            sentences.Add(new(null, text));
        }

        sentences.Add(new(null, Ending(document)));
        if (Inhibiting(document) is { } held)
        {
            sentences.Add(new(null, held));
        }

        return sentences;
    }

    /// <summary>300 s → 5 分钟; what does not divide stays in the smaller unit.</summary>
    public string Duration(double seconds) => seconds switch
    {
        >= 86_400 when seconds % 86_400 == 0 => W("duration.days", RuleJson.Plain(seconds / 86_400)),
        >= 3600 when seconds % 3600 == 0 => W("duration.hours", RuleJson.Plain(seconds / 3600)),
        > 60 when seconds % 60 == 0 => W("duration.minutes", RuleJson.Plain(seconds / 60)),
        _ => W("duration.seconds", RuleJson.Plain(seconds)),
    };

    /// <summary>A value with the unit of what the condition measures; seconds of sameness as a duration.</summary>
    public string Value(JsonObject condition, double value)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return RuleJson.Kind(condition) == "stuck" ? Duration(value) : $"{RuleJson.Plain(value)}{Spaced(Unit(condition))}";
    }

    /// <summary>The sign of the unit in which the levels of the condition are given.</summary>
    public string Unit(JsonObject condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var parameters = RuleJson.Object(condition, "parameters");
        var relative = RuleJson.Text(condition, "relative") ?? "none";
        if (relative is "percent" or "deviation")
        {
            return "%";
        }

        var quantity = RuleJson.Quantity(condition) is { } name && desk.Vocabulary.Units.TryGetValue(name, out var unit) ? Quantities.UnitSign(unit) : string.Empty;
        return RuleJson.Kind(condition) switch
        {
            _ when relative == "share" => string.Empty,
            "rate" => RuleJson.Flag(parameters, "percent") ? "%" : quantity,
            "window" => RuleJson.Text(parameters, "aggregate") == "count" ? W("unit.times") : quantity,
            "stuck" => W("unit.seconds"),
            "baseline" => RuleJson.Text(parameters, "measure") == "sigma" ? "σ" : "%",
            "geofence" => W("unit.metres"),
            "count" => RuleJson.Text(parameters, "measure") switch { "percent" => "%", "streets" => W("unit.streets"), _ => W("unit.devices") },
            "event" or "absence" or "composite" => string.Empty,
            _ => quantity,
        };
    }

    /// <summary>A level as short as a chip of the list: ≥ 150 mm.</summary>
    public string Chip(JsonObject document, string colour)
    {
        ArgumentNullException.ThrowIfNull(document);
        var level = RuleJson.Object(RuleJson.Object(document, "levels"), colour);
        switch (RuleJson.Kind(document))
        {
            case "event":
                return RuleJson.Number(level, "minConfidence") is > 0 and var sure ? W("chip.confidence", RuleJson.Plain(sure * 100)) : W("chip.event");
            case "absence":
                return W("chip.absence", RuleJson.Plain(RuleJson.Number(RuleJson.Object(document, "parameters"), "multiple") ?? 3));
            case "composite":
                return W("chip.composite");
            case "geofence" when RuleJson.Number(level, "value") is null or 0:
                return W("chip.geofence");
        }

        if (RuleJson.Number(level, "below") is { } low)
        {
            return RuleJson.Number(level, "above") is { } top ? $"< {RuleJson.Plain(low)} / > {Value(document, top)}" : $"{Sign(document, below: true)} {Value(document, low)}";
        }

        if (RuleJson.Number(level, "above") is { } high)
        {
            return $"{Sign(document, below: false)} {Value(document, high)}";
        }

        if (RuleJson.Number(level, "value") is { } value)
        {
            return $"{Sign(document, IsBelow(document))} {Value(document, value)}";
        }

        // A colour that only another condition reaches shows that one.
        foreach (var other in RuleJson.Objects(document, "also"))
        {
            if (AlsoValue(other, colour) is { } also)
            {
                return $"{Sign(other, IsBelow(other))} {Value(other, also)}";
            }
        }

        return "—";
    }

    public string Hours(JsonObject? schedule)
    {
        if (schedule is null)
        {
            return W("hours.always");
        }

        var (from, to) = (RuleJson.Text(schedule, "from"), RuleJson.Text(schedule, "to"));
        var days = string.Join(W("list.comma"), RuleJson.Texts(schedule, "days").Select(day => W("day." + day)));
        var hours = from is null || from == to ? W("hours.all_day") : W("hours.span", from, to ?? from);
        return days.Length == 0 ? hours : $"{days} {hours}";
    }

    /// <summary>Which devices are judged.</summary>
    public string Select(JsonObject document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var select = RuleJson.Object(document, "select");
        var parts = new List<string>();
        Add("kinds", "select.kinds", desk.Vocabulary.Kind);
        Add("tags", "select.tags", tag => tag);
        Add("notTags", "select.not_tags", tag => tag);
        Add("areas", "select.areas", desk.AreaName);
        Add("devices", "select.devices", id => id);
        return parts.Count == 0 ? W("select.all") : string.Join(W("list.semicolon"), parts);

        void Add(string field, string key, Func<string, string> name)
        {
            var texts = RuleJson.Texts(select, field);
            if (texts.Count > 0)
            {
                parts.Add(W(key, List(texts.Select(name))));
            }
        }
    }

    /// <summary>Every value joined as a list of the language.</summary>
    public string List(IEnumerable<string> texts) => string.Join(W("list.comma"), texts);

    public static bool IsBelow(JsonObject condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return (RuleJson.Kind(condition) == "threshold" ? RuleJson.Text(condition, "when") : RuleJson.Kind(condition) == "window" ? RuleJson.Text(RuleJson.Object(condition, "parameters"), "when") : null) == "below";
    }

    public static double? AlsoValue(JsonObject also, string colour)
    {
        ArgumentNullException.ThrowIfNull(also);
        var levels = RuleJson.Object(also, "levels");
        return RuleJson.Number(levels, colour) ?? RuleJson.Number(RuleJson.Object(levels, colour), "value");
    }

    private static string Spaced(string unit) => unit.Length == 0 ? string.Empty : unit is "%" or "°" ? " " + unit : " " + unit;

    private static string Sign(JsonObject condition, bool below) => RuleJson.Flag(condition, "strict") ? below ? "<" : ">" : below ? "≤" : "≥";

    private string LevelSentence(JsonObject document, string colour, JsonObject level)
    {
        var conditions = new List<string>();
        if (Reached(document, level) is { } own)
        {
            conditions.Add(own);
        }

        foreach (var other in RuleJson.Objects(document, "also"))
        {
            if (RuleJson.Number(other, "escalates") is null && AlsoValue(other, colour) is { } value)
            {
                var span = RuleJson.Number(RuleJson.Object(RuleJson.Object(other, "levels"), colour), "spanSeconds");
                conditions.Add($"{Measured(other, span)} {Sign(other, IsBelow(other))} {Value(other, value)}");
            }
        }

        var text = string.Join(W("say.or"), conditions);
        var delay = RuleJson.Number(level, "onDelaySeconds") ?? 0;
        if (delay > 0)
        {
            text += W(RuleJson.Kind(document) == "geofence" ? "say.stay" : "say.hold", Duration(delay));
        }

        var extras = new List<string>();
        if (RuleJson.Texts(level, "tags") is { Count: > 0 } tags)
        {
            extras.Add(W("say.level_tags", List(tags)));
        }

        if (RuleJson.Number(level, "minSamples") is { } samples)
        {
            extras.Add(W("say.samples", RuleJson.Plain(samples)));
        }

        if (RuleJson.Object(level, "schedule") is { } hours)
        {
            extras.Add(W("say.level_hours", Hours(hours)));
        }

        if (extras.Count > 0)
        {
            text += W("say.extras", string.Join(W("list.semicolon"), extras));
        }

        return W("say.level", text, W("colour." + colour), W("incident." + (RuleJson.Text(level, "incident") ?? UsualIncident(RuleJson.Kind(document), colour))));
    }

    /// <summary>What happens to incidents when the document does not say.</summary>
    public static string UsualIncident(string kind, string colour) => kind == "absence" || colour == "blue" ? "never" : colour == "yellow" ? "suggest" : "open";

    private string? Reached(JsonObject document, JsonObject level)
    {
        var kind = RuleJson.Kind(document);
        var parameters = RuleJson.Object(document, "parameters");
        switch (kind)
        {
            case "event":
                var types = List(RuleJson.Texts(parameters, "types").Select(desk.Vocabulary.Event));
                return RuleJson.Number(level, "minConfidence") is > 0 and var sure ? W("say.event_sure", types, RuleJson.Plain(sure * 100)) : W("say.event", types);
            case "absence":
                return W("say.absence", RuleJson.Plain(RuleJson.Number(parameters, "multiple") ?? 3));
            case "composite":
                return W("say.composite", W("per." + (RuleJson.Text(parameters, "per") ?? "street")), Expression(WhenOf(parameters, document, level), 0));
            case "geofence":
                var by = RuleJson.Number(level, "value") ?? 0;
                return Fence(parameters) + (by > 0 ? W("say.beyond", Value(document, by)) : string.Empty);
        }

        if (RuleJson.Text(document, "when") == "outside")
        {
            var sides = new List<string>();
            if (RuleJson.Number(level, "below") is { } low)
            {
                sides.Add($"{Measured(document)} {Sign(document, true)} {Value(document, low)}");
            }

            if (RuleJson.Number(level, "above") is { } high)
            {
                sides.Add($"{Measured(document)} {Sign(document, false)} {Value(document, high)}");
            }

            return sides.Count == 0 ? null : string.Join(W("say.or"), sides);
        }

        return RuleJson.Number(level, "value") is { } value
            ? $"{Measured(document, RuleJson.Number(level, "spanSeconds"))} {Sign(document, IsBelow(document))} {Value(document, value)}"
            : null;
    }

    private static JsonObject? WhenOf(JsonObject? parameters, JsonObject document, JsonObject level)
    {
        var when = RuleJson.Object(parameters, "when");
        var colour = RuleJson.Levels(document).FirstOrDefault(one => ReferenceEquals(one.Level, level)).Word;
        return when is not null && colour is not null && RuleJson.Object(when, colour) is { } own ? own : when;
    }

    private string Fence(JsonObject? parameters)
    {
        var where = RuleJson.Text(parameters, "area") is { } area ? desk.AreaName(area)
            : RuleJson.Object(parameters, "circle") is { } circle ? W("fence.circle", RuleJson.Plain(RuleJson.Number(circle, "radiusM") ?? 0))
            : parameters?["line"] is JsonArray line ? W("fence.line", line.Count) : parameters?["polygon"] is JsonArray polygon ? W("fence.polygon", polygon.Count) : W("fence.none");
        var text = W("fence." + (RuleJson.Text(parameters, "when") ?? "inside"), where);
        if (RuleJson.Number(parameters, "minSpeedKmh") is { } least)
        {
            text += W("fence.min_speed", RuleJson.Plain(least));
        }

        return RuleJson.Number(parameters, "maxSpeedKmh") is { } most ? text + W("fence.max_speed", RuleJson.Plain(most)) : text;
    }

    private IEnumerable<string> Also(JsonObject document) => RuleJson.Objects(document, "also")
        .Where(other => RuleJson.Number(other, "escalates") is not null)
        .Select(other => W("say.escalates", $"{Measured(other)} {Sign(other, IsBelow(other))} {Value(other, RuleJson.Number(other, "value") ?? 0)}", RuleJson.Plain(RuleJson.Number(other, "escalates") ?? 1)));

    private IEnumerable<string> Guards(JsonObject document)
    {
        var guards = RuleJson.Objects(document, "while");
        if (guards.Count > 0)
        {
            yield return W("say.while", string.Join(W("say.and"), guards.Select(Guard)));
        }
    }

    private string Guard(JsonObject guard)
    {
        var below = RuleJson.Text(guard, "when") == "below";
        var quantity = RuleJson.Text(guard, "quantity") ?? string.Empty;
        var unit = desk.Vocabulary.Units.TryGetValue(quantity, out var code) ? Quantities.UnitSign(code) : string.Empty;
        var text = $"{desk.Vocabulary.Quantity(quantity)} {Sign(guard, below)} {RuleJson.Plain(RuleJson.Number(guard, "value") ?? 0)}{Spaced(unit)}";
        return RuleJson.Number(guard, "maxAgeSeconds") is { } age ? text + W("say.max_age", Duration(age)) : text;
    }

    /// <summary>Which other warnings the rule holds back; null: none.</summary>
    public string? Inhibiting(JsonObject document)
    {
        var holds = RuleJson.Objects(document, "inhibits");
        if (holds.Count == 0 && RuleJson.Object(document, "inhibits") is { } single)
        {
            holds = [single];
        }

        return holds.Count == 0 ? null : string.Join(" ", holds.Select(hold =>
        {
            var what = RuleJson.Texts(hold, "rules").Select(desk.RuleName).Concat(RuleJson.Texts(hold, "kinds").Select(desk.Vocabulary.Kind));
            var metres = RuleJson.Number(hold, "withinMetres");
            return W("say.inhibits", W("same." + (RuleJson.Text(hold, "same") ?? "subject")) + (metres is > 0 ? W("say.within_metres", RuleJson.Plain(metres.Value)) : string.Empty), List(what));
        }));
    }

}
