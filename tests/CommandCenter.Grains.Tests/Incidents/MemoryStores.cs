using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Tests.Incidents;

/// <summary>The operations store as far as incidents need it, in memory, with its promises: one transaction, optimistic sequence, sources taken once, no unit beyond its capacity.</summary>
internal sealed class MemoryStores : IIncidentStore, IUnitStore, IPlanStore, IWarningStore, IRegistryStore, IOutboxStore
{
    private readonly Dictionary<IncidentId, List<StoredIncidentEvent>> events = [];
    private readonly Dictionary<IncidentId, IncidentView> views = [];
    private readonly Dictionary<string, IncidentId> sources = [];
    private readonly Dictionary<(DateOnly, bool), int> numbers = [];

    public Dictionary<(string Subject, string Clock, DateTimeOffset DueAt), DueClock> Clocks { get; } = [];
    public Dictionary<string, OutboxItem> Outbox { get; } = [];
    public List<AuditRow> Audit { get; } = [];
    public List<PersonRow> Persons { get; } = [];
    public Dictionary<ResponseUnitId, ResponseUnit> Units { get; } = [];
    public List<StoredDocument> Plans { get; } = [];
    public Dictionary<WarningId, WarningView> Warnings { get; } = [];
    public List<DeviceRegistration> Devices { get; } = [];

    /// <summary>How many of the next commits lose against another writer.</summary>
    public int ConflictsToCome { get; set; }
    public int Commits { get; private set; }

    /// <summary>What another incident does after the next decision and before its commit.</summary>
    public Func<Task>? BeforeNextCommit { get; set; }

    /// <summary>Makes the log of the incident unreadable.</summary>
    public void Break(IncidentId incident) => events[incident][0] = events[incident][0] with { Data = "{}" };

    public IEnumerable<StoredIncidentEvent> AllEvents => events.Values.SelectMany(rows => rows);
    public IEnumerable<IncidentView> Views => views.Values;

    public Task<ImmutableArray<StoredIncidentEvent>> LoadEventsAsync(IncidentId incident, CancellationToken cancellation = default) =>
        Task.FromResult(events.TryGetValue(incident, out var rows) ? rows.ToImmutableArray() : []);

    public async Task<CommitResult> CommitAsync(IncidentCommit commit, CancellationToken cancellation = default)
    {
        if (BeforeNextCommit is { } before)
        {
            BeforeNextCommit = null;
            await before();
        }

        if (ConflictsToCome > 0)
        {
            ConflictsToCome--;
            return CommitResult.Conflict;
        }

        if (commit.Sources.Any(sources.ContainsKey))
        {
            return CommitResult.SourceTaken;
        }

        var rows = events.TryGetValue(commit.Incident, out var known) ? known : events[commit.Incident] = [];
        if (rows.Count != commit.ExpectedSeq || Overfull(commit))
        {
            return CommitResult.Conflict;
        }

        Commits++;
        rows.AddRange(commit.Events);
        views[commit.Incident] = commit.View;
        foreach (var source in commit.Sources)
        {
            sources.Add(source, commit.Incident);
        }

        foreach (var (subject, clock) in commit.ClocksCancelled)
        {
            foreach (var key in Clocks.Keys.Where(key => key.Subject == subject && key.Clock == clock && Clocks[key].FiredAt is null).ToList())
            {
                Clocks.Remove(key);
            }
        }

        foreach (var clock in commit.ClocksSet)
        {
            Clocks.TryAdd((clock.Subject, clock.Clock, clock.DueAt), clock);
        }

        foreach (var item in commit.Outbox)
        {
            Outbox.TryAdd(item.Key, item);
        }

        Persons.AddRange(commit.Persons);
        Audit.AddRange(commit.Audit);
        return CommitResult.Committed;
    }

    private bool Overfull(IncidentCommit commit)
    {
        var bound = views.Values.SelectMany(view => view.Tasks).Where(task => task.BindsUnit).ToDictionary(task => task.Id);
        var added = commit.View.Tasks.Where(task => task.BindsUnit && !bound.ContainsKey(task.Id)).ToList();
        return added.GroupBy(task => task.Unit.Id).Any(tasks =>
            Units.TryGetValue(tasks.Key, out var unit) && bound.Values.Count(task => task.Unit.Id == tasks.Key) + tasks.Count() > unit.Capacity);
    }

    public Task<int> NextNumberAsync(DateOnly day, bool drill, CancellationToken cancellation = default) =>
        Task.FromResult(numbers[(day, drill)] = numbers.GetValueOrDefault((day, drill)) + 1);

    public Task<ImmutableDictionary<string, IncidentId>> FindBySourcesAsync(IReadOnlyList<string> wanted, CancellationToken cancellation = default) =>
        Task.FromResult(wanted.Where(sources.ContainsKey).Distinct().ToImmutableDictionary(source => source, source => sources[source]));

    public Task<IncidentId?> FindBySourceAsync(string source, CancellationToken cancellation = default) =>
        Task.FromResult(sources.TryGetValue(source, out var id) ? id : (IncidentId?)null);

    public async Task<ImmutableArray<(IncidentId Id, long Seq)>> ListOpenAsync(IReadOnlyList<ClassCode> classes, DateTimeOffset openedFrom, bool drill, CancellationToken cancellation = default) =>
        [.. (await LoadOpenAsync(classes, openedFrom, drill, cancellation)).Select(view => (view.Id, view.Version))];

    public async Task<ImmutableArray<IncidentView>> FindManyAsync(IReadOnlyList<IncidentId> ids, CancellationToken cancellation = default)
    {
        var found = ImmutableArray.CreateBuilder<IncidentView>();
        foreach (var id in ids.Distinct())
        {
            if (await FindAsync(id, cancellation) is { } view)
            {
                found.Add(view);
            }
        }

        return found.ToImmutable();
    }

    public Task<ImmutableArray<IncidentView>> LoadOpenAsync(IReadOnlyList<ClassCode> classes, DateTimeOffset openedFrom, bool drill, CancellationToken cancellation = default) =>
        Task.FromResult(views.Values.Where(view => view.IsOpen && view.Drill == drill && classes.Contains(view.Class) && view.OpenedAt >= openedFrom).ToImmutableArray());

    public Task<ImmutableArray<IncidentView>> LoadOpenByAreaAsync(AreaId area, CancellationToken cancellation = default) =>
        Task.FromResult(views.Values.Where(view => view.IsOpen && view.Area == area).ToImmutableArray());

    public Task<IncidentView?> FindAsync(IncidentId id, CancellationToken cancellation = default) => Task.FromResult(views.GetValueOrDefault(id));

    public Task<Page<IncidentView>> ListAsync(IncidentQuery query, Actor actor, CancellationToken cancellation = default) =>
        Task.FromResult(new Page<IncidentView>([.. views.Values], null));

    public Task<TaskView?> FindTaskAsync(TaskId id, CancellationToken cancellation = default) =>
        Task.FromResult(views.Values.SelectMany(view => view.Tasks).FirstOrDefault(task => task.Id == id));

    public Task<TaskView?> FindTaskAsync(TaskId id, Actor actor, CancellationToken cancellation = default) => FindTaskAsync(id, cancellation);

    public Task<Page<TaskView>> ListTasksAsync(TaskQuery query, Actor actor, CancellationToken cancellation = default) =>
        Task.FromResult(new Page<TaskView>([.. views.Values.SelectMany(view => view.Tasks)], null));

    Task<ImmutableArray<ResponseUnit>> IUnitStore.LoadAllAsync(CancellationToken cancellation) => Task.FromResult(Units.Values.ToImmutableArray());

    public Task SaveAsync(ResponseUnit unit, AuditRow audit, CancellationToken cancellation = default)
    {
        Units[unit.Id] = unit;
        Audit.Add(audit);
        return Task.CompletedTask;
    }

    public Task<ImmutableDictionary<ResponseUnitId, ImmutableArray<TaskId>>> LoadBindingTasksAsync(CancellationToken cancellation = default) =>
        Task.FromResult(views.Values.SelectMany(view => view.Tasks).Where(task => task.BindsUnit).GroupBy(task => task.Unit.Id)
            .ToImmutableDictionary(tasks => tasks.Key, tasks => tasks.Select(task => task.Id).ToImmutableArray()));

    public Task<ImmutableArray<StoredDocument>> LoadNewestAsync(CancellationToken cancellation = default) =>
        Task.FromResult(Plans.GroupBy(plan => plan.Id).Select(versions => versions.MaxBy(plan => plan.Version)!).OrderBy(plan => plan.Id, StringComparer.Ordinal).ToImmutableArray());

    public Task<StoredDocument?> FindAsync(string id, int version, CancellationToken cancellation = default) =>
        Task.FromResult(Plans.FirstOrDefault(plan => plan.Id == id && plan.Version == version));

    public Task SaveAsync(StoredDocument document, AuditRow audit, CancellationToken cancellation = default)
    {
        Plans.Add(document);
        Audit.Add(audit);
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<WarningView>> LoadOpenAsync(AreaId street, CancellationToken cancellation = default) => Task.FromResult(Warnings.Values.ToImmutableArray());

    public Task<ImmutableArray<WarningView>> LoadClearedAsync(AreaId street, DateTimeOffset clearedFrom, DateTimeOffset now, CancellationToken cancellation = default) => throw new NotSupportedException();

    public Task CommitAsync(WarningCommit commit, CancellationToken cancellation = default) => throw new NotSupportedException();

    public Task<ImmutableArray<WarningView>> FindManyAsync(IReadOnlyList<WarningId> ids, CancellationToken cancellation = default) =>
        Task.FromResult<ImmutableArray<WarningView>>([.. ids.Where(Warnings.ContainsKey).Select(id => Warnings[id])]);

    public Task<ImmutableDictionary<WarningId, WarningId>> FindPreviousAsync(IReadOnlyList<WarningView> warnings, CancellationToken cancellation = default) => throw new NotSupportedException();

    public Task<WarningView?> FindAsync(WarningId id, CancellationToken cancellation = default) => Task.FromResult(Warnings.GetValueOrDefault(id));

    public Task<WarningId?> FindPreviousAsync(RuleId rule, string subject, DateTimeOffset beforeOnset, CancellationToken cancellation = default) => throw new NotSupportedException();

    public Task<Page<WarningView>> ListAsync(WarningQuery query, Actor actor, CancellationToken cancellation = default) => throw new NotSupportedException();

    Task<ImmutableArray<DeviceRegistration>> IRegistryStore.LoadAllAsync(CancellationToken cancellation) => Task.FromResult(Devices.ToImmutableArray());

    public Task<ImmutableArray<DeviceRegistration>> LoadByStreetAsync(AreaId street, CancellationToken cancellation = default) => throw new NotSupportedException();

    public Task<DeviceRegistration?> FindAsync(DeviceId id, CancellationToken cancellation = default) => throw new NotSupportedException();

    public Task SaveAsync(IReadOnlyList<DeviceRegistration> devices, IReadOnlyList<AuditRow> audit, CancellationToken cancellation = default) => throw new NotSupportedException();

    public Task<Page<DeviceRegistration>> ListAsync(DeviceQuery query, Actor actor, CancellationToken cancellation = default) =>
        Task.FromResult(new Page<DeviceRegistration>([.. Devices.Where(device => query.Kinds.Contains(device.Kind))], null));

    public Task<ImmutableArray<BrokerAccount>> LoadAccountsAsync(CancellationToken cancellation = default) => throw new NotSupportedException();

    public Task SaveAccountAsync(BrokerAccount account, AuditRow audit, CancellationToken cancellation = default) => throw new NotSupportedException();

    public Task<ImmutableArray<OutboxItem>> LoadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation = default) =>
        Task.FromResult(Outbox.Values.Where(item => item.State == ReceiptState.Queued && item.NextAttemptAt <= now).Take(limit).ToImmutableArray());

    public Task SaveAsync(OutboxItem item, CancellationToken cancellation = default)
    {
        Outbox[item.Key] = item;
        return Task.CompletedTask;
    }
}
