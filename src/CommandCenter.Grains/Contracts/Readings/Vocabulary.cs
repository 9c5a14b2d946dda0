using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>A kind of measured quantity with its one internal unit.</summary>
/// <param name="Unit">UCUM code.</param>
/// <param name="Min">Least plausible value; what lies below is refused as out of range.</param>
/// <param name="Additive">Values add up (rain, counts), so none may be merged away under load.</param>
[GenerateSerializer, Immutable, Alias("QuantityKind")]
public sealed record QuantityKind(
    [property: Id(0)] QuantityId Id,
    [property: Id(1)] Label Name,
    [property: Id(2)] string Unit,
    [property: Id(3)] double Min,
    [property: Id(4)] double Max,
    [property: Id(5)] bool Additive);

/// <summary>A named word of the vocabulary: a device kind, an event type or a class of incident.</summary>
[GenerateSerializer, Immutable, Alias("VocabularyWord")]
public sealed record VocabularyWord([property: Id(0)] string Id, [property: Id(1)] Label Name);

/// <summary>Everything that documents may name: <c>GET vocabulary</c>.</summary>
[GenerateSerializer, Immutable, Alias("VocabularyDocument")]
public sealed record VocabularyDocument
{
    /// <summary>The vocabulary of this release.</summary>
    public static VocabularyDocument Shipped { get; } = new()
    {
        Quantities = QuantityKinds.All,
        Kinds = DeviceKinds.All,
        Events = EventTypes.All,
        Classes = IncidentClasses.All,
        Units = UnitsOfMeasure.Codes,
    };

    [Id(0)] public ImmutableArray<QuantityKind> Quantities { get; init; } = [];
    [Id(1)] public ImmutableArray<VocabularyWord> Kinds { get; init; } = [];
    [Id(2)] public ImmutableArray<VocabularyWord> Events { get; init; } = [];
    [Id(3)] public ImmutableArray<VocabularyWord> Classes { get; init; } = [];
    [Id(4)] public ImmutableArray<string> Units { get; init; } = [];
}
