using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Incidents;

/// <summary>The life of an incident: what its events make of it (here) and what commands may do to it (IncidentDecide.cs).</summary>
internal static partial class IncidentLife
{
    public static Incident? Replay(IEnumerable<StampedEvent> events) =>
        events.Aggregate((Incident?)null, (state, stamped) => Apply(state, stamped));

    /// <summary>Checks nothing: an event has happened.</summary>
    public static Incident Apply(Incident? before, StampedEvent stamped)
    {
        var at = stamped.At;
        if (stamped.Event is IncidentReported opened)
        {
            return Open(opened, stamped);
        }

        var state = before ?? throw new InvalidOperationException($"Event {stamped.Seq} comes before the incident was reported.");
        state = state with { View = state.View with { Version = stamped.Seq } };
        return stamped.Event switch
        {
            IncidentReported => state,
            IncidentReceived => Enter(state, IncidentState.Received, at),
            IncidentFiled e => Enter(state with { View = state.View with { Grade = e.Grade ?? state.View.Grade, Priority = e.Priority } }, IncidentState.Filed, at),
            ReportJoined e => Gather(state, [e.Report], [], [], at),
            WarningJoined e => Gather(state, [], [e.Warning], e.Warning.Device is { } device ? [device] : [], at),
            WarningNoted e => Recolour(state with { Warnings = [.. state.Warnings.Select(known => known.Id == e.Warning.Id ? e.Warning : known)] }),
            PlanDispatched e => Issue(state with
            {
                View = state.View with { Plan = e.Plan, PlanVersion = e.PlanVersion, ResponseLevel = e.ResponseLevel },
                Escalation = e.Escalation,
                Round = LeftRowsOut(e) ? state.Round + 1 : state.Round,
            }, new DispatchMemo(e.Dispatch, e.Plan, e.PlanVersion, e.ResponseLevel, e.Round, e.KeyHash, e.BodyHash, [.. e.Tasks.Select(task => task.Id)], e.Notices, LeftRowsOut(e)), e.Tasks, at),
            TaskOrdered e => Issue(state, new DispatchMemo(e.Dispatch, null, 0, state.View.ResponseLevel, state.Round, e.KeyHash, e.BodyHash, [e.Task.Id], 1), [e.Task], at),
            TaskAccepted e => Settle(Change(state, e.Task, task => task with { State = TaskState.Accepted, AcceptedAt = at }), at),
            TaskArrived e => Settle(Change(state, e.Task, task => task with { State = TaskState.Arrived, ArrivedAt = at }), at),
            TaskReported e => Settle(Remember(
                Change(state, e.Task, task => task with { State = TaskState.Reported, ReportedAt = at, Result = e.Text }),
                e.Task, memo => memo with { HandledByPerson = e.Person, EscalateAt = null }), at),
            TaskReturned e => Settle(Change(state, e.Task, task => task with { State = TaskState.Returned, Result = e.Reason }) with { Round = state.Round + 1 }, at),
            TaskOverdue e => MarkOverdue(state, e, at),
            TaskEscalated e => Remember(Change(state, e.Task, task => task), e.Task, memo => memo with { EscalateAt = null }),
            ReceiptNoted e => Change(state, e.Task, task => task with { Receipts = [.. task.Receipts.Where(known => known.Channel != e.Receipt.Channel), e.Receipt] }),
            StepOverdue e => FireStep(state, e.Step, at),
            IncidentVerified => Enter(ChangeAll(state, task => task.State == TaskState.Reported, task => task with { State = TaskState.Verified }), IncidentState.Verified, at),
            VerificationFailed e => Settle(ChangeAll(state, task => e.Tasks.Contains(task.Id), task => SendBack(task, at)), at),
            IncidentClosed => Enter(Free(state) with { View = Free(state).View with { ClosedAt = at } }, IncidentState.Closed, at),
            IncidentRated => Enter(state, IncidentState.Rated, at),
            IncidentVoided => Enter(Free(state) with { View = Free(state).View with { ClosedAt = at, Suspended = false }, SuspendedAt = null }, IncidentState.Void, at),
            IncidentSuspended => state with { View = state.View with { Suspended = true }, SuspendedAt = at },
            IncidentResumed => Shift(state, at - (state.SuspendedAt ?? at)) with { SuspendedAt = null },
            IncidentExtended e => Extend(state, TimeSpan.FromMinutes(e.Minutes)),
            IncidentSupervised => state with { View = state.View with { Supervised = true } },
            IncidentUrged => state,
            IncidentMerged e => StopClocks(Free(state) with { View = Free(state).View with { MergedInto = e.Into, Suspended = false }, SuspendedAt = null }),
            IncidentAbsorbed e => Gather(state, e.Reports, e.Warnings, e.Devices, at) with { Absorbed = state.Absorbed.Add(e.From) },
            IncidentSplit e => LoseSources(state, e),
            ResponseLevelChanged e => state with { View = state.View with { ResponseLevel = e.To }, RaisedByClock = state.RaisedByClock || e.Auto },
            IncidentTransferred e => state with { View = state.View with { Owner = e.To } },
            IncidentReportedUp e => state with { View = state.View with { Owner = e.To } },
            IncidentAssignedDown e => state with { View = state.View with { Owner = e.To } },
            IncidentReopened => Enter(state with
            {
                View = state.View with { ClosedAt = null, Supervised = false },
                Life = state.Life + 1, Round = state.Round + 1, Extensions = 0, RaisedByClock = false,
            }, IncidentState.Filed, at),
            _ => throw new InvalidOperationException($"Event {stamped.Event.GetType().Name} has no arm in Apply."),
        };
    }

    private static Incident Open(IncidentReported e, StampedEvent stamped)
    {
        var view = new IncidentView
        {
            Id = e.Id, Number = e.Number, Class = e.Class, Title = e.Title, Area = e.Area, Areas = e.Areas, Owner = e.Owner,
            Longitude = e.Longitude, Latitude = e.Latitude, Source = e.Source, State = IncidentState.Reported, Priority = e.Priority, Drill = e.Drill,
            Plan = e.Plan, OpenedAt = stamped.At, Version = stamped.Seq, Devices = e.Devices, LastSourceAt = stamped.At,
        };
        var state = new Incident { View = view, Limits = e.Limits };
        state = Gather(state, e.Report is null ? [] : [e.Report], e.Warning is null ? [] : [e.Warning], [], stamped.At);
        return Enter(state with { View = state.View with { Merged = false } }, IncidentState.Reported, stamped.At);
    }

    private static Incident Gather(Incident state, ImmutableArray<ReportFact> reports, ImmutableArray<WarningFact> warnings, ImmutableArray<DeviceId> devices, DateTimeOffset at)
    {
        var newest = warnings.Select(warning => warning.RaisedAt).Concat(reports.Select(report => report.At)).Append(state.View.LastSourceAt).Max();
        state = state with
        {
            Warnings = [.. state.Warnings, .. warnings],
            Reports = [.. state.Reports, .. reports],
            ReportsEver = state.ReportsEver + reports.Length,
        };
        return Recolour(state with
        {
            View = state.View with
            {
                Merged = state.SourceCount > 1,
                LastSourceAt = newest,
                Devices = [.. state.View.Devices.Concat(devices).Distinct()],
                Warnings = [.. state.Warnings.Select(warning => warning.Id)],
                Reports = [.. state.Reports.Select(report => new ReportView(report.Id, report.Number, report.Source, report.ExternalId, report.At))],
            },
        });
    }

    private static Incident LoseSources(Incident state, IncidentSplit e)
    {
        state = state with
        {
            Reports = [.. state.Reports.Where(report => !e.Reports.Contains(report.Id))],
            Warnings = [.. state.Warnings.Where(warning => !e.Warnings.Contains(warning.Id))],
            SplitOff = state.SplitOff.SetItems(e.Reports.Concat(e.Warnings.Select(warning => warning.Value)).Select(source => KeyValuePair.Create(source, e.To))),
        };
        return Recolour(state with
        {
            View = state.View with
            {
                Warnings = [.. state.Warnings.Select(warning => warning.Id)],
                Reports = [.. state.View.Reports.Where(report => !e.Reports.Contains(report.Id))],
            },
        });
    }

    /// <summary>The gravest colour of the warnings that still stand; when all have cleared, the last one stays as the mark of what it was.</summary>
    private static Incident Recolour(Incident state)
    {
        var standing = state.Warnings.Where(warning => warning.State == WarningState.Raised).Select(warning => (Colour?)warning.Colour).DefaultIfEmpty(null).Max();
        var colour = standing ?? state.View.Colour;
        return state with
        {
            View = state.View with { Colour = colour },
            // Another colour may bring rows of the plan that the dispatch before did not have.
            Round = colour != state.View.Colour && !state.Dispatches.IsEmpty ? state.Round + 1 : state.Round,
        };
    }

    private static bool LeftRowsOut(PlanDispatched e) => !e.Shortfalls.IsDefaultOrEmpty || !e.Omitted.IsDefaultOrEmpty;

    private static Incident Issue(Incident state, DispatchMemo dispatch, ImmutableArray<TaskFact> tasks, DateTimeOffset at)
    {
        var issued = tasks.Select(task => new TaskView
        {
            Id = task.Id, Incident = task.Id.Incident, Dispatch = dispatch.Id, Key = task.Key, Unit = task.Unit, Action = task.Action, State = TaskState.Issued,
            AcceptBy = task.AcceptBy, ArriveBy = task.ArriveBy, HandleBy = task.HandleBy, Version = 1, Area = state.View.Area, Mandatory = task.Mandatory, Role = task.Role,
            IssuedAt = at, Drill = state.View.Drill, Receipts = [.. task.Channels.Select(channel => new Receipt(channel, ReceiptState.Queued, at))],
        });
        return Settle(state with
        {
            Dispatches = state.Dispatches.Add(dispatch),
            Memos = state.Memos.SetItems(tasks.Select(task => KeyValuePair.Create(task.Id, new TaskMemo(state.Life, null, null, null)))),
            View = state.View with { Tasks = [.. state.View.Tasks, .. issued] },
        }, at);
    }

    private static TaskView SendBack(TaskView task, DateTimeOffset at) => task with
    {
        State = TaskState.Accepted, ArrivedAt = null, ReportedAt = null, Overdue = [],
        ArriveBy = task.ArriveBy is { } arrive ? at + (arrive - task.IssuedAt) : null,
        HandleBy = task.HandleBy is { } handle ? at + (handle - task.IssuedAt) : null,
    };

    /// <summary>Ends every task: what was reported counts as verified, what is open is cancelled. No unit stays bound.</summary>
    private static Incident Free(Incident state) =>
        ChangeAll(ChangeAll(state, task => task.State == TaskState.Reported, task => task with { State = TaskState.Verified }),
            task => task.IsOpen, task => task with { State = TaskState.Cancelled });

    private static Incident MarkOverdue(Incident state, TaskOverdue e, DateTimeOffset at)
    {
        state = Change(state, e.Task, task => task with { Overdue = task.Overdue.Contains(e.Limit) ? task.Overdue : task.Overdue.Add(e.Limit) });
        return FireStep(Remember(state, e.Task, memo => e.NextAt is null ? memo : memo with { EscalateAt = e.NextAt, EscalateLimit = e.Limit }), e.Limit, at);
    }

    private static Incident FireStep(Incident state, string step, DateTimeOffset at) => state with
    {
        View = state.View with { Clocks = [.. state.View.Clocks.Select(clock => clock.Step == step && clock.FiredAt is null ? clock with { FiredAt = at } : clock)] },
    };

    /// <summary>Moves every limit that still runs: a suspended incident does not age.</summary>
    private static Incident Shift(Incident state, TimeSpan by)
    {
        state = ChangeAll(state, task => task.IsOpen, task => task with
        {
            AcceptBy = task.State == TaskState.Issued && !task.Overdue.Contains("accept") ? task.AcceptBy + by : task.AcceptBy,
            ArriveBy = task.ArrivedAt is null && !task.Overdue.Contains("arrive") ? task.ArriveBy + by : task.ArriveBy,
            HandleBy = task.Overdue.Contains("handle") ? task.HandleBy : task.HandleBy + by,
        });
        return state with
        {
            Memos = state.Memos.ToImmutableDictionary(memo => memo.Key, memo => memo.Value with { EscalateAt = memo.Value.EscalateAt + by }),
            View = state.View with
            {
                Suspended = false,
                Clocks = [.. state.View.Clocks.Select(clock => clock.FiredAt is null ? clock with { DueAt = clock.DueAt + by } : clock)],
            },
        };
    }

    private static Incident Extend(Incident state, TimeSpan by)
    {
        state = ChangeAll(state, task => task.IsOpen && task.HandleBy is not null, task => task with { HandleBy = task.HandleBy + by, Overdue = task.Overdue.Remove("handle") });
        return SetStepClock(state with { Extensions = state.Extensions + 1 }, state.View.OpenedAt);
    }

    private static Incident Change(Incident state, TaskId id, Func<TaskView, TaskView> change) => ChangeAll(state, task => task.Id == id, change);

    private static Incident ChangeAll(Incident state, Func<TaskView, bool> which, Func<TaskView, TaskView> change) => state with
    {
        View = state.View with { Tasks = [.. state.View.Tasks.Select(task => which(task) ? change(task) with { Version = task.Version + 1 } : task)] },
    };

    private static Incident Remember(Incident state, TaskId id, Func<TaskMemo, TaskMemo> change) =>
        state.Memos.TryGetValue(id, out var memo) ? state with { Memos = state.Memos.SetItem(id, change(memo)) } : state;

    /// <summary>The state of the work follows from its tasks.</summary>
    private static Incident Settle(Incident state, DateTimeOffset at)
    {
        if (state.View.MergedInto is not null || state.View.State is IncidentState.Closed or IncidentState.Rated or IncidentState.Void)
        {
            return state;
        }

        var standing = state.LiveTasks.Where(task => task.State != TaskState.Returned).ToImmutableArray();
        var next = standing.Length == 0 ? IncidentState.Filed
            : state.NeededTasks.All(task => task.State is TaskState.Reported or TaskState.Verified) ? IncidentState.Handled
            : standing.Any(task => task.ArrivedAt is not null || task.State is TaskState.Reported) ? IncidentState.Arrived
            : standing.Any(task => task.AcceptedAt is not null) ? IncidentState.Accepted
            : IncidentState.Dispatched;
        return next == state.View.State ? SetStepClock(state, at) : Enter(state, next, at);
    }

    private static Incident Enter(Incident state, IncidentState next, DateTimeOffset at) =>
        SetStepClock(state with { View = state.View with { State = next } }, at);

    private static Incident StopClocks(Incident state) => state with
    {
        View = state.View with { Clocks = [.. state.View.Clocks.Where(clock => clock.FiredAt is not null)] },
    };

    /// <summary>Exactly one step of the incident runs at a time. The limits of its own steps start when the step does; those of the work come from the tasks.</summary>
    private static Incident SetStepClock(Incident state, DateTimeOffset at)
    {
        var open = state.NeededTasks.Where(task => task.IsOpen).ToImmutableArray();
        (string Step, DateTimeOffset? DueAt) clock = state.View.State switch
        {
            IncidentState.Reported => ("receive", at.AddMinutes(state.Limits.Receive)),
            IncidentState.Received => ("file", at.AddMinutes(state.Limits.File)),
            IncidentState.Filed => ("dispatch", at.AddMinutes(state.Limits.Dispatch)),
            IncidentState.Dispatched => ("accept", open.Min(task => task.AcceptBy)),
            IncidentState.Accepted => ("arrive", open.Min(task => task.ArriveBy)),
            IncidentState.Arrived => ("handle", open.Max(task => task.HandleBy)),
            IncidentState.Handled => ("verify", at.AddMinutes(state.Limits.Verify)),
            IncidentState.Verified => ("close", at.AddMinutes(state.Limits.Close)),
            _ => (string.Empty, null),
        };

        var own = clock.Step is "receive" or "file" or "dispatch" or "verify" or "close";
        var running = state.View.Clocks.FirstOrDefault(known => known.Step == clock.Step && known.FiredAt is null);
        if (own && running is not null)
        {
            // The step has not changed: its limit started when it began.
            return state;
        }

        var others = StopClocks(state).View.Clocks;
        var fired = !own && others.Any(known => known.Step == clock.Step && known.DueAt == clock.DueAt);
        return state with
        {
            View = state.View with { Clocks = clock.DueAt is { } due && !fired ? [.. others, new ClockView(clock.Step, due, null)] : others },
        };
    }

    /// <summary>The clocks that run now, by name: steps of the incident by their word, limits of a task as <c>accept:{key}.{round}</c>.</summary>
    public static ImmutableDictionary<string, DateTimeOffset> RunningClocks(Incident state)
    {
        var clocks = ImmutableDictionary.CreateBuilder<string, DateTimeOffset>();
        if (!state.View.IsOpen || state.View.Suspended)
        {
            return clocks.ToImmutable();
        }

        foreach (var clock in state.View.Clocks.Where(clock => clock.FiredAt is null && clock.Step is ("receive" or "file" or "dispatch" or "verify" or "close")))
        {
            clocks[clock.Step] = clock.DueAt;
        }

        foreach (var task in state.LiveTasks.Where(task => task.IsOpen))
        {
            Add("accept", task, task.State == TaskState.Issued ? task.AcceptBy : null);
            Add("arrive", task, task.ArrivedAt is null ? task.ArriveBy : null);
            Add("handle", task, task.HandleBy);
            if (state.Memos[task.Id] is { EscalateAt: { } escalate } memo && (memo.EscalateLimit != "accept" || task.State == TaskState.Issued))
            {
                clocks[$"escalate:{Suffix(task.Id)}"] = escalate;
            }
        }

        return clocks.ToImmutable();

        void Add(string limit, TaskView task, DateTimeOffset? dueAt)
        {
            if (dueAt is { } due && !task.Overdue.Contains(limit))
            {
                clocks[$"{limit}:{Suffix(task.Id)}"] = due;
            }
        }
    }

    /// <summary>The part of a task's id after the incident: key and round.</summary>
    public static string Suffix(TaskId id) => id.Value[(id.Value.IndexOf('.', StringComparison.Ordinal) + 1)..];
}
