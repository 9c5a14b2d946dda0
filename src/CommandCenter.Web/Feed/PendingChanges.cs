using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Feed;

// What changed in an area since its last frame. Applying the one frame that is taken gives what applying every added frame in turn gives. Adding costs what
// the added frame holds and not what waits already: under load hundreds of frames come between two that leave.
internal sealed class PendingChanges
{
    private readonly Changes<DeviceId, DeviceSituation> _devices = new(device => device.Id);
    private readonly Changes<WarningId, WarningView> _warnings = new(warning => warning.Id);
    private readonly Changes<IncidentId, IncidentView> _incidents = new(incident => incident.Id);
    private readonly Changes<TaskId, TaskView> _tasks = new(task => task.Id);

    public bool IsEmpty => _devices.IsEmpty && _warnings.IsEmpty && _incidents.IsEmpty && _tasks.IsEmpty;

    public void Add(AreaFrame frame)
    {
        _devices.Add(frame.Removed.Devices, frame.Devices);
        _warnings.Add(frame.Removed.Warnings, frame.Warnings);
        _incidents.Add(frame.Removed.Incidents, frame.Incidents);
        _tasks.Add(frame.Removed.Tasks, frame.Tasks);
    }

    /// <summary>Puts the changes into the frame and forgets them.</summary>
    public AreaFrame TakeInto(AreaFrame frame)
    {
        var (devices, goneDevices) = _devices.Take();
        var (warnings, goneWarnings) = _warnings.Take();
        var (incidents, goneIncidents) = _incidents.Take();
        var (tasks, goneTasks) = _tasks.Take();
        return frame with
        {
            Devices = devices,
            Warnings = warnings,
            Incidents = incidents,
            Tasks = tasks,
            Removed = new Removed { Devices = goneDevices, Warnings = goneWarnings, Incidents = goneIncidents, Tasks = goneTasks },
        };
    }

    public void Clear()
    {
        _devices.Clear();
        _warnings.Clear();
        _incidents.Clear();
        _tasks.Clear();
    }

    private sealed class Changes<TId, T>(Func<T, TId> idOf)
        where TId : struct
    {
        private readonly Dictionary<TId, T> _present = [];
        private readonly HashSet<TId> _removed = [];

        public bool IsEmpty => _present.Count == 0 && _removed.Count == 0;

        // Within a frame removals come first: an id that is both removed and present was replaced.
        public void Add(ImmutableArray<TId> removed, ImmutableArray<T> present)
        {
            foreach (var id in removed)
            {
                _present.Remove(id);
                _removed.Add(id);
            }

            foreach (var item in present)
            {
                var id = idOf(item);
                _present[id] = item;
                _removed.Remove(id);
            }
        }

        public (ImmutableArray<T> Present, ImmutableArray<TId> Removed) Take()
        {
            (ImmutableArray<T>, ImmutableArray<TId>) taken = ([.. _present.Values], [.. _removed]);
            Clear();
            return taken;
        }

        public void Clear()
        {
            _present.Clear();
            _removed.Clear();
        }
    }
}
