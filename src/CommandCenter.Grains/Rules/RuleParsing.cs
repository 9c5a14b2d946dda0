using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>A rule document as checked: either a rule, or what is wrong by field.</summary>
internal sealed record RuleParsed(RuleDefinition? Rule, ImmutableDictionary<string, ImmutableArray<string>> Errors);

/// <summary>Rule documents become <see cref="RuleDefinition"/> here and nowhere else. Every complaint names its field, such as <c>levels.red.value</c>.</summary>
internal static class RuleParsing
{
    private const long DelayMaxSeconds = 31 * 86_400;

    private static readonly string[] TopFields =
    [
        "id", "version", "name", "kind", "enabled", "select", "quantity", "when", "parameters", "levels", "minSamples", "deadband", "offDelaySeconds",
        "manualClear", "class", "plan", "schedule", "effectiveFrom", "overrides", "basis", "unit", "calibration", "pending",
    ];

    private static readonly string[] SelectFields = ["kinds", "tags", "notTags", "areas", "devices"];
    private static readonly string[] LevelFields = ["value", "minConfidence", "onDelaySeconds", "incident", "tags", "minSamples"];

    public static RuleParsed Parse(RuleId id, string document, int version)
    {
        var errors = new Errors();
        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(document);
        }
        catch (JsonException failure)
        {
            errors.Add("document", "不是有效的 JSON: " + failure.Message);
            return new(null, errors.ToImmutable());
        }

        using (json)
        {
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                errors.Add("document", "must be an object");
                return new(null, errors.ToImmutable());
            }

            var rule = Read(id, json.RootElement, version, errors);
            return errors.Any ? new(null, errors.ToImmutable()) : new(rule, ImmutableDictionary<string, ImmutableArray<string>>.Empty);
        }
    }

    /// <summary>The document as stored and answered: its one written form with the version in it.</summary>
    public static string WithVersion(RuleDefinition rule) =>
        "{\"id\":" + JsonSerializer.Serialize(rule.Id.Value) + ",\"version\":" + rule.Version.ToString(CultureInfo.InvariantCulture) + "," + rule.Canonical[1..];

    private static RuleDefinition Read(RuleId id, JsonElement root, int version, Errors errors)
    {
        Known(root, TopFields, string.Empty, errors);
        if (root.TryGetProperty("id", out var named) && named.ValueKind != JsonValueKind.Null && (named.ValueKind != JsonValueKind.String || named.GetString() != id.Value))
        {
            errors.Add("id", $"must be {id.Value}, as in the address");
        }

        var entry = Kind(root, errors);
        var enabled = Bool(root, "enabled", true, "enabled", errors);
        var built = entry?.Built ?? false;
        if (entry is { Built: false } && enabled)
        {
            errors.Add("kind", $"{entry.Word} 尚未实现 (not built yet): only with \"enabled\": false");
        }

        var kind = entry?.Kind ?? RuleKind.Threshold;
        var parameters = Object(root, "parameters", errors);
        var direction = Word(root, "when", "above", ["above", "below"], "when", errors) == "below" ? RuleDirection.Below : RuleDirection.Above;
        var quantity = Quantity(root, kind == RuleKind.Threshold && entry is not null, errors);
        var levels = Levels(root, kind, built, errors);
        if (built && enabled && levels.IsEmpty && !errors.Has("levels"))
        {
            errors.Add("levels", "at least one of blue, yellow, orange, red is needed");
        }

        if (kind == RuleKind.Threshold && built)
        {
            InOrder(levels, direction, errors);
        }

        var rule = new RuleDefinition
        {
            Id = id,
            Version = version,
            Name = Name(root, id, errors),
            Kind = kind,
            Enabled = enabled,
            Select = Select(root, errors),
            Quantity = quantity,
            Direction = direction,
            Levels = levels,
            MinSamples = (int)Number(root, "minSamples", kind == RuleKind.Event ? 1 : 2, 1, 1000, "minSamples", errors),
            Deadband = Number(root, "deadband", 0, 0, double.MaxValue, "deadband", errors),
            OffDelayMs = Milliseconds(root, "offDelaySeconds", "offDelaySeconds", errors),
            ManualClear = Bool(root, "manualClear", false, "manualClear", errors),
            Class = Text(root, "class", "class", errors) is { } code ? new ClassCode(code) : null,
            Plan = Text(root, "plan", "plan", errors) is { } plan ? new PlanId(plan) : null,
            Schedule = Schedule(root, errors),
            EffectiveFromMs = EffectiveFrom(root, errors),
            Overrides = Overrides(root, levels, errors),
            EventTypes = kind == RuleKind.Event && built ? EventTypes(parameters, errors) : [],
            QuietMs = kind == RuleKind.Event && built ? Quiet(parameters, errors) : null,
            Multiple = kind == RuleKind.Absence && parameters is { } given ? Number(given, "multiple", 3, 1, 1000, "parameters.multiple", errors) : 3,
            Canonical = string.Empty,
        };
        if (built && parameters is { } extras)
        {
            Known(extras, kind == RuleKind.Event ? ["types", "endsAfterQuietSeconds"] : kind == RuleKind.Absence ? ["multiple"] : [], "parameters.", errors);
        }

        return rule with { Canonical = Write(rule, root, entry?.Word ?? "threshold") };
    }

    private static string Write(RuleDefinition rule, JsonElement root, string kind)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("name");
            writer.WriteString("zh", rule.Name.Zh);
            writer.WriteString("en", rule.Name.En);
            writer.WriteEndObject();
            writer.WriteString("kind", kind);
            writer.WriteBoolean("enabled", rule.Enabled);
            writer.WriteStartObject("select");
            WriteTexts(writer, "kinds", rule.Select.Kinds);
            WriteTexts(writer, "tags", rule.Select.Tags);
            WriteTexts(writer, "notTags", rule.Select.NotTags);
            WriteTexts(writer, "areas", rule.Select.Areas);
            WriteTexts(writer, "devices", rule.Select.Devices);
            writer.WriteEndObject();
            if (rule.Kind == RuleKind.Threshold)
            {
                writer.WriteString("quantity", rule.Quantity?.Value);
                writer.WriteString("when", rule.Direction == RuleDirection.Above ? "above" : "below");
            }
            else if (rule.Kind == RuleKind.Event)
            {
                writer.WriteStartObject("parameters");
                WriteTexts(writer, "types", rule.EventTypes);
                writer.WritePropertyName("endsAfterQuietSeconds");
                WriteSeconds(writer, rule.QuietMs);
                writer.WriteEndObject();
            }
            else if (rule.Kind == RuleKind.Absence)
            {
                writer.WriteStartObject("parameters");
                writer.WriteNumber("multiple", rule.Multiple);
                writer.WriteEndObject();
            }
            else if (root.TryGetProperty("parameters", out var parameters))
            {
                writer.WritePropertyName("parameters");
                parameters.WriteTo(writer);
            }

            WriteLevels(writer, rule);
            writer.WriteNumber("minSamples", rule.MinSamples);
            writer.WriteNumber("deadband", rule.Deadband);
            writer.WritePropertyName("offDelaySeconds");
            WriteSeconds(writer, rule.OffDelayMs);
            writer.WriteBoolean("manualClear", rule.ManualClear);
            writer.WriteString("class", rule.Class?.Value);
            writer.WriteString("plan", rule.Plan?.Value);
            if (rule.Schedule is { } schedule)
            {
                writer.WriteStartObject("schedule");
                writer.WriteString("from", schedule.From.ToString("HH:mm", CultureInfo.InvariantCulture));
                writer.WriteString("to", schedule.To.ToString("HH:mm", CultureInfo.InvariantCulture));
                writer.WriteEndObject();
            }
            else
            {
                writer.WriteNull("schedule");
            }

            if (rule.EffectiveFromMs is { } from)
            {
                writer.WriteString("effectiveFrom", ContractJson.Format(DateTimeOffset.FromUnixTimeMilliseconds(from)));
            }
            else
            {
                writer.WriteNull("effectiveFrom");
            }

            writer.WriteStartObject("overrides");
            foreach (var (device, values) in rule.Overrides.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                writer.WriteStartObject(device);
                foreach (var (colour, value) in values.OrderBy(pair => pair.Key))
                {
                    writer.WriteNumber(Lower(colour), value);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            foreach (var remark in (string[])["unit", "basis", "calibration", "pending"])
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

    private static void WriteLevels(Utf8JsonWriter writer, RuleDefinition rule)
    {
        writer.WriteStartObject("levels");
        foreach (var level in rule.Levels)
        {
            writer.WriteStartObject(Lower(level.Colour));
            if (rule.Kind == RuleKind.Threshold)
            {
                writer.WriteNumber("value", level.Value);
            }
            else if (rule.Kind == RuleKind.Event)
            {
                writer.WriteNumber("minConfidence", level.MinConfidence);
            }

            writer.WritePropertyName("onDelaySeconds");
            WriteSeconds(writer, level.OnDelayMs);
            writer.WriteString("incident", Lower(level.Incident));
            if (!level.Tags.IsEmpty)
            {
                WriteTexts(writer, "tags", level.Tags);
            }

            if (level.MinSamples is { } samples)
            {
                writer.WriteNumber("minSamples", samples);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
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

    private static string Lower<T>(T word)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString());

    private static RuleKindEntry? Kind(JsonElement root, Errors errors)
    {
        var word = Text(root, "kind", "kind", errors);
        var entry = word is null ? null : RuleKinds.Find(word);
        if (entry is null && !errors.Has("kind"))
        {
            errors.Add("kind", "must be one of " + string.Join(", ", RuleKinds.All.Select(known => known.Word)));
        }

        return entry;
    }

    private static QuantityId? Quantity(JsonElement root, bool needed, Errors errors)
    {
        var text = Text(root, "quantity", "quantity", errors);
        if (text is null)
        {
            if (needed && !errors.Has("quantity"))
            {
                errors.Add("quantity", "is needed for a threshold");
            }

            return null;
        }

        if (QuantityKinds.Find(new(text)) is null)
        {
            errors.Add("quantity", $"{text} is not in the vocabulary");
        }

        return new(text);
    }

    private static Label Name(JsonElement root, RuleId id, Errors errors)
    {
        if (!root.TryGetProperty("name", out var name) || name.ValueKind == JsonValueKind.Null)
        {
            return new(id.Value, id.Value);
        }

        if (name.ValueKind == JsonValueKind.String)
        {
            return new(name.GetString()!, name.GetString()!);
        }

        if (name.ValueKind != JsonValueKind.Object)
        {
            errors.Add("name", "must be {\"zh\",\"en\"}");
            return new(id.Value, id.Value);
        }

        Known(name, ["zh", "en"], "name.", errors);
        var zh = Text(name, "zh", "name.zh", errors);
        var en = Text(name, "en", "name.en", errors);
        return new(zh ?? en ?? id.Value, en ?? zh ?? id.Value);
    }

    private static RuleSelect Select(JsonElement root, Errors errors)
    {
        if (Object(root, "select", errors) is not { } select)
        {
            return new();
        }

        Known(select, SelectFields, "select.", errors);
        return new()
        {
            Kinds = Texts(select, "kinds", "select.kinds", errors), Tags = Texts(select, "tags", "select.tags", errors),
            NotTags = Texts(select, "notTags", "select.notTags", errors), Areas = Texts(select, "areas", "select.areas", errors),
            Devices = Texts(select, "devices", "select.devices", errors),
        };
    }

    private static ImmutableArray<RuleLevel> Levels(JsonElement root, RuleKind kind, bool built, Errors errors)
    {
        if (Object(root, "levels", errors) is not { } given)
        {
            return [];
        }

        Known(given, ["blue", "yellow", "orange", "red"], "levels.", errors);
        var levels = ImmutableArray.CreateBuilder<RuleLevel>();
        foreach (var colour in Enum.GetValues<Colour>())
        {
            var name = Lower(colour);
            var path = "levels." + name;
            if (!given.TryGetProperty(name, out var level) || level.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (level.ValueKind != JsonValueKind.Object)
            {
                errors.Add(path, "must be an object");
                continue;
            }

            if (built)
            {
                Known(level, LevelFields, path + ".", errors);
            }

            if (kind == RuleKind.Threshold && built && (!level.TryGetProperty("value", out var number) || number.ValueKind == JsonValueKind.Null))
            {
                errors.Add(path + ".value", "is needed");
            }

            levels.Add(new()
            {
                Colour = colour,
                Value = Number(level, "value", 0, double.MinValue, double.MaxValue, path + ".value", errors),
                MinConfidence = Number(level, "minConfidence", 0, 0, 1, path + ".minConfidence", errors),
                OnDelayMs = Milliseconds(level, "onDelaySeconds", path + ".onDelaySeconds", errors),
                Incident = Policy(level, colour, kind, path + ".incident", errors),
                Tags = Texts(level, "tags", path + ".tags", errors),
                MinSamples = level.TryGetProperty("minSamples", out var samples) && samples.ValueKind != JsonValueKind.Null
                    ? (int)Number(level, "minSamples", 1, 1, 1000, path + ".minSamples", errors) : null,
            });
        }

        return levels.ToImmutable();
    }

    private static IncidentPolicy Policy(JsonElement level, Colour colour, RuleKind kind, string path, Errors errors)
    {
        var usual = kind == RuleKind.Absence || colour == Colour.Blue ? "never" : colour == Colour.Yellow ? "suggest" : "open";
        return Word(level, "incident", usual, ["never", "suggest", "open"], path, errors) switch
        {
            "open" => IncidentPolicy.Open,
            "suggest" => IncidentPolicy.Suggest,
            _ => IncidentPolicy.Never,
        };
    }

    private static void InOrder(ImmutableArray<RuleLevel> levels, RuleDirection direction, Errors errors)
    {
        for (var i = 1; i < levels.Length; i++)
        {
            var wrong = direction == RuleDirection.Above ? levels[i].Value < levels[i - 1].Value : levels[i].Value > levels[i - 1].Value;
            if (wrong && !errors.Any)
            {
                errors.Add($"levels.{Lower(levels[i].Colour)}.value", $"must be {(direction == RuleDirection.Above ? "≥" : "≤")} that of {Lower(levels[i - 1].Colour)}");
            }
        }
    }

    private static RuleSchedule? Schedule(JsonElement root, Errors errors)
    {
        if (Object(root, "schedule", errors) is not { } schedule)
        {
            return null;
        }

        Known(schedule, ["from", "to"], "schedule.", errors);
        return Time(schedule, "from", errors) is { } from && Time(schedule, "to", errors) is { } to ? new(from, to) : null;
    }

    private static TimeOnly? Time(JsonElement schedule, string field, Errors errors)
    {
        if (TimeOnly.TryParseExact(Text(schedule, field, "schedule." + field, errors), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time;
        }

        errors.Add("schedule." + field, "must be a time such as 22:00");
        return null;
    }

    private static long? EffectiveFrom(JsonElement root, Errors errors)
    {
        if (Text(root, "effectiveFrom", "effectiveFrom", errors) is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var from))
        {
            return from.ToUnixTimeMilliseconds();
        }

        errors.Add("effectiveFrom", "must be an RFC 3339 time");
        return null;
    }

    private static ImmutableDictionary<string, ImmutableDictionary<Colour, double>> Overrides(JsonElement root, ImmutableArray<RuleLevel> levels, Errors errors)
    {
        var overrides = ImmutableDictionary.CreateBuilder<string, ImmutableDictionary<Colour, double>>(StringComparer.Ordinal);
        if (Object(root, "overrides", errors) is { } given)
        {
            foreach (var device in given.EnumerateObject())
            {
                var path = "overrides." + device.Name;
                if (device.Value.ValueKind != JsonValueKind.Object)
                {
                    errors.Add(path, "must be an object of colour and value");
                    continue;
                }

                var values = ImmutableDictionary.CreateBuilder<Colour, double>();
                foreach (var own in device.Value.EnumerateObject())
                {
                    var level = levels.FirstOrDefault(known => Lower(known.Colour) == own.Name);
                    if (level is null)
                    {
                        errors.Add($"{path}.{own.Name}", "is not a level of the rule");
                    }
                    else if (own.Value.ValueKind != JsonValueKind.Number)
                    {
                        errors.Add($"{path}.{own.Name}", "must be a number");
                    }
                    else
                    {
                        values[level.Colour] = own.Value.GetDouble();
                    }
                }

                overrides[device.Name] = values.ToImmutable();
            }
        }

        return overrides.ToImmutable();
    }

    private static ImmutableArray<string> EventTypes(JsonElement? parameters, Errors errors)
    {
        var types = parameters is { } given ? Texts(given, "types", "parameters.types", errors) : [];
        if (types.IsEmpty && !errors.Has("parameters.types"))
        {
            errors.Add("parameters.types", "at least one event type is needed");
        }

        return types;
    }

    private static long? Quiet(JsonElement? parameters, Errors errors) =>
        parameters is { } given && given.TryGetProperty("endsAfterQuietSeconds", out var quiet) && quiet.ValueKind != JsonValueKind.Null
            ? (long)(Number(given, "endsAfterQuietSeconds", 0, 1, DelayMaxSeconds, "parameters.endsAfterQuietSeconds", errors) * 1000) : null;

    private static void Known(JsonElement element, string[] fields, string path, Errors errors)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (!fields.Contains(property.Name))
            {
                errors.Add(path + property.Name, "unknown field");
            }
        }
    }

    private static JsonElement? Object(JsonElement element, string field, Errors errors)
    {
        if (!element.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return value;
        }

        errors.Add(field, "must be an object");
        return null;
    }

    private static string? Text(JsonElement element, string field, string path, Errors errors)
    {
        if (!element.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 500 } text)
        {
            return text;
        }

        errors.Add(path, "must be a text of 1 to 500 characters");
        return null;
    }

    private static ImmutableArray<string> Texts(JsonElement element, string field, string path, Errors errors)
    {
        if (!element.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            errors.Add(path, "must be a list of texts");
            return [];
        }

        return [.. value.EnumerateArray().Select(item => item.GetString()!)];
    }

    private static bool Bool(JsonElement element, string field, bool usual, string path, Errors errors)
    {
        if (!element.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return usual;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        errors.Add(path, "must be true or false");
        return usual;
    }

    private static string? Word(JsonElement element, string field, string? usual, string[] words, string path, Errors errors)
    {
        if (!element.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            if (usual is null)
            {
                errors.Add(path, "must be one of " + string.Join(", ", words));
            }

            return usual;
        }

        if (value.ValueKind == JsonValueKind.String && words.Contains(value.GetString()))
        {
            return value.GetString();
        }

        errors.Add(path, "must be one of " + string.Join(", ", words));
        return usual;
    }

    private static double Number(JsonElement element, string field, double usual, double min, double max, string path, Errors errors)
    {
        if (!element.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return usual;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number) || !double.IsFinite(number))
        {
            errors.Add(path, "must be a number");
            return usual;
        }

        if (number < min || number > max)
        {
            errors.Add(path, $"must be from {min.ToString(CultureInfo.InvariantCulture)} to {max.ToString(CultureInfo.InvariantCulture)}");
            return usual;
        }

        return number;
    }

    private static long Milliseconds(JsonElement element, string field, string path, Errors errors) =>
        (long)Math.Round(Number(element, field, 0, 0, DelayMaxSeconds, path, errors) * 1000);

    private sealed class Errors
    {
        private readonly Dictionary<string, List<string>> _byField = new(StringComparer.Ordinal);

        public bool Any => _byField.Count > 0;

        public bool Has(string field) => _byField.ContainsKey(field);

        public void Add(string field, string message)
        {
            if (!_byField.TryGetValue(field, out var messages))
            {
                _byField[field] = messages = [];
            }

            messages.Add(message);
        }

        public ImmutableDictionary<string, ImmutableArray<string>> ToImmutable() =>
            _byField.ToImmutableDictionary(pair => pair.Key, pair => pair.Value.ToImmutableArray(), StringComparer.Ordinal);
    }
}
