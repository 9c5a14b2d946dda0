using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Warnings;

/// <summary>How many devices of a street a leaf of a district rule could count: all of the street, or those of one overlay.</summary>
[GenerateSerializer, Immutable, Alias("AreaShare")]
internal sealed record AreaShare(
    [property: Id(0)] string Rule,
    [property: Id(1)] int Leaf,
    [property: Id(2)] string Overlay,
    [property: Id(3)] int Selected,
    [property: Id(4)] int Heard,
    [property: Id(5)] int Fresh);

/// <summary>A raised warning whose rule holds others back, as far as those others must know it.</summary>
[GenerateSerializer, Immutable, Alias("WarningCause")]
internal sealed record WarningCause
{
    [Id(0)] public required WarningId Id { get; init; }
    [Id(1)] public required RuleId Rule { get; init; }
    [Id(2)] public required string Subject { get; init; }
    [Id(3)] public required Colour Colour { get; init; }
    [Id(4)] public required DateTimeOffset OnsetAt { get; init; }
    [Id(5)] public required AreaId Street { get; init; }
    [Id(6)] public double? Longitude { get; init; }
    [Id(7)] public double? Latitude { get; init; }
    [Id(8)] public ImmutableArray<string> Tags { get; init; } = [];
    [Id(9)] public IncidentId? Incident { get; init; }
    [Id(10)] public bool Drill { get; init; }
}

/// <summary>What a street tells the district of the conditions that are judged there. The same report again changes nothing.</summary>
[GenerateSerializer, Immutable, Alias("AreaReport")]
internal sealed record AreaReport
{
    [Id(0)] public required AreaId Street { get; init; }

    /// <summary>The street's activation: a new one tells everything anew.</summary>
    [Id(1)] public required string Epoch { get; init; }

    /// <summary>The facts have the numbers after this one; of a whole report, the number up to which it is whole.</summary>
    [Id(2)] public required long FromSeq { get; init; }
    [Id(3)] public ImmutableArray<AreaFact> Facts { get; init; } = [];

    /// <summary>The facts are all that stand; what is not among them does not.</summary>
    [Id(4)] public bool Whole { get; init; }

    /// <summary>Every fact whose order is up to here has been told, milliseconds since the epoch; 0: nothing is promised yet.</summary>
    [Id(5)] public long CoveredTo { get; init; }
    [Id(6)] public ImmutableArray<AreaShare> Shares { get; init; } = [];
    [Id(7)] public ImmutableArray<WarningCause> Causes { get; init; } = [];
}

/// <summary>The district's answer.</summary>
[GenerateSerializer, Immutable, Alias("AreaReportTaken")]
internal sealed record AreaReportTaken
{
    /// <summary>The number up to which it has the street's facts.</summary>
    [Id(0)] public required long Seq { get; init; }
    [Id(1)] public bool WantsWhole { get; init; }

    /// <summary>Causes that stand elsewhere: in other streets and in the district.</summary>
    [Id(2)] public ImmutableArray<WarningCause> Causes { get; init; } = [];

    /// <summary>False after a restart, until the district has heard the streets: then no cause means nothing.</summary>
    [Id(3)] public bool CausesKnown { get; init; }
}

/// <summary>The side of the district that only streets see.</summary>
[Alias("IDistrictJudging")]
internal interface IDistrictJudging : IGrainWithStringKey
{
    /// <summary>Takes a street's report and judges as far as every street has told. Returns when what changed is stored. Idempotent.</summary>
    [Alias("ReportConditions")]
    Task<AreaReportTaken> ReportConditionsAsync(AreaReport report);
}
