using CommandCenter.Grains.Contracts;
using Microsoft.EntityFrameworkCore;

namespace CommandCenter.Grains.Storing;

/// <summary>The audit trail: rows are added, never changed and never removed.</summary>
internal sealed class AuditStore(OperationsDatabase database) : IAuditStore
{
    private const string List = "audit";

    /// <summary>Adds the rows inside the transaction of the action that they tell of.</summary>
    public static async Task WriteAsync(OperationsContext context, IReadOnlyList<AuditRow> rows, CancellationToken cancellation)
    {
        if (rows.Count > 0)
        {
            context.Audit.AddRange(rows.Select(row => new AuditEntryRow
            {
                At = row.At,
                ByKind = row.By.Kind,
                ById = Upserts.Storable(row.By.Id),
                ByName = Upserts.Storable(row.By.Name),
                Action = Upserts.Storable(row.Action),
                Subject = Upserts.Storable(row.Subject),
                Detail = row.Detail is null ? null : Upserts.Storable(row.Detail),
            }));
            await context.SaveChangesAsync(cancellation);
        }
    }

    public Task WriteAsync(IReadOnlyList<AuditRow> rows, CancellationToken cancellation = default) =>
        database.WriteAsync((context, token) => WriteAsync(context, rows, token), cancellation);

    /// <summary>Newest first. Who does not hold the audit role for the whole district sees only what they did themselves.</summary>
    public Task<Page<AuditEntry>> ListAsync(int limit, string? cursor, Actor actor, CancellationToken cancellation = default)
    {
        Cursor.CheckLimit(limit);
        var after = Cursor.Read(List, cursor);
        return database.ReadAsync(
            async (context, token) =>
            {
                IQueryable<AuditEntryRow> rows = context.Audit;
                if (!actor.SeesWholeDistrict || !actor.Has(Role.Audit))
                {
                    rows = rows.Where(row => row.ById == actor.Id && row.ByKind == actor.Kind);
                }

                if (after is { } place)
                {
                    rows = rows.Where(row => row.Seq < place.Number);
                }

                var found = await rows.OrderByDescending(row => row.Seq).Take(limit + 1).ToListAsync(token);
                return Cursor.Cut(List, found, limit, Read, row => new Cursor(row.Seq, string.Empty));
            },
            cancellation);
    }

    private static AuditEntry Read(AuditEntryRow row) => new(row.Seq, row.At, new By(row.ByKind, row.ById, row.ByName), row.Action, row.Subject, row.Detail);
}
