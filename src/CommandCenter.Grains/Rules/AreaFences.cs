using System.Collections.Concurrent;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;

namespace CommandCenter.Grains.Rules;

/// <summary>The areas of the map as fences, each made once for all streets.</summary>
internal sealed class AreaFences(AreaMap map)
{
    private readonly ConcurrentDictionary<string, Fence?> _fences = new(StringComparer.Ordinal);

    /// <summary>Null when the map has no such area, or it has no border of its own.</summary>
    public Fence? Find(string code) => _fences.GetOrAdd(code, known => map.ShapeOf(AreaId.From(known)) is { } shape ? Fence.Of(shape) : null);
}
