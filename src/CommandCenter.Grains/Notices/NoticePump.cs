using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Notices;

/// <summary>Takes waiting notices out of the outbox to their channels. At least once: the receipt is noted before the row is done, and noting it twice is once.</summary>
internal sealed partial class NoticePump(IOutboxStore outbox, IEnumerable<INoticeChannel> channels, NoticesOptions options, Func<TaskId, Receipt, Task> noteReceipt, ILogger logger)
{
    private readonly Dictionary<string, INoticeChannel> byName = channels.ToDictionary(channel => channel.Name, StringComparer.Ordinal);

    public async Task<int> PumpAsync(DateTimeOffset now, CancellationToken cancellation = default)
    {
        var due = await outbox.LoadDueAsync(now, options.BatchMax, cancellation);
        foreach (var notice in due)
        {
            try
            {
                var sent = await SendAsync(notice, now, cancellation);
                await outbox.SaveAsync(await NoteAsync(notice, sent, now, cancellation), cancellation);
            }
            catch (Exception failure) when (IsFailure(failure, cancellation))
            {
                // The row stays as it was and is due again: the others are not held up.
                LogSaveFailed(logger, notice.Key, failure);
            }
        }

        return due.Length;
    }

    /// <summary>Tells the task how its notice fared. When that fails the notice waits like one that could not be sent; after the last attempt its row says what the channel said.</summary>
    private async Task<OutboxItem> NoteAsync(OutboxItem notice, OutboxItem sent, DateTimeOffset now, CancellationToken cancellation)
    {
        if (sent.Task is not { } task || sent.State == ReceiptState.Queued)
        {
            return sent;
        }

        try
        {
            await noteReceipt(task, new Receipt(sent.Channel, sent.State, now));
            return sent;
        }
        catch (Exception failure) when (IsFailure(failure, cancellation))
        {
            var attempts = notice.Attempts + 1;
            LogNoteFailed(logger, notice.Key, task, attempts, failure);
            return attempts >= options.AttemptsMax ? sent with { Attempts = attempts } : Later(notice, attempts, now);
        }
    }

    private OutboxItem Later(OutboxItem notice, int attempts, DateTimeOffset now) =>
        notice with { Attempts = attempts, NextAttemptAt = now.AddSeconds(Math.Min(options.RetrySeconds * Math.Pow(2, notice.Attempts), options.RetrySecondsMax)) };

    /// <summary>A channel that gives up by cancelling has failed; only when the pump itself is to stop is it the end.</summary>
    private static bool IsFailure(Exception failure, CancellationToken cancellation) =>
        failure is not OutOfMemoryException && !(failure is OperationCanceledException && cancellation.IsCancellationRequested);

    private async Task<OutboxItem> SendAsync(OutboxItem notice, DateTimeOffset now, CancellationToken cancellation)
    {
        try
        {
            return byName.TryGetValue(notice.Channel, out var channel)
                ? notice with { Attempts = notice.Attempts + 1, State = await channel.SendAsync(notice, now, cancellation) }
                : notice with { State = ReceiptState.Failed };
        }
        catch (Exception failure) when (IsFailure(failure, cancellation))
        {
            var attempts = notice.Attempts + 1;
            LogSendFailed(logger, notice.Key, notice.Channel, attempts, failure);
            return attempts >= options.AttemptsMax ? notice with { Attempts = attempts, State = ReceiptState.Failed } : Later(notice, attempts, now);
        }
    }
}
