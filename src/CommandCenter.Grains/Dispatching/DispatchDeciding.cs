using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Dispatching;

/// <summary>Plan and incident to what one click would do (preview), and the click to events (dispatch). Pure: who is free and which cameras there are comes in.</summary>
internal static class DispatchDeciding
{
    private const int CameraDistanceMaxM = 500;
    private const int CamerasMax = 4;
    private const int HandleMinutesMax = 60 * 24 * 30;
    private const int ActionLengthMax = 500;

    public static Outcome<DispatchPreview> Preview(
        Incident incident, PlanId? wanted, ImmutableArray<Plan> plans, UnitRoster roster, ImmutableArray<DeviceRegistration> cameras, DateTimeOffset now)
    {
        if (!incident.View.IsOpen)
        {
            return Outcome.Refused<DispatchPreview>(Refusal.NotInThisPhase, "事件已结束。");
        }

        var matches = PlanMatching.Match(incident, plans);
        PlanMatch? chosen;
        if (wanted is { } id)
        {
            if (plans.FirstOrDefault(plan => plan.Id == id) is not { } named)
            {
                return Outcome.Invalid<DispatchPreview>("plan", $"没有预案 {id}。");
            }

            chosen = PlanMatching.Match(incident, named);
        }
        else
        {
            chosen = matches.FirstOrDefault();
        }

        if (chosen is null)
        {
            return Outcome.Refused<DispatchPreview>(Refusal.Unprocessable, "没有适用的预案,请发临时指令或手工选择预案。");
        }

        var plan = chosen.Plan;
        var level = Math.Min(plan.LevelFor(incident.View.Colour), incident.View.ResponseLevel);
        var rows = Rows(incident, plan, level);
        var tasks = rows.Select(row =>
        {
            var (unit, shortfall) = roster.Choose(row.Role, incident.View);
            return new PreviewTask(row.Key, row.Action, row.Role, unit, shortfall, row.Group, row.Mandatory, row.Limits);
        }).ToImmutableArray();

        return Outcome.Of(new DispatchPreview
        {
            Incident = incident.View.Id,
            Plan = plan.Id,
            PlanVersion = plan.Version,
            PlanName = plan.Name,
            ResponseLevel = level,
            Why = chosen.Why,
            Alternatives = [.. matches.Where(match => match.Plan.Id != plan.Id).Select(match => new PlanAlternative(match.Plan.Id, match.Why))],
            Tasks = tasks,
            Notices = [.. Notices(incident, plan, [.. tasks.Where(task => task.Unit is not null).Select(task => (task.Unit!, task.Action, task.Limits))], now)],
            Cameras = NearestCameras(incident.View, cameras),
            Map = new MapEffect(plan.RadiusM, []),
        });
    }

    /// <summary>The click. Twice is once: by key and body, and by (plan version, response level, round). What a dispatch left out is a new round, and the next click sends that only.</summary>
    public static Decision Dispatch(Incident incident, DispatchOrder order, ImmutableArray<Plan> plans, UnitRoster roster, Actor actor, DateTimeOffset now)
    {
        var view = incident.View;
        var keyHash = KeyHash(order.IdempotencyKey);
        var bodyHash = BodyHash(order);
        if (keyHash is not null && incident.Dispatches.FirstOrDefault(known => known.KeyHash == keyHash) is { } same)
        {
            return same.BodyHash == bodyHash ? Decision.AlreadySo : Decision.Refused(Refusal.KeyReused, "同一 Idempotency-Key 已用于另一请求。");
        }

        if (!MayDispatch(actor))
        {
            return Decision.Refused(Refusal.NotAllowed, "您的角色不能派遣。");
        }

        if (order.ResponseLevel is < 1 or > 4)
        {
            return Decision.Invalid("responseLevel", "响应级别为 1 至 4。");
        }

        if (plans.FirstOrDefault(known => known.Id == order.Plan) is not { } plan)
        {
            return Decision.Invalid("plan", $"没有预案 {order.Plan}。");
        }

        if (plan.Version != order.PlanVersion)
        {
            return Decision.Refused(Refusal.StaleVersion, $"预案 {plan.Id} 现为第 {plan.Version} 版,请重新预览。");
        }

        if (PhaseFlaw(view) is { } phase)
        {
            return phase;
        }

        var id = new DispatchId(string.Create(CultureInfo.InvariantCulture, $"{view.Id}-{plan.Id}-v{plan.Version}-l{order.ResponseLevel}-r{incident.Round}"));
        if (incident.Dispatches.Any(known => known.Id == id))
        {
            return Decision.AlreadySo;
        }

        var rows = Rows(incident, plan, order.ResponseLevel);
        var omit = order.Omit.IsDefault ? [] : order.Omit;
        if (omit.FirstOrDefault(key => plan.Tasks.All(row => row.Key != key)) is { } unknown)
        {
            return Decision.Invalid("omit", $"预案没有任务 {unknown}。");
        }

        if (rows.Any(row => row.Mandatory && omit.Contains(row.Key)) && string.IsNullOrWhiteSpace(order.Reason))
        {
            return Decision.Invalid("reason", "略去必办任务须说明理由。");
        }

        if (order.Units.Keys.FirstOrDefault(key => plan.Tasks.All(row => row.Key != key)) is { } stranger)
        {
            return Decision.Invalid($"units.{stranger}", "预案没有这项任务。");
        }

        // Units that a person named are bound first, so that the choice for the other rows knows of them.
        var chosen = new Dictionary<string, UnitChoice>(StringComparer.Ordinal);
        foreach (var row in rows.Where(row => !omit.Contains(row.Key) && order.Units.ContainsKey(row.Key)))
        {
            var (choice, flaw) = roster.Take(order.Units[row.Key], row.Role, view, $"units.{row.Key}");
            if (flaw is not null)
            {
                return flaw;
            }

            chosen[row.Key] = choice!;
        }

        var tasks = ImmutableArray.CreateBuilder<TaskFact>();
        var sent = ImmutableArray.CreateBuilder<(UnitChoice Unit, string Action, TaskLimits Limits)>();
        var shortfalls = ImmutableArray.CreateBuilder<string>();
        foreach (var row in rows.Where(row => !omit.Contains(row.Key)))
        {
            if (!chosen.TryGetValue(row.Key, out var unit))
            {
                var (choice, shortfall) = roster.Choose(row.Role, view);
                if (choice is null)
                {
                    shortfalls.Add($"{row.Key}:{shortfall}");
                    continue;
                }

                unit = choice;
            }

            tasks.Add(Fact(incident, row.Key, unit, row.Role, row.Action, row.Mandatory, row.Group, row.Limits, now));
            sent.Add((unit, row.Action, row.Limits));
        }

        if (tasks.Count == 0)
        {
            return rows.IsEmpty || RepeatsNewest(incident, order) ? Decision.AlreadySo : Decision.Refused(Refusal.Unprocessable, shortfalls.Count > 0 ? string.Join(';', shortfalls) : "没有要下发的任务。");
        }

        var notices = Notices(incident, plan, sent.ToImmutable(), now).ToImmutableArray();
        var outbox = notices.Select((notice, index) => index < tasks.Count
            ? new OutboxItem($"{tasks[index].Id}:{notice.Channel}", notice.Channel, notice.Recipient, notice.Text, tasks[index].Id, now, 0, ReceiptState.Queued, now)
            : new OutboxItem($"{id}:{index}", notice.Channel, notice.Recipient, notice.Text, null, now, 0, ReceiptState.Queued, now));
        var escalation = plan.Escalation;
        return new Decision
        {
            Events =
            [
                .. Preliminaries(view),
                new PlanDispatched(
                    id, plan.Id, plan.Version, plan.Name, order.ResponseLevel, incident.Round, order.Reason, actor.Kind == ActorKind.System, keyHash, bodyHash, omit,
                    shortfalls.ToImmutable(), tasks.ToImmutable(), notices.Length,
                    new EscalationFact(escalation.AcceptTo, escalation.ThenMinutes, escalation.ThenTo, escalation.ArriveTo, escalation.HandleTo, escalation.RaiseLevel)),
            ],
            Sources = keyHash is null ? [$"dispatch:{id}"] : [$"dispatch:{id}", $"dispatch-key:{view.Id}:{keyHash}"],
            Outbox = [.. outbox],
        };
    }

    /// <summary>A free order (临时指令): one task for one unit, outside any plan.</summary>
    public static Decision Order(Incident incident, FreeOrder order, UnitRoster roster, Actor actor, DateTimeOffset now)
    {
        var view = incident.View;
        var keyHash = KeyHash(order.IdempotencyKey);
        var bodyHash = EventLog.ShortHash(JsonSerializer.Serialize(order, ContractJson.Options));
        if (keyHash is not null && incident.Dispatches.FirstOrDefault(known => known.KeyHash == keyHash) is { } same)
        {
            return same.BodyHash == bodyHash ? Decision.AlreadySo : Decision.Refused(Refusal.KeyReused, "同一 Idempotency-Key 已用于另一请求。");
        }

        if (!MayDispatch(actor))
        {
            return Decision.Refused(Refusal.NotAllowed, "您的角色不能下达指令。");
        }

        if (string.IsNullOrWhiteSpace(order.Action) || order.Action.Length > ActionLengthMax)
        {
            return Decision.Invalid("action", $"必填,最多 {ActionLengthMax} 字。");
        }

        if (order.HandleMinutes is < 1 or > HandleMinutesMax)
        {
            return Decision.Invalid("handleMinutes", $"为 1 至 {HandleMinutesMax} 分钟。");
        }

        if (string.IsNullOrEmpty(order.Unit.Value))
        {
            return Decision.Invalid("unit", "必填。");
        }

        if (PhaseFlaw(view) is { } phase)
        {
            return phase;
        }

        var (unit, flaw) = roster.Take(order.Unit, string.Empty, view, "unit");
        if (flaw is not null)
        {
            return flaw;
        }

        var key = string.Create(CultureInfo.InvariantCulture, $"free-{view.Tasks.Count(task => task.Key.StartsWith("free-", StringComparison.Ordinal)) + 1}");
        var role = roster.Find(order.Unit)!.Role;
        var limits = StepLimits.ForTask(view.Priority, order.HandleMinutes);
        // Whether a free order is done on the spot or from a desk is not known, so nobody is held to an arrival.
        var fact = Fact(incident, key, unit!, role, order.Action.Trim(), true, 1, limits with { ArriveMinutes = null }, now);
        return new Decision
        {
            Events = [.. Preliminaries(view), new TaskOrdered(new DispatchId($"{view.Id}-{key}"), fact, keyHash, bodyHash)],
            Sources = keyHash is null ? [] : [$"dispatch-key:{view.Id}:{keyHash}"],
            Outbox = [new OutboxItem($"{fact.Id}:in_app", "in_app", order.Unit.Value, UnitText(incident, fact.Action, limits), fact.Id, now, 0, ReceiptState.Queued, now)],
        };
    }

    /// <summary>The newest dispatch was the same and left rows out, and nothing has happened since that would open a round: the click is its repetition.</summary>
    private static bool RepeatsNewest(Incident incident, DispatchOrder order) =>
        incident.Dispatches.LastOrDefault(known => known.Plan is not null) is { Partial: true } newest
        && newest.Plan == order.Plan && newest.PlanVersion == order.PlanVersion && newest.ResponseLevel == order.ResponseLevel && newest.Round + 1 == incident.Round;

    private static bool MayDispatch(Actor actor) => actor.Has(Role.Dispatcher) || actor.Has(Role.Duty);

    private static Decision? PhaseFlaw(IncidentView view) =>
        view.MergedInto is { } into ? Decision.NotInThisPhase($"事件已并入 {into}。")
        : view.Suspended ? Decision.NotInThisPhase("事件已挂起,请先恢复。")
        : view.State > IncidentState.Handled ? Decision.NotInThisPhase($"“{IncidentLife.PhaseName(view.State)}”阶段不能派遣。")
        : null;

    /// <summary>Who sends a unit has received and filed the case by that: the easiest act on the desk takes one click, and the timeline names every step.</summary>
    private static IncidentEvent[] Preliminaries(IncidentView view) => view.State switch
    {
        IncidentState.Reported => [new IncidentReceived(Auto: true), new IncidentFiled(null, view.Priority, Auto: true)],
        IncidentState.Received => [new IncidentFiled(null, view.Priority, Auto: true)],
        _ => [],
    };

    /// <summary>Rows of the plan that apply and whose work no unit has in hand.</summary>
    private static ImmutableArray<PlanTask> Rows(Incident incident, Plan plan, int level)
    {
        var inHand = incident.LiveTasks.Where(task => task.State != TaskState.Returned).Select(task => task.Key).ToHashSet(StringComparer.Ordinal);
        return [.. plan.Tasks.Where(row => row.AppliesTo(incident.View.Colour, level < plan.DefaultResponseLevel) && !inHand.Contains(row.Key))];
    }

    private static TaskFact Fact(Incident incident, string key, UnitChoice unit, string role, string action, bool mandatory, int group, TaskLimits limits, DateTimeOffset now)
    {
        var round = incident.View.Tasks.Count(task => task.Key == key) + 1;
        return new TaskFact(
            new TaskId(string.Create(CultureInfo.InvariantCulture, $"{incident.View.Id}.{key}.{round}")), key, new UnitRef(unit.Id, unit.Name), role, action, mandatory, group,
            Due(limits.AcceptMinutes), Due(limits.ArriveMinutes), Due(limits.HandleMinutes), ["in_app"]);

        DateTimeOffset? Due(int? minutes) => minutes is { } known ? now.AddMinutes(known) : null;
    }

    /// <summary>First one for each unit in the order of its tasks, then the plan's own.</summary>
    private static IEnumerable<PreviewNotice> Notices(Incident incident, Plan plan, ImmutableArray<(UnitChoice Unit, string Action, TaskLimits Limits)> sent, DateTimeOffset now) =>
    [
        .. sent.Select(task => new PreviewNotice(task.Unit.Id.Value, "in_app", UnitText(incident, task.Action, task.Limits))),
        .. plan.Notices.Select(notice => new PreviewNotice(notice.Recipient, ChannelOf(notice.Channel), NoticeTexts.Render(notice.Template, incident, null, now))),
    ];

    /// <summary>No gateway for messages or calls is connected in this release: what would go there is recorded, and every screen says so.</summary>
    private static string ChannelOf(string channel) => channel is "sms" or "phone" ? "recorder" : channel;

    private static string UnitText(Incident incident, string action, TaskLimits limits)
    {
        var accept = limits.AcceptMinutes is { } minutes ? string.Create(CultureInfo.InvariantCulture, $",请 {minutes} 分钟内签收") : string.Empty;
        var arrive = limits.ArriveMinutes is { } arrival ? string.Create(CultureInfo.InvariantCulture, $",{arrival} 分钟内到场") : string.Empty;
        return NoticeForm.Sign($"{incident.View.Number} {incident.View.Title}:{action}{accept}{arrive}。", incident.View.Drill);
    }

    private static ImmutableArray<DeviceId> NearestCameras(IncidentView incident, ImmutableArray<DeviceRegistration> cameras) =>
        incident is not { Longitude: { } longitude, Latitude: { } latitude } ? [] :
        [
            .. cameras
                .Where(camera => camera is { Longitude: not null, Latitude: not null, Internal: false })
                .Select(camera => (camera.Id, DistanceM: CoordinateSystems.DistanceM(longitude, latitude, camera.Longitude!.Value, camera.Latitude!.Value)))
                .Where(camera => camera.DistanceM <= CameraDistanceMaxM)
                .OrderBy(camera => camera.DistanceM).ThenBy(camera => camera.Id.Value, StringComparer.Ordinal)
                .Take(CamerasMax)
                .Select(camera => camera.Id),
        ];

    public static string? KeyHash(string key) => string.IsNullOrEmpty(key) ? null : EventLog.ShortHash(key);

    private static string BodyHash(DispatchOrder order)
    {
        var omit = order.Omit.IsDefault ? [] : order.Omit.Sort(StringComparer.Ordinal);
        var units = order.Units.OrderBy(unit => unit.Key, StringComparer.Ordinal).Select(unit => $"{unit.Key}={unit.Value}");
        return EventLog.ShortHash(string.Create(
            CultureInfo.InvariantCulture,
            $"{order.Plan}\n{order.PlanVersion}\n{order.ResponseLevel}\n{order.Reason}\n{string.Join(',', omit)}\n{string.Join(',', units)}"));
    }
}
