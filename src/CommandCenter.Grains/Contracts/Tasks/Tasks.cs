using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace CommandCenter.Grains.Contracts;

public enum TaskState { Issued, Accepted, Arrived, Reported, Verified, Returned, Recalled, Cancelled }

public enum ReceiptState { Queued, Sent, Delivered, Failed }

/// <summary>How a notice to the unit fared on one channel.</summary>
[GenerateSerializer, Immutable, Alias("Receipt")]
public sealed record Receipt([property: Id(0)] string Channel, [property: Id(1)] ReceiptState State, [property: Id(2)] DateTimeOffset At);

/// <summary>A response unit by id and name.</summary>
[GenerateSerializer, Immutable, Alias("UnitRef")]
public sealed record UnitRef([property: Id(0)] ResponseUnitId Id, [property: Id(1)] string Name);

/// <summary>One piece of work for one unit. Limits count from the dispatch, natural clock.</summary>
[GenerateSerializer, Immutable, Alias("TaskView")]
public sealed record TaskView
{
    [Id(0)] public required TaskId Id { get; init; }
    [Id(1)] public required IncidentId Incident { get; init; }
    [Id(2)] public required DispatchId Dispatch { get; init; }

    /// <summary>The plan's task key, such as <c>P01-2</c>; <c>free-n</c> for a free order (临时指令).</summary>
    [Id(3)] public required string Key { get; init; }
    [Id(4)] public required UnitRef Unit { get; init; }
    [Id(5)] public required string Action { get; init; }
    [Id(6)] public required TaskState State { get; init; }
    [Id(7)] public DateTimeOffset? AcceptBy { get; init; }
    [Id(8)] public DateTimeOffset? ArriveBy { get; init; }
    [Id(9)] public DateTimeOffset? HandleBy { get; init; }

    /// <summary>The limits that passed unmet: <c>accept</c>, <c>arrive</c>, <c>handle</c>.</summary>
    [Id(10)] public ImmutableArray<string> Overdue { get; init; } = [];
    [Id(11)] public DateTimeOffset? AcceptedAt { get; init; }
    [Id(12)] public DateTimeOffset? ArrivedAt { get; init; }
    [Id(13)] public DateTimeOffset? ReportedAt { get; init; }
    [Id(14)] public string? Result { get; init; }
    [Id(15)] public ImmutableArray<Receipt> Receipts { get; init; } = [];
    [Id(16)] public required long Version { get; init; }
    [Id(17)] public AreaId Area { get; init; }
    [Id(18)] public bool Mandatory { get; init; } = true;
    [Id(19)] public string Role { get; init; } = string.Empty;
    [Id(20)] public DateTimeOffset IssuedAt { get; init; }
    [Id(21)] public bool Drill { get; init; }

    /// <summary>The unit still has the work: issued, accepted or arrived.</summary>
    [JsonIgnore]
    public bool IsOpen => State is TaskState.Issued or TaskState.Accepted or TaskState.Arrived;

    /// <summary>The unit is bound by the work: open, or reported and not yet verified. Closing the incident frees it.</summary>
    [JsonIgnore]
    public bool BindsUnit => IsOpen || State is TaskState.Reported;
}

/// <summary>What a unit does with its task. With <see cref="OnBehalfOf"/> a gateway speaks for the unit. One family, one file.</summary>
[GenerateSerializer, Immutable, Alias("TaskCommand")]
public abstract record TaskCommand
{
    [Id(0)] public By? OnBehalfOf { get; init; }
}

[GenerateSerializer, Immutable, Alias("AcceptTask")]
public sealed record AcceptTask : TaskCommand;

/// <summary>Arrival needs a position within 200 m of the incident, or a photo.</summary>
[GenerateSerializer, Immutable, Alias("ArriveAtTask")]
public sealed record ArriveAtTask([property: Id(0)] double? Longitude, [property: Id(1)] double? Latitude, [property: Id(2)] string? Photo) : TaskCommand;

[GenerateSerializer, Immutable, Alias("ReportTask")]
public sealed record ReportTask([property: Id(0)] string Text, [property: Id(1)] ImmutableArray<string> Photos) : TaskCommand;

/// <summary>The unit sends the work back; at most once per task.</summary>
[GenerateSerializer, Immutable, Alias("ReturnTask")]
public sealed record ReturnTask([property: Id(0)] string Reason) : TaskCommand;

/// <summary>Filter over tasks; empty arrays mean no filter.</summary>
[GenerateSerializer, Immutable, Alias("TaskQuery")]
public sealed record TaskQuery
{
    [Id(0)] public ImmutableArray<ResponseUnitId> Units { get; init; } = [];
    [Id(1)] public ImmutableArray<TaskState> States { get; init; } = [];
    [Id(2)] public int Limit { get; init; } = 100;
    [Id(3)] public string? Cursor { get; init; }
}

/// <summary>A team that can be sent. Whether it is free follows from its tasks and is not stored.</summary>
[GenerateSerializer, Immutable, Alias("ResponseUnit")]
public sealed record ResponseUnit
{
    [Id(0)] public required ResponseUnitId Id { get; init; }
    [Id(1)] public required string Name { get; init; }

    /// <summary>The plan's word for who does it, such as <c>traffic_police</c>.</summary>
    [Id(2)] public required string Role { get; init; }

    /// <summary>Street that it serves; the district: everywhere.</summary>
    [Id(3)] public required AreaId Area { get; init; }
    [Id(4), JsonPropertyName("lon")] public double? Longitude { get; init; }
    [Id(5), JsonPropertyName("lat")] public double? Latitude { get; init; }

    /// <summary>Tasks it can hold at a time, from 1.</summary>
    [Id(6)] public int Capacity { get; init; } = 1;
    [Id(7)] public string? Phone { get; init; }
    [Id(8)] public long Version { get; init; }
    [Id(9)] public bool Enabled { get; init; } = true;
}

/// <summary>A unit and what binds it now: the document of <c>GET units/{id}</c>.</summary>
[GenerateSerializer, Immutable, Alias("ResponseUnitView")]
public sealed record ResponseUnitView([property: Id(0)] ResponseUnit Unit, [property: Id(1)] ImmutableArray<TaskId> Tasks)
{
    /// <summary><c>free</c>, <c>partly</c> or <c>busy</c>, by tasks that bind it against its capacity.</summary>
    public string State => Tasks.Length == 0 ? "free" : Tasks.Length < Unit.Capacity ? "partly" : "busy";
}
