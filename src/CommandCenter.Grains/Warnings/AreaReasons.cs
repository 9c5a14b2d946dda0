using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Warnings;

/// <summary>What a warning over several devices says of itself: the condition in words, and the devices that it rests on.</summary>
internal static class AreaReasons
{
    public static string? UnitOf(RuleDefinition rule) => rule.Kind != RuleKind.Count ? null : rule.Area!.Measure == AreaMeasure.Percent ? "%" : "1";

    public static string Count(WarningView warning, RuleDefinition rule, RuleLevel level)
    {
        var plan = rule.Area!;
        var word = plan.Measure == AreaMeasure.Streets ? "个板块" : plan.Measure == AreaMeasure.Percent ? "%" : "处";
        return string.Create(CultureInfo.InvariantCulture, $"{rule.Name.Zh} {warning.Value ?? 0:0.#}{word}（条件 ≥ {level.Value:0.#}{word}{Limits(plan.WithinMetres, plan.Leaves[0].WithinMs)}）");
    }

    public static string Composite(RuleDefinition rule, RuleLevel level)
    {
        var index = rule.Levels.IndexOf(level);
        return index < 0 ? rule.Name.Zh : $"{rule.Name.Zh}（{Words(rule.Area!.When[index], rule.Area.Leaves)}）";
    }

    /// <summary>The members take the place of the evidence of a single device: those known before stay, the newest come last.</summary>
    public static WarningView? WithMembers(WarningView? after, WarningView? before, SubjectFacts subject)
    {
        if (after is null || subject.Members.IsEmpty || ReferenceEquals(after, before))
        {
            return after;
        }

        var known = (before?.Id == after.Id ? before.Evidence : []).Where(item => subject.Members.All(member => member.Device != item.Device));
        return after with { Evidence = [.. known.Take(WarningDeciding.EvidenceMax - Math.Min(subject.Members.Length, WarningDeciding.EvidenceMax)), .. subject.Members.Take(WarningDeciding.EvidenceMax)] };
    }

    private static string Words(AreaExpression expression, ImmutableArray<AreaLeaf> leaves) => expression switch
    {
        AreaIs one => Words(leaves[one.Leaf]),
        AreaNot not => "非 " + Words(not.Of, leaves),
        AreaAll all => string.Join(" 且 ", all.Of.Select(part => Words(part, leaves))),
        AreaAny any => "(" + string.Join(" 或 ", any.Of.Select(part => Words(part, leaves))) + ")",
        _ => throw new InvalidOperationException($"Unknown expression {expression.GetType().Name}."),
    };

    private static string Words(AreaLeaf leaf)
    {
        var what = leaf.Condition is { } own ? own.Name.Zh == own.Id.Value ? "条件 " + (leaf.Index + 1).ToString(CultureInfo.InvariantCulture) : own.Name.Zh : leaf.Source.Value;
        var many = leaf.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" {leaf.Count} 处") : string.Empty;
        return what + many + Limits(leaf.Same == AreaRelation.Place ? leaf.WithinMetres : 0, leaf.WithinMs);
    }

    private static string Limits(double metres, long withinMs) =>
        (metres > 0 ? string.Create(CultureInfo.InvariantCulture, $"，{metres:0.#} 米内") : string.Empty)
        + (withinMs > 0 ? string.Create(CultureInfo.InvariantCulture, $"，{withinMs / 60_000.0:0.#} 分钟内") : string.Empty);
}
