using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>A rule document as checked: either a rule, or what is wrong by field.</summary>
internal sealed record RuleParsed(RuleDefinition? Rule, ImmutableDictionary<string, ImmutableArray<string>> Errors);

/// <summary>Rule documents become <see cref="RuleDefinition"/> here and nowhere else. Every complaint names its field, such as <c>levels.red.value</c>.
/// What the fields mean stands in docs/rules.md.</summary>
internal static class RuleParsing
{
    private static readonly string[] TopFields =
    [
        "id", "version", "name", "kind", "enabled", "select", .. RuleConditionParsing.Fields, "also", "while", "levels", "minSamples", "offDelaySeconds",
        "manualClear", "class", "plan", "schedule", "effectiveFrom", "overrides", "basis", "unit", "calibration", "tasked", "pending", "inhibits",

        // What the answer of one rule says besides; sent back with the document they mean nothing.
        "signatures", "unsigned",
    ];

    private static readonly string[] SelectFields = ["kinds", "tags", "notTags", "areas", "devices"];
    private static readonly string[] LevelFields = ["value", "below", "above", "minConfidence", "onDelaySeconds", "incident", "tags", "minSamples", "schedule"];

    public static RuleParsed Parse(RuleId id, string document, int version)
    {
        var errors = new FieldErrors();
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

    private static RuleDefinition Read(RuleId id, JsonElement root, int version, FieldErrors errors)
    {
        JsonFields.Known(root, TopFields, string.Empty, errors);
        if (JsonFields.Find(root, "id") is { } named && (named.ValueKind != JsonValueKind.String || named.GetString() != id.Value))
        {
            errors.Add("id", $"must be {id.Value}, as in the address");
        }

        var entry = Kind(root, errors);
        var enabled = JsonFields.Bool(root, "enabled", true, string.Empty, errors);
        var built = entry?.Built ?? false;
        var kind = entry?.Kind ?? RuleKind.Threshold;
        var levels = Levels(root, entry, built, errors);
        if (built && enabled && levels.IsEmpty && !errors.Has("levels"))
        {
            errors.Add("levels", "at least one of blue, yellow, orange, red is needed");
        }

        var hasConditions = entry is { HasConditions: true };
        var own = hasConditions ? RuleConditionParsing.Own(root, entry!, levels, errors) : [];
        var also = hasConditions ? RuleConditionParsing.Also(root, levels, errors) : [];
        if (hasConditions)
        {
            InOrder(own, levels, errors);
            Alone(entry!, own, root, errors);
            Reached(own, also, levels, errors);
        }

        var rule = new RuleDefinition
        {
            Id = id,
            Version = version,
            Name = Name(root, id, errors),
            Kind = kind,
            Enabled = enabled,
            Select = Select(root, errors),
            Quantity = own.IsEmpty ? null : own[0].Quantity,
            Direction = own.IsEmpty ? RuleDirection.Above : own[0].Direction,
            Levels = levels,
            Conditions = [.. own, .. also],
            Guards = hasConditions ? RuleConditionParsing.Guards(root, errors) : [],
            MinSamples = JsonFields.Whole(root, "minSamples", entry?.MinSamples ?? 2, 1, 1000, string.Empty, errors),
            Deadband = JsonFields.Number(root, "deadband", 0, 0, double.MaxValue, string.Empty, errors),
            OffDelayMs = JsonFields.Milliseconds(root, "offDelaySeconds", string.Empty, errors),
            ManualClear = JsonFields.Bool(root, "manualClear", false, string.Empty, errors),
            Class = JsonFields.Text(root, "class", string.Empty, errors) is { } code ? new ClassCode(code) : null,
            Plan = JsonFields.Text(root, "plan", string.Empty, errors) is { } plan ? new PlanId(plan) : null,
            Schedule = RuleOverrideParsing.Schedule(root, "schedule", string.Empty, errors),
            EffectiveFromMs = EffectiveFrom(root, errors),
            Overrides = RuleOverrideParsing.Overrides(root, entry, levels, own, errors),
            Inhibits = AreaParsing.ReadInhibits(root, errors.Add),
            Unverified = JsonFields.Find(root, "calibration") is { ValueKind: JsonValueKind.String } mark && mark.GetString()!.Contains(RuleSigning.Mark, StringComparison.Ordinal),
            Canonical = string.Empty,
        };
        if (built && entry!.Feed == RuleFeed.Conditions)
        {
            rule = rule with { Area = AreaParsing.Read(id, version, kind, root, rule.Select, levels, errors.Add) };
        }
        else if (built && !hasConditions)
        {
            var parameters = ParameterValues.Read(entry!.Parameters, JsonFields.Object(root, "parameters", string.Empty, errors), "parameters.", errors);
            rule = errors.Any ? rule : entry.Apply(rule with { Parameters = parameters }, parameters);
        }

        if (entry is { Built: false } && enabled)
        {
            errors.Add("kind", $"{entry.Word} 尚未实现 (not built yet): only with \"enabled\": false");
        }

        return errors.Any ? rule : rule with { Canonical = RuleWriting.Write(rule, root, entry!) };
    }

    private static RuleKindEntry? Kind(JsonElement root, FieldErrors errors)
    {
        var word = JsonFields.Text(root, "kind", string.Empty, errors);
        var entry = word is null ? null : RuleKinds.Find(word);
        if (entry is null && !errors.Has("kind"))
        {
            errors.Add("kind", "must be one of " + string.Join(", ", RuleKinds.All.Select(known => known.Word)));
        }

        return entry;
    }

    private static Label Name(JsonElement root, RuleId id, FieldErrors errors)
    {
        if (JsonFields.Find(root, "name") is not { } name)
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

        JsonFields.Known(name, ["zh", "en"], "name.", errors);
        var zh = JsonFields.Text(name, "zh", "name.", errors);
        var en = JsonFields.Text(name, "en", "name.", errors);
        return new(zh ?? en ?? id.Value, en ?? zh ?? id.Value);
    }

    private static RuleSelect Select(JsonElement root, FieldErrors errors)
    {
        if (JsonFields.Object(root, "select", string.Empty, errors) is not { } select)
        {
            return new();
        }

        JsonFields.Known(select, SelectFields, "select.", errors);
        return new()
        {
            Kinds = JsonFields.Texts(select, "kinds", "select.", errors), Tags = JsonFields.Texts(select, "tags", "select.", errors),
            NotTags = JsonFields.Texts(select, "notTags", "select.", errors), Areas = JsonFields.Texts(select, "areas", "select.", errors),
            Devices = JsonFields.Texts(select, "devices", "select.", errors),
        };
    }

    private static ImmutableArray<RuleLevel> Levels(JsonElement root, RuleKindEntry? entry, bool built, FieldErrors errors)
    {
        if (JsonFields.Object(root, "levels", string.Empty, errors) is not { } given)
        {
            return [];
        }

        JsonFields.Known(given, ["blue", "yellow", "orange", "red"], "levels.", errors);
        var levels = ImmutableArray.CreateBuilder<RuleLevel>();
        foreach (var colour in Enum.GetValues<Colour>())
        {
            var name = RuleWords.Lower(colour);
            if (JsonFields.Find(given, name) is not { } level)
            {
                continue;
            }

            if (level.ValueKind != JsonValueKind.Object)
            {
                errors.Add("levels." + name, "must be an object");
                continue;
            }

            var path = "levels." + name + ".";
            if (built || entry is { HasConditions: true })
            {
                JsonFields.Known(level, [.. LevelFields, .. entry!.LevelParameters.Select(parameter => parameter.Name)], path, errors);
            }

            levels.Add(new()
            {
                Colour = colour,
                Value = JsonFields.Number(level, "value", entry is { ValueNeeded: false } ? 0 : double.NaN, double.MinValue, double.MaxValue, path, errors),
                MinConfidence = JsonFields.Number(level, "minConfidence", 0, 0, 1, path, errors),
                OnDelayMs = JsonFields.Milliseconds(level, "onDelaySeconds", path, errors),
                Incident = Policy(level, colour, entry, path, errors),
                Tags = JsonFields.Texts(level, "tags", path, errors),
                MinSamples = JsonFields.Find(level, "minSamples") is null ? null : JsonFields.Whole(level, "minSamples", 1, 1, 1000, path, errors),
                Schedule = RuleOverrideParsing.Schedule(level, "schedule", path, errors),
            });
        }

        return levels.ToImmutable();
    }

    private static IncidentPolicy Policy(JsonElement level, Colour colour, RuleKindEntry? entry, string path, FieldErrors errors)
    {
        var usual = entry?.Feed == RuleFeed.Silence || colour == Colour.Blue ? "never" : colour == Colour.Yellow ? "suggest" : "open";
        return JsonFields.Word(level, "incident", usual, ["never", "suggest", "open"], path, errors) switch
        {
            "open" => IncidentPolicy.Open,
            "suggest" => IncidentPolicy.Suggest,
            _ => IncidentPolicy.Never,
        };
    }

    // Graver colours lie further out, where they measure the same thing.
    private static void InOrder(ImmutableArray<RuleCondition> own, ImmutableArray<RuleLevel> levels, FieldErrors errors)
    {
        if (errors.Any)
        {
            return;
        }

        foreach (var condition in own)
        {
            var last = -1;
            for (var i = 0; i < levels.Length; i++)
            {
                if (double.IsNaN(condition.Values[i]))
                {
                    continue;
                }

                var below = condition.Direction == RuleDirection.Below;
                if (last >= 0 && RuleMeasuring.ViewOf(condition, last) == RuleMeasuring.ViewOf(condition, i)
                    && (below ? condition.Values[i] > condition.Values[last] : condition.Values[i] < condition.Values[last]))
                {
                    errors.Add($"levels.{RuleWords.Lower(levels[i].Colour)}.value", $"must be {(below ? "≤" : "≥")} that of {RuleWords.Lower(levels[last].Colour)}");
                }

                last = i;
            }
        }
    }

    // Positions and events come on clocks of their own; what else the device says is not asked together with them.
    private static void Alone(RuleKindEntry entry, ImmutableArray<RuleCondition> own, JsonElement root, FieldErrors errors)
    {
        if (entry.Feed != RuleFeed.Positions && own[0].Own is not WindowParameters { Types.IsEmpty: false })
        {
            return;
        }

        foreach (var field in (string[])["also", "while"])
        {
            if (JsonFields.Find(root, field) is not null)
            {
                errors.Add(field, "does not go with positions or events: a composite rule puts them together");
            }
        }
    }

    private static void Reached(ImmutableArray<RuleCondition> own, ImmutableArray<RuleCondition> also, ImmutableArray<RuleLevel> levels, FieldErrors errors)
    {
        for (var i = 0; i < levels.Length; i++)
        {
            var path = $"levels.{RuleWords.Lower(levels[i].Colour)}";
            if (!errors.Has(path) && own.Concat(also.Where(condition => condition.Escalates == 0)).All(condition => i >= condition.Values.Length || double.IsNaN(condition.Values[i])))
            {
                errors.Add(path + ".value", "is needed");
            }
        }
    }

    private static long? EffectiveFrom(JsonElement root, FieldErrors errors)
    {
        if (JsonFields.Text(root, "effectiveFrom", string.Empty, errors) is not { } text)
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
}
