using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>The kinds a rule document may name; <see cref="RuleKinds"/> says which are built.</summary>
internal enum RuleKind { Threshold, Rate, Window, Event, Absence, Stuck, Geofence, Baseline, Count, Composite }

/// <summary>Above: value ≥ level. Below: value ≤ level.</summary>
internal enum RuleDirection { Above, Below }

/// <summary>Which devices a rule judges. Empty lists do not restrict.</summary>
internal sealed record RuleSelect
{
    public ImmutableArray<string> Kinds { get; init; } = [];
    public ImmutableArray<string> Tags { get; init; } = [];
    public ImmutableArray<string> NotTags { get; init; } = [];
    public ImmutableArray<string> Areas { get; init; } = [];
    public ImmutableArray<string> Devices { get; init; } = [];

    public bool Matches(DeviceRegistration device)
    {
        var areas = Areas;
        return !device.Internal
            && (Kinds.IsEmpty || Kinds.Contains(device.Kind))
            && (Tags.IsEmpty || Tags.All(tag => device.Tags.Contains(tag)))
            && !NotTags.Any(tag => device.Tags.Contains(tag))
            && (areas.IsEmpty || areas.Contains(device.Street.Value) || device.Areas.Any(area => areas.Contains(area.Value)))
            && (Devices.IsEmpty || Devices.Contains(device.Id.Value));
    }
}

/// <summary>One colour of a rule.</summary>
internal sealed record RuleLevel
{
    public required Colour Colour { get; init; }

    /// <summary>Threshold rules only.</summary>
    public double Value { get; init; }

    /// <summary>Event rules only; 0 to 1.</summary>
    public double MinConfidence { get; init; }
    public long OnDelayMs { get; init; }
    public required IncidentPolicy Incident { get; init; }

    /// <summary>Only devices with all of these tags can reach the level.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>The level's own count of readings; the rule's when null.</summary>
    public int? MinSamples { get; init; }
}

/// <summary>The hours of the day, Asia/Shanghai, at which a rule judges; may run over midnight.</summary>
internal sealed record RuleSchedule(TimeOnly From, TimeOnly To)
{
    // China keeps one offset the whole year, so a fixed one gives the same answer on machines without time zone data.
    private static readonly TimeSpan Shanghai = TimeSpan.FromHours(8);

    public bool Covers(long atMs)
    {
        var time = TimeOnly.FromTimeSpan(DateTimeOffset.FromUnixTimeMilliseconds(atMs).ToOffset(Shanghai).TimeOfDay);
        return time.IsBetween(From, To);
    }
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
    public QuantityId? Quantity { get; init; }
    public RuleDirection Direction { get; init; }

    /// <summary>Lesser colours first.</summary>
    public ImmutableArray<RuleLevel> Levels { get; init; } = [];
    public int MinSamples { get; init; } = 2;
    public double Deadband { get; init; }
    public long OffDelayMs { get; init; }
    public bool ManualClear { get; init; }
    public ClassCode? Class { get; init; }
    public PlanId? Plan { get; init; }
    public RuleSchedule? Schedule { get; init; }
    public long? EffectiveFromMs { get; init; }

    /// <summary>Device to its own level values.</summary>
    public ImmutableDictionary<string, ImmutableDictionary<Colour, double>> Overrides { get; init; } =
        ImmutableDictionary<string, ImmutableDictionary<Colour, double>>.Empty;

    /// <summary>Event rules: the types that count.</summary>
    public ImmutableArray<string> EventTypes { get; init; } = [];

    /// <summary>Event rules: without a further event the condition ends after this long; null: only an end event ends it.</summary>
    public long? QuietMs { get; init; }

    /// <summary>Absence rules: silent after this many intervals.</summary>
    public double Multiple { get; init; } = 3;

    /// <summary>The document in its one written form, without the version: equal texts are equal rules.</summary>
    public required string Canonical { get; init; }

    public bool Judges(long atMs) => (EffectiveFromMs is not { } from || atMs >= from) && (Schedule is null || Schedule.Covers(atMs));
}
