using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using Microsoft.EntityFrameworkCore;

namespace CommandCenter.Grains.Storing;

/// <summary>Warnings, one row each, replaced whole with each change.</summary>
internal sealed class WarningStore(OperationsDatabase database) : IWarningStore
{
    private const string List = "warnings";

    /// <summary>Ids in one statement; SQLite takes 32,766 parameters.</summary>
    private const int IdsPerStatement = 1000;

    /// <summary>Each takes four parameters.</summary>
    private const int PreviousPerStatement = 1000;

    public Task<ImmutableArray<WarningView>> LoadOpenAsync(AreaId street, CancellationToken cancellation = default) =>
        database.ReadAsync(
            async (context, token) => Read(await context.Warnings
                .Where(row => row.Area == street.Value && row.State != WarningState.Cleared)
                .OrderBy(row => row.OnsetAt).ThenBy(row => row.Id)
                .ToListAsync(token)),
            cancellation);

    public Task<ImmutableArray<WarningView>> LoadClearedAsync(AreaId street, DateTimeOffset clearedFrom, DateTimeOffset now, CancellationToken cancellation = default) =>
        database.ReadAsync(
            async (context, token) => Read(await context.Warnings
                .Where(row => row.Area == street.Value && row.State == WarningState.Cleared && (row.ClearedAt >= clearedFrom || row.ShelvedUntil > now))
                .OrderBy(row => row.OnsetAt).ThenBy(row => row.Id)
                .ToListAsync(token)),
            cancellation);

    public Task CommitAsync(WarningCommit commit, CancellationToken cancellation = default)
    {
        var changed = commit.Changed;
        var rows = changed.GroupBy(warning => warning.Id).Select(group => Row(group.Last())).OrderBy(row => row.Id, StringComparer.Ordinal).ToList();
        var dropped = commit.DroppedPendings.Select(id => id.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Chunk(IdsPerStatement).ToList();
        var clocks = commit.ClocksFired.Select(clock => new ClockRow { Subject = clock.Subject, Clock = clock.Clock, DueAt = clock.DueAt, FiredAt = clock.FiredAt }).ToList();
        var notices = commit.Outbox.Select(OutboxStore.Row).ToList();
        return database.WriteAsync(
            async (context, token) =>
            {
                foreach (var ids in dropped)
                {
                    // Only a pending may vanish: what was raised once stays on record.
                    await context.Warnings.Where(row => ids.Contains(row.Id) && row.State == WarningState.Pending).ExecuteDeleteAsync(token);
                }

                await context.UpsertAsync(await WithoutOutdatedAsync(context, rows, changed, token), WhenThere.Replace, token);
                await context.UpsertAsync(clocks, WhenThere.Keep, token);
                await context.UpsertAsync(notices, WhenThere.Keep, token);
                await AuditStore.WriteAsync(context, commit.Audit, token);
            },
            cancellation);
    }

    public Task<WarningView?> FindAsync(WarningId id, CancellationToken cancellation = default) =>
        database.ReadAsync(async (context, token) => await context.Warnings.SingleOrDefaultAsync(row => row.Id == id.Value, token) is { } row ? Read(row) : null, cancellation);

    public Task<WarningId?> FindPreviousAsync(RuleId rule, string subject, DateTimeOffset beforeOnset, CancellationToken cancellation = default) =>
        database.ReadAsync(
            async (context, token) => await context.Warnings
                .Where(row => row.Rule == rule.Value && row.Subject == subject && row.OnsetAt < beforeOnset && row.State != WarningState.Pending)
                .OrderByDescending(row => row.OnsetAt).ThenByDescending(row => row.Id)
                .Select(row => row.Id)
                .FirstOrDefaultAsync(token) is { } id ? new WarningId(id) : (WarningId?)null,
            cancellation);

    public async Task<ImmutableArray<WarningView>> FindManyAsync(IReadOnlyList<WarningId> ids, CancellationToken cancellation = default)
    {
        var found = ImmutableArray.CreateBuilder<WarningView>(ids.Count);
        foreach (var chunk in ids.Select(id => id.Value).Distinct(StringComparer.Ordinal).Chunk(IdsPerStatement))
        {
            found.AddRange(await database.ReadAsync(
                async (context, token) => Read(await context.Warnings.Where(row => chunk.Contains(row.Id)).ToListAsync(token)), cancellation));
        }

        return found.ToImmutable();
    }

    public async Task<ImmutableDictionary<WarningId, WarningId>> FindPreviousAsync(IReadOnlyList<WarningView> warnings, CancellationToken cancellation = default)
    {
        var found = ImmutableDictionary.CreateBuilder<WarningId, WarningId>();
        foreach (var chunk in warnings.DistinctBy(warning => warning.Id).Chunk(PreviousPerStatement))
        {
            await database.ReadAsync((context, token) => PreviousWarnings.FindAsync(context, chunk, found, token), cancellation);
        }

        return found.ToImmutable();
    }

    public Task<Page<WarningView>> ListAsync(WarningQuery query, Actor actor, CancellationToken cancellation = default)
    {
        Cursor.CheckLimit(query.Limit);
        var after = Cursor.Read(List, query.Cursor);
        var states = query.States.IsDefault ? [] : query.States.ToArray();
        var colours = query.Colours.IsDefault ? [] : query.Colours.ToArray();
        return database.ReadAsync(
            async (context, token) =>
            {
                var rows = context.Warnings.SeenBy(actor).In(query.Areas);
                if (states.Length > 0)
                {
                    rows = rows.Where(row => states.Contains(row.State));
                }

                if (colours.Length > 0)
                {
                    rows = rows.Where(row => colours.Contains(row.Colour));
                }

                if (query.From is { } from)
                {
                    rows = rows.Where(row => row.OnsetAt >= from);
                }

                if (query.To is { } to)
                {
                    rows = rows.Where(row => row.OnsetAt < to);
                }

                if (after is { } place)
                {
                    rows = rows.Before(place.At, place.Text, row => row.OnsetAt, row => row.Id);
                }

                var found = await rows.OrderByDescending(row => row.OnsetAt).ThenByDescending(row => row.Id).Take(query.Limit + 1).ToListAsync(token);
                return Cursor.Cut(List, found, query.Limit, Read, row => new Cursor(row.OnsetAt.ToUnixTimeMilliseconds(), row.Id));
            },
            cancellation);
    }

    /// <summary>A cleared warning is not brought back by an older version of it, as a street derives one that replays what it has forgotten.</summary>
    private static async Task<List<WarningRow>> WithoutOutdatedAsync(
        OperationsContext context, List<WarningRow> rows, IReadOnlyList<WarningView> changed, CancellationToken cancellation)
    {
        var cleared = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var ids in rows.Select(row => row.Id).Chunk(IdsPerStatement))
        {
            foreach (var (id, document) in await ClearedOf(context, ids, cancellation))
            {
                cleared[id] = Documents.Read<WarningView>(document).Version;
            }
        }

        if (cleared.Count == 0)
        {
            return rows;
        }

        var versions = changed.GroupBy(warning => warning.Id.Value).ToDictionary(group => group.Key, group => group.Last().Version, StringComparer.Ordinal);
        return rows.FindAll(row => !cleared.TryGetValue(row.Id, out var version) || versions[row.Id] >= version);
    }

    // With every commit, so not by way of EF: in a flood the question costs more than its answer, which is nearly always nothing.
    private static async Task<List<(string Id, string Document)>> ClearedOf(OperationsContext context, string[] ids, CancellationToken cancellation)
    {
        await using var command = context.Command(
            $"SELECT id, document FROM warnings WHERE state = 'Cleared' AND id IN ({string.Join(", ", ids.Select((_, index) => string.Create(CultureInfo.InvariantCulture, $"@i{index}")))})");
        for (var i = 0; i < ids.Length; i++)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (string.Create(CultureInfo.InvariantCulture, $"@i{i}"), ids[i]);
            command.Parameters.Add(parameter);
        }

        var found = new List<(string Id, string Document)>();
        await using var read = await command.ExecuteReaderAsync(cancellation);
        while (await read.ReadAsync(cancellation))
        {
            found.Add((read.GetString(0), read.GetString(1)));
        }

        return found;
    }

    private static WarningRow Row(WarningView warning) => new()
    {
        Id = warning.Id.Value,
        Area = warning.Area.Value,
        Overlays = Scopes.Overlays(warning.Areas),
        Rule = warning.Rule.Value,
        Subject = warning.Subject,
        State = warning.State,
        Colour = warning.Colour,
        OnsetAt = warning.OnsetAt,
        RaisedAt = warning.RaisedAt,
        ClearedAt = warning.ClearedAt,
        PeakColour = warning.PeakColour,
        ShelvedUntil = warning.Shelved?.Until,
        Class = warning.Class?.Value,
        Incident = warning.Incident?.Value,
        Silenced = warning.Silenced?.Why,
        Inhibited = warning.InhibitedBy is not null,
        Drill = warning.Drill,
        Document = Documents.Write(warning),
    };

    private static WarningView Read(WarningRow row) => Documents.Read<WarningView>(row.Document);

    private static ImmutableArray<WarningView> Read(List<WarningRow> rows) => [.. rows.Select(Read)];
}
