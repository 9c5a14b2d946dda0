using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace CommandCenter.Grains.Contracts;

/// <summary>Minutes from the dispatch; null: no limit.</summary>
[GenerateSerializer, Immutable, Alias("TaskLimits")]
public sealed record TaskLimits([property: Id(0)] int? AcceptMinutes, [property: Id(1)] int? ArriveMinutes, [property: Id(2)] int? HandleMinutes);

/// <summary>The unit chosen for a task and why.</summary>
[GenerateSerializer, Immutable, Alias("UnitChoice")]
public sealed record UnitChoice(
    [property: Id(0)] ResponseUnitId Id,
    [property: Id(1)] string Name,
    [property: Id(2)] int? DistanceM,
    [property: Id(3)] string Reason);

/// <summary>A task as it would be issued. Exactly one of <see cref="Unit"/> and <see cref="Shortfall"/> is set.</summary>
[GenerateSerializer, Immutable, Alias("PreviewTask")]
public sealed record PreviewTask(
    [property: Id(0)] string Key,
    [property: Id(1)] string Action,
    [property: Id(2)] string Role,
    [property: Id(3)] UnitChoice? Unit,
    [property: Id(4)] string? Shortfall,
    [property: Id(5)] int Group,
    [property: Id(6)] bool Mandatory,
    [property: Id(7)] TaskLimits Limits);

[GenerateSerializer, Immutable, Alias("PreviewNotice")]
public sealed record PreviewNotice([property: Id(0)] string Recipient, [property: Id(1)] string Channel, [property: Id(2)] string Text);

[GenerateSerializer, Immutable, Alias("PlanAlternative")]
public sealed record PlanAlternative([property: Id(0)] PlanId Plan, [property: Id(1)] ImmutableArray<string> Why);

/// <summary>What the plan does on the map: a circle, and lines that are closed (GeoJSON LineString coordinates).</summary>
[GenerateSerializer, Immutable, Alias("MapEffect")]
public sealed record MapEffect([property: Id(0)] int RadiusM, [property: Id(1)] ImmutableArray<ImmutableArray<double>> Closures);

/// <summary>What one click would do, in full: the document of <c>dispatch/preview</c>.</summary>
[GenerateSerializer, Immutable, Alias("DispatchPreview")]
public sealed record DispatchPreview
{
    [Id(0)] public required IncidentId Incident { get; init; }
    [Id(1)] public required PlanId Plan { get; init; }
    [Id(2)] public required int PlanVersion { get; init; }
    [Id(3)] public required int ResponseLevel { get; init; }
    [Id(4)] public ImmutableArray<string> Why { get; init; } = [];
    [Id(5)] public ImmutableArray<PlanAlternative> Alternatives { get; init; } = [];
    [Id(6)] public ImmutableArray<PreviewTask> Tasks { get; init; } = [];
    [Id(7)] public ImmutableArray<PreviewNotice> Notices { get; init; } = [];

    /// <summary>The nearest cameras, at most four.</summary>
    [Id(8)] public ImmutableArray<DeviceId> Cameras { get; init; } = [];
    [Id(9)] public required MapEffect Map { get; init; }
    [Id(10)] public string? PlanName { get; init; }
}

/// <summary>The click: the document of <c>POST dispatch</c>.</summary>
[GenerateSerializer, Immutable, Alias("DispatchOrder")]
public sealed record DispatchOrder
{
    [Id(0)] public required PlanId Plan { get; init; }
    [Id(1)] public required int PlanVersion { get; init; }
    [Id(2)] public int ResponseLevel { get; init; } = 4;
    [Id(3)] public string? Reason { get; init; }

    /// <summary>Keys of the plan's tasks that are left out; a mandatory one needs a reason.</summary>
    [Id(4)] public ImmutableArray<string> Omit { get; init; } = [];

    /// <summary>Task key to the unit chosen by hand.</summary>
    [Id(5)] public ImmutableDictionary<string, ResponseUnitId> Units { get; init; } = ImmutableDictionary<string, ResponseUnitId>.Empty;

    /// <summary>From the <c>Idempotency-Key</c> header; the same key and body is the same dispatch.</summary>
    [Id(6), JsonIgnore] public string IdempotencyKey { get; init; } = string.Empty;
}

/// <summary>The answer to a dispatch. <see cref="Repeated"/>: it had been carried out before.</summary>
[GenerateSerializer, Immutable, Alias("DispatchAnswer")]
public sealed record DispatchAnswer(
    [property: Id(0)] DispatchId Dispatch,
    [property: Id(1)] IncidentId Incident,
    [property: Id(2)] bool Repeated,
    [property: Id(3)] ImmutableArray<TaskView> Tasks,
    [property: Id(4)] int Notices);

/// <summary>A free order (临时指令): one task outside any plan.</summary>
[GenerateSerializer, Immutable, Alias("FreeOrder")]
public sealed record FreeOrder(
    [property: Id(0)] ResponseUnitId Unit,
    [property: Id(1)] string Action,
    [property: Id(2)] int? HandleMinutes,
    [property: Id(3), JsonIgnore] string IdempotencyKey);

/// <summary>Decides for one class group whether a warning or report joins an open incident or opens one. Key: the class group.</summary>
[Alias("IIntakeGrain")]
public interface IIntakeGrain : IGrainWithStringKey
{
    /// <summary>A raised warning whose policy is open. Answers the incident that now holds it; the same warning again answers the same.</summary>
    [Alias("SubmitWarning")]
    Task<Outcome<IncidentId>> SubmitWarningAsync(WarningView warning);

    /// <summary>The same for many of one class group at once, in order: in a flood those of one place join their incident in one step. One answer each.</summary>
    [Alias("SubmitWarnings")]
    Task<ImmutableArray<Outcome<IncidentId>>> SubmitWarningsAsync(ImmutableArray<WarningView> warnings);

    [Alias("SubmitReport")]
    Task<Outcome<ReportAnswer>> SubmitReportAsync(IncidentReport report, Actor actor);
}

/// <summary>One incident (key: its id) over its append-only event log.</summary>
[Alias("IIncidentGrain")]
public interface IIncidentGrain : IGrainWithStringKey
{
    /// <summary>With the whole timeline; null when missing or out of scope.</summary>
    [Alias("Get")]
    Task<IncidentView?> GetAsync(Actor actor);

    [Alias("Execute")]
    Task<Outcome<IncidentView>> ExecuteAsync(IncidentCommand command, Actor actor);

    /// <summary>What one click would do. <paramref name="plan"/> null: the plan that fits best.</summary>
    [Alias("Preview")]
    Task<Outcome<DispatchPreview>> PreviewAsync(PlanId? plan, Actor actor);

    /// <summary>Issues the plan's tasks once per (plan version, response level, round) and once per idempotency key.</summary>
    [Alias("Dispatch")]
    Task<Outcome<DispatchAnswer>> DispatchAsync(DispatchOrder order, Actor actor);

    [Alias("Order")]
    Task<Outcome<TaskView>> OrderAsync(FreeOrder order, Actor actor);

    [Alias("Act")]
    Task<Outcome<TaskView>> ActAsync(TaskId task, TaskCommand command, Actor actor);

    /// <summary>A warning of the incident changed colour or cleared. Idempotent by the warning's version.</summary>
    [Alias("NoteWarning")]
    Task NoteWarningAsync(WarningView warning);

    /// <summary>The same for several of its warnings at once.</summary>
    [Alias("NoteWarnings")]
    Task NoteWarningsAsync(ImmutableArray<WarningView> warnings);

    /// <summary>A clock that was set has fallen due; fires once.</summary>
    [Alias("FireClock")]
    Task FireClockAsync(string clock, DateTimeOffset dueAt);

    /// <summary>The outbox tells how a notice to a unit fared.</summary>
    [Alias("NoteReceipt")]
    Task NoteReceiptAsync(TaskId task, Receipt receipt);
}

/// <summary>Contingency plans and response units (one grain, key 0). Plan documents are JSON, checked here.</summary>
[Alias("IPlanBookGrain")]
public interface IPlanBookGrain : IGrainWithIntegerKey
{
    [Alias("PutPlan")]
    Task<Outcome<string>> PutPlanAsync(PlanId id, string document, Actor actor);

    [Alias("GetPlan")]
    Task<string?> GetPlanAsync(PlanId id);

    [Alias("ListPlans")]
    Task<ImmutableArray<string>> ListPlansAsync();

    [Alias("PutUnit")]
    Task<Outcome<ResponseUnit>> PutUnitAsync(ResponseUnit unit, Actor actor);

    [Alias("GetUnit")]
    Task<ResponseUnitView?> GetUnitAsync(ResponseUnitId id, Actor actor);

    [Alias("ListUnits")]
    Task<ImmutableArray<ResponseUnitView>> ListUnitsAsync(Actor actor);
}
