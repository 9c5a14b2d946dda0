using System.Collections.Concurrent;
using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Feed;

// The node's copy of one area: a street, the district (all streets together) or an overlay (the members of all streets). Only the feed's loop
// changes it; device look-ups of screens read it from other threads, which is why devices are in a concurrent dictionary.
internal sealed class AreaImage(AreaDescription description, string epoch, FeedOptions options)
{
    private readonly Dictionary<WarningId, (WarningView View, AreaId Owner)> _warnings = [];
    private readonly Dictionary<IncidentId, (IncidentView View, AreaId Owner)> _incidents = [];
    private readonly Dictionary<TaskId, (TaskView View, AreaId Owner)> _tasks = [];
    private readonly HashSet<ScreenConnection> _screens = [];

    // Few of many: a picture is drawn ten times a second.
    private readonly HashSet<DeviceId> _withEvent = [];
    private readonly Queue<WireFrame> _ring = new();
    private bool _nudged;
    private (ImmutableArray<WireFrame> Parts, long Seq, long MadeAt)? _snapshot;

    public AreaDescription Description => description;
    public AreaId Id => description.Id;
    public string Epoch => epoch;
    public long Seq { get; private set; }
    public ConcurrentDictionary<DeviceId, DeviceSituation> Devices { get; } = new(1, 1_024);

    /// <summary>Changes since the last frame.</summary>
    public PendingChanges Pending { get; } = new();

    /// <summary>A red warning waits in <see cref="Pending"/>: the frame goes at once.</summary>
    public bool Urgent { get; private set; }
    /// <summary>The screens that follow. While there is none, changes are not gathered: whoever comes begins with a snapshot.</summary>
    public IReadOnlySet<ScreenConnection> Screens => _screens;
    public HashSet<PictureWatch> Watches { get; } = [];

    /// <summary>Machine timestamps of the feed's loop.</summary>
    public long LastFrameAt { get; set; }
    public TimeSpan Pause { get; set; } = options.FramePauseMin;
    public TimeSpan PicturePause { get; set; } = options.PicturePause;
    public long PictureMadeAt { get; set; }
    public bool PictureDue { get; set; } = true;

    /// <summary>Read from any thread.</summary>
    public volatile SituationPicture Picture = SituationPicture.Empty(description.Id);

    /// <summary>Takes the changes of one street, or of the district's own warnings, as far as they concern this area.</summary>
    public void Fold(AreaId owner, AreaFrame changes)
    {
        var own = description.Kind == AreaKind.District || owner == Id ? changes : CutToMembers(changes);
        var removed = own.Removed;

        // A device or incident that moved from one street to another is removed by the one after the other has shown it.
        var goneDevices = removed.Devices.RemoveAll(id => !(Devices.TryGetValue(id, out var device) && device.Street == owner));
        var goneWarnings = removed.Warnings.RemoveAll(id => !(_warnings.TryGetValue(id, out var held) && held.Owner == owner));
        var goneIncidents = removed.Incidents.RemoveAll(id => !(_incidents.TryGetValue(id, out var held) && held.Owner == owner));
        var goneTasks = removed.Tasks.RemoveAll(id => !(_tasks.TryGetValue(id, out var held) && held.Owner == owner));
        foreach (var id in goneDevices)
        {
            Devices.TryRemove(id, out _);
            _withEvent.Remove(id);
        }

        foreach (var id in goneWarnings)
        {
            _warnings.Remove(id);
        }

        foreach (var id in goneIncidents)
        {
            _incidents.Remove(id);
        }

        foreach (var id in goneTasks)
        {
            _tasks.Remove(id);
        }

        foreach (var device in own.Devices)
        {
            Devices[device.Id] = device;
            if (device.Event is not null)
            {
                _withEvent.Add(device.Id);
            }
            else
            {
                _withEvent.Remove(device.Id);
            }
        }

        foreach (var warning in own.Warnings)
        {
            Urgent |= _screens.Count > 0 && IsNewRed(warning);
            _warnings[warning.Id] = (warning, owner);
        }

        foreach (var incident in own.Incidents)
        {
            _incidents[incident.Id] = (incident, owner);
        }

        foreach (var task in own.Tasks)
        {
            _tasks[task.Id] = (task, owner);
        }

        PictureDue = true;
        if (_screens.Count > 0)
        {
            Pending.Add(own with { Removed = new Removed { Devices = goneDevices, Warnings = goneWarnings, Incidents = goneIncidents, Tasks = goneTasks } });
        }
    }

    /// <summary>Something is to be shown although nothing of the lists changed.</summary>
    public void Nudge()
    {
        PictureDue = true;
        _nudged |= _screens.Count > 0;
    }

    /// <summary>A frame is due.</summary>
    public bool HasNews => _nudged || !Pending.IsEmpty;

    public void Join(ScreenConnection screen) => _screens.Add(screen);

    public void Leave(ScreenConnection screen)
    {
        if (_screens.Remove(screen) && _screens.Count == 0)
        {
            Pending.Clear();
            Urgent = false;
            _snapshot = null;
        }
    }

    /// <summary>What the street held and a new snapshot of it no longer shows, as a frame of removals.</summary>
    public Removed MissingFrom(AreaId owner, AreaFrame whole)
    {
        var devices = whole.Devices.Select(device => device.Id).ToHashSet();
        var warnings = whole.Warnings.Select(warning => warning.Id).ToHashSet();
        var incidents = whole.Incidents.Select(incident => incident.Id).ToHashSet();
        var tasks = whole.Tasks.Select(task => task.Id).ToHashSet();
        return new Removed
        {
            Devices = [.. DevicesNow().Where(device => device.Street == owner && !devices.Contains(device.Id)).Select(device => device.Id)],
            Warnings = [.. _warnings.Where(held => held.Value.Owner == owner && !warnings.Contains(held.Key)).Select(held => held.Key)],
            Incidents = [.. _incidents.Where(held => held.Value.Owner == owner && !incidents.Contains(held.Key)).Select(held => held.Key)],
            Tasks = [.. _tasks.Where(held => held.Value.Owner == owner && !tasks.Contains(held.Key)).Select(held => held.Key)],
        };
    }

    /// <summary>The next frame: the pending changes, or a heartbeat.</summary>
    public WireFrame Emit(bool heartbeat, DateTimeOffset at, AreaCounts counts)
    {
        Seq++;
        var frame = new AreaFrame { Area = Id, Epoch = epoch, Seq = Seq, At = at, Heartbeat = heartbeat, Counts = counts };
        if (!heartbeat)
        {
            frame = Pending.TakeInto(frame);
            Urgent = false;
            _nudged = false;
        }

        var wire = new WireFrame(frame);
        _ring.Enqueue(wire);
        while (_ring.Count > options.RingCapacity)
        {
            _ring.Dequeue();
        }

        return wire;
    }

    /// <summary>Everything, for a screen that begins: a snapshot not older than the options say, and the frames since.</summary>
    public ImmutableArray<WireFrame> Begin(long now, long sharedFor, DateTimeOffset at, AreaCounts counts)
    {
        var oldestKept = _ring.Count > 0 ? _ring.Peek().Frame.Seq : Seq + 1;
        if (_snapshot is not { } kept || now - kept.MadeAt > sharedFor || kept.Seq + 1 < oldestKept)
        {
            kept = (Cut(at, counts), Seq, now);

            // Only while somebody follows do the frames since a snapshot hold every change.
            _snapshot = _screens.Count > 0 ? kept : null;
        }

        return [.. kept.Parts, .. _ring.Where(wire => wire.Frame.Seq > kept.Seq)];
    }

    public SituationPicture Draw(DateTimeOffset at, bool live, AreaCounts counts, ImmutableArray<AreaId> silent) => new()
    {
        Area = Id,
        Epoch = epoch,
        Seq = Seq,
        At = at,
        Live = live,
        Counts = counts,
        Warnings =
        [
            .. _warnings.Values.Select(held => held.View)
                .OrderByDescending(warning => warning.State == WarningState.Raised)
                .ThenByDescending(warning => warning.Colour)
                .ThenByDescending(warning => warning.OnsetAt)
                .ThenBy(warning => warning.Id.Value, StringComparer.Ordinal),
        ],
        Incidents = [.. _incidents.Values.Select(held => held.View).OrderByDescending(incident => incident.OpenedAt).ThenBy(incident => incident.Id.Value, StringComparer.Ordinal)],
        Tasks = [.. _tasks.Values.Select(held => held.View).OrderByDescending(task => task.IssuedAt).ThenBy(task => task.Id.Value, StringComparer.Ordinal)],
        EventDevices = [.. _withEvent.Select(id => Devices[id]).OrderByDescending(device => device.Event!.At).ThenBy(device => device.Id.Value, StringComparer.Ordinal)],
        SilentStreets = silent,
    };

    /// <summary>Of the warnings that the owner holds: those that call for a person.</summary>
    public int CallsHeldBy(AreaId owner) => _warnings.Values.Count(held => held.Owner == owner && held.View.IsCalling);

    /// <summary>The warnings here that the owner holds.</summary>
    public WarningCounts CountHeldBy(AreaId owner)
    {
        int red = 0, orange = 0, yellow = 0, blue = 0, unacknowledged = 0;
        foreach (var (warning, holder) in _warnings.Values)
        {
            if (holder == owner && warning.IsShown)
            {
                red += warning.Colour == Colour.Red ? 1 : 0;
                orange += warning.Colour == Colour.Orange ? 1 : 0;
                yellow += warning.Colour == Colour.Yellow ? 1 : 0;
                blue += warning.Colour == Colour.Blue ? 1 : 0;
                unacknowledged += warning.Acknowledged is null ? 1 : 0;
            }
        }

        return new(red, orange, yellow, blue, unacknowledged);
    }

    /// <summary>Counts from what the image itself holds: for overlays, which no grain counts.</summary>
    public AreaCounts CountMembers()
    {
        var states = DevicesNow().CountBy(device => device.State).ToDictionary();
        var raised = _warnings.Values.Select(held => held.View).Where(warning => warning.IsShown).ToArray();
        var colours = raised.CountBy(warning => warning.Colour).ToDictionary();
        var incidents = _incidents.Values.Select(held => held.View).Where(incident => incident.IsOpen).ToArray();
        var tasks = _tasks.Values.Select(held => held.View).Where(task => task.IsOpen).ToArray();
        return new AreaCounts
        {
            Devices = new(
                states.GetValueOrDefault(DeviceState.Normal), states.GetValueOrDefault(DeviceState.Stale), states.GetValueOrDefault(DeviceState.Offline),
                states.GetValueOrDefault(DeviceState.Unknown), states.GetValueOrDefault(DeviceState.Maintenance)),
            Warnings = new(
                colours.GetValueOrDefault(Colour.Red), colours.GetValueOrDefault(Colour.Orange), colours.GetValueOrDefault(Colour.Yellow),
                colours.GetValueOrDefault(Colour.Blue), raised.Count(warning => warning.Acknowledged is null && warning.InhibitedBy is null)),
            Incidents = new(incidents.Length, incidents.Count(incident => incident.Clocks.Any(clock => clock.FiredAt is not null) || incident.Tasks.Any(task => !task.Overdue.IsEmpty))),
            Tasks = new(tasks.Length, tasks.Count(task => !task.Overdue.IsEmpty)),
            LastReadingAt = DevicesNow().Max(device => device.At),
        };
    }

    // The dictionary's own list of values is a copy of all of them: a large object each time, and those end in full collections.
    private IEnumerable<DeviceSituation> DevicesNow()
    {
        foreach (var (_, device) in Devices)
        {
            yield return device;
        }
    }

    private bool IsNewRed(WarningView warning) =>
        warning is { State: WarningState.Raised, Colour: Colour.Red }
        && !(_warnings.TryGetValue(warning.Id, out var held) && held.View is { State: WarningState.Raised, Colour: Colour.Red });

    private AreaFrame CutToMembers(AreaFrame changes)
    {
        var incidents = changes.Incidents.RemoveAll(incident => !incident.Areas.Contains(Id));
        var memberIncidents = incidents.Select(incident => incident.Id).ToHashSet();
        var left = new Removed
        {
            Devices = [.. changes.Removed.Devices, .. changes.Devices.Where(device => !device.Areas.Contains(Id) && Devices.ContainsKey(device.Id)).Select(device => device.Id)],
            Warnings = [.. changes.Removed.Warnings, .. changes.Warnings.Where(warning => !warning.Areas.Contains(Id) && _warnings.ContainsKey(warning.Id)).Select(warning => warning.Id)],
            Incidents = [.. changes.Removed.Incidents, .. changes.Incidents.Where(incident => !incident.Areas.Contains(Id) && _incidents.ContainsKey(incident.Id)).Select(incident => incident.Id)],
            Tasks = changes.Removed.Tasks,
        };
        return changes with
        {
            Devices = changes.Devices.RemoveAll(device => !device.Areas.Contains(Id)),
            Warnings = changes.Warnings.RemoveAll(warning => !warning.Areas.Contains(Id)),
            Incidents = incidents,
            Tasks = changes.Tasks.RemoveAll(task => !memberIncidents.Contains(task.Incident) && !_incidents.ContainsKey(task.Incident)),
            Removed = left,
        };
    }

    private ImmutableArray<WireFrame> Cut(DateTimeOffset at, AreaCounts counts)
    {
        var devices = DevicesNow().OrderBy(device => device.Id.Value, StringComparer.Ordinal).ToImmutableArray();
        var parts = Math.Max(1, (devices.Length + options.SnapshotPartDevices - 1) / options.SnapshotPartDevices);
        var cut = ImmutableArray.CreateBuilder<WireFrame>(parts);
        for (var part = 1; part <= parts; part++)
        {
            var start = (part - 1) * options.SnapshotPartDevices;
            var frame = new AreaFrame
            {
                Area = Id, Epoch = epoch, Seq = Seq, At = at, Counts = counts,
                Devices = devices.Slice(start, Math.Min(options.SnapshotPartDevices, devices.Length - start)),
            };

            // Warnings, incidents and tasks are few and come whole with the first part.
            cut.Add(new WireFrame(
                part > 1 ? frame : frame with
                {
                    Warnings = [.. _warnings.Values.Select(held => held.View)],
                    Incidents = [.. _incidents.Values.Select(held => held.View)],
                    Tasks = [.. _tasks.Values.Select(held => held.View)],
                },
                part,
                parts));
        }

        return cut.ToImmutable();
    }
}
