using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Warnings;

/// <summary>What one street knows of a shadow run.</summary>
[GenerateSerializer, Immutable, Alias("ShadowPart")]
internal sealed record ShadowPart
{
    [Id(0)] public required AreaId Street { get; init; }

    /// <summary>From when on the street has judged: later than the run's beginning when it lost what it had.</summary>
    [Id(1)] public required DateTimeOffset Since { get; init; }
    [Id(2)] public required long Evaluated { get; init; }

    /// <summary>In order of being raised.</summary>
    [Id(3)] public ImmutableArray<ShadowWarning> Warnings { get; init; } = [];

    /// <summary>Raised beyond what is kept, by colour at that moment: blue, yellow, orange, red.</summary>
    [Id(4)] public ImmutableArray<int> Beyond { get; init; } = [0, 0, 0, 0];

    /// <summary>Why it was stopped; null: it was not.</summary>
    [Id(5)] public string? Fault { get; init; }
}

/// <summary>The street as the rule book speaks to it about shadow runs.</summary>
[Alias("IStreetShadowing")]
internal interface IStreetShadowing : IGrainWithStringKey
{
    /// <summary>Reads the book of shadow runs anew: begins, goes on, ends. Returns when it is done.</summary>
    [Alias("ApplyShadows")]
    Task ApplyShadowsAsync();

    /// <summary>Null: the street runs no such shadow.</summary>
    [Alias("GetShadow")]
    Task<ShadowPart?> GetShadowAsync(string id);

    /// <summary>Which of its shadow runs it has stopped, and why.</summary>
    [Alias("GetShadowFaults")]
    Task<ImmutableDictionary<string, string>> GetShadowFaultsAsync();
}
