using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Pushing;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Streets;

/// <summary>The street as its observers see it, and what of it changed since the last frame.</summary>
internal sealed class StreetPicture(StreetJudgement judgement, DomainClock clock) : IAreaPicture
{
    private readonly Dictionary<IncidentId, IncidentView> _incidents = [];
    private readonly HashSet<IncidentId> _changedIncidents = [];
    private readonly HashSet<IncidentId> _removedIncidents = [];
    private readonly HashSet<TaskId> _removedTasks = [];
    private SeatState _seat = SeatState.Quiet;
    private bool _seatChanged;
    private ImmutableArray<Vital> _vitals = [];
    private DateTimeOffset _vitalsAt;

    public DateTimeOffset Now => clock.Now;

    public bool HasChanges =>
        judgement.ChangedSlots.Count > 0 || judgement.RemovedDevices.Count > 0 || judgement.Warnings.Touched.Count > 0
        || _seatChanged || _changedIncidents.Count > 0 || _removedIncidents.Count > 0 || judgement.State.CanaryPublishedAt != 0;

    /// <summary>A red warning changed: it does not wait for the next frame.</summary>
    public bool HasUrgent
    {
        get
        {
            foreach (var id in judgement.Warnings.Touched)
            {
                if (judgement.Warnings.Find(id) is { State: WarningState.Raised, Colour: Colour.Red })
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Takes up what calls at the seat.</summary>
    public void Show(SeatState seat)
    {
        _seatChanged |= seat.Ring != _seat.Ring || seat.Flood != _seat.Flood;
        _seat = seat;
    }

    /// <summary>Takes up an incident; false when a newer version is already shown. A closed one is shown once and leaves with <see cref="RemoveClosed"/>.</summary>
    public bool Show(IncidentView incident)
    {
        if (_incidents.TryGetValue(incident.Id, out var known) ? known.Version >= incident.Version : !incident.IsOpen)
        {
            return false;
        }

        if (known is not null)
        {
            _removedTasks.UnionWith(known.Tasks.Select(task => task.Id).Except(incident.Tasks.Select(task => task.Id)));
        }

        _incidents[incident.Id] = incident with { Timeline = [] };
        _removedIncidents.Remove(incident.Id);
        _changedIncidents.Add(incident.Id);
        return true;
    }

    /// <summary>Takes closed incidents that have been shown off the picture.</summary>
    public void RemoveClosed()
    {
        foreach (var (id, incident) in _incidents)
        {
            if (!incident.IsOpen && !_changedIncidents.Contains(id))
            {
                _incidents.Remove(id);
                _removedIncidents.Add(id);
                _removedTasks.UnionWith(incident.Tasks.Select(task => task.Id));
            }
        }
    }

    public PictureBody TakeChanges()
    {
        var devices = ImmutableArray.CreateBuilder<DeviceSituation>(judgement.ChangedSlots.Count);
        foreach (var slot in judgement.ChangedSlots)
        {
            if (Situation(slot) is { } situation)
            {
                devices.Add(situation);
            }
        }

        var warnings = ImmutableArray.CreateBuilder<WarningView>();
        var gone = ImmutableArray.CreateBuilder<WarningId>();
        foreach (var id in judgement.Warnings.Touched)
        {
            if (judgement.Warnings.Find(id) is { } warning)
            {
                warnings.Add(Short(warning));
            }
            else
            {
                gone.Add(id);
            }
        }

        var incidents = _changedIncidents.Select(id => _incidents[id]).ToImmutableArray();
        var body = new PictureBody
        {
            Devices = devices.ToImmutable(),
            Warnings = warnings.ToImmutable(),
            Incidents = incidents,
            Tasks = [.. incidents.SelectMany(incident => incident.Tasks)],
            Removed = gone.Count + _removedIncidents.Count + _removedTasks.Count + judgement.RemovedDevices.Count == 0
                ? Removed.Nothing
                : new() { Devices = [.. judgement.RemovedDevices], Warnings = gone.ToImmutable(), Incidents = [.. _removedIncidents], Tasks = [.. _removedTasks] },
            CanaryPublishedAt = judgement.State.CanaryPublishedAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(judgement.State.CanaryPublishedAt),
        };
        judgement.ChangedSlots.Clear();
        judgement.RemovedDevices.Clear();
        judgement.Warnings.Touched.Clear();
        judgement.State.CanaryPublishedAt = 0;
        _seatChanged = false;
        _changedIncidents.Clear();
        _removedIncidents.Clear();
        _removedTasks.Clear();
        return body;
    }

    public PictureBody ReadAll()
    {
        var devices = ImmutableArray.CreateBuilder<DeviceSituation>();
        for (var slot = 0; slot < judgement.State.SlotEnd; slot++)
        {
            if (judgement.State.Row(slot).Registration is not null && Situation(slot) is { } situation)
            {
                devices.Add(situation);
            }
        }

        return new()
        {
            Devices = devices.ToImmutable(),
            Warnings = [.. judgement.Warnings.Open.Select(Short)],
            Incidents = [.. _incidents.Values],
            Tasks = [.. _incidents.Values.SelectMany(incident => incident.Tasks)],
        };
    }

    public AreaCounts Counts()
    {
        var now = clock.Now;
        if (_vitals.IsEmpty || now - _vitalsAt >= TimeSpan.FromMilliseconds(200) || now < _vitalsAt)
        {
            _vitals = Vitals.Of(judgement.State);
            _vitalsAt = now;
        }

        int open = 0, overdue = 0, openTasks = 0, overdueTasks = 0;
        foreach (var incident in _incidents.Values)
        {
            if (!incident.IsOpen)
            {
                continue;
            }

            open++;
            overdue += incident.Clocks.Any(limit => limit.FiredAt is not null) ? 1 : 0;
            foreach (var task in incident.Tasks)
            {
                openTasks += task.IsOpen ? 1 : 0;
                overdueTasks += task.IsOpen && !task.Overdue.IsEmpty ? 1 : 0;
            }
        }

        return new()
        {
            Devices = judgement.State.Counts,
            Warnings = judgement.Warnings.Count(),
            Incidents = new(open, overdue),
            Tasks = new(openTasks, overdueTasks),
            Vitals = _vitals,
            Seat = _seat,
            LastReadingAt = judgement.State.LastReadingAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(judgement.State.LastReadingAt),
        };
    }

    // The timeline of a warning is asked for when someone looks at it; in a flood it would be the largest part of every frame.
    private static WarningView Short(WarningView warning) => warning.Changes.IsDefaultOrEmpty ? warning : warning with { Changes = [] };

    private DeviceSituation? Situation(int slot)
    {
        ref readonly var row = ref judgement.State.Row(slot);
        return row.Registration is null ? null : judgement.State.Situation(slot, judgement.Warnings.ColourOf(row.Registration.Id.Value));
    }
}
