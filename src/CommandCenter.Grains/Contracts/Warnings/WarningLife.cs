namespace CommandCenter.Grains.Contracts;

/// <summary>Why a warning that stands makes no sound.</summary>
public enum SilenceWhy
{
    /// <summary>A person decided that warnings like it are recorded without ringing.</summary>
    Recorded,
    /// <summary>Its device is in maintenance.</summary>
    Maintenance,
    /// <summary>It returned within the cool-down of the one before, which had been heard.</summary>
    CoolDown,
}

/// <summary>What silences a warning. <see cref="Reference"/>: the maintenance window, or the warning before. It ends by itself at <see cref="Until"/>.</summary>
[GenerateSerializer, Immutable, Alias("Silence")]
public sealed record Silence(
    [property: Id(0)] SilenceWhy Why,
    [property: Id(1)] string Reference,
    [property: Id(2)] DateTimeOffset Until,
    [property: Id(3)] string? Reason);

/// <summary>Who answers for a warning that nobody acknowledges: the seat (值班员), then 值班长, then 带班领导.</summary>
public enum EscalationStep { Seat, ShiftLeader, DutyLeader }

/// <summary>The step that a warning has reached. <see cref="DueAt"/>: when it fell due; <see cref="At"/>: when it was carried out.</summary>
[GenerateSerializer, Immutable, Alias("EscalationMark")]
public sealed record EscalationMark(
    [property: Id(0)] EscalationStep Step,
    [property: Id(1)] DateTimeOffset DueAt,
    [property: Id(2)] DateTimeOffset At);

/// <summary>What can happen to a warning.</summary>
public enum WarningChangeKind
{
    Raised, Upgraded, Lowered, Recovered, Cleared, Withdrawn,
    Acknowledged, AcknowledgementExpired, ShelveRequested, Shelved, ShelvingExpired, Unshelved,
    Silenced, Sounding, Escalated, IncidentLinked, Inhibited, InhibitionEnded,
}

/// <summary>One line of a warning's own timeline. <see cref="By"/> is null for what the system did.</summary>
[GenerateSerializer, Immutable, Alias("WarningChange")]
public sealed record WarningChange(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] WarningChangeKind Kind,
    [property: Id(2)] Colour Colour,
    [property: Id(3)] By? By,
    [property: Id(4)] string? Text);

/// <summary>The condition of a colour in figures, as the rule stood when the colour was reached.</summary>
[GenerateSerializer, Immutable, Alias("WarningCondition")]
public sealed record WarningCondition
{
    /// <summary>The rule's kind, as documents write it.</summary>
    [Id(0)] public required string Kind { get; init; }

    /// <summary><c>≥</c> or <c>≤</c>; null where the kind compares with no threshold.</summary>
    [Id(1)] public string? Sign { get; init; }
    [Id(2)] public double? Threshold { get; init; }
    [Id(3)] public double HoldSeconds { get; init; }
    [Id(4)] public int MinSamples { get; init; }
    [Id(5)] public double Deadband { get; init; }
    [Id(6)] public double OffDelaySeconds { get; init; }
}
