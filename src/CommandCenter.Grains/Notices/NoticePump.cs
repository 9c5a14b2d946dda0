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
            var sent = await SendAsync(notice, now, cancellation);
            if (sent.Task is { } task && sent.State != ReceiptState.Queued)
            {
                await noteReceipt(task, new Receipt(sent.Channel, sent.State, now));
            }

            await outbox.SaveAsync(sent, cancellation);
        }

        return due.Length;
    }

    private async Task<OutboxItem> SendAsync(OutboxItem notice, DateTimeOffset now, CancellationToken cancellation)
    {
        try
        {
            return byName.TryGetValue(notice.Channel, out var channel)
                ? notice with { Attempts = notice.Attempts + 1, State = await channel.SendAsync(notice, now, cancellation) }
                : notice with { State = ReceiptState.Failed };
        }
        catch (Exception failure) when (failure is not (OutOfMemoryException or OperationCanceledException))
        {
            var attempts = notice.Attempts + 1;
            LogSendFailed(logger, notice.Key, notice.Channel, attempts, failure);
            if (attempts >= options.AttemptsMax)
            {
                return notice with { Attempts = attempts, State = ReceiptState.Failed };
            }

            var wait = Math.Min(options.RetrySeconds * Math.Pow(2, notice.Attempts), options.RetrySecondsMax);
            return notice with { Attempts = attempts, NextAttemptAt = now.AddSeconds(wait) };
        }
    }
}
