using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>Several rules together: all, any, not of other rules' colours at the same place and time.</summary>
internal static class CompositeRule
{
    public static RuleKindEntry Entry { get; } = new("composite", RuleKind.Composite, new("组合", "Composite"), true) { Feed = RuleFeed.Conditions, MinSamples = 1, ValueNeeded = false };

    /// <summary>The expression's truth from those of the leaves; null: not known. What is not known makes neither a truth nor its contrary.</summary>
    public static bool? Evaluate(AreaExpression expression, Func<int, bool?> leaf) => expression switch
    {
        AreaIs one => leaf(one.Leaf),
        AreaNot not => !Evaluate(not.Of, leaf),
        AreaAll all => Fold(all.Of, leaf, decides: false),
        AreaAny any => Fold(any.Of, leaf, decides: true),
        _ => throw new InvalidOperationException($"Unknown expression {expression.GetType().Name}."),
    };

    private static bool? Fold(ImmutableArray<AreaExpression> parts, Func<int, bool?> leaf, bool decides)
    {
        bool? result = !decides;
        foreach (var part in parts)
        {
            var truth = Evaluate(part, leaf);
            if (truth == decides)
            {
                return decides;
            }

            if (truth is null)
            {
                result = null;
            }
        }

        return result;
    }
}
