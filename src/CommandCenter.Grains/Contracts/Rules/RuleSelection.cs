using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>A device that a rule selects, or would select.</summary>
[GenerateSerializer, Immutable, Alias("SelectedDevice")]
public sealed record SelectedDevice
{
    [Id(0)] public required DeviceId Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required string Kind { get; init; }
    [Id(3)] public required AreaId Street { get; init; }

    /// <summary>Degrees, WGS 84; null: not registered.</summary>
    [Id(4)] public double? Longitude { get; init; }
    [Id(5)] public double? Latitude { get; init; }

    /// <summary>The entry of <c>overrides</c> that counts for it; null: none.</summary>
    [Id(6)] public string? Override { get; init; }
}

/// <summary>How many of something.</summary>
[GenerateSerializer, Immutable, Alias("SelectionCount")]
public sealed record SelectionCount([property: Id(0)] string Of, [property: Id(1)] int Count);

/// <summary>Which devices a rule document selects, within the actor's scope. Nothing of it is stored.</summary>
[GenerateSerializer, Immutable, Alias("RuleSelection")]
public sealed record RuleSelection
{
    public const int ListedMax = 200;

    [Id(0)] public required int Selected { get; init; }
    [Id(1)] public ImmutableArray<SelectionCount> Streets { get; init; } = [];
    [Id(2)] public ImmutableArray<SelectionCount> Kinds { get; init; } = [];

    /// <summary>The first by id, at most <see cref="ListedMax"/>.</summary>
    [Id(3)] public ImmutableArray<SelectedDevice> Devices { get; init; } = [];

    /// <summary>Devices that <c>notTags</c> alone keeps out: how many, and the first by id.</summary>
    [Id(4)] public int Excluded { get; init; }
    [Id(5)] public ImmutableArray<SelectedDevice> ExcludedDevices { get; init; } = [];

    /// <summary>Selected devices for which an override counts: how many, and by its key.</summary>
    [Id(6)] public int Overridden { get; init; }
    [Id(7)] public ImmutableArray<SelectionCount> Overrides { get; init; } = [];

    /// <summary>Overrides that no selected device has.</summary>
    [Id(8)] public ImmutableArray<string> UnusedOverrides { get; init; } = [];

    /// <summary>Selected devices without which nothing can be judged: a relative rule has no reference value for them.</summary>
    [Id(9)] public int WithoutReference { get; init; }
}

/// <summary>Asks the registry what rules select (any number of them, key 0).</summary>
[Alias("IRuleSelectionGrain")]
public interface IRuleSelectionGrain : IGrainWithIntegerKey
{
    /// <summary>The document need not be stored; a wrong one is refused by field.</summary>
    [Alias("Preview")]
    Task<Outcome<RuleSelection>> PreviewAsync(RuleId rule, string document, Actor actor);

    /// <summary>How many devices in the actor's scope each rule in force selects, by rule id.</summary>
    [Alias("Count")]
    Task<ImmutableArray<SelectionCount>> CountAsync(Actor actor);
}
