using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>Why a rule has, or has not, called for a device. The first that applies.</summary>
public enum ExplanationWord
{
    /// <summary>It rings, or has rung and nobody has acknowledged it.</summary>
    Ringing,
    /// <summary>It is raised and acknowledged, or too slight to ring.</summary>
    Raised,
    /// <summary>A graver warning explains it.</summary>
    Inhibited,
    Shelved,
    /// <summary>The device is in maintenance.</summary>
    Maintenance,
    /// <summary>Recorded without ringing, by decision.</summary>
    Recorded,
    /// <summary>It returned within the cool-down.</summary>
    CoolDown,
    /// <summary>The condition holds, its time does not yet: since when, due when.</summary>
    BelowHold,
    /// <summary>The condition holds and there are too few readings.</summary>
    TooFewSamples,
    /// <summary>The newest value is marked bad, and bad values are not judged.</summary>
    QualityBad,
    /// <summary>Nothing fresh to judge: the device is stale, silent or has never told the quantity.</summary>
    NoFreshData,
    /// <summary>The rule is off.</summary>
    Disabled,
    /// <summary>Outside the hours of the rule.</summary>
    OutOfSchedule,
    NotYetEffective,
    /// <summary>The condition does not hold.</summary>
    Calm,
}

/// <summary>One rule that selects the device, and what it makes of it.</summary>
[GenerateSerializer, Immutable, Alias("RuleExplanation")]
public sealed record RuleExplanation
{
    [Id(0)] public required RuleId Rule { get; init; }
    [Id(1)] public required int RuleVersion { get; init; }
    [Id(2)] public required Label Name { get; init; }
    [Id(3)] public required ExplanationWord Word { get; init; }

    /// <summary>A sentence in Chinese.</summary>
    [Id(4)] public required string Text { get; init; }

    /// <summary>The warning it made, also a pending one.</summary>
    [Id(5)] public WarningId? Warning { get; init; }
    [Id(6)] public Colour? Colour { get; init; }
    [Id(7)] public QuantityId? Quantity { get; init; }
    [Id(8)] public double? Value { get; init; }
    [Id(9)] public string? Unit { get; init; }

    /// <summary>The lowest threshold of the rule for this device; null where the kind has none.</summary>
    [Id(10)] public double? Threshold { get; init; }

    /// <summary>Since when the condition holds, or the silence lasts.</summary>
    [Id(11)] public DateTimeOffset? Since { get; init; }

    /// <summary>When the hold, the silence or the shelving is over.</summary>
    [Id(12)] public DateTimeOffset? DueAt { get; init; }
    [Id(13)] public int? Samples { get; init; }
    [Id(14)] public int? SamplesNeeded { get; init; }
}

/// <summary>Why a device rings, or does not.</summary>
[GenerateSerializer, Immutable, Alias("DeviceExplanation")]
public sealed record DeviceExplanation
{
    [Id(0)] public required DeviceId Device { get; init; }
    [Id(1)] public required DateTimeOffset At { get; init; }
    [Id(2)] public required DeviceState State { get; init; }
    [Id(3)] public DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>The windows that cover it now.</summary>
    [Id(4)] public ImmutableArray<MaintenanceWindow> Maintenance { get; init; } = [];

    /// <summary>Every rule that selects it, those that say something first.</summary>
    [Id(5)] public ImmutableArray<RuleExplanation> Rules { get; init; } = [];
}
