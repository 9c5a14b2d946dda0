using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>The kinds a rule document may name; <see cref="RuleKinds"/> says which are built.</summary>
internal enum RuleKind { Threshold, Rate, Window, Event, Absence, Stuck, Geofence, Baseline, Count, Composite }

/// <summary>One colour of a rule.</summary>
internal sealed record RuleLevel
{
    public required Colour Colour { get; init; }

    /// <summary>The level's value of the rule's first condition; NaN when only another condition has one.</summary>
    public double Value { get; init; }

    /// <summary>Event rules only; 0 to 1.</summary>
    public double MinConfidence { get; init; }
    public long OnDelayMs { get; init; }
    public required IncidentPolicy Incident { get; init; }

    /// <summary>Only devices with all of these tags can reach the level.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>The level's own count of readings; the rule's when null.</summary>
    public int? MinSamples { get; init; }

    /// <summary>The level's own hours; it judges in those of the rule that are also its own.</summary>
    public RuleSchedule? Schedule { get; init; }
}

/// <summary>A rule as checked: what the evaluators trust.</summary>
internal sealed record RuleDefinition
{
    public required RuleId Id { get; init; }
    public required int Version { get; init; }
    public required Label Name { get; init; }
    public required RuleKind Kind { get; init; }
    public required bool Enabled { get; init; }
    public required RuleSelect Select { get; init; }

    /// <summary>What the first condition measures; null when it measures none.</summary>
    public QuantityId? Quantity { get; init; }
    public RuleDirection Direction { get; init; }

    /// <summary>Lesser colours first.</summary>
    public ImmutableArray<RuleLevel> Levels { get; init; } = [];

    /// <summary>Of the kinds that judge readings or positions: the rule's own condition first, then those of <c>also</c>. A colour is reached when any of them reaches it.</summary>
    public ImmutableArray<RuleCondition> Conditions { get; init; } = [];

    /// <summary>What must hold of the same device besides: <c>while</c>.</summary>
    public ImmutableArray<RuleGuard> Guards { get; init; } = [];

    /// <summary>The parameters of a kind that has no conditions of readings.</summary>
    public ParameterValues? Parameters { get; init; }
    public int MinSamples { get; init; } = 2;
    public double Deadband { get; init; }
    public long OffDelayMs { get; init; }
    public bool ManualClear { get; init; }
    public ClassCode? Class { get; init; }
    public PlanId? Plan { get; init; }
    public RuleSchedule? Schedule { get; init; }
    public long? EffectiveFromMs { get; init; }

    /// <summary>What differs for single devices (by id) or for devices with a tag (by <c>tag:</c> and its name).</summary>
    public ImmutableSortedDictionary<string, RuleOverride> Overrides { get; init; } = ImmutableSortedDictionary<string, RuleOverride>.Empty;

    /// <summary>Event rules: the types that count.</summary>
    public ImmutableArray<string> EventTypes { get; init; } = [];

    /// <summary>Event rules: without a further event the condition ends after this long; null: only an end event ends it.</summary>
    public long? QuietMs { get; init; }

    /// <summary>Absence rules: silent after this many intervals.</summary>
    public double Multiple { get; init; } = 3;

    /// <summary>Counts and composites: what they look at.</summary>
    public AreaPlan? Area { get; init; }

    /// <summary>Which warnings this rule's own explains and holds back.</summary>
    public ImmutableArray<Inhibits> Inhibits { get; init; } = [];

    /// <summary>Its thresholds are marked 待校核: each waits for somebody who answers for it.</summary>
    public bool Unverified { get; init; }

    /// <summary>The document in its one written form, without the version: equal texts are equal rules.</summary>
    public required string Canonical { get; init; }

    public bool Judges(long atMs) => (EffectiveFromMs is not { } from || atMs >= from) && (Schedule is null || Schedule.Covers(atMs));

    /// <summary>The override that counts for the device: its own before that of a tag; of several tags the first by name.</summary>
    public RuleOverride? OverrideOf(DeviceRegistration device)
    {
        if (Overrides.IsEmpty)
        {
            return null;
        }

        if (Overrides.TryGetValue(device.Id.Value, out var own))
        {
            return own;
        }

        foreach (var (key, value) in Overrides)
        {
            if (key.StartsWith(RuleOverride.TagPrefix, StringComparison.Ordinal) && device.Tags.Contains(key[RuleOverride.TagPrefix.Length..]))
            {
                return value;
            }
        }

        return null;
    }
}
