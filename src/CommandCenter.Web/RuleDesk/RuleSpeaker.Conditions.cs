using System.Text.Json.Nodes;

namespace CommandCenter.Web.RuleDesk;

/// <summary>What a condition measures, how it ends, and what several of them mean together.</summary>
public sealed partial class RuleSpeaker
{
    /// <summary>What is compared with the levels: 3 小时内降雨量合计.</summary>
    public string Measured(JsonObject condition, double? ownSpan = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var parameters = RuleJson.Object(condition, "parameters");
        var quantity = RuleJson.Quantity(condition) is { } name ? desk.Vocabulary.Quantity(name) : string.Empty;
        var text = RuleJson.Kind(condition) switch
        {
            "rate" => W($"measure.rate.{RuleJson.Text(parameters, "when") ?? "rise"}", quantity, Duration(RuleJson.Number(parameters, "periodSeconds") ?? 0)),
            "window" => Window(parameters, quantity, ownSpan),
            "stuck" => W("measure.stuck", quantity),
            "baseline" => W($"measure.baseline.{RuleJson.Text(parameters, "when") ?? "either"}", quantity, W($"by.{RuleJson.Text(parameters, "by") ?? "hour_of_week"}")),
            "count" => Counted(parameters),
            _ => RuleJson.Text(condition, "when") == "either" ? W("measure.either", quantity) : quantity,
        };
        var relative = RuleJson.Text(condition, "relative") ?? "none";
        return relative == "none" ? text : W("relative." + relative, text);
    }

    /// <summary>An expression of a composite as words: (A 且 B) 或 非 C.</summary>
    public string Expression(JsonObject? expression, int depth)
    {
        if (expression is null)
        {
            return W("expression.none");
        }

        foreach (var word in (string[])["all", "any"])
        {
            if (RuleJson.Objects(expression, word) is { Count: > 0 } parts)
            {
                var joined = string.Join(W(word == "all" ? "say.and" : "say.or"), parts.Select(part => Expression(part, depth + 1)));
                return depth > 0 && parts.Count > 1 ? W("expression.group", joined) : joined;
            }
        }

        if (RuleJson.Object(expression, "not") is { } not)
        {
            return W("expression.not", Expression(not, depth + 1));
        }

        return Leaf(expression);
    }

    private string Leaf(JsonObject leaf)
    {
        var text = RuleJson.Text(leaf, "rule") is { } rule
            ? W("expression.rule", desk.RuleName(rule), W("colour." + (RuleJson.Text(leaf, "atLeast") ?? "blue")))
            : RuleJson.Object(leaf, "condition") is { } condition ? Inner(condition) : W("expression.none");
        var extras = new List<string>();
        if (RuleJson.Number(leaf, "count") is > 1 and var count)
        {
            extras.Add(W("expression.count", RuleJson.Plain(count)));
        }

        if (RuleJson.Text(leaf, "same") is { } same)
        {
            extras.Add(W("same." + same));
        }

        if (RuleJson.Number(leaf, "withinMetres") is > 0 and var metres)
        {
            extras.Add(W("expression.metres", RuleJson.Plain(metres)));
        }

        if (RuleJson.Number(leaf, "withinMinutes") is > 0 and var minutes)
        {
            extras.Add(W("expression.minutes", RuleJson.Plain(minutes)));
        }

        return extras.Count == 0 ? text : text + W("say.extras", string.Join(W("list.comma"), extras));
    }

    /// <summary>A condition written inside a rule, by what it says rather than by its name.</summary>
    public string Inner(JsonObject condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var level = RuleJson.Levels(condition).FirstOrDefault();
        var text = level.Level is null ? string.Empty : Reached(condition, level.Level) ?? string.Empty;
        if (level.Level is not null && RuleJson.Number(level.Level, "onDelaySeconds") is > 0 and var delay)
        {
            text += W("say.hold", Duration(delay));
        }

        var kinds = RuleJson.Texts(RuleJson.Object(condition, "select"), "kinds");
        return kinds.Count == 0 ? text : $"{List(kinds.Select(desk.Vocabulary.Kind))} {text}";
    }

    private string Window(JsonObject? parameters, string quantity, double? ownSpan)
    {
        var span = Duration(ownSpan ?? RuleJson.Number(parameters, "spanSeconds") ?? 0);
        var types = RuleJson.Texts(parameters, "types");
        if (types.Count > 0)
        {
            return W("measure.window.events", span, List(types.Select(desk.Vocabulary.Event)));
        }

        var aggregate = RuleJson.Text(parameters, "aggregate") ?? "mean";
        if (aggregate == "count" && RuleJson.Number(parameters, "countValue") is { } counted)
        {
            return W("measure.window.counted", span, quantity, RuleJson.Text(parameters, "countWhen") == "below" ? "≤" : "≥", RuleJson.Plain(counted));
        }

        return W("measure.window", span, quantity, W("aggregate." + aggregate));
    }

    private string Counted(JsonObject? parameters)
    {
        var of = RuleJson.Object(parameters, "of");
        var what = RuleJson.Text(of, "rule") is { } rule
            ? W("expression.rule", desk.RuleName(rule), W("colour." + (RuleJson.Text(of, "atLeast") ?? "blue")))
            : RuleJson.Object(of, "condition") is { } condition ? Inner(condition) : W("expression.none");
        var place = W("per." + (RuleJson.Text(parameters, "per") ?? "street"));
        if (RuleJson.Number(parameters, "withinMetres") is > 0 and var metres)
        {
            place += W("say.within_metres", RuleJson.Plain(metres));
        }

        var within = RuleJson.Number(parameters, "withinMinutes") is > 0 and var minutes ? W("expression.minutes", RuleJson.Plain(minutes)) + W("list.comma") : string.Empty;
        return W("measure.count." + (RuleJson.Text(parameters, "measure") ?? "devices"), place, within + what);
    }

    /// <summary>How a warning of the rule ends.</summary>
    private string Ending(JsonObject document)
    {
        var recovered = RuleJson.Kind(document) switch
        {
            "event" => RuleJson.Number(RuleJson.Object(document, "parameters"), "endsAfterQuietSeconds") is { } quiet ? W("end.quiet", Duration(quiet)) : W("end.event"),
            "absence" => W("end.heard"),
            "composite" => W("end.composite"),
            "geofence" => RuleJson.Number(document, "deadband") is > 0 and var past ? W("end.fence_by", RuleJson.Plain(past)) : W("end.fence"),
            "baseline" or "stuck" or "count" or "rate" or "window" or "threshold" => Recovered(document),
            _ => W("end.composite"),
        };
        var off = RuleJson.Number(document, "offDelaySeconds") ?? 0;
        var text = off > 0 ? W("end.after", recovered, Duration(off)) : W("end.now", recovered);
        return RuleJson.Flag(document, "manualClear") ? text + W("end.manual") : text;
    }

    private string Recovered(JsonObject document)
    {
        if (RuleJson.Object(document, "recover") is { } recover)
        {
            var bounds = new List<string>();
            Add("below", "<");
            Add("atMost", "≤");
            Add("above", ">");
            Add("atLeast", "≥");
            return W("end.recover", string.Join(W("say.and"), bounds));

            void Add(string field, string sign)
            {
                if (RuleJson.Number(recover, field) is { } bound)
                {
                    bounds.Add($"{sign} {Value(document, bound)}");
                }
            }
        }

        if (RuleJson.Text(document, "when") == "outside" || RuleJson.Kind(document) == "stuck")
        {
            return W("end.condition");
        }

        var lowest = RuleJson.Levels(document).Select(level => RuleJson.Number(level.Level, "value")).FirstOrDefault(value => value is not null);
        return lowest is { } value ? W(IsBelow(document) ? "end.above" : "end.below", Value(document, RecoveryOf(document, value))) : W("end.condition");
    }

    /// <summary>Where a level of the value counts as recovered, by the wider of both deadbands.</summary>
    public static double RecoveryOf(JsonObject document, double value)
    {
        var band = Math.Max(RuleJson.Number(document, "deadband") ?? 0, Math.Abs(value) * (RuleJson.Number(document, "deadbandPercent") ?? 0) / 100);
        return Math.Round(IsBelow(document) ? value + band : value - band, 9);
    }

    // What the drawing of a rule writes beside its lines.

    public string RecoveryLabel(JsonObject document) => Recovered(document);

    public string OffLabel(double seconds) => W("picture.off", Duration(seconds));

    public string Held(double seconds) => W("picture.hold", Duration(seconds));

    public string EventName(string type) => desk.Vocabulary.Event(type);

    /// <summary>One line about the holds: the same for all colours, or each its own.</summary>
    internal string HoldNote(IReadOnlyList<CurveLevel> levels)
    {
        var holds = levels.Where(level => level.HoldLabel is not null).ToArray();
        if (holds.Length == 0)
        {
            return W("picture.at_once");
        }

        return holds.Length == levels.Count && holds.All(level => level.HoldLabel == holds[0].HoldLabel)
            ? W("picture.hold", holds[0].HoldLabel!)
            : string.Join(W("list.semicolon"), holds.GroupBy(level => level.HoldLabel).Select(group => W("picture.hold_of", List(group.Select(level => W("colour." + level.Word))), group.Key!)));
    }

    /// <summary>The first branches of an expression, for the drawing.</summary>
    internal IReadOnlyList<string> Branches(JsonObject? expression)
    {
        if (expression is null)
        {
            return [];
        }

        foreach (var word in (string[])["all", "any"])
        {
            if (RuleJson.Objects(expression, word) is { Count: > 0 } parts)
            {
                return [.. parts.Select((part, index) => (index == 0 ? string.Empty : W(word == "all" ? "say.and" : "say.or").Trim() + " ") + Expression(part, 1))];
            }
        }

        return [Expression(expression, 0)];
    }
}
