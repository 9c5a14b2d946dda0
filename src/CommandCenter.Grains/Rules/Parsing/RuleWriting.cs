using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>The one written form of a rule: fields in a fixed order, usual values written out. Fields that are not part of every document stand only where they say something.</summary>
internal static class RuleWriting
{
    private static readonly string[] Remarks = ["unit", "basis", "calibration", "tasked", "pending", "inhibits"];

    public static string Write(RuleDefinition rule, JsonElement root, RuleKindEntry entry)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("name");
            writer.WriteString("zh", rule.Name.Zh);
            writer.WriteString("en", rule.Name.En);
            writer.WriteEndObject();
            writer.WriteString("kind", entry.Word);
            writer.WriteBoolean("enabled", rule.Enabled);
            WriteSelect(writer, rule.Select);
            WriteOwn(writer, rule, root);
            WriteLevels(writer, rule, entry);
            WriteConditions(writer, rule);
            writer.WriteNumber("minSamples", rule.MinSamples);
            writer.WriteNumber("deadband", rule.Deadband);
            WriteTuning(writer, rule.Conditions.IsEmpty ? null : rule.Conditions[0]);
            writer.WritePropertyName("offDelaySeconds");
            WriteSeconds(writer, rule.OffDelayMs);
            writer.WriteBoolean("manualClear", rule.ManualClear);
            writer.WriteString("class", rule.Class?.Value);
            writer.WriteString("plan", rule.Plan?.Value);
            WriteSchedule(writer, "schedule", rule.Schedule);
            if (rule.EffectiveFromMs is { } from)
            {
                writer.WriteString("effectiveFrom", ContractJson.Format(DateTimeOffset.FromUnixTimeMilliseconds(from)));
            }
            else
            {
                writer.WriteNull("effectiveFrom");
            }

            WriteOverrides(writer, rule);
            foreach (var remark in Remarks)
            {
                if (root.TryGetProperty(remark, out var value))
                {
                    writer.WritePropertyName(remark);
                    value.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteSelect(Utf8JsonWriter writer, RuleSelect select)
    {
        writer.WriteStartObject("select");
        WriteTexts(writer, "kinds", select.Kinds);
        WriteTexts(writer, "tags", select.Tags);
        WriteTexts(writer, "notTags", select.NotTags);
        WriteTexts(writer, "areas", select.Areas);
        WriteTexts(writer, "devices", select.Devices);
        writer.WriteEndObject();
    }

    private static void WriteOwn(Utf8JsonWriter writer, RuleDefinition rule, JsonElement root)
    {
        if (rule.Kind == RuleKind.Threshold)
        {
            writer.WriteString("quantity", rule.Quantity?.Value);
            writer.WriteString("when", IsOutside(rule) ? "outside" : RuleWords.Lower(rule.Direction));
        }
        else if (!rule.Conditions.IsEmpty)
        {
            rule.Conditions[0].Given.Write(writer, "parameters");
        }
        else if (rule.Parameters is { } parameters)
        {
            parameters.Write(writer, "parameters");
        }
        else if (root.TryGetProperty("parameters", out var raw))
        {
            writer.WritePropertyName("parameters");
            raw.WriteTo(writer);
        }
    }

    private static void WriteLevels(Utf8JsonWriter writer, RuleDefinition rule, RuleKindEntry entry)
    {
        writer.WriteStartObject("levels");
        for (var i = 0; i < rule.Levels.Length; i++)
        {
            var level = rule.Levels[i];
            writer.WriteStartObject(RuleWords.Lower(level.Colour));
            WriteLevelValue(writer, rule, entry, i);
            writer.WritePropertyName("onDelaySeconds");
            WriteSeconds(writer, level.OnDelayMs);
            writer.WriteString("incident", RuleWords.Lower(level.Incident));
            if (!level.Tags.IsEmpty)
            {
                WriteTexts(writer, "tags", level.Tags);
            }

            if (level.MinSamples is { } samples)
            {
                writer.WriteNumber("minSamples", samples);
            }

            if (level.Schedule is not null)
            {
                WriteSchedule(writer, "schedule", level.Schedule);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteLevelValue(Utf8JsonWriter writer, RuleDefinition rule, RuleKindEntry entry, int index)
    {
        if (entry.Feed == RuleFeed.Events)
        {
            writer.WriteNumber("minConfidence", rule.Levels[index].MinConfidence);
        }

        if (rule.Kind == RuleKind.Count)
        {
            WriteNumber(writer, "value", rule.Levels[index].Value);
        }

        if (rule.Conditions.IsEmpty)
        {
            return;
        }

        if (IsOutside(rule))
        {
            WriteNumber(writer, "below", rule.Conditions[0].Values[index]);
            WriteNumber(writer, "above", rule.Conditions[1].Values[index]);
            return;
        }

        WriteNumber(writer, "value", rule.Conditions[0].Values[index]);
        if (index < rule.Conditions[0].GivenByLevel.Length)
        {
            rule.Conditions[0].GivenByLevel[index].WriteGiven(writer);
        }
    }

    private static void WriteConditions(Utf8JsonWriter writer, RuleDefinition rule)
    {
        var own = IsOutside(rule) ? 2 : 1;
        if (rule.Conditions.Length > own)
        {
            writer.WriteStartArray("also");
            foreach (var condition in rule.Conditions.Skip(own))
            {
                WriteAlso(writer, rule, condition);
            }

            writer.WriteEndArray();
        }

        if (rule.Guards.IsEmpty)
        {
            return;
        }

        writer.WriteStartArray("while");
        foreach (var guard in rule.Guards)
        {
            writer.WriteStartObject();
            writer.WriteString("quantity", guard.Quantity.Value);
            writer.WriteString("when", RuleWords.Lower(guard.Direction));
            writer.WriteNumber("value", guard.Value);
            writer.WriteBoolean("strict", guard.Strict);
            writer.WritePropertyName("maxAgeSeconds");
            WriteSeconds(writer, guard.MaxAgeMs);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteAlso(Utf8JsonWriter writer, RuleDefinition rule, RuleCondition condition)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", RuleKinds.Of(condition.Kind).Word);
        if (condition.Kind == RuleKind.Threshold)
        {
            writer.WriteString("quantity", condition.Quantity?.Value);
            writer.WriteString("when", RuleWords.Lower(condition.Direction));
        }
        else
        {
            condition.Given.Write(writer, "parameters");
        }

        if (condition.Escalates > 0)
        {
            writer.WriteNumber("escalates", condition.Escalates);
            WriteNumber(writer, "value", condition.Values.IsEmpty ? double.NaN : condition.Values[0]);
        }
        else
        {
            writer.WriteStartObject("levels");
            for (var i = 0; i < rule.Levels.Length; i++)
            {
                if (!double.IsNaN(condition.Values[i]))
                {
                    writer.WriteStartObject(RuleWords.Lower(rule.Levels[i].Colour));
                    writer.WriteNumber("value", condition.Values[i]);
                    if (i < condition.GivenByLevel.Length)
                    {
                        condition.GivenByLevel[i].WriteGiven(writer);
                    }

                    writer.WriteEndObject();
                }
            }

            writer.WriteEndObject();
        }

        writer.WriteNumber("deadband", condition.Deadband);
        WriteTuning(writer, condition);
        writer.WriteEndObject();
    }

    private static void WriteTuning(Utf8JsonWriter writer, RuleCondition? condition)
    {
        if (condition is null)
        {
            return;
        }

        if (condition.DeadbandPercent > 0)
        {
            writer.WriteNumber("deadbandPercent", condition.DeadbandPercent);
        }

        if (condition.Strict)
        {
            writer.WriteBoolean("strict", true);
        }

        if (condition.Recovery is { } recovery)
        {
            writer.WriteStartObject("recover");
            WriteNumber(writer, "below", recovery.Below ?? double.NaN);
            WriteNumber(writer, "atMost", recovery.AtMost ?? double.NaN);
            WriteNumber(writer, "above", recovery.Above ?? double.NaN);
            WriteNumber(writer, "atLeast", recovery.AtLeast ?? double.NaN);
            writer.WriteEndObject();
        }

        if (condition.Relative != RelativeTo.None)
        {
            writer.WriteString("relative", RuleWords.Lower(condition.Relative));
        }

        WriteReference(writer, condition.Reference);
    }

    private static void WriteReference(Utf8JsonWriter writer, RuleReference? reference)
    {
        if (reference is null)
        {
            return;
        }

        if (reference.Values is [{ Hours: null } single])
        {
            writer.WriteNumber("reference", single.Value);
            return;
        }

        writer.WriteStartArray("reference");
        foreach (var (hours, value) in reference.Values)
        {
            writer.WriteStartObject();
            if (hours is not null)
            {
                WriteHours(writer, hours);
            }

            writer.WriteNumber("value", value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteOverrides(Utf8JsonWriter writer, RuleDefinition rule)
    {
        writer.WriteStartObject("overrides");
        foreach (var (key, own) in rule.Overrides)
        {
            writer.WriteStartObject(key);
            foreach (var (colour, value) in own.Values.OrderBy(pair => pair.Key))
            {
                writer.WriteNumber(RuleWords.Lower(colour), value);
            }

            WriteReference(writer, own.Reference);
            if (own.Deadband is { } deadband)
            {
                writer.WriteNumber("deadband", deadband);
            }

            own.Condition?.Given.Write(writer, "parameters");
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteSchedule(Utf8JsonWriter writer, string name, RuleSchedule? schedule)
    {
        if (schedule is null)
        {
            writer.WriteNull(name);
            return;
        }

        writer.WriteStartObject(name);
        WriteHours(writer, schedule);
        writer.WriteEndObject();
    }

    private static void WriteHours(Utf8JsonWriter writer, RuleSchedule schedule)
    {
        writer.WriteString("from", schedule.From.ToString("HH:mm", CultureInfo.InvariantCulture));
        writer.WriteString("to", schedule.To.ToString("HH:mm", CultureInfo.InvariantCulture));
        if (!schedule.Days.IsEmpty)
        {
            WriteTexts(writer, "days", [.. schedule.Days.Select(day => RuleWords.Lower(day)[..3])]);
        }
    }

    private static bool IsOutside(RuleDefinition rule) =>
        rule.Kind == RuleKind.Threshold && rule.Conditions.Length > 1 && rule.Conditions[0].Direction == RuleDirection.Below
        && rule.Conditions[1] is { Kind: RuleKind.Threshold, Outside: true };

    private static void WriteNumber(Utf8JsonWriter writer, string name, double value)
    {
        if (!double.IsNaN(value))
        {
            writer.WriteNumber(name, value);
        }
    }

    private static void WriteSeconds(Utf8JsonWriter writer, long? milliseconds)
    {
        if (milliseconds is { } value)
        {
            writer.WriteNumberValue(value / 1000m);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, ImmutableArray<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}
