using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>Above: value ≥ level. Below: value ≤ level. Either: the distance from the reference ≥ level, whatever its sign.</summary>
internal enum RuleDirection { Above, Below, Either }

/// <summary>How level values stand to a device's own reference value.</summary>
internal enum RelativeTo
{
    /// <summary>Not at all: levels are values of the quantity.</summary>
    None,
    /// <summary>value − reference.</summary>
    Difference,
    /// <summary>value ÷ reference.</summary>
    Share,
    /// <summary>100 × value ÷ reference.</summary>
    Percent,
    /// <summary>100 × (value − reference) ÷ |reference|.</summary>
    Deviation,
}

/// <summary>A reference value, by the time of day when there are several.</summary>
internal sealed record RuleReference(ImmutableArray<(RuleSchedule? Hours, double Value)> Values)
{
    /// <summary>NaN when no part covers the time.</summary>
    public double At(long atMs)
    {
        foreach (var (hours, value) in Values)
        {
            if (hours is null || hours.Covers(atMs))
            {
                return value;
            }
        }

        return double.NaN;
    }
}

/// <summary>A fixed value at which every colour counts as recovered, instead of the deadband.</summary>
internal sealed record RuleRecovery(double? Below, double? AtMost, double? Above, double? AtLeast);

/// <summary>One condition of a rule: something measured of a device, and the value of it at each colour.</summary>
internal sealed record RuleCondition
{
    public required RuleKind Kind { get; init; }

    /// <summary>What is read; null for positions and events.</summary>
    public QuantityId? Quantity { get; init; }
    public RuleDirection Direction { get; init; }

    /// <summary>Beyond the level only, not at it.</summary>
    public bool Strict { get; init; }
    public double Deadband { get; init; }

    /// <summary>Deadband as a share of the level, in %; 0: none. The wider of both counts.</summary>
    public double DeadbandPercent { get; init; }
    public RuleRecovery? Recovery { get; init; }
    public RelativeTo Relative { get; init; }
    public RuleReference? Reference { get; init; }

    /// <summary>The upper half of a condition that holds outside a band; the lower half stands before it.</summary>
    public bool Outside { get; init; }

    /// <summary>Parallel to the rule's levels; NaN: this condition does not reach the colour.</summary>
    public ImmutableArray<double> Values { get; init; } = [];

    /// <summary>While this condition holds, what the others reach counts so many colours higher; 0: it reaches colours of its own.</summary>
    public int Escalates { get; init; }

    /// <summary>The kind's own record of parameters; null for a threshold.</summary>
    public object? Own { get; init; }

    /// <summary>As read, for the written form.</summary>
    public ParameterValues Given { get; init; } = ParameterValues.Empty;

    /// <summary>Parameters of single levels as read, parallel to the rule's levels.</summary>
    public ImmutableArray<ParameterValues> GivenByLevel { get; init; } = [];

    /// <summary>Names what the measure remembers: conditions with the same key can take over each other's state.</summary>
    public string StateKey { get; init; } = string.Empty;
}

/// <summary>What must hold of the newest value of another quantity of the same device.</summary>
/// <param name="MaxAgeMs">An older value does not count; null: any age.</param>
internal sealed record RuleGuard(QuantityId Quantity, RuleDirection Direction, double Value, bool Strict, long? MaxAgeMs)
{
    public bool Holds(double value) => Direction == RuleDirection.Above
        ? Strict ? value > Value : value >= Value
        : Strict ? value < Value : value <= Value;
}

/// <summary>What differs for a device or a tag. Null members do not differ.</summary>
internal sealed record RuleOverride
{
    public const string TagPrefix = "tag:";

    /// <summary>Level values of the first condition.</summary>
    public ImmutableDictionary<Colour, double> Values { get; init; } = ImmutableDictionary<Colour, double>.Empty;
    public RuleReference? Reference { get; init; }
    public double? Deadband { get; init; }

    /// <summary>The first condition with other parameters.</summary>
    public RuleCondition? Condition { get; init; }
}
