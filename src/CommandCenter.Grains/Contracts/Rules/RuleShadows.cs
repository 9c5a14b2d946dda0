using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>Where a shadow run stands.</summary>
public enum ShadowState
{
    Running,
    /// <summary>Its time is up; its result is kept until it is put away.</summary>
    Ended,
    /// <summary>It failed and was stopped; <see cref="RuleShadow.Fault"/> says how. The rules in force were not touched.</summary>
    Stopped,
    /// <summary>It became a version, or a proposal.</summary>
    Promoted,
    Dropped,
}

/// <summary>A new version of a rule that runs beside the one in force on the same live readings, and calls nobody.</summary>
[GenerateSerializer, Immutable, Alias("RuleShadow")]
public sealed record RuleShadow
{
    /// <summary><c>s-</c> + day + running number.</summary>
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required RuleId Rule { get; init; }
    [Id(2)] public required ShadowState State { get; init; }
    [Id(3)] public required string Document { get; init; }

    /// <summary>The version in force when it began; 0: the rule is new.</summary>
    [Id(4)] public required int BasedOn { get; init; }
    [Id(5)] public required DateTimeOffset From { get; init; }
    [Id(6)] public required DateTimeOffset Until { get; init; }
    [Id(7)] public required By By { get; init; }
    [Id(8)] public string? Why { get; init; }
    [Id(9)] public string? Fault { get; init; }

    /// <summary>When it was put away, by whom and why.</summary>
    [Id(10)] public RuleDecision? Decision { get; init; }
    [Id(11)] public int Revision { get; init; }
}

/// <summary>A warning of one side of the comparison.</summary>
[GenerateSerializer, Immutable, Alias("ShadowWarning")]
public sealed record ShadowWarning
{
    [Id(0)] public required string Subject { get; init; }
    [Id(1)] public required AreaId Area { get; init; }

    /// <summary>The last colour, and the gravest.</summary>
    [Id(2)] public required Colour Colour { get; init; }
    [Id(3)] public required Colour PeakColour { get; init; }
    [Id(4)] public required DateTimeOffset OnsetAt { get; init; }
    [Id(5)] public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>Null: it stands.</summary>
    [Id(6)] public DateTimeOffset? ClearedAt { get; init; }
    [Id(7)] public ImmutableArray<TriedChange> Changes { get; init; } = [];
    [Id(8)] public ImmutableArray<AreaId> Areas { get; init; } = [];

    /// <summary>Of the version in force: its number. 0: the shadow.</summary>
    [Id(9)] public int RuleVersion { get; init; }
    [Id(10)] public double? Value { get; init; }
}

/// <summary>One side of the comparison in figures. A warning counts under its gravest colour.</summary>
/// <param name="Flapping">Warnings that were over within five minutes of being raised.</param>
[GenerateSerializer, Immutable, Alias("ShadowCounts")]
public sealed record ShadowCounts(
    [property: Id(0)] int Blue,
    [property: Id(1)] int Yellow,
    [property: Id(2)] int Orange,
    [property: Id(3)] int Red,
    [property: Id(4)] int Standing,
    [property: Id(5)] int Flapping)
{
    public int Total => Blue + Yellow + Orange + Red;
}

/// <summary>What the shadow did next to what the version in force did over the same span, in the actor's scope. Two warnings of the same subject that overlap in time are
/// the same occurrence; <see cref="OnlyOld"/> and <see cref="OnlyNew"/> hold those without one on the other side.</summary>
[GenerateSerializer, Immutable, Alias("ShadowComparison")]
public sealed record ShadowComparison
{
    [Id(0)] public required RuleShadow Shadow { get; init; }

    /// <summary>The span compared: from the beginning to now, or to its end.</summary>
    [Id(1)] public required DateTimeOffset From { get; init; }
    [Id(2)] public required DateTimeOffset To { get; init; }
    [Id(3)] public required ShadowCounts OldCounts { get; init; }
    [Id(4)] public required ShadowCounts NewCounts { get; init; }

    /// <summary>In order of being raised.</summary>
    [Id(5)] public ImmutableArray<ShadowWarning> Old { get; init; } = [];
    [Id(6)] public ImmutableArray<ShadowWarning> New { get; init; } = [];
    [Id(7)] public ImmutableArray<ShadowWarning> OnlyOld { get; init; } = [];
    [Id(8)] public ImmutableArray<ShadowWarning> OnlyNew { get; init; } = [];

    /// <summary>More happened than is kept: the figures are of everything, the lists and what only one side has are of what is kept.</summary>
    [Id(9)] public bool Truncated { get; init; }

    /// <summary>Readings, events and positions of selected devices that the shadow was given.</summary>
    [Id(10)] public long Evaluated { get; init; }

    /// <summary>Streets that do not answer or lost what they had; empty: the comparison is whole.</summary>
    [Id(11)] public ImmutableArray<AreaId> Missing { get; init; } = [];
}

/// <summary>Begins a shadow run.</summary>
[GenerateSerializer, Immutable, Alias("StartShadow")]
public sealed record StartShadow
{
    [Id(0)] public required RuleId Rule { get; init; }
    [Id(1)] public required string Document { get; init; }
    [Id(2)] public required DateTimeOffset Until { get; init; }
    [Id(3)] public string? Why { get; init; }
}
