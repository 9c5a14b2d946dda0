using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Incidents;

internal static partial class IncidentLife
{
    private const int ReopenDaysMax = 7;
    private const int RateHoursMax = 72;
    private const int ExtendMinutesMax = 15 * 24 * 60;
    private const int TextLengthMax = 4_000;

    /// <summary>What an operator's command comes to. Order of refusals: what is wrong in itself, what the actor may not, what he has not seen, what the state does not allow.</summary>
    public static Decision Decide(Incident state, IncidentCommand command, Actor actor, DateTimeOffset now, IncidentSetting setting)
    {
        if (Flaw(state, command, setting) is { } flaw)
        {
            return flaw;
        }

        if (!MayCommand(command, actor))
        {
            return Decision.Refused(Refusal.NotAllowed, "您的角色不能执行这项操作。");
        }

        if (command.ExpectedVersion is { } seen && seen != state.View.Version)
        {
            return Decision.Refused(Refusal.StaleVersion, $"事件已更新到第 {state.View.Version} 版,请刷新后再操作。");
        }

        var view = state.View;
        if (view.MergedInto is { } into)
        {
            return Decision.NotInThisPhase($"事件已并入 {into}。");
        }

        if (view.Suspended && command is not (ResumeIncident or VoidIncident or SuperviseIncident or UrgeIncident or UpgradeIncident or DowngradeIncident
            or TransferIncident or ReportUpIncident or AssignDownIncident))
        {
            return Decision.NotInThisPhase("事件已挂起,请先恢复。");
        }

        return (view.State, command) switch
        {
            (IncidentState.Reported, ReceiveIncident) => Decision.Of(new IncidentReceived(Auto: false)),
            (IncidentState.Received, FileIncident c) => Decision.Of(new IncidentFiled(c.Grade, c.Priority ?? view.Priority, Auto: false)),

            (IncidentState.Handled, VerifyIncident) when HandledBySame(state, actor) => Decision.Refused(Refusal.HandledBySame, "处置人员或单位不能核查自己的处置结果。"),
            (IncidentState.Handled, VerifyIncident { Passed: true } c) => Decision.Of(new IncidentVerified(c.Comment)),
            (IncidentState.Handled, VerifyIncident { Passed: false } c) => Rework(state, c, now),

            (IncidentState.Verified, CloseIncident c) => Decision.Of(new IncidentClosed(c.Reason)),
            (IncidentState.Closed, RateIncident c) => view.ClosedAt is { } closed && now - closed > TimeSpan.FromHours(RateHoursMax)
                ? Decision.NotInThisPhase($"结案已超过 {RateHoursMax} 小时,不能再评价。")
                : Decision.Of(new IncidentRated(c.Score)),
            (IncidentState.Closed or IncidentState.Rated, ReopenIncident c) => view.ClosedAt is { } closed && now - closed > TimeSpan.FromDays(ReopenDaysMax)
                ? Decision.NotInThisPhase($"结案已超过 {ReopenDaysMax} 天,不能重开。")
                : Decision.Of(new IncidentReopened(c.Reason)),
            (< IncidentState.Handled, VoidIncident c) => Decision.Of(new IncidentVoided(c.Reason)) with { Outbox = TellUnits(state, now, "void", $"事件已作废:{c.Reason},任务取消。") },

            (>= IncidentState.Filed and <= IncidentState.Handled, SuspendIncident c) => Decision.Of(new IncidentSuspended(c.Reason)),
            (< IncidentState.Closed, ResumeIncident) => view.Suspended ? Decision.Of(new IncidentResumed()) : Decision.NotInThisPhase("事件没有挂起。"),
            (>= IncidentState.Dispatched and <= IncidentState.Arrived, ExtendIncident c) => state.Extensions > 0
                ? Decision.NotInThisPhase("每个事件只能延期一次。")
                : Decision.Of(new IncidentExtended(c.Minutes, c.Reason)),
            (< IncidentState.Closed, SuperviseIncident c) => view.Supervised ? Decision.AlreadySo : Decision.Of(new IncidentSupervised(c.Reason, Auto: false)),
            (>= IncidentState.Dispatched and <= IncidentState.Arrived, UrgeIncident c) => Decision.Of(new IncidentUrged(c.Comment, [.. OpenTasks(state).Select(task => task.Id)])) with
            {
                Outbox = TellUnits(state, now, $"urge-{view.Version}", $"催办:{c.Comment ?? "请尽快处置并反馈。"}"),
            },
            (< IncidentState.Closed, SplitIncident c) => Decision.Of(new IncidentSplit(SplitInto(view.Id, c), c.Reports.IsDefault ? [] : c.Reports, c.Warnings.IsDefault ? [] : c.Warnings)),
            (< IncidentState.Closed, MergeIncident c) when state.Absorbed.Contains(c.Into) => Decision.NotInThisPhase($"{c.Into} 已并入本事件。"),
            (< IncidentState.Closed, MergeIncident c) => Decision.Of(new IncidentMerged(c.Into)) with { Outbox = TellUnits(state, now, "merged", $"事件已并入 {c.Into},原任务取消。") },
            (< IncidentState.Closed, UpgradeIncident c) => c.ResponseLevel < view.ResponseLevel
                ? Decision.Of(new ResponseLevelChanged(view.ResponseLevel, c.ResponseLevel, c.Reason, Auto: false))
                : Decision.NotInThisPhase($"响应级别已是 {view.ResponseLevel} 级,升级须更高(数字更小)。"),
            (< IncidentState.Closed, DowngradeIncident c) => c.ResponseLevel > view.ResponseLevel
                ? Decision.Of(new ResponseLevelChanged(view.ResponseLevel, c.ResponseLevel, c.Reason, Auto: false))
                : Decision.NotInThisPhase($"响应级别已是 {view.ResponseLevel} 级,降级须更低(数字更大)。"),
            (< IncidentState.Closed, TransferIncident c) => c.To == view.Owner
                ? Decision.NotInThisPhase("事件已由该板块负责。")
                : Decision.Of(new IncidentTransferred(view.Owner, c.To, c.Reason)),
            (< IncidentState.Closed, ReportUpIncident c) => view.Owner == setting.District
                ? Decision.NotInThisPhase("事件已由区级负责。")
                : Decision.Of(new IncidentReportedUp(view.Owner, setting.District, c.Reason)),
            (< IncidentState.Closed, AssignDownIncident c) => view.Owner != setting.District
                ? Decision.NotInThisPhase("事件不在区级,不能交办;可改派。")
                : Decision.Of(new IncidentAssignedDown(view.Owner, c.To, c.Comment)),
            _ => Decision.NotInThisPhase($"“{PhaseName(view.State)}”阶段不能执行这项操作。"),
        };
    }

    /// <summary>What a unit's command on its task comes to.</summary>
    public static Decision Decide(Incident state, TaskId id, TaskCommand command, Actor actor)
    {
        if (state.FindTask(id) is not { } task)
        {
            return Decision.Refused(Refusal.NotFound);
        }

        if (!MayActOn(task, command, actor))
        {
            return Decision.Refused(Refusal.NotAllowed, "不能代表该单位操作这项任务。");
        }

        if (command is ReportTask { Text: var text } && (string.IsNullOrWhiteSpace(text) || text.Length > TextLengthMax))
        {
            return Decision.Invalid("text", $"必填,最多 {TextLengthMax} 字。");
        }

        if (command is ReturnTask { Reason: var reason } && (string.IsNullOrWhiteSpace(reason) || reason.Length > TextLengthMax))
        {
            return Decision.Invalid("reason", $"退回须写明原因,最多 {TextLengthMax} 字。");
        }

        if (!state.View.IsOpen)
        {
            return Decision.NotInThisPhase("事件已结束。");
        }

        if (state.Memos[id].Life != state.Life)
        {
            return Decision.NotInThisPhase("任务属于重开以前的处置。");
        }

        var decision = (task.State, command) switch
        {
            (TaskState.Issued, AcceptTask) => Decision.Of(new TaskAccepted(id)),
            (TaskState.Accepted, ArriveAtTask c) => Arrive(state, task, c),
            (TaskState.Accepted, ReportTask) when task.ArriveBy is not null => Decision.NotInThisPhase("这项任务须先到场再反馈。"),
            (TaskState.Accepted or TaskState.Arrived, ReportTask c) => Decision.Of(new TaskReported(id, c.Text, c.Photos.IsDefault ? [] : c.Photos, PersonOf(task, actor))),
            (TaskState.Issued or TaskState.Accepted, ReturnTask c) => state.LiveTasks.Any(other => other.Key == task.Key && other.State == TaskState.Returned)
                ? Decision.NotInThisPhase("这项任务已退回过一次,不能再退回。")
                : Decision.Of(new TaskReturned(id, c.Reason)),
            _ => Decision.NotInThisPhase($"任务已是“{TaskStateName(task.State)}”。"),
        };
        return decision with { By = ByFor(task, command, actor) };
    }

    /// <summary>What a due clock comes to. A clock that does not run (any more) is nothing.</summary>
    public static Decision DecideClock(Incident state, string clock, DateTimeOffset dueAt, DateTimeOffset now)
    {
        if (!RunningClocks(state).TryGetValue(clock, out var running) || running != dueAt)
        {
            return Decision.AlreadySo;
        }

        var parts = clock.Split(':', 2);
        if (parts.Length == 1)
        {
            return Decision.Of(new StepOverdue(clock, dueAt));
        }

        var id = new TaskId($"{state.View.Id}.{parts[1]}");
        var task = state.FindTask(id) ?? throw new InvalidOperationException($"Clock {clock} runs for a task that {state.View.Id} does not have.");
        var rules = state.Escalation;
        return parts[0] switch
        {
            "accept" => Overdue(rules.AcceptTo, "签收", rules.ThenMinutes > 0 ? now.AddMinutes(rules.ThenMinutes) : null),
            "escalate" => Escalate(),
            "arrive" => Overdue(rules.ArriveTo, "到场", null, state.View.Supervised
                ? []
                : [new IncidentSupervised($"{task.Unit.Name}到场超时", Auto: true)]),
            "handle" => Overdue(rules.HandleTo, "处置", null, rules.RaiseLevel && !state.RaisedByClock && state.View.ResponseLevel > 1
                ? [new ResponseLevelChanged(state.View.ResponseLevel, state.View.ResponseLevel - 1, $"{task.Unit.Name}处置超时", Auto: true)]
                : []),
            _ => throw new InvalidOperationException($"Clock {clock} has no arm in DecideClock."),
        };

        Decision Overdue(string template, string word, DateTimeOffset? nextAt, IncidentEvent[]? also = null)
        {
            var superior = template.Replace("{unit}", task.Unit.Name, StringComparison.Ordinal);
            return new Decision
            {
                Events = [new TaskOverdue(id, parts[0], dueAt, superior, nextAt), .. also ?? []],
                Outbox =
                [
                    Tell(state, now, $"{id}:in_app:{parts[0]}-overdue", task.Unit.Id.Value, $"任务“{task.Action}”{word}超时,请立即处理。"),
                    Tell(state, now, $"{id}:in_app:{parts[0]}-superior", superior, $"{task.Unit.Name}的任务“{task.Action}”{word}超时。"),
                ],
            };
        }

        Decision Escalate()
        {
            var superior = rules.ThenTo.Replace("{unit}", task.Unit.Name, StringComparison.Ordinal);
            return Decision.Of(new TaskEscalated(id, state.Memos[id].EscalateLimit ?? "accept", dueAt, superior)) with
            {
                Outbox = [Tell(state, now, $"{id}:in_app:escalated", superior, $"{task.Unit.Name}仍未签收任务“{task.Action}”。")],
            };
        }
    }

    /// <summary>A warning of the incident changed. The same or an older version is nothing.</summary>
    public static Decision DecideWarning(Incident state, WarningFact warning)
    {
        var known = state.Warnings.FirstOrDefault(fact => fact.Id == warning.Id);

        // What changed may be nothing that an incident keeps, such as an acknowledgement or the link to this very incident.
        return known is null || known.Version >= warning.Version || known with { Version = warning.Version } == warning ? Decision.AlreadySo : Decision.Of(new WarningNoted(warning));
    }

    /// <summary>The same for several warnings of the incident at once.</summary>
    public static Decision DecideWarnings(Incident state, ImmutableArray<WarningFact> warnings) =>
        Decision.Of([.. warnings.SelectMany(warning => DecideWarning(state, warning).Events)]);

    /// <summary>How a notice fared. What came before, or would take back a delivery, is nothing.</summary>
    public static Decision DecideReceipt(Incident state, TaskId id, Receipt receipt)
    {
        if (state.FindTask(id) is not { } task)
        {
            return Decision.AlreadySo;
        }

        var known = task.Receipts.FirstOrDefault(other => other.Channel == receipt.Channel);
        return known is not null && (known.State == receipt.State || known.State == ReceiptState.Delivered)
            ? Decision.AlreadySo
            : Decision.Of(new ReceiptNoted(id, receipt));
    }

    /// <summary>One more report or warning. After the end the caller opens a new incident.</summary>
    public static Decision DecideJoin(Incident state, ReportFact? report, WarningFact? warning) =>
        !state.View.IsOpen ? Decision.NotInThisPhase("事件已结束。")
        : report is not null ? Decision.Of(new ReportJoined(report with { Number = $"{state.View.Number}-{state.ReportsEver + 1}" }))
        : warning is not null && state.Warnings.All(known => known.Id != warning.Id) ? Decision.Of(new WarningJoined(warning))
        : Decision.AlreadySo;

    /// <summary>Another incident goes into this one. Its reports take numbers of this one after their own, which stay valid.</summary>
    public static Decision DecideAbsorb(Incident state, Incident other) =>
        !state.View.IsOpen ? Decision.NotInThisPhase("并入的事件已结束。")
        : state.Absorbed.Contains(other.View.Id) ? Decision.AlreadySo
        : Decision.Of(new IncidentAbsorbed(
            other.View.Id, other.View.Number, other.Reports,
            [.. other.Warnings.Where(warning => state.Warnings.All(known => known.Id != warning.Id))], other.View.Devices));

    /// <summary>The unit, the person and the desk that handled the work may not say that it is well done.</summary>
    private static bool HandledBySame(Incident state, Actor actor)
    {
        var handled = state.LiveTasks.Where(task => task.State == TaskState.Reported).ToImmutableArray();
        return handled.Any(task =>
            actor.Units.Contains(task.Unit.Id)
            || (actor.Kind == ActorKind.Unit && actor.Id == task.Unit.Id.Value)
            || state.Memos[task.Id].HandledByPerson == actor.Id);
    }

    /// <summary>Whether the actor may act for the unit of the task.</summary>
    public static bool MayActOn(TaskView task, TaskCommand command, Actor actor)
    {
        if (command.OnBehalfOf is { } speaker)
        {
            return actor.Has(Role.Gateway) && speaker.Id == task.Unit.Id.Value && (actor.Units.IsEmpty || actor.Units.Contains(task.Unit.Id));
        }

        return IsOfUnit(task, actor)
            ? actor.Has(Role.Responder) || actor.Has(Role.Dispatcher) || actor.Has(Role.Duty) || actor.Has(Role.Gateway)
            : actor.Units.IsEmpty && (actor.Has(Role.Dispatcher) || actor.Has(Role.Gateway));
    }

    private static bool IsOfUnit(TaskView task, Actor actor) =>
        actor.Units.Contains(task.Unit.Id) || (actor.Kind == ActorKind.Unit && actor.Id == task.Unit.Id.Value);

    /// <summary>A responder is a person who handled it; a desk that enters what the unit told it by telephone is not.</summary>
    private static string? PersonOf(TaskView task, Actor actor) => IsOfUnit(task, actor) && actor.Kind == ActorKind.User ? actor.Id : null;

    private static By ByFor(TaskView task, TaskCommand command, Actor actor) =>
        command.OnBehalfOf is { } speaker ? new By(ActorKind.Unit, task.Unit.Id.Value, string.IsNullOrEmpty(speaker.Name) ? task.Unit.Name : speaker.Name)
        : actor.ToBy();

    private static bool MayCommand(IncidentCommand command, Actor actor)
    {
        var desk = actor.Has(Role.Duty) || actor.Has(Role.Dispatcher);
        return command switch
        {
            SuperviseIncident or UrgeIncident or RateIncident or UpgradeIncident or DowngradeIncident or VerifyIncident => desk || actor.Has(Role.Leader),
            AssignDownIncident => desk && actor.SeesWholeDistrict,
            _ => desk,
        };
    }

    private static Decision? Flaw(Incident state, IncidentCommand command, IncidentSetting setting) => command switch
    {
        FileIncident { Grade: not null and not (>= 1 and <= 4) } => Decision.Invalid("grade", "事件等级为 1 至 4。"),
        RateIncident { Score: < 1 or > 5 } => Decision.Invalid("score", "评分为 1 至 5。"),
        ExtendIncident { Minutes: < 1 or > ExtendMinutesMax } => Decision.Invalid("minutes", $"延期为 1 至 {ExtendMinutesMax} 分钟。"),
        CloseIncident c => Reason(c.Reason),
        VoidIncident c => Reason(c.Reason),
        SuspendIncident c => Reason(c.Reason),
        ExtendIncident c => Reason(c.Reason),
        SuperviseIncident c => Reason(c.Reason),
        ReopenIncident c => Reason(c.Reason),
        ReportUpIncident c => Reason(c.Reason),
        UpgradeIncident { ResponseLevel: < 1 or > 4 } or DowngradeIncident { ResponseLevel: < 1 or > 4 } => Decision.Invalid("responseLevel", "响应级别为 1 至 4。"),
        UpgradeIncident c => Reason(c.Reason),
        DowngradeIncident c => Reason(c.Reason),
        TransferIncident c when !setting.Owners.Contains(c.To) => Decision.Invalid("to", "没有这个板块。"),
        TransferIncident c => Reason(c.Reason),
        AssignDownIncident c when !setting.Owners.Contains(c.To) || c.To == setting.District => Decision.Invalid("to", "只能交办到街道或板块。"),
        MergeIncident c when string.IsNullOrEmpty(c.Into.Value) => Decision.Invalid("into", "必填。"),
        MergeIncident c when c.Into == state.View.Id => Decision.Invalid("into", "不能并入自身。"),
        SplitIncident c => FlawOfSplit(state, c),
        _ => null,
    };

    private static Decision? Reason(string? reason) =>
        string.IsNullOrWhiteSpace(reason) || reason.Length > TextLengthMax ? Decision.Invalid("reason", $"必填,最多 {TextLengthMax} 字。") : null;

    private static Decision? FlawOfSplit(Incident state, SplitIncident split)
    {
        var reports = split.Reports.IsDefault ? [] : split.Reports;
        var warnings = split.Warnings.IsDefault ? [] : split.Warnings;
        if (reports.Any(id => state.Reports.All(known => known.Id != id)))
        {
            return Decision.Invalid("reports", "不是本事件的上报。");
        }

        if (warnings.Any(id => state.Warnings.All(known => known.Id != id)))
        {
            return Decision.Invalid("warnings", "不是本事件的预警。");
        }

        var leaving = reports.Distinct().Count() + warnings.Distinct().Count();
        return leaving == 0 ? Decision.Invalid("reports", "请选择要拆出的上报或预警。")
            : leaving >= state.SourceCount ? Decision.Invalid("reports", "至少保留一个来源。")
            : null;
    }

    private static Decision Arrive(Incident state, TaskView task, ArriveAtTask arrival)
    {
        const int distanceMaxM = 200;
        int? distance = null;
        if (arrival is { Longitude: { } longitude, Latitude: { } latitude })
        {
            if (longitude is < -180 or > 180 || latitude is < -90 or > 90)
            {
                return Decision.Invalid("lon", "位置超出范围。");
            }

            if (state.View is { Longitude: { } placeLongitude, Latitude: { } placeLatitude })
            {
                distance = (int)Math.Round(CoordinateSystems.DistanceM(longitude, latitude, placeLongitude, placeLatitude));
            }
        }

        var located = arrival is { Longitude: not null, Latitude: not null };
        var pictured = !string.IsNullOrWhiteSpace(arrival.Photo);
        if (!located && !pictured)
        {
            return Decision.Invalid("lon", "到场须有位置或照片。");
        }

        return distance > distanceMaxM && !pictured
            ? Decision.Refused(Refusal.Unprocessable, $"距现场 {distance} 米,超过 {distanceMaxM} 米;请到场后再报,或附照片。")
            : Decision.Of(new TaskArrived(task.Id, arrival.Longitude, arrival.Latitude, distance, arrival.Photo));
    }

    private static Decision Rework(Incident state, VerifyIncident verdict, DateTimeOffset now)
    {
        var back = state.LiveTasks.Where(task => task.State == TaskState.Reported).ToImmutableArray();
        return Decision.Of(new VerificationFailed(verdict.Comment, [.. back.Select(task => task.Id)])) with
        {
            Outbox = [.. back.Select(task => Tell(state, now, $"{task.Id}:in_app:rework-{state.View.Version}", task.Unit.Id.Value, $"核查不通过,请返工:{verdict.Comment ?? task.Action}"))],
        };
    }

    private static IEnumerable<TaskView> OpenTasks(Incident state) => state.LiveTasks.Where(task => task.IsOpen);

    private static ImmutableArray<OutboxItem> TellUnits(Incident state, DateTimeOffset now, string purpose, string text) =>
        [.. OpenTasks(state).Select(task => Tell(state, now, $"{task.Id}:in_app:{purpose}", task.Unit.Id.Value, text))];

    private static OutboxItem Tell(Incident state, DateTimeOffset now, string key, string recipient, string text) => new(
        key, "in_app", recipient, NoticeForm.Sign($"{state.View.Number} {state.View.Title}:{text}", state.View.Drill), null, now, 0, ReceiptState.Queued, now);

    private static IncidentId SplitInto(IncidentId from, SplitIncident split)
    {
        var first = split.Reports.IsDefaultOrEmpty ? split.Warnings[0].Value : split.Reports[0];
        return IncidentIds.From(string.Create(CultureInfo.InvariantCulture, $"split:{from}:{first}"));
    }

    public static string PhaseName(IncidentState state) => state switch
    {
        IncidentState.Reported => "上报", IncidentState.Received => "受理", IncidentState.Filed => "立案", IncidentState.Dispatched => "派遣",
        IncidentState.Accepted => "签收", IncidentState.Arrived => "到场", IncidentState.Handled => "处置完成", IncidentState.Verified => "核查",
        IncidentState.Closed => "结案", IncidentState.Rated => "评价", IncidentState.Void => "作废", _ => state.ToString(),
    };

    private static string TaskStateName(TaskState state) => state switch
    {
        TaskState.Issued => "已下发", TaskState.Accepted => "已签收", TaskState.Arrived => "已到场", TaskState.Reported => "已反馈",
        TaskState.Verified => "已核查", TaskState.Returned => "已退回", TaskState.Recalled => "已撤回", TaskState.Cancelled => "已取消", _ => state.ToString(),
    };
}
