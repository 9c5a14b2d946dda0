using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>Reads the conditions of a rule: its own one, those of <c>also</c>, and the guards of <c>while</c>.</summary>
internal static class RuleConditionParsing
{
    public const int AlsoMax = 8;
    public const int GuardsMax = 4;

    /// <summary>Fields of a condition that stand beside its parameters, at the top of the document or in an item of <c>also</c>.</summary>
    public static readonly string[] Fields = ["quantity", "when", "parameters", "strict", "deadband", "deadbandPercent", "recover", "relative", "reference"];

    private static readonly string[] AlsoFields = [.. Fields, "kind", "levels", "escalates", "value"];
    private static readonly string[] RecoverFields = ["below", "atMost", "above", "atLeast"];
    private static readonly string[] GuardFields = ["quantity", "when", "value", "strict", "maxAgeSeconds"];
    private static readonly string[] RelativeWords = ["none", "difference", "share", "percent", "deviation"];

    /// <summary>The rule's own condition; two for <c>"when":"outside"</c>.</summary>
    public static ImmutableArray<RuleCondition> Own(JsonElement root, RuleKindEntry entry, ImmutableArray<RuleLevel> levels, FieldErrors errors)
    {
        var given = JsonFields.Object(root, "levels", string.Empty, errors) ?? default;
        if (entry.Kind == RuleKind.Threshold && JsonFields.Find(root, "when") is { ValueKind: JsonValueKind.String } when && when.ValueEquals("outside"))
        {
            return Outside(root, entry, levels, given, errors);
        }

        var values = levels.Select(level => level.Value).ToImmutableArray();
        return [Read(root, string.Empty, entry, values, levels, colour => JsonFields.Find(given, RuleWords.Lower(colour)), "levels.", errors)];
    }

    public static ImmutableArray<RuleCondition> Also(JsonElement root, ImmutableArray<RuleLevel> levels, FieldErrors errors)
    {
        var conditions = ImmutableArray.CreateBuilder<RuleCondition>();
        foreach (var (item, path) in JsonFields.Objects(root, "also", AlsoMax, string.Empty, errors))
        {
            JsonFields.Known(item, AlsoFields, path, errors);
            var words = RuleKinds.All.Where(entry => entry.HasConditions && entry.Feed == RuleFeed.Readings).Select(entry => entry.Word).ToArray();
            var entry = RuleKinds.Find(JsonFields.Word(item, "kind", "threshold", words, path, errors) ?? "threshold")!;
            var escalates = JsonFields.Whole(item, "escalates", 0, 1, 3, path, errors);
            if (JsonFields.Object(item, "parameters", path, errors) is { } parameters && JsonFields.Find(parameters, "types") is { } types && types.ValueKind == JsonValueKind.Array && types.GetArrayLength() > 0)
            {
                errors.Add(path + "parameters.types", "events cannot be counted beside other conditions: a composite rule puts them together");
            }

            conditions.Add(escalates > 0 ? Escalating(item, path, entry, escalates, levels, errors) : Reaching(item, path, entry, levels, errors));
        }

        return conditions.ToImmutable();
    }

    public static ImmutableArray<RuleGuard> Guards(JsonElement root, FieldErrors errors)
    {
        var guards = ImmutableArray.CreateBuilder<RuleGuard>();
        foreach (var (item, path) in JsonFields.Objects(root, "while", GuardsMax, string.Empty, errors))
        {
            JsonFields.Known(item, GuardFields, path, errors);
            var quantity = JsonFields.Quantity(item, "quantity", needed: true, path, errors);
            var below = JsonFields.Word(item, "when", "above", ["above", "below"], path, errors) == "below";
            if (JsonFields.Find(item, "value") is null)
            {
                errors.Add(path + "value", "is needed");
            }

            var age = JsonFields.Number(item, "maxAgeSeconds", 1, JsonFields.SecondsMax, path, errors);
            guards.Add(new(
                quantity ?? default, below ? RuleDirection.Below : RuleDirection.Above, JsonFields.Number(item, "value", 0, double.MinValue, double.MaxValue, path, errors),
                JsonFields.Bool(item, "strict", false, path, errors), age is { } seconds ? (long)(seconds * 1000) : null));
        }

        return guards.ToImmutable();
    }

    /// <summary>The condition with some of its parameters replaced, for one device.</summary>
    public static RuleCondition? WithParameters(
        RuleCondition condition, JsonElement replaced, string path, RuleKindEntry entry, ImmutableArray<RuleLevel> levels, FieldErrors errors)
    {
        if (entry.Parameters.IsEmpty)
        {
            errors.Add(path.TrimEnd('.'), $"a {entry.Word} rule has no parameters");
            return null;
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            condition.Given.Write(writer, "parameters");
            writer.WriteEndObject();
        }

        using var before = JsonDocument.Parse(stream.ToArray());
        var merged = before.RootElement.GetProperty("parameters").EnumerateObject().ToDictionary(property => property.Name, property => property.Value);
        foreach (var property in replaced.EnumerateObject())
        {
            merged[property.Name] = property.Value;
        }

        var values = ParameterValues.Read(entry.Parameters, JsonSerializer.SerializeToElement(merged), path, errors);
        return WithOwn(condition with { Given = values, Quantity = values.Quantity("quantity") }, entry, path, errors);
    }

    private static RuleCondition Reaching(JsonElement item, string path, RuleKindEntry entry, ImmutableArray<RuleLevel> levels, FieldErrors errors)
    {
        var given = JsonFields.Object(item, "levels", path, errors) ?? default;
        if (given.ValueKind != JsonValueKind.Object && !errors.Has(path + "levels"))
        {
            errors.Add(path + "levels", "is needed: the value at each colour, or escalates and value");
        }
        else if (given.ValueKind == JsonValueKind.Object)
        {
            JsonFields.Known(given, levels.Select(level => RuleWords.Lower(level.Colour)), path + "levels.", errors);
        }

        if (JsonFields.Find(item, "value") is not null)
        {
            errors.Add(path + "value", "goes with escalates only; a colour has its value in levels");
        }

        var values = levels.Select(level => Value(given, level.Colour, path + "levels.", entry, errors)).ToImmutableArray();
        return Read(item, path, entry, values, levels, colour => JsonFields.Find(given, RuleWords.Lower(colour)), path + "levels.", errors);
    }

    private static RuleCondition Escalating(JsonElement item, string path, RuleKindEntry entry, int by, ImmutableArray<RuleLevel> levels, FieldErrors errors)
    {
        if (JsonFields.Find(item, "levels") is not null)
        {
            errors.Add(path + "levels", "does not go with escalates: that has one value");
        }

        if (JsonFields.Find(item, "value") is null)
        {
            errors.Add(path + "value", "is needed: from there on the colour counts higher");
        }

        var value = JsonFields.Number(item, "value", 0, double.MinValue, double.MaxValue, path, errors);
        return Read(item, path, entry, [.. levels.Select(_ => value)], levels, _ => null, path, errors) with { Escalates = by };
    }

    // A colour is a number, or an object of a number and the kind's own parameters for it.
    private static double Value(JsonElement levels, Colour colour, string path, RuleKindEntry entry, FieldErrors errors)
    {
        var name = RuleWords.Lower(colour);
        if (JsonFields.Find(levels, name) is not { } level)
        {
            return double.NaN;
        }

        if (level.ValueKind != JsonValueKind.Object)
        {
            return JsonFields.Number(level, double.MinValue, double.MaxValue, path + name, errors) ?? double.NaN;
        }

        JsonFields.Known(level, [.. entry.LevelParameters.Select(parameter => parameter.Name), "value"], path + name + ".", errors);
        if (JsonFields.Find(level, "value") is null)
        {
            errors.Add(path + name + ".value", "is needed");
        }

        return JsonFields.Number(level, "value", double.NaN, double.MinValue, double.MaxValue, path + name + ".", errors);
    }

    private static ImmutableArray<RuleCondition> Outside(
        JsonElement root, RuleKindEntry entry, ImmutableArray<RuleLevel> levels, JsonElement given, FieldErrors errors)
    {
        var below = levels.Select(level => Bound(level, "below")).ToImmutableArray();
        var above = levels.Select(level => Bound(level, "above")).ToImmutableArray();
        for (var i = 0; i < levels.Length; i++)
        {
            var path = "levels." + RuleWords.Lower(levels[i].Colour);
            if (double.IsNaN(below[i]) && double.IsNaN(above[i]))
            {
                errors.Add(path, "needs below, above or both, because when is outside");
            }
            else if (below[i] >= above[i])
            {
                errors.Add(path + ".below", "must be less than above");
            }
        }

        var one = Read(root, string.Empty, entry, below, levels, _ => null, "levels.", errors) with { Direction = RuleDirection.Below, StateKey = "below" };
        return [one, one with { Direction = RuleDirection.Above, Values = above, Outside = true, StateKey = "above" }];

        double Bound(RuleLevel level, string side)
        {
            var name = RuleWords.Lower(level.Colour);
            return JsonFields.Find(given, name) is { ValueKind: JsonValueKind.Object } own
                ? JsonFields.Number(own, side, double.NaN, double.MinValue, double.MaxValue, $"levels.{name}.", errors) : double.NaN;
        }
    }

    private static RuleCondition Read(
        JsonElement element, string path, RuleKindEntry entry, ImmutableArray<double> values, ImmutableArray<RuleLevel> levels,
        Func<Colour, JsonElement?> levelOf, string levelPath, FieldErrors errors)
    {
        var threshold = entry.Kind == RuleKind.Threshold;
        var parameters = JsonFields.Object(element, "parameters", path, errors);
        if (!threshold && JsonFields.Find(parameters ?? default, "quantity") is null && JsonFields.Find(element, "quantity") is not null)
        {
            errors.Add(path + "quantity", "belongs into parameters for this kind");
        }
        else if (threshold && parameters is { } extras)
        {
            JsonFields.Known(extras, [], path + "parameters.", errors);
        }

        var given = threshold ? ParameterValues.Empty : ParameterValues.Read(entry.Parameters, parameters, path + "parameters.", errors);
        var byLevel = entry.LevelParameters.IsEmpty ? [] : levels.Select(level =>
            ParameterValues.Read(entry.LevelParameters, Only(levelOf(level.Colour), entry.LevelParameters), $"{levelPath}{RuleWords.Lower(level.Colour)}.", errors)).ToImmutableArray();
        var condition = new RuleCondition
        {
            Kind = entry.Kind,
            Quantity = threshold ? JsonFields.Quantity(element, "quantity", needed: true, path, errors) : given.Quantity("quantity"),
            Strict = JsonFields.Bool(element, "strict", false, path, errors),
            Deadband = JsonFields.Number(element, "deadband", 0, 0, double.MaxValue, path, errors),
            DeadbandPercent = JsonFields.Number(element, "deadbandPercent", 0, 0, 100, path, errors),
            Recovery = Recovery(element, path, errors),
            Relative = Relative(element, path, errors),
            Reference = RuleOverrideParsing.Reference(element, path, errors),
            Values = values,
            Given = given,
            GivenByLevel = byLevel,
        };
        if (threshold)
        {
            string[] words = path.Length == 0 ? ["above", "below", "either", "outside"] : ["above", "below", "either"];
            var when = JsonFields.Word(element, "when", "above", words, path, errors);
            condition = condition with { Direction = when == "below" ? RuleDirection.Below : when == "either" ? RuleDirection.Either : RuleDirection.Above };
            if (when == "either" && condition.Relative is not (RelativeTo.Difference or RelativeTo.Deviation) && !errors.Has(path + "when"))
            {
                errors.Add(path + "when", "either needs relative: difference or deviation");
            }
        }
        else if (JsonFields.Find(element, "when") is not null)
        {
            errors.Add(path + "when", "belongs into parameters for this kind");
        }

        return WithOwn(condition, entry, path + "parameters.", errors);
    }

    private static RuleCondition WithOwn(RuleCondition condition, RuleKindEntry entry, string path, FieldErrors errors)
    {
        // A kind's own record is only read from parameters that are right by themselves.
        var own = errors.Any ? null : entry.Read?.Invoke(new(condition.Given, condition.GivenByLevel, path, errors));
        return condition with
        {
            Own = own,
            Direction = own is null ? condition.Direction : entry.DirectionOf(own),
            StateKey = Key(condition, entry),
        };
    }

    private static string Key(RuleCondition condition, RuleKindEntry entry)
    {
        if (entry.Kind == RuleKind.Threshold)
        {
            return $"{condition.Quantity?.Value} {condition.Direction}";
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            condition.Given.Write(writer, entry.Word);
            for (var i = 0; i < condition.GivenByLevel.Length; i++)
            {
                condition.GivenByLevel[i].Write(writer, i.ToString(CultureInfo.InvariantCulture));
            }

            writer.WriteEndObject();
        }

        // Short, for it is stored with every device; a fence may have thousands of points.
        return entry.Word + " " + Convert.ToHexStringLower(SHA256.HashData(stream.ToArray()).AsSpan(0, 8));
    }

    // A level object also holds the fields of every kind; only the kind's own ones are its parameters.
    private static JsonElement? Only(JsonElement? level, ImmutableArray<RuleParameter> parameters) =>
        level is { ValueKind: JsonValueKind.Object } given
            ? JsonSerializer.SerializeToElement(given.EnumerateObject().Where(property => parameters.Any(parameter => parameter.Name == property.Name)).ToDictionary(property => property.Name, property => property.Value))
            : null;

    private static RelativeTo Relative(JsonElement element, string path, FieldErrors errors) =>
        JsonFields.Word(element, "relative", "none", RelativeWords, path, errors) switch
        {
            "difference" => RelativeTo.Difference,
            "share" => RelativeTo.Share,
            "percent" => RelativeTo.Percent,
            "deviation" => RelativeTo.Deviation,
            _ => RelativeTo.None,
        };

    private static RuleRecovery? Recovery(JsonElement element, string path, FieldErrors errors)
    {
        if (JsonFields.Object(element, "recover", path, errors) is not { } recover)
        {
            return null;
        }

        path += "recover.";
        JsonFields.Known(recover, RecoverFields, path, errors);
        var recovery = new RuleRecovery(Bound("below"), Bound("atMost"), Bound("above"), Bound("atLeast"));
        if (recovery == new RuleRecovery(null, null, null, null))
        {
            errors.Add(path.TrimEnd('.'), "needs one of " + string.Join(", ", RecoverFields));
        }

        return recovery;

        double? Bound(string field) => JsonFields.Number(recover, field, double.MinValue, double.MaxValue, path, errors);
    }
}
