using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Incidents;

/// <summary>The open incidents of a class group as the store has them. Which stand, and at which event, is asked each time; the documents only of those that moved since:
/// in a flood every hand-over asks, and hundreds stand. Bounded by what is open.</summary>
internal sealed class OpenIncidents(IIncidentStore store)
{
    private readonly Dictionary<bool, Dictionary<IncidentId, IncidentView>> _known = new() { [false] = [], [true] = [] };

    /// <summary>Opened at or after the time, oldest first; drill ones only with drill.</summary>
    public async Task<ImmutableArray<IncidentView>> LoadAsync(IReadOnlyList<ClassCode> classes, DateTimeOffset openedFrom, bool drill)
    {
        var known = _known[drill];
        var standing = await store.ListOpenAsync(classes, openedFrom, drill);
        var moved = standing.Where(one => !known.TryGetValue(one.Id, out var view) || view.Version != one.Seq).Select(one => one.Id).ToArray();
        foreach (var view in moved.Length == 0 ? [] : await store.FindManyAsync(moved))
        {
            known[view.Id] = view;
        }

        var ids = standing.Select(one => one.Id).ToHashSet();
        foreach (var gone in known.Keys.Where(id => !ids.Contains(id)).ToArray())
        {
            known.Remove(gone);
        }

        return [.. standing.Select(one => known.GetValueOrDefault(one.Id)).OfType<IncidentView>()];
    }
}
