using CommandCenter.Grains.Contracts;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Quadtree;

namespace CommandCenter.Grains.Rules;

/// <summary>A device that counts for a leaf at present.</summary>
internal sealed class AreaActive
{
    public required AreaPlace Place { get; init; }
    public required long Since { get; init; }

    /// <summary>Counts until then; <see cref="long.MaxValue"/> while its condition stands.</summary>
    public long Until { get; set; } = long.MaxValue;
    public double? Value { get; set; }
    public string? Event { get; set; }
    public Envelope? Indexed { get; set; }
}

/// <summary>The devices that count under one key: of one street, one switch, one overlay.</summary>
internal sealed class AreaGroup
{
    public Dictionary<string, AreaActive> Actives { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, int> ByStreet { get; } = new(StringComparer.Ordinal);
}

/// <summary>One leaf of one rule with the devices that count for it, found by group and by distance. Only those that count are held, so a calm city costs nothing.</summary>
internal sealed class AreaLeafState(AreaLeaf leaf)
{
    private static readonly AreaGroup Nobody = new();
    private readonly Dictionary<string, AreaGroup> _groups = new(StringComparer.Ordinal);
    private readonly Quadtree<AreaActive> _near = new();

    public AreaLeaf Leaf => leaf;

    /// <summary>All that count, by device.</summary>
    public Dictionary<string, AreaActive> Actives { get; } = new(StringComparer.Ordinal);

    public IEnumerable<string> Keys => _groups.Keys;

    public AreaGroup Group(string key) => _groups.GetValueOrDefault(key, Nobody);

    public void Add(AreaActive active)
    {
        Actives[active.Place.Id] = active;
        foreach (var key in KeysOf(active.Place))
        {
            if (!_groups.TryGetValue(key, out var group))
            {
                _groups[key] = group = new();
            }

            group.Actives[active.Place.Id] = active;
            group.ByStreet[active.Place.Street.Value] = group.ByStreet.GetValueOrDefault(active.Place.Street.Value) + 1;
        }

        if (active.Place is { Longitude: { } longitude, Latitude: { } latitude })
        {
            active.Indexed = new Envelope(longitude - 1e-7, longitude + 1e-7, latitude - 1e-7, latitude + 1e-7);
            _near.Insert(active.Indexed, active);
        }
    }

    public void Remove(AreaActive active)
    {
        Actives.Remove(active.Place.Id);
        foreach (var key in KeysOf(active.Place))
        {
            if (_groups.TryGetValue(key, out var group) && group.Actives.Remove(active.Place.Id))
            {
                var street = active.Place.Street.Value;
                if (--group.ByStreet[street] == 0)
                {
                    group.ByStreet.Remove(street);
                }

                if (group.Actives.Count == 0)
                {
                    _groups.Remove(key);
                }
            }
        }

        if (active.Indexed is { } indexed)
        {
            _near.Remove(indexed, active);
        }
    }

    /// <summary>Those within the metres of the point, earliest first.</summary>
    public List<AreaActive> Near(double longitude, double latitude, double metres)
    {
        var height = metres / 110_500;
        var width = metres / (110_500 * Math.Max(0.01, Math.Cos(latitude * Math.PI / 180)));
        var found = new List<AreaActive>();
        foreach (var active in _near.Query(new Envelope(longitude - width, longitude + width, latitude - height, latitude + height)))
        {
            if (active.Place.DistanceM(longitude, latitude) <= metres)
            {
                found.Add(active);
            }
        }

        found.Sort(Earlier);
        return found;
    }

    public static int Earlier(AreaActive one, AreaActive other)
    {
        var order = one.Since.CompareTo(other.Since);
        return order != 0 ? order : string.CompareOrdinal(one.Place.Id, other.Place.Id);
    }

    private IEnumerable<string> KeysOf(AreaPlace place)
    {
        switch (leaf.Same)
        {
            case AreaRelation.Street:
                return [place.Street.Value];
            case AreaRelation.Overlay:
                return place.Areas.Select(area => area.Value);
            case AreaRelation.Tag:
                return AreaPlan.TagsOf(place, leaf.Tag);
            case AreaRelation.Subject:
                return [place.Id];
            case AreaRelation.District:
                return [string.Empty];
            default:
                return [];
        }
    }
}
