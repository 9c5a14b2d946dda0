using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Incidents;

// Everything that can happen to an incident. The log of these is the incident: what they do not tell is not known after a restart.
// A member is never renamed or removed; a changed shape takes a higher schema version in EventLog and a step in EventUpcasters.
// No name and no telephone number of a person stands in an event: those lie behind a PersonRef, so that one can be erased without breaking the hash chain.

/// <summary>One event. Who and when stand in the envelope, not here.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(IncidentReported), "incident_reported")]
[JsonDerivedType(typeof(IncidentReceived), "incident_received")]
[JsonDerivedType(typeof(IncidentFiled), "incident_filed")]
[JsonDerivedType(typeof(ReportJoined), "report_joined")]
[JsonDerivedType(typeof(WarningJoined), "warning_joined")]
[JsonDerivedType(typeof(WarningNoted), "warning_noted")]
[JsonDerivedType(typeof(PlanDispatched), "plan_dispatched")]
[JsonDerivedType(typeof(TaskOrdered), "task_ordered")]
[JsonDerivedType(typeof(TaskAccepted), "task_accepted")]
[JsonDerivedType(typeof(TaskArrived), "task_arrived")]
[JsonDerivedType(typeof(TaskReported), "task_reported")]
[JsonDerivedType(typeof(TaskReturned), "task_returned")]
[JsonDerivedType(typeof(TaskOverdue), "task_overdue")]
[JsonDerivedType(typeof(TaskEscalated), "task_escalated")]
[JsonDerivedType(typeof(ReceiptNoted), "receipt_noted")]
[JsonDerivedType(typeof(StepOverdue), "step_overdue")]
[JsonDerivedType(typeof(IncidentVerified), "incident_verified")]
[JsonDerivedType(typeof(VerificationFailed), "verification_failed")]
[JsonDerivedType(typeof(IncidentClosed), "incident_closed")]
[JsonDerivedType(typeof(IncidentRated), "incident_rated")]
[JsonDerivedType(typeof(IncidentVoided), "incident_voided")]
[JsonDerivedType(typeof(IncidentSuspended), "incident_suspended")]
[JsonDerivedType(typeof(IncidentResumed), "incident_resumed")]
[JsonDerivedType(typeof(IncidentExtended), "incident_extended")]
[JsonDerivedType(typeof(IncidentSupervised), "incident_supervised")]
[JsonDerivedType(typeof(IncidentUrged), "incident_urged")]
[JsonDerivedType(typeof(IncidentMerged), "incident_merged")]
[JsonDerivedType(typeof(IncidentAbsorbed), "incident_absorbed")]
[JsonDerivedType(typeof(IncidentSplit), "incident_split")]
[JsonDerivedType(typeof(ResponseLevelChanged), "response_level_changed")]
[JsonDerivedType(typeof(IncidentTransferred), "incident_transferred")]
[JsonDerivedType(typeof(IncidentReportedUp), "incident_reported_up")]
[JsonDerivedType(typeof(IncidentAssignedDown), "incident_assigned_down")]
[JsonDerivedType(typeof(IncidentReopened), "incident_reopened")]
internal abstract record IncidentEvent;

/// <summary>What an incident keeps of a warning.</summary>
internal sealed record WarningFact(
    WarningId Id, RuleId Rule, int RuleVersion, string Subject, string? SubjectName, DeviceId? Device, Colour Colour, Colour PeakColour,
    WarningState State, double? Value, string? Unit, DateTimeOffset RaisedAt, DateTimeOffset? ClearedAt, long Version, string Reason);

/// <summary>What an incident keeps of a report. <see cref="Person"/> points to the persons table.</summary>
internal sealed record ReportFact(
    string Id, string Number, string Source, string? ExternalId, DateTimeOffset At, string Text, ImmutableArray<string> Evidence, string? Person);

/// <summary>A task as issued.</summary>
internal sealed record TaskFact(
    TaskId Id, string Key, UnitRef Unit, string Role, string Action, bool Mandatory, int Group,
    DateTimeOffset? AcceptBy, DateTimeOffset? ArriveBy, DateTimeOffset? HandleBy, ImmutableArray<string> Channels);

/// <summary>Whom a passed limit goes to. <c>{unit}</c> stands for the name of the unit.</summary>
internal sealed record EscalationFact(string AcceptTo, int ThenMinutes, string ThenTo, string ArriveTo, string HandleTo, bool RaiseLevel)
{
    public static readonly EscalationFact Default = new("{unit}负责人", 5, "分管领导", "{unit}负责人", "{unit}负责人", false);
}

internal sealed record IncidentReported(
    IncidentId Id, string Number, ClassCode Class, string Title, AreaId Area, ImmutableArray<AreaId> Areas, AreaId Owner, double? Longitude, double? Latitude,
    string Source, bool Drill, Priority Priority, PlanId? Plan, StepLimits Limits,
    WarningFact? Warning, ReportFact? Report, ImmutableArray<DeviceId> Devices, IncidentId? SplitFrom) : IncidentEvent;

internal sealed record IncidentReceived(bool Auto) : IncidentEvent;
internal sealed record IncidentFiled(int? Grade, Priority Priority, bool Auto) : IncidentEvent;
internal sealed record ReportJoined(ReportFact Report) : IncidentEvent;
internal sealed record WarningJoined(WarningFact Warning) : IncidentEvent;
internal sealed record WarningNoted(WarningFact Warning) : IncidentEvent;

/// <summary>The click. <see cref="KeyHash"/> and <see cref="BodyHash"/> recognise its repetition.</summary>
internal sealed record PlanDispatched(
    DispatchId Dispatch, PlanId Plan, int PlanVersion, string PlanName, int ResponseLevel, int Round, string? Reason, bool Auto, string? KeyHash, string BodyHash,
    ImmutableArray<string> Omitted, ImmutableArray<string> Shortfalls, ImmutableArray<TaskFact> Tasks, int Notices, EscalationFact Escalation) : IncidentEvent;

internal sealed record TaskOrdered(DispatchId Dispatch, TaskFact Task, string? KeyHash, string BodyHash) : IncidentEvent;
internal sealed record TaskAccepted(TaskId Task) : IncidentEvent;
internal sealed record TaskArrived(TaskId Task, double? Longitude, double? Latitude, int? DistanceM, string? Photo) : IncidentEvent;

/// <summary><see cref="Person"/>: the id of the responder who did the work, when a person and not only the unit is known.</summary>
internal sealed record TaskReported(TaskId Task, string Text, ImmutableArray<string> Photos, string? Person) : IncidentEvent;
internal sealed record TaskReturned(TaskId Task, string Reason) : IncidentEvent;

/// <summary>A limit of a task passed unmet and goes to the named superior. <see cref="NextAt"/>: when it goes higher still.</summary>
internal sealed record TaskOverdue(TaskId Task, string Limit, DateTimeOffset DueAt, string EscalatedTo, DateTimeOffset? NextAt) : IncidentEvent;
internal sealed record TaskEscalated(TaskId Task, string Limit, DateTimeOffset DueAt, string EscalatedTo) : IncidentEvent;
internal sealed record ReceiptNoted(TaskId Task, Receipt Receipt) : IncidentEvent;
internal sealed record StepOverdue(string Step, DateTimeOffset DueAt) : IncidentEvent;
internal sealed record IncidentVerified(string? Comment) : IncidentEvent;

/// <summary>返工: the named tasks go back to their units.</summary>
internal sealed record VerificationFailed(string? Comment, ImmutableArray<TaskId> Tasks) : IncidentEvent;
internal sealed record IncidentClosed(string Reason) : IncidentEvent;
internal sealed record IncidentRated(int Score) : IncidentEvent;
internal sealed record IncidentVoided(string Reason) : IncidentEvent;
internal sealed record IncidentSuspended(string Reason) : IncidentEvent;
internal sealed record IncidentResumed : IncidentEvent;
internal sealed record IncidentExtended(int Minutes, string Reason) : IncidentEvent;
internal sealed record IncidentSupervised(string Reason, bool Auto) : IncidentEvent;
internal sealed record IncidentUrged(string? Comment, ImmutableArray<TaskId> Tasks) : IncidentEvent;

/// <summary>This incident went into another.</summary>
internal sealed record IncidentMerged(IncidentId Into) : IncidentEvent;

/// <summary>Another incident went into this one.</summary>
internal sealed record IncidentAbsorbed(IncidentId From, string Number, ImmutableArray<ReportFact> Reports, ImmutableArray<WarningFact> Warnings, ImmutableArray<DeviceId> Devices) : IncidentEvent;
internal sealed record IncidentSplit(IncidentId To, ImmutableArray<string> Reports, ImmutableArray<WarningId> Warnings) : IncidentEvent;
internal sealed record ResponseLevelChanged(int From, int To, string Reason, bool Auto) : IncidentEvent;
internal sealed record IncidentTransferred(AreaId From, AreaId To, string Reason) : IncidentEvent;
internal sealed record IncidentReportedUp(AreaId From, AreaId To, string Reason) : IncidentEvent;
internal sealed record IncidentAssignedDown(AreaId From, AreaId To, string? Comment) : IncidentEvent;
internal sealed record IncidentReopened(string Reason) : IncidentEvent;
