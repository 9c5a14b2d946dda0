using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>Reads schedules, reference values and what differs by device.</summary>
internal static class RuleOverrideParsing
{
    private static readonly string[] DayWords = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    public static RuleSchedule? Schedule(JsonElement element, string field, string path, FieldErrors errors)
    {
        if (JsonFields.Object(element, field, path, errors) is not { } schedule)
        {
            return null;
        }

        path = path + field + ".";
        JsonFields.Known(schedule, ["from", "to", "days"], path, errors);
        return Hours(schedule, path, needed: JsonFields.Find(schedule, "days") is null, errors);
    }

    /// <summary>A number, or a list of numbers by the hours of the day.</summary>
    public static RuleReference? Reference(JsonElement element, string path, FieldErrors errors)
    {
        if (JsonFields.Find(element, "reference") is not { } given)
        {
            return null;
        }

        if (given.ValueKind != JsonValueKind.Array)
        {
            return JsonFields.Number(given, double.MinValue, double.MaxValue, path + "reference", errors) is { } value ? new RuleReference([(null, value)]) : null;
        }

        var values = ImmutableArray.CreateBuilder<(RuleSchedule?, double)>();
        foreach (var (item, place) in JsonFields.Objects(element, "reference", 24, path, errors))
        {
            JsonFields.Known(item, ["from", "to", "days", "value"], place, errors);
            if (JsonFields.Find(item, "value") is null)
            {
                errors.Add(place + "value", "is needed");
            }

            values.Add((Hours(item, place, needed: false, errors), JsonFields.Number(item, "value", 0, double.MinValue, double.MaxValue, place, errors)));
        }

        return new(values.ToImmutable());
    }

    public static ImmutableSortedDictionary<string, RuleOverride> Overrides(
        JsonElement root, RuleKindEntry? entry, ImmutableArray<RuleLevel> levels, ImmutableArray<RuleCondition> conditions, FieldErrors errors)
    {
        var overrides = ImmutableSortedDictionary.CreateBuilder<string, RuleOverride>(StringComparer.Ordinal);
        if (JsonFields.Object(root, "overrides", string.Empty, errors) is { } given)
        {
            foreach (var device in given.EnumerateObject())
            {
                var path = "overrides." + device.Name;
                if (device.Value.ValueKind != JsonValueKind.Object)
                {
                    errors.Add(path, "must be an object of colour and value");
                    continue;
                }

                overrides[device.Name] = Override(device.Value, path + ".", entry, levels, conditions, errors);
            }
        }

        return overrides.ToImmutable();
    }

    private static RuleOverride Override(
        JsonElement given, string path, RuleKindEntry? entry, ImmutableArray<RuleLevel> levels, ImmutableArray<RuleCondition> conditions, FieldErrors errors)
    {
        var values = ImmutableDictionary.CreateBuilder<Colour, double>();
        var result = new RuleOverride();
        foreach (var own in given.EnumerateObject())
        {
            switch (own.Name)
            {
                case "reference":
                    result = result with { Reference = Reference(given, path, errors) };
                    break;
                case "deadband":
                    result = result with { Deadband = JsonFields.Number(given, "deadband", 0, double.MaxValue, path, errors) };
                    break;
                case "parameters" when JsonFields.Object(given, "parameters", path, errors) is { } parameters && entry is not null && !conditions.IsEmpty:
                    result = result with { Condition = RuleConditionParsing.WithParameters(conditions[0], parameters, path + "parameters.", entry, levels, errors) };
                    break;
                default:
                    var level = levels.FirstOrDefault(known => RuleWords.Lower(known.Colour) == own.Name);
                    if (level is null)
                    {
                        errors.Add(path + own.Name, "is neither a level of the rule nor reference, deadband or parameters");
                    }
                    else if (JsonFields.Number(own.Value, double.MinValue, double.MaxValue, path + own.Name, errors) is { } value)
                    {
                        values[level.Colour] = value;
                    }

                    break;
            }
        }

        return result with { Values = values.ToImmutable() };
    }

    private static RuleSchedule? Hours(JsonElement element, string path, bool needed, FieldErrors errors)
    {
        var days = ImmutableArray.CreateBuilder<DayOfWeek>();
        foreach (var word in JsonFields.Texts(element, "days", path, errors))
        {
            var index = Array.IndexOf(DayWords, word);
            if (index < 0)
            {
                errors.Add(path + "days", "must be of " + string.Join(", ", DayWords));
            }

            days.Add((DayOfWeek)((index + 1) % 7));
        }

        var bounded = needed || JsonFields.Find(element, "from") is not null || JsonFields.Find(element, "to") is not null;
        if (!bounded)
        {
            return days.Count == 0 ? null : new(TimeOnly.MinValue, TimeOnly.MinValue) { Days = days.ToImmutable() };
        }

        var from = Time(element, "from", path, errors);
        var to = Time(element, "to", path, errors);
        return from is { } start && to is { } end ? new(start, end) { Days = days.ToImmutable() } : null;
    }

    private static TimeOnly? Time(JsonElement schedule, string field, string path, FieldErrors errors)
    {
        if (TimeOnly.TryParseExact(JsonFields.Text(schedule, field, path, errors), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time;
        }

        errors.Add(path + field, "must be a time such as 22:00");
        return null;
    }
}
