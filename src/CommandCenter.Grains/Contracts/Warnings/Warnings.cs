using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace CommandCenter.Grains.Contracts;

/// <summary>Warning colours (预警颜色), graver upwards: 蓝 Ⅳ, 黄 Ⅲ, 橙 Ⅱ, 红 Ⅰ.</summary>
public enum Colour { Blue = 1, Yellow = 2, Orange = 3, Red = 4 }

/// <summary>Where a warning stands. Pending: the condition holds, its on-delay does not yet.</summary>
public enum WarningState { Pending, Raised, Cleared }

/// <summary>What a rule asks the incident room to do when a colour is reached.</summary>
public enum IncidentPolicy { Never, Suggest, Open }

[GenerateSerializer, Immutable, Alias("Acknowledgement")]
public sealed record Acknowledgement(
    [property: Id(0)] string By,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] string? Comment,
    [property: Id(3)] DateTimeOffset? Until);

[GenerateSerializer, Immutable, Alias("Shelving")]
public sealed record Shelving(
    [property: Id(0)] string By,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] DateTimeOffset Until,
    [property: Id(3)] string Reason)
{
    /// <summary>Who approved it: the same person where one is enough, the second one where the colour and class ask for two; null: it only waits to be approved.</summary>
    [Id(4)] public string? ApprovedBy { get; init; }
}

/// <summary>One reading or event that the verdict rests on.</summary>
[GenerateSerializer, Immutable, Alias("Evidence")]
public sealed record Evidence(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] double? Value,
    [property: Id(3)] string? Event,
    [property: Id(4)] string? Snapshot);

/// <summary>The life of a rule being true for one subject. Its colour rises at once and falls only through recovery.</summary>
[GenerateSerializer, Immutable, Alias("WarningView")]
public sealed record WarningView
{
    [Id(0)] public required WarningId Id { get; init; }
    [Id(1)] public required RuleId Rule { get; init; }
    [Id(2)] public required int RuleVersion { get; init; }

    /// <summary>The device, or the area, that the rule judged.</summary>
    [Id(3)] public required string Subject { get; init; }
    [Id(4)] public required AreaId Area { get; init; }
    [Id(5), JsonPropertyName("lon")] public double? Longitude { get; init; }
    [Id(6), JsonPropertyName("lat")] public double? Latitude { get; init; }
    [Id(7)] public QuantityId? Quantity { get; init; }

    /// <summary>The newest judged value; the graver end while the warning lives is in <see cref="PeakColour"/>.</summary>
    [Id(8)] public double? Value { get; init; }
    [Id(9)] public string? Unit { get; init; }

    /// <summary>The present colour; the last one once cleared; the lowest that waits while pending.</summary>
    [Id(10)] public required Colour Colour { get; init; }
    [Id(11)] public required Colour PeakColour { get; init; }
    [Id(12)] public required WarningState State { get; init; }
    [Id(13)] public required DateTimeOffset OnsetAt { get; init; }
    [Id(14)] public DateTimeOffset? RaisedAt { get; init; }
    [Id(15)] public DateTimeOffset? ClearedAt { get; init; }
    [Id(16)] public Acknowledgement? Acknowledged { get; init; }
    [Id(17)] public Shelving? Shelved { get; init; }
    [Id(18)] public WarningId? InhibitedBy { get; init; }

    /// <summary>The warning of the same rule and subject before this one.</summary>
    [Id(19)] public WarningId? Previous { get; init; }
    [Id(20)] public IncidentId? Incident { get; init; }
    [Id(21)] public ClassCode? Class { get; init; }
    [Id(22)] public PlanId? Plan { get; init; }
    [Id(23)] public bool Drill { get; init; }

    /// <summary>A sentence in Chinese that says why: condition, value, since when, which rule version.</summary>
    [Id(24)] public required string Reason { get; init; }

    /// <summary>At most 20 items, the first ones and the newest.</summary>
    [Id(25)] public ImmutableArray<Evidence> Evidence { get; init; } = [];

    /// <summary>Overlays that the subject also belongs to.</summary>
    [Id(26)] public ImmutableArray<AreaId> Areas { get; init; } = [];

    /// <summary>What the rule asks for at the present colour.</summary>
    [Id(27)] public IncidentPolicy IncidentPolicy { get; init; }

    /// <summary>The subject's name, for people.</summary>
    [Id(28)] public string? SubjectName { get; init; }

    /// <summary>The rule's name, for people.</summary>
    [Id(29)] public Label? RuleName { get; init; }

    /// <summary>Rises by one with each change of this warning, from 1.</summary>
    [Id(30)] public long Version { get; init; }

    /// <summary>When the condition was over while the warning waits for a person (manual clear); null: it still holds, or nobody is waited for.</summary>
    [Id(31)] public DateTimeOffset? RecoveredAt { get; init; }

    /// <summary>Number of the rule's verdict that it reflects, counted within its life; what is replayed after a restart is recognised by it.</summary>
    [Id(32)] public int Transition { get; init; }

    /// <summary>What happened to it, oldest first, at most 60: the first 20 and the newest. Empty in frames; whole in <c>GET warnings/{id}</c>.</summary>
    [Id(40)] public ImmutableArray<WarningChange> Changes { get; init; } = [];

    /// <summary>Why it makes no sound although it stands; null: nothing silences it.</summary>
    [Id(41)] public Silence? Silenced { get; init; }

    /// <summary>Since when it has been calling for a person; null: it does not call. Escalation counts from here.</summary>
    [Id(42)] public DateTimeOffset? CallingSince { get; init; }

    /// <summary>How far up it has climbed because nobody acknowledged it; null: it is the seat's.</summary>
    [Id(43)] public EscalationMark? Escalation { get; init; }

    /// <summary>One person wants it shelved and a second one has not yet agreed.</summary>
    [Id(44)] public Shelving? ShelveRequested { get; init; }

    /// <summary>The condition of the present colour, in figures.</summary>
    [Id(45)] public WarningCondition? Condition { get; init; }

    /// <summary>The graver warning that explains this one. It is also <see cref="InhibitedBy"/>, unless this one is red and threatens life: such a one is shown beside its cause
    /// and speaks for itself.</summary>
    [Id(50)] public WarningId? Cause { get; init; }

    /// <summary>It stands and nothing explains it away: it is in the counts and in the lists of what is wrong.</summary>
    [JsonIgnore]
    public bool IsShown => State == WarningState.Raised && Shelved is null && InhibitedBy is null && Silenced?.Why != SilenceWhy.Maintenance;

    /// <summary>It wants a person: orange or red, shown, not silenced and not acknowledged.</summary>
    [JsonIgnore]
    public bool IsCalling => Colour >= Colour.Orange && IsShown && Silenced is null && Acknowledged is null;

    /// <summary>When an official warning ends by itself; null: it is not official.</summary>
    [Id(60)] public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What an official warning covers: outer rings, each as longitude, latitude, … in degrees.</summary>
    [Id(61)] public ImmutableArray<ImmutableArray<double>> Rings { get; init; } = [];
}

/// <summary>What an operator does to a warning. One family, one file.</summary>
[GenerateSerializer, Immutable, Alias("WarningCommand")]
public abstract record WarningCommand;

/// <summary>"I have seen it": stops the sound. Expires after the configured time (default 4 h) or when the colour rises.</summary>
[GenerateSerializer, Immutable, Alias("AcknowledgeWarning")]
public sealed record AcknowledgeWarning([property: Id(0)] string? Comment) : WarningCommand;

/// <summary>Hides the warning until a stated time, at most 7 days ahead, with a reason. Where the colour and class ask for two persons the first
/// one's command is kept as a request, and the same command of a second one makes it so.</summary>
[GenerateSerializer, Immutable, Alias("ShelveWarning")]
public sealed record ShelveWarning([property: Id(0)] DateTimeOffset Until, [property: Id(1)] string Reason) : WarningCommand;

[GenerateSerializer, Immutable, Alias("UnshelveWarning")]
public sealed record UnshelveWarning : WarningCommand;

/// <summary>A filter over warnings; empty arrays mean no filter. Time is the onset, from ≤ t &lt; to.</summary>
[GenerateSerializer, Immutable, Alias("WarningQuery")]
public sealed record WarningQuery
{
    [Id(0)] public ImmutableArray<AreaId> Areas { get; init; } = [];
    [Id(1)] public ImmutableArray<WarningState> States { get; init; } = [];
    [Id(2)] public ImmutableArray<Colour> Colours { get; init; } = [];
    [Id(3)] public DateTimeOffset? From { get; init; }
    [Id(4)] public DateTimeOffset? To { get; init; }
    [Id(5)] public int Limit { get; init; } = 100;
    [Id(6)] public string? Cursor { get; init; }
}
