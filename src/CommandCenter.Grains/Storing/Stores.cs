using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Storing;

// The border of the operations store: what the other rooms ask of it. One implementation over EF Core serves SQLite and PostgreSQL.
// Every write of one call is one transaction; when the call returns, it is durable.

/// <summary>One audit row to be written in the transaction of the action that it tells of.</summary>
internal sealed record AuditRow(DateTimeOffset At, By By, string Action, string Subject, string? Detail);

internal interface IRegistryStore
{
    Task<ImmutableArray<DeviceRegistration>> LoadAllAsync(CancellationToken cancellation = default);
    Task<ImmutableArray<DeviceRegistration>> LoadByStreetAsync(AreaId street, CancellationToken cancellation = default);
    Task<DeviceRegistration?> FindAsync(DeviceId id, CancellationToken cancellation = default);
    Task SaveAsync(IReadOnlyList<DeviceRegistration> devices, IReadOnlyList<AuditRow> audit, CancellationToken cancellation = default);
    Task<Page<DeviceRegistration>> ListAsync(DeviceQuery query, Actor actor, CancellationToken cancellation = default);
    Task<ImmutableArray<BrokerAccount>> LoadAccountsAsync(CancellationToken cancellation = default);
    Task SaveAccountAsync(BrokerAccount account, AuditRow audit, CancellationToken cancellation = default);
}

internal interface IRuleStore
{
    /// <summary>The newest version of every rule, by id.</summary>
    Task<ImmutableArray<StoredDocument>> LoadNewestAsync(CancellationToken cancellation = default);
    Task SaveAsync(StoredDocument document, AuditRow audit, CancellationToken cancellation = default);
}

internal interface IPlanStore
{
    Task<ImmutableArray<StoredDocument>> LoadNewestAsync(CancellationToken cancellation = default);
    Task<StoredDocument?> FindAsync(string id, int version, CancellationToken cancellation = default);
    Task SaveAsync(StoredDocument document, AuditRow audit, CancellationToken cancellation = default);
}

/// <summary>Every official document that was taken.</summary>
internal interface ICapStore
{
    Task<ImmutableArray<StoredDocument>> LoadNewestAsync(CancellationToken cancellation = default);
    Task SaveAsync(StoredDocument document, AuditRow audit, CancellationToken cancellation = default);
}

internal interface IUnitStore
{
    Task<ImmutableArray<ResponseUnit>> LoadAllAsync(CancellationToken cancellation = default);
    Task SaveAsync(ResponseUnit unit, AuditRow audit, CancellationToken cancellation = default);

    /// <summary>Tasks that bind a unit now (issued, accepted, arrived, reported), by unit.</summary>
    Task<ImmutableDictionary<ResponseUnitId, ImmutableArray<TaskId>>> LoadBindingTasksAsync(CancellationToken cancellation = default);
}

/// <summary>A rule or plan as stored: its JSON document under id and version.</summary>
internal sealed record StoredDocument(string Id, int Version, string Json, DateTimeOffset At, string By)
{
    /// <summary>The name of <see cref="By"/> at the time; null: not recorded.</summary>
    public string? ByName { get; init; }

    /// <summary>Null: not told.</summary>
    public string? Why { get; init; }
}

/// <summary>What the rule book keeps beside the rules in force; each is a shelf of versioned documents of its own.</summary>
internal enum RuleShelf { Rules, Proposals, Signatures, Shadows }

/// <summary>Everything the rule book keeps: all versions of the rules, proposals, signatures, shadow runs.</summary>
internal interface IRuleBookStore
{
    /// <summary>The newest version of every document of the shelf, by id.</summary>
    Task<ImmutableArray<StoredDocument>> LoadNewestAsync(RuleShelf shelf, CancellationToken cancellation = default);

    /// <summary>Every version of one rule, the newest first.</summary>
    Task<ImmutableArray<StoredDocument>> LoadVersionsAsync(RuleId rule, CancellationToken cancellation = default);
    Task<StoredDocument?> FindVersionAsync(RuleId rule, int version, CancellationToken cancellation = default);

    /// <summary>Stores all of it in one transaction, or nothing and false: another writer was faster with one of the versions.</summary>
    Task<bool> CommitAsync(IReadOnlyList<(RuleShelf Shelf, StoredDocument Document)> documents, IReadOnlyList<AuditRow> audit, CancellationToken cancellation = default);

    /// <summary>Warnings of the rule that were raised before <paramref name="to"/> and not over before <paramref name="from"/>, by raise; at most <paramref name="limit"/>.</summary>
    Task<ImmutableArray<WarningView>> LoadWarningsAsync(RuleId rule, DateTimeOffset from, DateTimeOffset to, int limit, Actor actor, CancellationToken cancellation = default);
}

/// <summary>Everything that one turn of a street changes of its warnings: one transaction.</summary>
internal sealed record WarningCommit
{
    public IReadOnlyList<WarningView> Changed { get; init; } = [];

    /// <summary>Pendings that came to nothing.</summary>
    public IReadOnlyList<WarningId> DroppedPendings { get; init; } = [];
    public IReadOnlyList<AuditRow> Audit { get; init; } = [];

    /// <summary>Clocks that fell due and are carried out with this change; one that is already stored stays as it is.</summary>
    public IReadOnlyList<DueClock> ClocksFired { get; init; } = [];

    /// <summary>Notices; one whose key is already there is not queued again.</summary>
    public IReadOnlyList<OutboxItem> Outbox { get; init; } = [];
}

internal interface IWarningStore
{
    /// <summary>Pending and raised warnings of the street.</summary>
    Task<ImmutableArray<WarningView>> LoadOpenAsync(AreaId street, CancellationToken cancellation = default);

    /// <summary>Cleared warnings of the street that a return is linked to: cleared at or after the time, or shelved beyond <paramref name="now"/>.</summary>
    Task<ImmutableArray<WarningView>> LoadClearedAsync(AreaId street, DateTimeOffset clearedFrom, DateTimeOffset now, CancellationToken cancellation = default);

    /// <summary>Saves changed warnings, deletes pendings that came to nothing, writes audit rows, fired clocks and notices: one transaction.</summary>
    Task CommitAsync(WarningCommit commit, CancellationToken cancellation = default);
    Task<WarningView?> FindAsync(WarningId id, CancellationToken cancellation = default);
    Task<ImmutableArray<WarningView>> FindManyAsync(IReadOnlyList<WarningId> ids, CancellationToken cancellation = default);

    /// <summary>The newest raised or cleared warning of (rule, subject), to link a returning one to.</summary>
    Task<WarningId?> FindPreviousAsync(RuleId rule, string subject, DateTimeOffset beforeOnset, CancellationToken cancellation = default);

    /// <summary>The same for many at once; those without one are not in the answer.</summary>
    Task<ImmutableDictionary<WarningId, WarningId>> FindPreviousAsync(IReadOnlyList<WarningView> warnings, CancellationToken cancellation = default);
    Task<Page<WarningView>> ListAsync(WarningQuery query, Actor actor, CancellationToken cancellation = default);
}

/// <summary>Short forms of the warning store.</summary>
internal static class WarningStoreForms
{
    public static Task SaveAsync(
        this IWarningStore store, IReadOnlyList<WarningView> changed, IReadOnlyList<WarningId> droppedPendings, IReadOnlyList<AuditRow> audit, CancellationToken cancellation = default) =>
        store.CommitAsync(new() { Changed = changed, DroppedPendings = droppedPendings, Audit = audit }, cancellation);
}

/// <summary>What the quality of the alarms is reckoned from: one raised warning, without its document.</summary>
internal sealed record QualityRecord(
    WarningId Id, AreaId Area, string Overlays, RuleId Rule, string Subject, ClassCode? Class, Colour PeakColour, DateTimeOffset RaisedAt, DateTimeOffset? ClearedAt,
    SilenceWhy? Silenced, bool Inhibited, bool Drill, IncidentId? Incident);

/// <summary>How an incident ended.</summary>
internal sealed record IncidentEnding(IncidentId Incident, bool Voided, string Reason, DateTimeOffset At);

internal interface IQualityStore
{
    /// <summary>Warnings raised within [from, to) that the actor may see, by time; empty areas: no filter. At most <paramref name="limit"/>.</summary>
    Task<ImmutableArray<QualityRecord>> LoadRaisedAsync(ImmutableArray<AreaId> areas, Actor actor, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellation = default);

    /// <summary>Warnings raised before the time that still stood at it.</summary>
    Task<ImmutableArray<QualityRecord>> LoadStandingAsync(ImmutableArray<AreaId> areas, Actor actor, DateTimeOffset at, int limit, CancellationToken cancellation = default);

    /// <summary>The last ending of each of the incidents that has ended.</summary>
    Task<ImmutableArray<IncidentEnding>> LoadEndingsAsync(IReadOnlyList<IncidentId> incidents, CancellationToken cancellation = default);
}

/// <summary>Maintenance windows, as versioned documents.</summary>
internal interface IMaintenanceStore
{
    Task<ImmutableArray<StoredDocument>> LoadNewestAsync(CancellationToken cancellation = default);
    Task SaveAsync(StoredDocument document, AuditRow audit, CancellationToken cancellation = default);
}

internal interface ISnapshotStore
{
    Task SaveAsync(string key, DateTimeOffset at, byte[] state, CancellationToken cancellation = default);
    Task<(DateTimeOffset At, byte[] State)?> LoadAsync(string key, CancellationToken cancellation = default);
}

/// <summary>One event of an incident as stored. <see cref="Drill"/> is part of the key. <see cref="SchemaVersion"/> is that of the event's shape.</summary>
internal sealed record StoredIncidentEvent(
    IncidentId Incident, bool Drill, long Seq, string Type, int SchemaVersion, DateTimeOffset At, By By, string Data, string Hash);

/// <summary>A notice waiting to be sent. (<see cref="Key"/>) is unique, so a repeated commit adds none.</summary>
internal sealed record OutboxItem(string Key, string Channel, string Recipient, string Text, TaskId? Task, DateTimeOffset At, int Attempts, ReceiptState State, DateTimeOffset NextAttemptAt);

/// <summary>A clock of an incident or task. (Subject, Clock, DueAt) is unique; it fires once.</summary>
internal sealed record DueClock(string Subject, string Clock, DateTimeOffset DueAt, DateTimeOffset? FiredAt);

/// <summary>A person kept outside the event log.</summary>
internal sealed record PersonRow(string Ref, string? Name, string? Phone);

/// <summary>Everything one incident command changes: one transaction, refused whole when <see cref="ExpectedSeq"/> is not the newest stored.</summary>
internal sealed record IncidentCommit
{
    public required IncidentId Incident { get; init; }
    public required bool Drill { get; init; }

    /// <summary>Seq of the newest event before this commit; 0 for a new incident.</summary>
    public required long ExpectedSeq { get; init; }
    public required IReadOnlyList<StoredIncidentEvent> Events { get; init; }

    /// <summary>The projection after the events, without timeline; its tasks are saved as rows of their own.</summary>
    public required IncidentView View { get; init; }

    /// <summary>Keys of the sources (warning ids, report keys, idempotency keys) that this commit takes; each may be taken once in all.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];
    public IReadOnlyList<OutboxItem> Outbox { get; init; } = [];
    public IReadOnlyList<AuditRow> Audit { get; init; } = [];
    public IReadOnlyList<DueClock> ClocksSet { get; init; } = [];

    /// <summary>Clocks that no longer matter, by (subject, clock).</summary>
    public IReadOnlyList<(string Subject, string Clock)> ClocksCancelled { get; init; } = [];
    public IReadOnlyList<PersonRow> Persons { get; init; } = [];
}

/// <summary>How a commit ended.</summary>
internal enum CommitResult
{
    Committed,
    /// <summary>Another writer was faster, at this incident or at the last free hand of a unit: load again and decide again.</summary>
    Conflict,
    /// <summary>A source is already taken: the command had been carried out before.</summary>
    SourceTaken,
}

internal interface IIncidentStore
{
    Task<ImmutableArray<StoredIncidentEvent>> LoadEventsAsync(IncidentId incident, CancellationToken cancellation = default);
    Task<CommitResult> CommitAsync(IncidentCommit commit, CancellationToken cancellation = default);

    /// <summary>The next running number of the day, from 1; never given twice.</summary>
    Task<int> NextNumberAsync(DateOnly day, bool drill, CancellationToken cancellation = default);

    /// <summary>The incident that took the source; null when it is free.</summary>
    Task<IncidentId?> FindBySourceAsync(string source, CancellationToken cancellation = default);

    /// <summary>Of the sources those that are taken, and by which incident.</summary>
    Task<ImmutableDictionary<string, IncidentId>> FindBySourcesAsync(IReadOnlyList<string> sources, CancellationToken cancellation = default);

    /// <summary>Open incidents of the classes, opened at or after the time; drill ones only with drill.</summary>
    Task<ImmutableArray<IncidentView>> LoadOpenAsync(IReadOnlyList<ClassCode> classes, DateTimeOffset openedFrom, bool drill, CancellationToken cancellation = default);

    /// <summary>The same as ids and the number of their newest event.</summary>
    Task<ImmutableArray<(IncidentId Id, long Seq)>> ListOpenAsync(IReadOnlyList<ClassCode> classes, DateTimeOffset openedFrom, bool drill, CancellationToken cancellation = default);

    /// <summary>Those of the ids that are there, in no order.</summary>
    Task<ImmutableArray<IncidentView>> FindManyAsync(IReadOnlyList<IncidentId> ids, CancellationToken cancellation = default);

    /// <summary>Open incidents of the area or any of its overlays, for its picture.</summary>
    Task<ImmutableArray<IncidentView>> LoadOpenByAreaAsync(AreaId area, CancellationToken cancellation = default);
    Task<IncidentView?> FindAsync(IncidentId id, CancellationToken cancellation = default);
    Task<Page<IncidentView>> ListAsync(IncidentQuery query, Actor actor, CancellationToken cancellation = default);
    Task<TaskView?> FindTaskAsync(TaskId id, CancellationToken cancellation = default);

    /// <summary>The task, unless it lies out of the actor's scope.</summary>
    Task<TaskView?> FindTaskAsync(TaskId id, Actor actor, CancellationToken cancellation = default);
    Task<Page<TaskView>> ListTasksAsync(TaskQuery query, Actor actor, CancellationToken cancellation = default);
}

internal interface IClockStore
{
    /// <summary>Clocks due at or before the time and not fired, oldest first.</summary>
    Task<ImmutableArray<DueClock>> LoadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation = default);

    /// <summary>Marks the clock fired; false when it was fired or cancelled before.</summary>
    Task<bool> MarkFiredAsync(DueClock clock, DateTimeOffset firedAt, CancellationToken cancellation = default);
}

internal interface IOutboxStore
{
    Task<ImmutableArray<OutboxItem>> LoadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation = default);
    Task SaveAsync(OutboxItem item, CancellationToken cancellation = default);
}

internal interface IAuditStore
{
    Task WriteAsync(IReadOnlyList<AuditRow> rows, CancellationToken cancellation = default);
    Task<Page<AuditEntry>> ListAsync(int limit, string? cursor, Actor actor, CancellationToken cancellation = default);
}

internal interface ILedgerStore
{
    Task AppendAsync(LedgerReport report, CancellationToken cancellation = default);
    Task<RejectionList> ListRejectionsAsync(int limit, string? cursor, CancellationToken cancellation = default);
    Task<Page<UnregisteredDevice>> ListUnregisteredAsync(int limit, string? cursor, CancellationToken cancellation = default);

    Task<RejectionList> QueryRejectionsAsync(RejectionQuery query, CancellationToken cancellation = default);

    /// <summary>Kept messages with a matching rejection, oldest first.</summary>
    Task<Page<KeptMessage>> LoadKeptAsync(RejectionQuery query, CancellationToken cancellation = default);
    Task SettleKeptAsync(ImmutableArray<KeptOutcome> outcomes, CancellationToken cancellation = default);
    Task<ImmutableArray<WrongClock>> ListWrongClocksAsync(int limit, CancellationToken cancellation = default);

    /// <summary>The device is registered now: it leaves the list.</summary>
    Task ForgetUnregisteredAsync(string format, string key, CancellationToken cancellation = default);
}
