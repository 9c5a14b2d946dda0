using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;

namespace CommandCenter.Grains.Storing;

/// <summary>Time limits that wait for their moment. They are set and cancelled by the commit of the incident that owns them.</summary>
internal sealed class ClockStore(OperationsDatabase database) : IClockStore
{
    public Task<ImmutableArray<DueClock>> LoadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation = default) =>
        database.ReadAsync(
            async (context, token) => (await context.Clocks
                .Where(row => row.FiredAt == null && row.DueAt <= now)
                .OrderBy(row => row.DueAt).ThenBy(row => row.Subject).ThenBy(row => row.Clock)
                .Take(limit)
                .ToListAsync(token)).Select(row => new DueClock(row.Subject, row.Clock, row.DueAt, row.FiredAt)).ToImmutableArray(),
            cancellation);

    public Task<bool> MarkFiredAsync(DueClock clock, DateTimeOffset firedAt, CancellationToken cancellation = default) =>
        database.WriteAsync(
            async (context, token) => await context.Clocks
                .Where(row => row.Subject == clock.Subject && row.Clock == clock.Clock && row.DueAt == clock.DueAt && row.FiredAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.FiredAt, firedAt), token) == 1,
            cancellation);
}
