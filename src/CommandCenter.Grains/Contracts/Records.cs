using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>One row of the audit trail.</summary>
[GenerateSerializer, Immutable, Alias("AuditEntry")]
public sealed record AuditEntry(
    [property: Id(0)] long Seq,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] By By,
    [property: Id(3)] string Action,
    [property: Id(4)] string Subject,
    [property: Id(5)] string? Detail);

/// <summary>Filter over devices; empty arrays mean no filter.</summary>
[GenerateSerializer, Immutable, Alias("DeviceQuery")]
public sealed record DeviceQuery
{
    [Id(0)] public ImmutableArray<AreaId> Areas { get; init; } = [];
    [Id(1)] public ImmutableArray<string> Kinds { get; init; } = [];
    [Id(2)] public int Limit { get; init; } = 100;
    [Id(3)] public string? Cursor { get; init; }
}

/// <summary>The scoped room through which screens and the HTTP interface read stored records; what lies outside the actor's scope is not there. Any silo, any number.</summary>
[Alias("IRecordsGrain")]
public interface IRecordsGrain : IGrainWithIntegerKey
{
    [Alias("ListDevices")]
    Task<Page<DeviceRegistration>> ListDevicesAsync(DeviceQuery query, Actor actor);

    [Alias("ListWarnings")]
    Task<Page<WarningView>> ListWarningsAsync(WarningQuery query, Actor actor);

    [Alias("GetWarning")]
    Task<WarningView?> GetWarningAsync(WarningId id, Actor actor);

    /// <summary>Those of the warnings that are there and in scope, in no particular order; at most 1000 ids.</summary>
    [Alias("GetWarnings")]
    Task<ImmutableArray<WarningView>> GetWarningsAsync(ImmutableArray<WarningId> ids, Actor actor);

    [Alias("ListIncidents")]
    Task<Page<IncidentView>> ListIncidentsAsync(IncidentQuery query, Actor actor);

    [Alias("ListTasks")]
    Task<Page<TaskView>> ListTasksAsync(TaskQuery query, Actor actor);

    [Alias("GetTask")]
    Task<TaskView?> GetTaskAsync(TaskId id, Actor actor);

    [Alias("ListAudit")]
    Task<Page<AuditEntry>> ListAuditAsync(int limit, string? cursor, Actor actor);

    /// <summary>Every area with a wall: district, streets, overlays, outside.</summary>
    [Alias("ListAreas")]
    Task<ImmutableArray<AreaDescription>> ListAreasAsync();

    [Alias("GetVocabulary")]
    Task<VocabularyDocument> GetVocabularyAsync();

    /// <summary>The street that holds the point, or <see cref="AreaId.Outside"/>.</summary>
    [Alias("Locate")]
    Task<AreaId> LocateAsync(double longitude, double latitude);
}
