using Microsoft.EntityFrameworkCore;

namespace CommandCenter.Grains.Storing;

/// <summary>The newest snapshot of each street, for a quick rebuild.</summary>
internal sealed class SnapshotStore(OperationsDatabase database) : ISnapshotStore
{
    /// <summary>A silo that was thought dead may still write; its older state must not replace the newer one.</summary>
    private static readonly WhenThere NewerWins = new("""DO UPDATE SET "at" = excluded."at", "state" = excluded."state" WHERE "snapshots"."at" <= excluded."at" """);

    public Task SaveAsync(string key, DateTimeOffset at, byte[] state, CancellationToken cancellation = default) =>
        database.WriteAsync((context, token) => context.UpsertAsync([new SnapshotRow { Key = key, At = at, State = state }], NewerWins, token), cancellation);

    public Task<(DateTimeOffset At, byte[] State)?> LoadAsync(string key, CancellationToken cancellation = default) =>
        database.ReadAsync(
            async (context, token) => await context.Snapshots.SingleOrDefaultAsync(row => row.Key == key, token) is { } row ? (row.At, row.State) : ((DateTimeOffset At, byte[] State)?)null,
            cancellation);
}
