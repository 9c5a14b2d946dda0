using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using Microsoft.EntityFrameworkCore;

namespace CommandCenter.Grains.Storing;

/// <summary>Notices that wait to be sent. Only <see cref="ReceiptState.Queued"/> ones wait; every other state is an end or somebody else's turn.</summary>
internal sealed class OutboxStore(OperationsDatabase database) : IOutboxStore
{
    public Task<ImmutableArray<OutboxItem>> LoadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation = default) =>
        database.ReadAsync(
            async (context, token) => (await context.Outbox
                .Where(row => row.State == ReceiptState.Queued && row.NextAttemptAt <= now)
                .OrderBy(row => row.NextAttemptAt).ThenBy(row => row.Key)
                .Take(limit)
                .ToListAsync(token)).Select(Read).ToImmutableArray(),
            cancellation);

    public Task SaveAsync(OutboxItem item, CancellationToken cancellation = default) =>
        database.WriteAsync((context, token) => context.UpsertAsync([Row(item)], WhenThere.Replace, token), cancellation);

    public static OutboxRow Row(OutboxItem item) => new()
    {
        Key = item.Key,
        Channel = item.Channel,
        Recipient = item.Recipient,
        Text = item.Text,
        Task = item.Task?.Value,
        At = item.At,
        Attempts = item.Attempts,
        State = item.State,
        NextAttemptAt = item.NextAttemptAt,
    };

    private static OutboxItem Read(OutboxRow row) =>
        new(row.Key, row.Channel, row.Recipient, row.Text, row.Task is null ? null : new TaskId(row.Task), row.At, row.Attempts, row.State, row.NextAttemptAt);
}
