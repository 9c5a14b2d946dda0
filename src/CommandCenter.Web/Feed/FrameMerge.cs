using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Feed;

// Two frames in a row become one that has the same effect: applying the merged frame gives what applying the one and then the other gives.
internal static class FrameMerge
{
    /// <summary>Merges <paramref name="later"/> over <paramref name="earlier"/>. Area, epoch, seq, time and counts are the later frame's. The merged
    /// frame is a heartbeat only when both are, and carries the newer canary.</summary>
    public static AreaFrame Merge(AreaFrame earlier, AreaFrame later)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentNullException.ThrowIfNull(later);
        var (devices, devicesRemoved) = Merge(earlier.Devices, earlier.Removed.Devices, later.Devices, later.Removed.Devices, device => device.Id);
        var (warnings, warningsRemoved) = Merge(earlier.Warnings, earlier.Removed.Warnings, later.Warnings, later.Removed.Warnings, warning => warning.Id);
        var (incidents, incidentsRemoved) = Merge(earlier.Incidents, earlier.Removed.Incidents, later.Incidents, later.Removed.Incidents, incident => incident.Id);
        var (tasks, tasksRemoved) = Merge(earlier.Tasks, earlier.Removed.Tasks, later.Tasks, later.Removed.Tasks, task => task.Id);
        return later with
        {
            Heartbeat = earlier.Heartbeat && later.Heartbeat,
            Devices = devices,
            Warnings = warnings,
            Incidents = incidents,
            Tasks = tasks,
            Removed = new Removed { Devices = devicesRemoved, Warnings = warningsRemoved, Incidents = incidentsRemoved, Tasks = tasksRemoved },
            CanaryPublishedAt = later.CanaryPublishedAt ?? earlier.CanaryPublishedAt,
        };
    }

    // Within a frame removals come first: an id that is both removed and present was replaced.
    private static (ImmutableArray<T> Present, ImmutableArray<TId> Removed) Merge<T, TId>(
        ImmutableArray<T> earlier, ImmutableArray<TId> earlierRemoved, ImmutableArray<T> later, ImmutableArray<TId> laterRemoved, Func<T, TId> id)
        where TId : struct
    {
        if (earlierRemoved.IsEmpty && laterRemoved.IsEmpty && (earlier.IsEmpty || later.IsEmpty))
        {
            return (earlier.IsEmpty ? later : earlier, []);
        }

        var present = new Dictionary<TId, T>(earlier.Length + later.Length);
        var removed = new HashSet<TId>(earlierRemoved);
        foreach (var item in earlier)
        {
            present[id(item)] = item;
        }

        foreach (var gone in laterRemoved)
        {
            present.Remove(gone);
            removed.Add(gone);
        }

        foreach (var item in later)
        {
            present[id(item)] = item;
        }

        removed.ExceptWith(present.Keys);
        return ([.. present.Values], [.. removed]);
    }
}
