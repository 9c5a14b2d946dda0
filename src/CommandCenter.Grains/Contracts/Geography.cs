using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>What an area is. <c>Overlay</c> overlaps streets: its members are named by the devices' <c>areas</c>.</summary>
public enum AreaKind { District, Street, Overlay, Outside }

/// <summary>A Chinese and an English text for the same thing.</summary>
[GenerateSerializer, Immutable, Alias("Label")]
public sealed record Label([property: Id(0)] string Zh, [property: Id(1)] string En);

/// <summary>An area that has a wall of its own. <see cref="Schematic"/>: its border is an approximation and must be labelled 示意.</summary>
[GenerateSerializer, Immutable, Alias("AreaDescription")]
public sealed record AreaDescription(
    [property: Id(0)] AreaId Id,
    [property: Id(1)] Label Name,
    [property: Id(2)] AreaKind Kind,
    [property: Id(3)] AreaId? Parent,
    [property: Id(4)] bool Schematic,
    [property: Id(5)] double Longitude,
    [property: Id(6)] double Latitude)
{
    /// <summary>Other codes under which public lists know the area; documents may use them, answers never do.</summary>
    [Id(7)] public ImmutableArray<AreaId> Aliases { get; init; } = [];
}
