using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Streets;

namespace CommandCenter.Grains.Rules;

/// <summary>One street as rules over several devices ask of it: itself as a subject, and how many of its devices a leaf could count.</summary>
internal sealed class StreetCity(AreaId area, StreetState street, Func<RuleId, RuleDefinition?> find) : IAreaCity
{
    private static readonly HashSet<string> Nobody = [];
    private readonly Dictionary<AreaLeaf, int[]> _slots = new(ReferenceEqualityComparer.Instance);

    /// <summary>The street for people and on the map; set by the one who knows the map.</summary>
    public AreaSubject Self { get; set; } = new() { Id = area.Value, Name = area.Value, Street = area };

    public IReadOnlySet<string> SilentStreets => Nobody;

    /// <summary>Devices or rules changed: who is selected is looked up anew.</summary>
    public void Invalidate() => _slots.Clear();

    public AreaSubject? FindArea(string id) => id == area.Value ? Self : null;

    public AreaPopulation Population(RuleDefinition rule, AreaLeaf leaf, AreaSubject subject, long at)
    {
        int selected = 0, heard = 0, fresh = 0;
        foreach (var slot in SlotsOf(leaf))
        {
            ref readonly var row = ref street.Row(slot);
            if (row.Registration is not { } device || (leaf.Same != AreaRelation.Street && !AreaRuleState.Relates(leaf, subject, AreaPlace.Of(device, row.Longitude, row.Latitude))))
            {
                continue;
            }

            Count(in row, at, ref selected, ref heard, ref fresh);
        }

        return new(selected, heard, fresh);
    }

    /// <summary>The same for what the district counts: all of the street, or those that also belong to the overlay.</summary>
    public AreaPopulation PopulationOf(AreaLeaf leaf, AreaId? overlay, long at)
    {
        int selected = 0, heard = 0, fresh = 0;
        foreach (var slot in SlotsOf(leaf))
        {
            ref readonly var row = ref street.Row(slot);
            if (row.Registration is { } device && (overlay is not { } wanted || device.Areas.Contains(wanted)))
            {
                Count(in row, at, ref selected, ref heard, ref fresh);
            }
        }

        return new(selected, heard, fresh);
    }

    /// <summary>The overlays that devices of the leaf belong to.</summary>
    public IEnumerable<AreaId> OverlaysOf(AreaLeaf leaf) =>
        SlotsOf(leaf).SelectMany(slot => street.Row(slot).Registration?.Areas ?? []).Distinct();

    private int[] SlotsOf(AreaLeaf leaf)
    {
        if (_slots.TryGetValue(leaf, out var known))
        {
            return known;
        }

        var source = leaf.Condition is null ? find(leaf.Source)?.Select : null;
        var slots = new List<int>();
        for (var slot = 0; slot < street.SlotEnd; slot++)
        {
            if (street.Row(slot).Registration is { } device && !device.Tags.Contains("drill") && leaf.Select.Matches(device) && (source is null || source.Matches(device)))
            {
                slots.Add(slot);
            }
        }

        return _slots[leaf] = [.. slots];
    }

    private static void Count(in DeviceRow row, long at, ref int selected, ref int heard, ref int fresh)
    {
        selected++;
        heard += row.HeardAt == 0 ? 0 : 1;
        fresh += row.HeardAt != 0 && !row.SaidOffline && at - row.HeardAt <= 3000L * row.Registration!.IntervalSeconds ? 1 : 0;
    }
}
