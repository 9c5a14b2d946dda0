using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>Which thresholds a rule has, and who answers for them. A threshold is what is measured and from where on; its hold, incident policy and plan are not part of it,
/// except in kinds whose colours have no value, where the hold is all there is.</summary>
internal static class RuleSigning
{
    public const string Mark = "待校核";
    public const int BasisMin = 4;
    public const int BasisMax = 1_000;

    private const int SaidMax = 400;
    private static readonly string[] NotOfTheValue = ["onDelaySeconds", "incident", "tags", "minSamples", "schedule"];
    private static readonly string[] Measured = ["kind", "quantity", "when", "parameters", "strict", "relative"];

    /// <summary>Every threshold of the rule in the order of its document, with the signatures that still fit.</summary>
    public static ImmutableArray<RuleThreshold> Thresholds(RuleDefinition rule, ImmutableArray<RuleSignature> signatures)
    {
        var found = ImmutableArray.CreateBuilder<RuleThreshold>();
        using var document = JsonDocument.Parse(rule.Canonical);
        var root = document.RootElement;
        AddCondition(found, root, string.Empty, rule.Kind is RuleKind.Event or RuleKind.Absence or RuleKind.Composite);
        if (root.TryGetProperty("reference", out var reference))
        {
            found.Add(One("reference", null, null, Said(root, "reference", reference)));
        }

        AddItems(found, root, "also", (item, path) => AddAlso(found, item, path));
        AddItems(found, root, "while", (item, path) => found.Add(One(path, null, NumberOf(item, "value"), item.GetRawText())));
        foreach (var own in root.GetProperty("overrides").EnumerateObject())
        {
            foreach (var differs in own.Value.EnumerateObject().Where(differs => differs.Name != "deadband"))
            {
                var path = $"overrides.{own.Name}.{differs.Name}";
                found.Add(One(path, ColourOf(differs.Name), differs.Value.ValueKind == JsonValueKind.Number ? differs.Value.GetDouble() : null, Said(root, differs.Name, differs.Value)));
            }
        }

        return [.. found.Select(threshold => threshold with
        {
            Signature = signatures.FirstOrDefault(signature => signature.Path == threshold.Path && signature.Said == threshold.Said),
        })];
    }

    /// <summary>The signatures that fit the rule as it is now.</summary>
    public static ImmutableArray<RuleSignature> Fitting(RuleDefinition rule, ImmutableArray<RuleSignature> signatures) =>
        signatures.IsEmpty ? signatures : [.. Thresholds(rule, signatures).Select(threshold => threshold.Signature).OfType<RuleSignature>()];

    /// <summary>Signs, or says by field what is wrong. An earlier signature of the same threshold is replaced.</summary>
    public static Outcome<ImmutableArray<RuleSignature>> Sign(
        RuleDefinition rule, ImmutableArray<RuleSignature> before, SignThresholds command, Actor actor, DateTimeOffset now)
    {
        if (actor.Kind != ActorKind.User || !(actor.Has(Role.System) || actor.Has(Role.Leader)))
        {
            return Outcome.Refused<ImmutableArray<RuleSignature>>(Refusal.NotAllowed, "只有系统管理员或领导本人可以签认阈值。");
        }

        var errors = new FieldErrors();
        var basis = command.Basis?.Trim() ?? string.Empty;
        if (basis.Length is < BasisMin or > BasisMax)
        {
            errors.Add("basis", $"is needed: {BasisMin} to {BasisMax} characters");
        }

        if (command.Paths.IsDefaultOrEmpty)
        {
            errors.Add("paths", "at least one threshold is needed");
            return Outcome.Invalid<ImmutableArray<RuleSignature>>(errors.ToImmutable());
        }

        if (!rule.Unverified)
        {
            errors.Add("paths", $"the rule is not marked {Mark}");
        }

        var known = Thresholds(rule, before).ToDictionary(threshold => threshold.Path, StringComparer.Ordinal);
        var signed = ImmutableArray.CreateBuilder<RuleSignature>();
        for (var i = 0; i < command.Paths.Length; i++)
        {
            var path = command.Paths[i];
            if (!known.TryGetValue(path, out var threshold))
            {
                errors.Add("paths", $"'{path}' is no threshold of the rule");
            }
            else if (!command.Said.IsDefaultOrEmpty && (i >= command.Said.Length || command.Said[i] != threshold.Said))
            {
                return Outcome.Refused<ImmutableArray<RuleSignature>>(Refusal.StaleVersion, $"{path} 已被修改,请重新核对后再签认。");
            }
            else
            {
                signed.Add(new() { Path = path, Said = threshold.Said, Basis = basis, By = actor.ToBy(), At = now, Version = rule.Version });
            }
        }

        return errors.Any
            ? Outcome.Invalid<ImmutableArray<RuleSignature>>(errors.ToImmutable())
            : Outcome.Of<ImmutableArray<RuleSignature>>([.. before.Where(old => signed.All(made => made.Path != old.Path)), .. signed]);
    }

    private static void AddCondition(ImmutableArray<RuleThreshold>.Builder found, JsonElement condition, string path, bool holdCounts)
    {
        foreach (var level in condition.GetProperty("levels").EnumerateObject())
        {
            var value = new JsonObject();
            foreach (var part in level.Value.EnumerateObject().Where(part => !NotOfTheValue.Contains(part.Name) || (holdCounts && part.Name == "onDelaySeconds")))
            {
                value[part.Name] = JsonNode.Parse(part.Value.GetRawText());
            }

            found.Add(One($"{path}levels.{level.Name}", ColourOf(level.Name), NumberOf(level.Value, "value"), Said(condition, value)));
        }
    }

    private static void AddAlso(ImmutableArray<RuleThreshold>.Builder found, JsonElement item, string path)
    {
        if (item.TryGetProperty("levels", out _))
        {
            AddCondition(found, item, path + ".", holdCounts: false);
        }
        else if (item.TryGetProperty("value", out var value))
        {
            found.Add(One(path + ".value", null, value.GetDouble(), Said(item, "value", value)));
        }

        if (item.TryGetProperty("reference", out var reference))
        {
            found.Add(One(path + ".reference", null, null, Said(item, "reference", reference)));
        }
    }

    private static void AddItems(ImmutableArray<RuleThreshold>.Builder found, JsonElement root, string field, Action<JsonElement, string> add)
    {
        if (root.TryGetProperty(field, out var items))
        {
            var index = 0;
            foreach (var item in items.EnumerateArray())
            {
                add(item, $"{field}[{index++}]");
            }
        }
    }

    private static RuleThreshold One(string path, Colour? colour, double? value, string said) => new() { Path = path, Colour = colour, Value = value, Said = said };

    private static string Said(JsonElement condition, string name, JsonElement value) => Said(condition, new JsonObject { [name] = JsonNode.Parse(value.GetRawText()) });

    // What is measured, and from where on. A long selector of events or a polygon stands as its digest.
    private static string Said(JsonElement condition, JsonObject value)
    {
        var measured = new JsonObject();
        foreach (var name in Measured)
        {
            if (condition.TryGetProperty(name, out var part))
            {
                measured[name] = JsonNode.Parse(part.GetRawText());
            }
        }

        var what = measured.ToJsonString(ContractJson.Options);
        if (what.Length > SaidMax)
        {
            what = "\"" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(what)).AsSpan(0, 16)) + "\"";
        }

        return $"{{\"of\":{what},\"is\":{value.ToJsonString(ContractJson.Options)}}}";
    }

    private static Colour? ColourOf(string name) => Enum.TryParse<Colour>(name, ignoreCase: true, out var colour) ? colour : null;

    private static double? NumberOf(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
