using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Incidents;

/// <summary>An incident as its events tell it: the public document without timeline, and what only decisions need.</summary>
internal sealed record Incident
{
    public required IncidentView View { get; init; }
    public required StepLimits Limits { get; init; }
    public ImmutableArray<WarningFact> Warnings { get; init; } = [];
    public ImmutableArray<ReportFact> Reports { get; init; } = [];

    /// <summary>Reports that ever belonged to it: a number that went away in a split is not given again.</summary>
    public int ReportsEver { get; init; }

    public ImmutableDictionary<TaskId, TaskMemo> Memos { get; init; } = ImmutableDictionary<TaskId, TaskMemo>.Empty;
    public ImmutableArray<DispatchMemo> Dispatches { get; init; } = [];
    public EscalationFact Escalation { get; init; } = EscalationFact.Default;

    /// <summary>Rises with each returned task, each reopening, each dispatch that left rows out, and each change of colour after a dispatch, so that the same plan can be issued again for what is missing.</summary>
    public int Round { get; init; } = 1;

    /// <summary>Rises with each reopening; tasks of an earlier life count no more.</summary>
    public int Life { get; init; } = 1;
    public int Extensions { get; init; }
    public bool RaisedByClock { get; init; }
    public DateTimeOffset? SuspendedAt { get; init; }

    /// <summary>Incidents that went into this one.</summary>
    public ImmutableArray<IncidentId> Absorbed { get; init; } = [];

    /// <summary>Tasks of the present life that were not cancelled or recalled, oldest first.</summary>
    public IEnumerable<TaskView> LiveTasks => View.Tasks.Where(task =>
        task.State is not (TaskState.Cancelled or TaskState.Recalled) && Memos[task.Id].Life == Life);

    /// <summary>The newest task of each key that must be done. With no mandatory task, every task must.</summary>
    public ImmutableArray<TaskView> NeededTasks
    {
        get
        {
            var newest = LiveTasks.GroupBy(task => task.Key).Select(same => same.Last()).ToImmutableArray();
            var mandatory = newest.Where(task => task.Mandatory).ToImmutableArray();
            return mandatory.Length > 0 ? mandatory : newest;
        }
    }

    /// <summary>Reports and warnings that a split took away, and where they went.</summary>
    public ImmutableDictionary<string, IncidentId> SplitOff { get; init; } = ImmutableDictionary<string, IncidentId>.Empty;

    public int SourceCount => Warnings.Length + Reports.Length;

    public TaskView? FindTask(TaskId id) => View.Tasks.FirstOrDefault(task => task.Id == id);
}

/// <summary>What decisions need of a task beside its public document.</summary>
internal sealed record TaskMemo(int Life, string? HandledByPerson, DateTimeOffset? EscalateAt, string? EscalateLimit);

/// <summary>A dispatch that was carried out. <see cref="Partial"/>: it left rows of its plan out, for want of a unit or because a person said so.</summary>
internal sealed record DispatchMemo(DispatchId Id, PlanId? Plan, int PlanVersion, int ResponseLevel, int Round, string? KeyHash, string BodyHash, ImmutableArray<TaskId> Tasks, int Notices,
    bool Partial = false);
