using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>What wakes a rule of the kind.</summary>
internal enum RuleFeed
{
    /// <summary>Another evaluator, on top of this engine's conditions.</summary>
    Conditions,
    Readings,
    Positions,
    Events,
    Silence,
}

/// <summary>A kind of rule: its word, what its documents may say, and how it measures. A kind that is not built is accepted only while the rule is not enabled.</summary>
internal sealed record RuleKindEntry(string Word, RuleKind Kind, Label Name, bool Built)
{
    public RuleFeed Feed { get; init; } = RuleFeed.Readings;

    /// <summary>What <c>parameters</c> may name.</summary>
    public ImmutableArray<RuleParameter> Parameters { get; init; } = [];

    /// <summary>What a level may name besides the fields that every kind has.</summary>
    public ImmutableArray<RuleParameter> LevelParameters { get; init; } = [];

    /// <summary>Readings at or beyond the level when the document does not say.</summary>
    public int MinSamples { get; init; } = 2;

    /// <summary>False: levels have no value, or need not have one.</summary>
    public bool ValueNeeded { get; init; } = true;

    /// <summary>The kind's own record of a condition's parameters, checked.</summary>
    public Func<KindFields, object?>? Read { get; init; }

    /// <summary>Which way the levels lie.</summary>
    public Func<object?, RuleDirection> DirectionOf { get; init; } = _ => RuleDirection.Above;

    /// <summary>What a condition of the kind remembers of one device; null: the newest reading is all.</summary>
    public Func<RuleCondition, DeviceRegistration, IMeasure>? Measure { get; init; }

    /// <summary>For kinds without conditions: puts the parameters into the rule.</summary>
    public Func<RuleDefinition, ParameterValues, RuleDefinition> Apply { get; init; } = (rule, _) => rule;

    /// <summary>Whether the kind measures one device by conditions, so that it can stand in <c>also</c>.</summary>
    public bool HasConditions => Feed is RuleFeed.Readings or RuleFeed.Positions;
}

/// <summary>What a kind reads its own record from.</summary>
internal sealed record KindFields(ParameterValues Values, ImmutableArray<ParameterValues> ByLevel, string Path, FieldErrors Errors);

/// <summary>The ordered list of rule kinds.</summary>
internal static class RuleKinds
{
    public static ImmutableArray<RuleKindEntry> All { get; } =
    [
        ThresholdRule.Entry,
        RateRule.Entry,
        WindowRule.Entry,
        EventRule.Entry,
        AbsenceRule.Entry,
        StuckRule.Entry,
        GeofenceRule.Entry,
        BaselineRule.Entry,
        CountRule.Entry,
        CompositeRule.Entry,
    ];

    public static RuleKindEntry? Find(string word) => All.FirstOrDefault(entry => entry.Word == word);

    public static RuleKindEntry Of(RuleKind kind) => All.First(entry => entry.Kind == kind);
}
