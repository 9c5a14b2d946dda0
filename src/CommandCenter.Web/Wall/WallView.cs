using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using CommandCenter.Web.Parts;

namespace CommandCenter.Web.Wall;

/// <summary>One row of the warnings tile: a single warning, or several of one area, class and colour while there is a flood.</summary>
public sealed record WarningRow(WarningView First, int Count, bool Acknowledged)
{
    public Colour Colour => First.Colour;

    /// <summary>How far the furthest of them has climbed.</summary>
    public EscalationStep Step { get; init; }

    /// <summary>Every one of them is silent although nobody acknowledged it.</summary>
    public bool Silent { get; init; }
}

/// <summary>What stands and is not shown: put aside by a person, explained by a graver one, or in maintenance.</summary>
public sealed record QuietTally(int Shelved, int Inhibited, int Maintenance)
{
    public int Total => Shelved + Inhibited + Maintenance;
}

/// <summary>One governance domain: what it watches and what is wrong in it.</summary>
public sealed record DomainRow(GovernanceDomain Domain, int Devices, int Silent, WarningCounts Warnings);

/// <summary>An incident with what a wall says of it: the limit that comes next (without a time: the one that was missed last) and how far its tasks are.</summary>
public sealed record IncidentRow(IncidentView Incident, string? NextStep, DateTimeOffset? NextDueAt, bool Overdue, int TasksDone, int TasksTotal);

/// <summary>Open and finished tasks of the open incidents, by state.</summary>
public sealed record TaskTally(int Issued, int Accepted, int Arrived, int Reported, int Verified, int Returned, int Overdue)
{
    public int Total => Issued + Accepted + Arrived + Reported + Verified + Returned;
    public int Done => Reported + Verified;
}

/// <summary>A task that needs looking after: overdue, or the next to be.</summary>
public sealed record TaskRow(TaskView Task, DateTimeOffset? DueAt, bool Overdue);

/// <summary>One line of the ticker.</summary>
public sealed record Happening(DateTimeOffset At, string Key, Colour? Colour, string Text, AreaId Area);

/// <summary>What a wall shows at one moment; replaced whole.</summary>
public sealed record WallView
{
    public required SituationPicture Picture { get; init; }
    public required DateTimeOffset Now { get; init; }
    public ImmutableArray<WarningRow> Warnings { get; init; } = [];

    /// <summary>Warnings that found no row; the gravest have one.</summary>
    public int MoreWarnings { get; init; }

    /// <summary>The seat is in a flood, as the server says it for all its screens.</summary>
    public bool Flood => Picture.Counts.Seat.Flood;

    /// <summary>Rows stand for several warnings each.</summary>
    public bool Joined { get; init; }
    public QuietTally Quiet { get; init; } = new(0, 0, 0);
    public ImmutableArray<IncidentRow> Incidents { get; init; } = [];
    public int MoreIncidents { get; init; }
    public TaskTally Tasks { get; init; } = new(0, 0, 0, 0, 0, 0, 0);
    public ImmutableArray<TaskRow> TaskRows { get; init; } = [];
    public ImmutableArray<DeviceSituation> Videos { get; init; } = [];
    public ImmutableArray<Happening> Ticker { get; init; } = [];
}

/// <summary>Makes the view of a wall from a picture. Plain functions, tested without rendering.</summary>
public static class WallViews
{
    /// <summary>Rows that have room on the wall's canvas.</summary>
    public const int WarningRows = 6;

    /// <summary>Rows whose room the banner of a flood takes.</summary>
    public const int FloodBannerRows = 2;
    public const int IncidentRows = 3;
    public const int TaskRows = 2;
    public const int Videos = 5;
    public const int TickerLines = 4;

    public static WallView From(SituationPicture picture, DateTimeOffset now)
    {
        var shown = picture.Warnings.Where(IsShown).ToList();
        var incidents = picture.Incidents
            .Select(incident => Row(incident, now))
            .OrderByDescending(row => row.Incident.Colour is { } colour ? (int)colour : 0)
            .ThenByDescending(row => row.Overdue)
            .ThenByDescending(row => row.Incident.OpenedAt)
            .ToImmutableArray();
        // What incidents and tasks leave free is the warnings'.
        var room = WarningRows + Math.Max(0, IncidentRows - incidents.Length) + (picture.Tasks.IsEmpty ? 1 : 0) - (picture.Counts.Seat.Flood ? FloodBannerRows : 0);
        var joined = picture.Counts.Seat.Flood || shown.Count > room;
        var rows = Rows(shown, joined);
        return new WallView
        {
            Picture = picture,
            Now = now,
            Warnings = [.. rows.Take(room)],
            MoreWarnings = rows.Skip(room).Sum(row => row.Count),
            Joined = joined,
            Quiet = Tally(picture.Warnings),
            Incidents = [.. incidents.Take(IncidentRows)],
            MoreIncidents = Math.Max(0, incidents.Length - IncidentRows),
            Tasks = Tally(picture.Tasks),
            TaskRows = [.. NeedyTasks(picture.Tasks, now).Take(TaskRows)],
            Videos = [.. picture.EventDevices.Where(device => device.Event is not null).Take(Videos)],
            Ticker = [.. Happenings(picture).Take(TickerLines)],
        };
    }

    /// <summary>Raised, neither shelved nor explained by a graver one nor in maintenance.</summary>
    public static bool IsShown(WarningView warning) => warning.IsShown;

    /// <summary>What is raised and not shown, each counted once.</summary>
    public static QuietTally Tally(ImmutableArray<WarningView> warnings)
    {
        int shelved = 0, inhibited = 0, maintenance = 0;
        foreach (var warning in warnings)
        {
            if (warning.State == WarningState.Raised && !warning.IsShown)
            {
                _ = warning.Shelved is not null ? shelved++ : warning.InhibitedBy is not null ? inhibited++ : maintenance++;
            }
        }

        return new(shelved, inhibited, maintenance);
    }

    /// <summary>One row each while there is room and no flood; else rows join by colour, area and class. Order: gravest, unacknowledged, newest.</summary>
    private static List<WarningRow> Rows(List<WarningView> shown, bool joined)
    {
        return [.. shown
            .GroupBy(warning => joined ? (warning.Colour, warning.Area, Class: warning.Class?.Value ?? warning.Rule.Value) : (object)warning.Id)
            .Select(group => new WarningRow(
                group.OrderByDescending(warning => warning.RaisedAt).First(),
                group.Count(),
                group.All(warning => warning.Acknowledged is not null))
            {
                Step = group.Max(warning => warning.Acknowledged is null ? warning.Escalation?.Step ?? EscalationStep.Seat : EscalationStep.Seat),
                Silent = group.All(warning => warning.Silenced is not null),
            })
            .OrderByDescending(row => row.Colour)
            .ThenBy(row => row.Acknowledged)
            .ThenByDescending(row => row.First.RaisedAt)];
    }

    private static IncidentRow Row(IncidentView incident, DateTimeOffset now)
    {
        var next = incident.Clocks.Where(clock => clock.FiredAt is null).MinBy(clock => clock.DueAt);
        var taskDue = incident.Tasks.Where(task => task.IsOpen).Select(task => DueAt(task)).Where(due => due is not null).Min();
        var (step, due) = next is not null && (taskDue is null || next.DueAt <= taskDue) ? (next.Step, (DateTimeOffset?)next.DueAt) : ("task", taskDue);
        var missed = incident.Clocks.Where(clock => clock.FiredAt is not null).MaxBy(clock => clock.DueAt);
        var overdue = due < now || (due is null && missed is not null) || incident.Tasks.Any(task => task.IsOpen && !task.Overdue.IsEmpty);
        var counted = incident.Tasks.Where(task => task.State is not (TaskState.Recalled or TaskState.Cancelled)).ToList();
        return new(
            incident, due is null ? missed?.Step : step, due, overdue,
            counted.Count(task => task.State is TaskState.Reported or TaskState.Verified), counted.Count);
    }

    /// <summary>The limit that the task has to meet next; null: none.</summary>
    public static DateTimeOffset? DueAt(TaskView task) => task.State switch
    {
        TaskState.Issued => task.AcceptBy ?? task.ArriveBy ?? task.HandleBy,
        TaskState.Accepted => task.ArriveBy ?? task.HandleBy,
        TaskState.Arrived => task.HandleBy,
        _ => null,
    };

    private static IEnumerable<TaskRow> NeedyTasks(ImmutableArray<TaskView> tasks, DateTimeOffset now) => tasks
        .Where(task => task.IsOpen)
        .Select(task => new TaskRow(task, DueAt(task), !task.Overdue.IsEmpty || DueAt(task) < now))
        .OrderByDescending(row => row.Overdue)
        .ThenBy(row => row.DueAt ?? DateTimeOffset.MaxValue)
        .ThenBy(row => row.Task.Id.Value, StringComparer.Ordinal);

    private static TaskTally Tally(ImmutableArray<TaskView> tasks)
    {
        int Of(TaskState state) => tasks.Count(task => task.State == state);
        return new(
            Of(TaskState.Issued), Of(TaskState.Accepted), Of(TaskState.Arrived), Of(TaskState.Reported), Of(TaskState.Verified), Of(TaskState.Returned),
            tasks.Count(task => task.IsOpen && !task.Overdue.IsEmpty));
    }

    /// <summary>Devices and warnings by governance domain. A warning counts where its device does; one without a known device counts in none.</summary>
    public static ImmutableArray<DomainRow> Domains(IReadOnlyCollection<DeviceSituation> devices, ImmutableArray<WarningView> warnings)
    {
        var domainOf = devices.ToDictionary(device => device.Id.Value, device => device.Domain, StringComparer.Ordinal);
        var shown = warnings.Where(IsShown).Where(warning => domainOf.ContainsKey(warning.Subject)).ToLookup(warning => domainOf[warning.Subject]);
        return [.. Enum.GetValues<GovernanceDomain>().Select(domain =>
        {
            var own = shown[domain].ToList();
            int Of(Colour colour) => own.Count(warning => warning.Colour == colour);
            var members = devices.Where(device => device.Domain == domain).ToList();
            return new DomainRow(
                domain, members.Count, members.Count(device => device.State is DeviceState.Stale or DeviceState.Offline or DeviceState.Unknown),
                new(Of(Colour.Red), Of(Colour.Orange), Of(Colour.Yellow), Of(Colour.Blue), own.Count(warning => warning.Acknowledged is null)));
        })];
    }

    private static IEnumerable<Happening> Happenings(SituationPicture picture) =>
        picture.Warnings.Where(IsShown)
            .Select(warning => new Happening(warning.RaisedAt ?? warning.OnsetAt, "ticker.warning", warning.Colour, warning.SubjectName ?? warning.Subject, warning.Area))
            .Concat(picture.Incidents.Select(incident => new Happening(incident.OpenedAt, "ticker.incident", incident.Colour, incident.Title, incident.Area)))
            .Concat(picture.Tasks.Where(task => task.ArrivedAt is not null).Select(task => new Happening(task.ArrivedAt!.Value, "ticker.arrived", null, task.Unit.Name, task.Area)))
            .OrderByDescending(happening => happening.At);

    /// <summary>The level that a figure has on the wall: its band as a style word.</summary>
    public static string Band(VitalBand band) => band switch { VitalBand.Abnormal => "abnormal", VitalBand.Attention => "attention", _ => "normal" };

    /// <summary>The tone of one area's mini state: its worst colour, silence, or calm.</summary>
    public static string Tone(SituationView area) => Severity.Worst(area.Warnings) is { } worst ? Severity.Word(worst) : "calm";
}
