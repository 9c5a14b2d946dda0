using System.Collections.Frozen;
using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>The quantity kinds of the vocabulary: one entry each, with unit, plausible range and label. To add a kind, add a line here.</summary>
public static class QuantityKinds
{
    public static ImmutableArray<QuantityKind> All { get; } =
    [
        new(new("water_depth"), new("积水深度", "Water depth"), "mm", 0, 10_000, false),
    ];

    private static readonly FrozenDictionary<string, QuantityKind> ByName = All.ToFrozenDictionary(kind => kind.Id.Value, StringComparer.Ordinal);

    /// <summary>Null when the vocabulary has no such kind.</summary>
    public static QuantityKind? Find(QuantityId id) => id.Value is null ? null : ByName.GetValueOrDefault(id.Value);
}
