using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Texts;
using Microsoft.Extensions.Localization;

namespace CommandCenter.Web.RuleDesk;

/// <summary>One field that differs between two versions: where, what it was, what it is. Null: not there.</summary>
public sealed record RuleDifference(string Field, string Where, string? Before, string? After);

/// <summary>Compares two rule documents field by field and says each difference in words. What means the same is no difference.</summary>
internal sealed class RuleDiff(RuleSpeaker speaker, RuleDeskContext desk, IStringLocalizer words)
{
    private static readonly string[] Ignored = ["id", "version"];

    // Documents write some usual values out and leave others away; the same meaning is not a change.
    private static readonly Dictionary<string, string> Usual = new(StringComparer.Ordinal)
    {
        ["deadband"] = "0", ["deadbandPercent"] = "0", ["offDelaySeconds"] = "0", ["manualClear"] = "false", ["enabled"] = "true", ["strict"] = "false", ["relative"] = "\"none\"", ["onDelaySeconds"] = "0",
        ["minConfidence"] = "0", ["escalates"] = "0", ["count"] = "1",
    };

    public IReadOnlyList<RuleDifference> Between(JsonObject before, JsonObject after)
    {
        var found = new List<RuleDifference>();
        Walk(before, after, string.Empty, [], found, before, after);
        return found;
    }

    private void Walk(JsonObject? before, JsonObject? after, string path, string[] trail, List<RuleDifference> found, JsonObject oldRule, JsonObject newRule)
    {
        var names = (after ?? []).Select(pair => pair.Key).Union((before ?? []).Select(pair => pair.Key)).Where(name => path.Length > 0 || !Ignored.Contains(name));
        foreach (var name in names.ToArray())
        {
            var (one, two) = (before?[name], after?[name]);
            if (IsSame(name, one, two))
            {
                continue;
            }

            var field = path.Length == 0 ? name : $"{path}.{name}";
            string[] here = [.. trail, name];
            if (Whole(field))
            {
                found.Add(new(field, Where(here), SayWhole(field, one, oldRule), SayWhole(field, two, newRule)));
            }
            else if (one is JsonObject or null && two is JsonObject or null && (one is JsonObject || two is JsonObject))
            {
                var count = found.Count;
                Walk(one as JsonObject, two as JsonObject, field, here, found, oldRule, newRule);
                if (found.Count == count && (one is null) != (two is null) && (trail is ["levels"] || path == "overrides"))
                {
                    found.Add(new(field, Where(here), one is null ? null : words["diff.there"].Value, two is null ? null : words["diff.there"].Value));
                }
            }
            else if (one is JsonArray || two is JsonArray)
            {
                WalkList(one as JsonArray, two as JsonArray, one, two, field, here, found, oldRule, newRule);
            }
            else
            {
                found.Add(new(field, Where(here), Say(here, one, oldRule), Say(here, two, newRule)));
            }
        }
    }

    private void WalkList(JsonArray? before, JsonArray? after, JsonNode? one, JsonNode? two, string field, string[] here, List<RuleDifference> found, JsonObject oldRule, JsonObject newRule)
    {
        if (!(before ?? after)!.All(item => item is JsonObject))
        {
            found.Add(new(field, Where(here), one is null ? null : Say(here, one, oldRule), two is null ? null : Say(here, two, newRule)));
            return;
        }

        for (var i = 0; i < Math.Max(before?.Count ?? 0, after?.Count ?? 0); i++)
        {
            var (old, next) = (i < (before?.Count ?? 0) ? before![i] as JsonObject : null, i < (after?.Count ?? 0) ? after![i] as JsonObject : null);
            if (!JsonNode.DeepEquals(old, next))
            {
                Walk(old, next, $"{field}[{i}]", [.. here[..^1], $"{here[^1]}[{i}]"], found, oldRule, newRule);
            }
        }
    }

    /// <summary>Parts that only make sense as a whole are said as one sentence.</summary>
    private static bool Whole(string field) => field is "parameters.when" or "parameters.of" or "inhibits" or "schedule" || field.EndsWith(".schedule", StringComparison.Ordinal) || field is "parameters.polygon" or "parameters.line" or "parameters.circle";

    private string? SayWhole(string field, JsonNode? node, JsonObject rule)
    {
        if (node is null)
        {
            return null;
        }

        if (field is "schedule" || field.EndsWith(".schedule", StringComparison.Ordinal))
        {
            return speaker.Hours(node as JsonObject);
        }

        if (field == "inhibits")
        {
            return speaker.Inhibiting(rule);
        }

        if (field == "parameters.of")
        {
            return speaker.Expression(node as JsonObject, 0);
        }

        if (field == "parameters.when")
        {
            return node is JsonObject when ? when.Any(part => RuleJson.Colours.Contains(part.Key))
                ? string.Join(" / ", when.Select(part => $"{words["colour." + part.Key]}: {speaker.Expression(part.Value as JsonObject, 0)}")) : speaker.Expression(when, 0) : words[$"when.{RuleJson.Kind(rule)}.{node}"];
        }

        return node is JsonArray points ? words["fence.points", points.Count] : speaker.Measured(rule);
    }

    private string Where(string[] trail)
    {
        var parts = new List<string>();
        for (var i = 0; i < trail.Length; i++)
        {
            var name = trail[i];
            var bracket = name.IndexOf('[', StringComparison.Ordinal);
            var number = bracket > 0 ? " " + (int.Parse(name.AsSpan(bracket + 1, name.Length - bracket - 2), System.Globalization.CultureInfo.InvariantCulture) + 1).ToString(System.Globalization.CultureInfo.InvariantCulture) : string.Empty;
            name = bracket > 0 ? name[..bracket] : name;
            if (name is "levels" or "parameters" or "select" && number.Length == 0 && i < trail.Length - 1)
            {
                continue;
            }

            if (i > 0 && trail[i - 1] == "overrides")
            {
                parts.Add(name.StartsWith("tag:", StringComparison.Ordinal) ? words["override.tag", name[4..]] : name);
                continue;
            }

            var text = RuleJson.Colours.Contains(name) ? words["colour." + name] : i > 0 && words[$"field.{trail[i - 1]}.{name}"] is { ResourceNotFound: false } own ? own : words["field." + name];
            parts.Add((text.ResourceNotFound ? name : text.Value) + number);
        }

        return string.Join(" · ", parts);
    }

    private string? Say(string[] trail, JsonNode? node, JsonObject rule)
    {
        var name = trail[^1];
        switch (node)
        {
            case null:
                return null;
            case JsonArray list:
                var texts = list.OfType<JsonValue>().Select(item => Name(name, item.ToString())).ToArray();
                return texts.Length == 0 ? words["diff.none"] : speaker.List(texts);
            case JsonValue value when value.TryGetValue<bool>(out var flag):
                return words[flag ? "diff.yes" : "diff.no"];
            case JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.Number:
                var number = System.Text.Json.JsonSerializer.Deserialize<double>(value.ToJsonString());
                return name.EndsWith("Seconds", StringComparison.Ordinal) ? speaker.Duration(number)
                    : name is "value" or "below" or "above" or "deadband" or "atMost" or "atLeast" && trail[0] != "also" || (trail[0] == "overrides" && RuleJson.Colours.Contains(name)) ? speaker.Value(rule, number) : RuleJson.Plain(number);
            default:
                return Name(name, node.ToString());
        }
    }

    private string Name(string field, string text) => field switch
    {
        "kinds" => desk.Vocabulary.Kind(text),
        "types" => desk.Vocabulary.Event(text),
        "areas" or "area" => desk.AreaName(text),
        "quantity" => desk.Vocabulary.Quantity(text),
        "class" => $"{text} {desk.Vocabulary.Class(text)}",
        "plan" => desk.PlanName(text),
        "incident" => words["incident." + text],
        "kind" => words["kind." + text],
        "relative" => words["relative_to." + text],
        "aggregate" => words["aggregate." + text],
        "per" => words["per." + text],
        "when" => words["when.threshold." + text] is { ResourceNotFound: false } side ? side : text,
        "effectiveFrom" => DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var at) ? Parts.Times.Local(at).ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture) : text,
        _ => text,
    };

    private static bool IsSame(string name, JsonNode? before, JsonNode? after)
    {
        if (JsonNode.DeepEquals(before, after))
        {
            return true;
        }

        if (before is null || after is null)
        {
            var there = (before ?? after)!;
            return there is JsonArray { Count: 0 } or JsonObject { Count: 0 } || (Usual.TryGetValue(name, out var usual) && there.ToJsonString() == usual);
        }

        return before is JsonValue one && after is JsonValue two && one.GetValueKind() == System.Text.Json.JsonValueKind.Number && two.GetValueKind() == System.Text.Json.JsonValueKind.Number
            && System.Text.Json.JsonSerializer.Deserialize<double>(one.ToJsonString()).Equals(System.Text.Json.JsonSerializer.Deserialize<double>(two.ToJsonString()));
    }
}
