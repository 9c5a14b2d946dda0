using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

// The quality of the alarms per ISA-18.2 / IEC 62682 and EEMUA 191, reckoned from stored warnings. A raise counts for a seat when it was presented there:
// not in a drill, not kept aside by maintenance, not explained by a graver one.

/// <summary>Whose alarms, and when: from ≤ raised &lt; to, at most 92 days. Null area: every seat in the actor's scope together.</summary>
[GenerateSerializer, Immutable, Alias("QualityQuery")]
public sealed record QualityQuery
{
    [Id(0)] public AreaId? Area { get; init; }
    [Id(1)] public required DateTimeOffset From { get; init; }
    [Id(2)] public required DateTimeOffset To { get; init; }
}

/// <summary>One hour of a seat.</summary>
[GenerateSerializer, Immutable, Alias("QualityHour")]
public sealed record QualityHour(
    [property: Id(0)] DateTimeOffset From, [property: Id(1)] int Raised, [property: Id(2)] int Red, [property: Id(3)] int Orange, [property: Id(4)] int Yellow, [property: Id(5)] int Blue);

/// <summary>One flood: how many were raised in it, and the most within ten minutes.</summary>
[GenerateSerializer, Immutable, Alias("QualityFlood")]
public sealed record QualityFlood([property: Id(0)] DateTimeOffset From, [property: Id(1)] DateTimeOffset To, [property: Id(2)] int Raised, [property: Id(3)] int Peak);

/// <summary>One seat beside the others.</summary>
[GenerateSerializer, Immutable, Alias("QualitySeat")]
public sealed record QualitySeat(
    [property: Id(0)] AreaId Area, [property: Id(1)] int Raised, [property: Id(2)] double PerHour, [property: Id(3)] int BusiestHour, [property: Id(4)] int Floods, [property: Id(5)] double FloodShare);

/// <summary>One rule at one subject.</summary>
[GenerateSerializer, Immutable, Alias("QualitySource")]
public sealed record QualitySource
{
    [Id(0)] public required RuleId Rule { get; init; }
    [Id(1)] public required string Subject { get; init; }
    [Id(2)] public string? SubjectName { get; init; }
    [Id(3)] public Label? RuleName { get; init; }
    [Id(4)] public required int Raised { get; init; }

    /// <summary>Part of everything raised, 0 to 1.</summary>
    [Id(5)] public required double Share { get; init; }

    /// <summary>Raised or cleared, the most within ten minutes.</summary>
    [Id(6)] public int Transitions { get; init; }

    /// <summary>Three or more transitions within ten minutes.</summary>
    [Id(7)] public bool Chatters { get; init; }
}

/// <summary>One that stands longer than 24 h.</summary>
[GenerateSerializer, Immutable, Alias("QualityStanding")]
public sealed record QualityStanding(
    [property: Id(0)] WarningId Warning, [property: Id(1)] RuleId Rule, [property: Id(2)] string Subject, [property: Id(3)] string? SubjectName, [property: Id(4)] AreaId Area,
    [property: Id(5)] Colour Colour, [property: Id(6)] DateTimeOffset RaisedAt);

/// <summary>How often a source was found false within the last seven days of the span.</summary>
[GenerateSerializer, Immutable, Alias("QualityFalse")]
public sealed record QualityFalse
{
    [Id(0)] public required RuleId Rule { get; init; }
    [Id(1)] public required string Subject { get; init; }
    [Id(2)] public string? SubjectName { get; init; }
    [Id(3)] public Label? RuleName { get; init; }

    /// <summary>Warnings whose incident has ended with a verdict.</summary>
    [Id(4)] public required int Handled { get; init; }
    [Id(5)] public required int False { get; init; }
    [Id(6)] public required double Rate { get; init; }

    /// <summary>Often enough and mostly false: a person should decide whether it is only recorded for a while.</summary>
    [Id(7)] public required bool SuggestsMute { get; init; }
}

/// <summary>The figures that the standards measure by, so that a screen shows them beside the own ones.</summary>
[GenerateSerializer, Immutable, Alias("QualityLimits")]
public sealed record QualityLimits
{
    public static readonly QualityLimits Standard = new();

    [Id(0)] public double AcceptablePerHour { get; init; } = 6;
    [Id(1)] public double ManageablePerHour { get; init; } = 12;
    [Id(2)] public double FloodShare { get; init; } = 0.01;
    [Id(3)] public double HighShare { get; init; } = 0.05;
    [Id(4)] public double MediumShare { get; init; } = 0.15;
    [Id(5)] public double LowShare { get; init; } = 0.80;
    [Id(6)] public double Top10Share { get; init; } = 0.05;
    [Id(7)] public int Standing { get; init; } = 5;
    [Id(8)] public double FalseRate { get; init; } = 0.70;
}

/// <summary>The document of <c>GET quality</c>.</summary>
[GenerateSerializer, Immutable, Alias("QualityReport")]
public sealed record QualityReport
{
    [Id(0)] public AreaId? Area { get; init; }
    [Id(1)] public required DateTimeOffset From { get; init; }

    /// <summary>The end of the span, or now when that comes first: nothing is reckoned over hours that have not been.</summary>
    [Id(2)] public required DateTimeOffset To { get; init; }
    [Id(3)] public required DateTimeOffset At { get; init; }
    [Id(4)] public int Raised { get; init; }
    [Id(5)] public double PerHour { get; init; }
    [Id(6)] public int BusiestHour { get; init; }
    [Id(7)] public int HoursAboveAcceptable { get; init; }
    [Id(8)] public int HoursAboveManageable { get; init; }
    [Id(9)] public ImmutableArray<QualityHour> Hours { get; init; } = [];
    [Id(10)] public ImmutableArray<QualityFlood> Floods { get; init; } = [];
    [Id(11)] public double FloodShare { get; init; }
    [Id(12)] public int Red { get; init; }
    [Id(13)] public int Orange { get; init; }
    [Id(14)] public int Yellow { get; init; }
    [Id(15)] public int Blue { get; init; }
    [Id(16)] public ImmutableArray<QualitySource> Top { get; init; } = [];
    [Id(17)] public double Top10Share { get; init; }
    [Id(18)] public int Sources { get; init; }

    /// <summary>Every source that chatters, most transitions first; at most 100 of <see cref="ChatteringSources"/>.</summary>
    [Id(19)] public ImmutableArray<QualitySource> Chattering { get; init; } = [];
    [Id(20)] public int ChatteringSources { get; init; }

    /// <summary>Those that stand longer than 24 h at the end, oldest first; at most 100 of <see cref="StandingCount"/>.</summary>
    [Id(21)] public ImmutableArray<QualityStanding> Standing { get; init; } = [];
    [Id(22)] public int StandingCount { get; init; }
    [Id(23)] public ImmutableArray<QualityFalse> FalseAlarms { get; init; } = [];

    /// <summary>Not counted above, each for the first reason that holds.</summary>
    [Id(24)] public int Drills { get; init; }
    [Id(25)] public int InMaintenance { get; init; }
    [Id(26)] public int Inhibited { get; init; }

    /// <summary>The seats of the actor's scope, busiest first.</summary>
    [Id(27)] public ImmutableArray<QualitySeat> Seats { get; init; } = [];
    [Id(28)] public QualityLimits Limits { get; init; } = QualityLimits.Standard;

    /// <summary>There were more warnings than are read at once: the figures are too low.</summary>
    [Id(29)] public bool Truncated { get; init; }
}

/// <summary>Which of the warnings behind a figure.</summary>
public enum QualityMeasure { Raised, Red, Orange, Yellow, Blue, Flood, Top, Chattering, Standing, False, Drills, InMaintenance, Inhibited }

/// <summary>The records behind a figure: their number is the figure.</summary>
[GenerateSerializer, Immutable, Alias("QualityRecordQuery")]
public sealed record QualityRecordQuery
{
    [Id(0)] public required QualityQuery Span { get; init; }
    [Id(1)] public QualityMeasure Measure { get; init; }

    /// <summary>Only of this source.</summary>
    [Id(2)] public RuleId? Rule { get; init; }
    [Id(3)] public string? Subject { get; init; }

    /// <summary>Only of the hour that begins here.</summary>
    [Id(4)] public DateTimeOffset? Hour { get; init; }
    [Id(5)] public int Skip { get; init; }
    [Id(6)] public int Limit { get; init; } = 100;
}

/// <summary>One warning behind a figure.</summary>
[GenerateSerializer, Immutable, Alias("QualityItem")]
public sealed record QualityItem(
    [property: Id(0)] WarningId Id, [property: Id(1)] RuleId Rule, [property: Id(2)] string Subject, [property: Id(3)] string? SubjectName, [property: Id(4)] AreaId Area,
    [property: Id(5)] Colour PeakColour, [property: Id(6)] DateTimeOffset RaisedAt, [property: Id(7)] DateTimeOffset? ClearedAt, [property: Id(8)] IncidentId? Incident);

/// <summary>A page of the records behind a figure. <see cref="Total"/> is the figure.</summary>
[GenerateSerializer, Immutable, Alias("QualityItems")]
public sealed record QualityItems([property: Id(0)] int Total, [property: Id(1)] ImmutableArray<QualityItem> Items);

/// <summary>Reckons alarm quality from stored warnings, inside the actor's scope. Any silo, any number.</summary>
[Alias("IQualityGrain")]
public interface IQualityGrain : IGrainWithIntegerKey
{
    [Alias("Report")]
    Task<Outcome<QualityReport>> ReportAsync(QualityQuery query, Actor actor);

    [Alias("Records")]
    Task<Outcome<QualityItems>> RecordsAsync(QualityRecordQuery query, Actor actor);
}
