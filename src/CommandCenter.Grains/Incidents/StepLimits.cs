using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Incidents;

/// <summary>The limits of the incident's own steps in minutes, natural clock (domain table 2.3). Kept in the first event, so that a later change of the defaults moves no running clock.</summary>
internal sealed record StepLimits(int Receive, int File, int Dispatch, int Verify, int Close)
{
    public static readonly StepLimits Normal = new(5, 10, 10, 120, 30);

    /// <summary>Orange and red, and what people call p1.</summary>
    public static readonly StepLimits Urgent = new(2, 3, 1, 30, 30);

    public static StepLimits For(Priority priority) => priority == Priority.P1 ? Urgent : Normal;

    /// <summary>Limits of a task that no plan sets, by priority.</summary>
    public static TaskLimits ForTask(Priority priority, int? handleMinutes) => priority switch
    {
        Priority.P1 => new(5, 15, handleMinutes),
        Priority.P2 => new(15, 30, handleMinutes),
        _ => new(60, 60, handleMinutes),
    };
}
