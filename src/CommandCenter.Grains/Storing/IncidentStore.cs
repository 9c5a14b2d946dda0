using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using Microsoft.EntityFrameworkCore;

namespace CommandCenter.Grains.Storing;

/// <summary>Incidents: the append-only log of their events, and beside it the newest view, the tasks, the sources taken, and the notices and clocks that follow.</summary>
internal sealed class IncidentStore(OperationsDatabase database) : IIncidentStore
{
    private const string IncidentsList = "incidents";
    private const string TasksList = "tasks";

    public Task<ImmutableArray<StoredIncidentEvent>> LoadEventsAsync(IncidentId incident, CancellationToken cancellation = default) =>
        database.ReadAsync(
            async (context, token) => (await context.IncidentEvents.Where(row => row.Incident == incident.Value).OrderBy(row => row.Seq).ToListAsync(token)).Select(Read).ToImmutableArray(),
            cancellation);

    public async Task<CommitResult> CommitAsync(IncidentCommit commit, CancellationToken cancellation = default)
    {
        CheckSequence(commit);
        var rows = new CommitRows(commit);
        try
        {
            return await database.WriteAsync((context, token) => CommitAsync(context, commit, rows, token), cancellation);
        }
        catch (DbException exception) when (exception.SqlState is "40001" or "40P01")
        {
            // PostgreSQL stopped this transaction for the sake of another: the other was faster.
            return CommitResult.Conflict;
        }
    }

    public Task<int> NextNumberAsync(DateOnly day, bool drill, CancellationToken cancellation = default) =>
        database.WriteAsync(
            async (context, token) =>
            {
                var number = (day.Year * 10_000) + (day.Month * 100) + day.Day;
                await using var command = context.Command(string.Create(CultureInfo.InvariantCulture, $"""
                    INSERT INTO "numbers" ("day", "drill", "last") VALUES ({number}, {(drill ? "TRUE" : "FALSE")}, 1)
                    ON CONFLICT ("day", "drill") DO UPDATE SET "last" = "numbers"."last" + 1 RETURNING "last"
                    """));
                return Convert.ToInt32(await command.ExecuteScalarAsync(token), CultureInfo.InvariantCulture);
            },
            cancellation);

    public Task<IncidentId?> FindBySourceAsync(string source, CancellationToken cancellation = default)
    {
        var stored = Upserts.Storable(source);
        return database.ReadAsync(
            async (context, token) => await context.IncidentSources.SingleOrDefaultAsync(row => row.Source == stored, token) is { } row ? new IncidentId(row.Incident) : (IncidentId?)null,
            cancellation);
    }

    public async Task<ImmutableDictionary<string, IncidentId>> FindBySourcesAsync(IReadOnlyList<string> sources, CancellationToken cancellation = default)
    {
        const int sourcesPerStatement = 1000;
        var found = ImmutableDictionary.CreateBuilder<string, IncidentId>(StringComparer.Ordinal);
        foreach (var chunk in sources.Select(Upserts.Storable).Distinct(StringComparer.Ordinal).Chunk(sourcesPerStatement))
        {
            foreach (var row in await database.ReadAsync((context, token) => context.IncidentSources.Where(row => chunk.Contains(row.Source)).ToListAsync(token), cancellation))
            {
                found[row.Source] = new(row.Incident);
            }
        }

        return found.ToImmutable();
    }

    public Task<ImmutableArray<IncidentView>> LoadOpenAsync(IReadOnlyList<ClassCode> classes, DateTimeOffset openedFrom, bool drill, CancellationToken cancellation = default)
    {
        var codes = classes.Select(code => code.Value).ToArray();
        return database.ReadAsync(
            async (context, token) => Read(await context.Incidents
                .Where(row => row.IsOpen && row.Drill == drill && row.OpenedAt >= openedFrom && codes.Contains(row.Class))
                .OrderBy(row => row.OpenedAt).ThenBy(row => row.Id)
                .ToListAsync(token)),
            cancellation);
    }

    public Task<ImmutableArray<(IncidentId Id, long Seq)>> ListOpenAsync(IReadOnlyList<ClassCode> classes, DateTimeOffset openedFrom, bool drill, CancellationToken cancellation = default)
    {
        var codes = classes.Select(code => code.Value).ToArray();
        return database.ReadAsync(
            async (context, token) => (await context.Incidents
                .Where(row => row.IsOpen && row.Drill == drill && row.OpenedAt >= openedFrom && codes.Contains(row.Class))
                .OrderBy(row => row.OpenedAt).ThenBy(row => row.Id)
                .Select(row => new { row.Id, row.Seq })
                .ToListAsync(token)).Select(row => (new IncidentId(row.Id), row.Seq)).ToImmutableArray(),
            cancellation);
    }

    public async Task<ImmutableArray<IncidentView>> FindManyAsync(IReadOnlyList<IncidentId> ids, CancellationToken cancellation = default)
    {
        const int idsPerStatement = 1000;
        var found = ImmutableArray.CreateBuilder<IncidentView>(ids.Count);
        foreach (var chunk in ids.Select(id => id.Value).Distinct(StringComparer.Ordinal).Chunk(idsPerStatement))
        {
            found.AddRange(await database.ReadAsync(
                async (context, token) => Read(await context.Incidents.Where(row => chunk.Contains(row.Id)).ToListAsync(token)), cancellation));
        }

        return found.ToImmutable();
    }

    public Task<ImmutableArray<IncidentView>> LoadOpenByAreaAsync(AreaId area, CancellationToken cancellation = default)
    {
        var mark = $"|{area.Value}|";
        return database.ReadAsync(
            async (context, token) => Read(await context.Incidents
                .Where(row => row.IsOpen && (row.Area == area.Value || row.Overlays.Contains(mark)))
                .OrderBy(row => row.OpenedAt).ThenBy(row => row.Id)
                .ToListAsync(token)),
            cancellation);
    }

    public Task<IncidentView?> FindAsync(IncidentId id, CancellationToken cancellation = default) =>
        database.ReadAsync(async (context, token) => await context.Incidents.SingleOrDefaultAsync(row => row.Id == id.Value, token) is { } row ? Read(row) : null, cancellation);

    public Task<Page<IncidentView>> ListAsync(IncidentQuery query, Actor actor, CancellationToken cancellation = default)
    {
        Cursor.CheckLimit(query.Limit);
        var after = Cursor.Read(IncidentsList, query.Cursor);
        var states = query.States.IsDefault ? [] : query.States.ToArray();
        return database.ReadAsync(
            async (context, token) =>
            {
                var rows = SeenBy(context.Incidents, actor).In(query.Areas);
                if (query.OpenOnly)
                {
                    rows = rows.Where(row => row.IsOpen);
                }

                if (states.Length > 0)
                {
                    rows = rows.Where(row => states.Contains(row.State));
                }

                if (after is { } place)
                {
                    rows = rows.Before(place.At, place.Text, row => row.OpenedAt, row => row.Id);
                }

                var found = await rows.OrderByDescending(row => row.OpenedAt).ThenByDescending(row => row.Id).Take(query.Limit + 1).ToListAsync(token);
                return Cursor.Cut(IncidentsList, found, query.Limit, Read, row => new Cursor(row.OpenedAt.ToUnixTimeMilliseconds(), row.Id));
            },
            cancellation);
    }

    public Task<TaskView?> FindTaskAsync(TaskId id, CancellationToken cancellation = default) => FindTaskAsync(id, Actor.System, cancellation);

    public Task<TaskView?> FindTaskAsync(TaskId id, Actor actor, CancellationToken cancellation = default) =>
        database.ReadAsync(async (context, token) => await SeenBy(context.Tasks, actor).SingleOrDefaultAsync(row => row.Id == id.Value, token) is { } row ? Read(row) : null, cancellation);

    public Task<Page<TaskView>> ListTasksAsync(TaskQuery query, Actor actor, CancellationToken cancellation = default)
    {
        Cursor.CheckLimit(query.Limit);
        var after = Cursor.Read(TasksList, query.Cursor);
        var units = query.Units.IsDefault ? [] : query.Units.Select(unit => unit.Value).ToArray();
        var states = query.States.IsDefault ? [] : query.States.ToArray();
        return database.ReadAsync(
            async (context, token) =>
            {
                var rows = SeenBy(context.Tasks, actor);
                if (units.Length > 0)
                {
                    rows = rows.Where(row => units.Contains(row.Unit));
                }

                if (states.Length > 0)
                {
                    rows = rows.Where(row => states.Contains(row.State));
                }

                if (after is { } place)
                {
                    rows = rows.Before(place.At, place.Text, row => row.IssuedAt, row => row.Id);
                }

                var found = await rows.OrderByDescending(row => row.IssuedAt).ThenByDescending(row => row.Id).Take(query.Limit + 1).ToListAsync(token);
                return Cursor.Cut(TasksList, found, query.Limit, Read, row => new Cursor(row.IssuedAt.ToUnixTimeMilliseconds(), row.Id));
            },
            cancellation);
    }

    private static async Task<CommitResult> CommitAsync(OperationsContext context, IncidentCommit commit, CommitRows rows, CancellationToken cancellation)
    {
        // Sources before the incident, each in a fixed order: two commits can then never wait for each other.
        if (await context.UpsertAsync(rows.Sources, WhenThere.Keep, cancellation) < rows.Sources.Count)
        {
            await context.Database.RollbackTransactionAsync(cancellation);
            return CommitResult.SourceTaken;
        }

        if (!await AdvanceAsync(context, commit, rows.Incident, cancellation))
        {
            await context.Database.RollbackTransactionAsync(cancellation);
            return CommitResult.Conflict;
        }

        if (await context.UpsertAsync(rows.Events, WhenThere.Keep, cancellation) < rows.Events.Count)
        {
            throw new InvalidOperationException($"Incident {commit.Incident} has events beyond {commit.ExpectedSeq} although that was its newest.");
        }

        if (!await BindAsync(context, rows.Tasks, cancellation))
        {
            await context.Database.RollbackTransactionAsync(cancellation);
            return CommitResult.Conflict;
        }

        foreach (var (subject, clock) in commit.ClocksCancelled)
        {
            await context.Clocks.Where(row => row.Subject == subject && row.Clock == clock && row.FiredAt == null).ExecuteDeleteAsync(cancellation);
        }

        await context.UpsertAsync(rows.Clocks, WhenThere.Keep, cancellation);
        await context.UpsertAsync(rows.Outbox, WhenThere.Keep, cancellation);
        await context.UpsertAsync(rows.Persons, WhenThere.Replace, cancellation);
        await AuditStore.WriteAsync(context, commit.Audit, cancellation);
        return CommitResult.Committed;
    }

    /// <summary>Moves the incident from the expected event to the new one; false when it stands elsewhere. The row stays locked until the end of the transaction.</summary>
    private static async Task<bool> AdvanceAsync(OperationsContext context, IncidentCommit commit, IncidentRow incident, CancellationToken cancellation) =>
        commit.ExpectedSeq == 0
            ? await context.UpsertAsync([incident], WhenThere.Keep, cancellation) == 1
            : await context.Incidents
                .Where(row => row.Id == incident.Id && row.Drill == incident.Drill && row.Seq == commit.ExpectedSeq)
                .ExecuteUpdateAsync(
                    set => set
                        .SetProperty(row => row.Seq, incident.Seq)
                        .SetProperty(row => row.Class, incident.Class)
                        .SetProperty(row => row.State, incident.State)
                        .SetProperty(row => row.IsOpen, incident.IsOpen)
                        .SetProperty(row => row.Area, incident.Area)
                        .SetProperty(row => row.Owner, incident.Owner)
                        .SetProperty(row => row.Overlays, incident.Overlays)
                        .SetProperty(row => row.OpenedAt, incident.OpenedAt)
                        .SetProperty(row => row.Document, incident.Document),
                    cancellation) == 1;

    /// <summary>Saves the tasks; false when a unit would hold more tasks than it can. Only units that get a new task are counted, so a unit that is overfull already stops nothing else.</summary>
    private static async Task<bool> BindAsync(OperationsContext context, List<TaskRow> tasks, CancellationToken cancellation)
    {
        var binding = tasks.Where(task => task.Binds).Select(task => task.Id).ToArray();
        var before = binding.Length == 0 ? [] : await context.Tasks.Where(row => row.Binds && binding.Contains(row.Id)).Select(row => row.Id).ToListAsync(cancellation);
        var units = tasks.Where(task => task.Binds && !before.Contains(task.Id)).Select(task => task.Unit).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        foreach (var unit in units)
        {
            // The row stays locked until the end of the transaction, so that of two commits for one last hand the second counts the first. The fixed order keeps them from waiting for each other.
            await context.Units.Where(row => row.Id == unit).ExecuteUpdateAsync(set => set.SetProperty(row => row.Document, row => row.Document), cancellation);
        }

        await context.UpsertAsync(tasks, WhenThere.Replace, cancellation);
        foreach (var unit in units)
        {
            var known = await context.Units.AsNoTracking().SingleOrDefaultAsync(row => row.Id == unit, cancellation);
            if (known is not null && await context.Tasks.CountAsync(row => row.Binds && row.Unit == unit, cancellation) > Documents.Read<ResponseUnit>(known.Document).Capacity)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The area that answers for an incident sees it too, wherever it lies.</summary>
    private static IQueryable<IncidentRow> SeenBy(IQueryable<IncidentRow> rows, Actor actor)
    {
        if (actor.SeesWholeDistrict)
        {
            return rows;
        }

        var areas = Scopes.Names(actor.Areas);
        var marks = Scopes.Marks(areas);
        return rows.Where(row => areas.Contains(row.Area) || areas.Contains(row.Owner) || (row.Overlays != string.Empty && marks.Any(mark => row.Overlays.Contains(mark))));
    }

    /// <summary>A response unit sees its own tasks and no others, wherever they lie; everybody else sees those of the incidents in scope.</summary>
    private static IQueryable<TaskRow> SeenBy(IQueryable<TaskRow> rows, Actor actor)
    {
        var units = actor.Units.IsDefault ? [] : actor.Units.Select(unit => unit.Value).ToArray();
        var speaksForAll = units.Length == 0 && (actor.Has(Role.Dispatcher) || actor.Has(Role.Gateway));
        if (actor.Kind == ActorKind.Unit && !speaksForAll)
        {
            return rows.Where(row => units.Contains(row.Unit));
        }

        if (actor.SeesWholeDistrict)
        {
            return rows;
        }

        var areas = Scopes.Names(actor.Areas);
        var marks = Scopes.Marks(areas);
        return rows.Where(row => areas.Contains(row.Area) || areas.Contains(row.Owner) || (row.Overlays != string.Empty && marks.Any(mark => row.Overlays.Contains(mark))));
    }

    private static void CheckSequence(IncidentCommit commit)
    {
        var expected = commit.ExpectedSeq;
        foreach (var entry in commit.Events)
        {
            if (entry.Seq != ++expected || entry.Incident != commit.Incident || entry.Drill != commit.Drill)
            {
                throw new ArgumentException($"Event {entry.Seq} of {entry.Incident} does not follow event {expected - 1} of {commit.Incident}.", nameof(commit));
            }
        }
    }

    private static StoredIncidentEvent Read(IncidentEventRow row) =>
        new(new IncidentId(row.Incident), row.Drill, row.Seq, row.Type, row.SchemaVersion, row.At, new By(row.ByKind, row.ById, row.ByName), row.Data, row.Hash);

    private static IncidentView Read(IncidentRow row) => Documents.Read<IncidentView>(row.Document);

    private static ImmutableArray<IncidentView> Read(List<IncidentRow> rows) => [.. rows.Select(Read)];

    private static TaskView Read(TaskRow row) => Documents.Read<TaskView>(row.Document);

    /// <summary>The rows of a commit, made before its transaction begins so that the one writer of SQLite is held no longer than it must.</summary>
    private sealed class CommitRows(IncidentCommit commit)
    {
        public IncidentRow Incident { get; } = new()
        {
            Id = commit.Incident.Value,
            Drill = commit.Drill,
            Seq = commit.ExpectedSeq + commit.Events.Count,
            Class = commit.View.Class.Value,
            State = commit.View.State,
            IsOpen = commit.View.IsOpen,
            Area = commit.View.Area.Value,
            Owner = commit.View.Owner.Value,
            Overlays = Scopes.Overlays(commit.View.Areas),
            OpenedAt = commit.View.OpenedAt,
            Document = Documents.Write(commit.View with { Timeline = [] }),
        };

        public List<IncidentSourceRow> Sources { get; } =
            [.. commit.Sources.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(source => new IncidentSourceRow { Source = source, Incident = commit.Incident.Value })];

        public List<IncidentEventRow> Events { get; } = [.. commit.Events.Select(entry => new IncidentEventRow
        {
            Incident = entry.Incident.Value,
            Drill = entry.Drill,
            Seq = entry.Seq,
            Type = entry.Type,
            SchemaVersion = entry.SchemaVersion,
            At = entry.At,
            ByKind = entry.By.Kind,
            ById = entry.By.Id,
            ByName = entry.By.Name,
            Data = entry.Data,
            Hash = entry.Hash,
        })];

        public List<TaskRow> Tasks { get; } = [.. commit.View.Tasks.Select(task => new TaskRow
        {
            Id = task.Id.Value,
            Incident = commit.Incident.Value,
            Unit = task.Unit.Id.Value,
            State = task.State,
            Binds = task.BindsUnit && commit.View.State is not (IncidentState.Closed or IncidentState.Rated or IncidentState.Void),
            Area = task.Area.Value ?? commit.View.Area.Value,
            Owner = commit.View.Owner.Value,
            Overlays = Scopes.Overlays(commit.View.Areas),
            IssuedAt = task.IssuedAt,
            Document = Documents.Write(task),
        })];

        public List<ClockRow> Clocks { get; } = [.. commit.ClocksSet.DistinctBy(clock => (clock.Subject, clock.Clock, clock.DueAt)).Select(clock =>
            new ClockRow { Subject = clock.Subject, Clock = clock.Clock, DueAt = clock.DueAt, FiredAt = clock.FiredAt })];

        public List<OutboxRow> Outbox { get; } = [.. commit.Outbox.DistinctBy(item => item.Key).OrderBy(item => item.Key, StringComparer.Ordinal).Select(OutboxStore.Row)];

        public List<StoredPersonRow> Persons { get; } = [.. commit.Persons.GroupBy(person => person.Ref, StringComparer.Ordinal).Select(group => group.Last())
            .Select(person => new StoredPersonRow { Ref = person.Ref, Name = person.Name, Phone = person.Phone })];
    }
}
