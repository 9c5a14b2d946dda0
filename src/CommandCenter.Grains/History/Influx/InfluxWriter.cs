using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.History.Influx;

/// <summary>Lines that wait for the server's answer.</summary>
internal sealed class InfluxWrite
{
    public required ReadOnlyMemory<byte> Rows { get; init; }
    public required int RowCount { get; init; }

    /// <summary>The batch as it arrived; empty for imports and for what is only late.</summary>
    public ReadOnlyMemory<byte> Arrival { get; init; }
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The caller was told that it failed, and will come again: nobody waits for this one.</summary>
    public bool IsAbandoned => Done.Task.IsCompleted;
}

/// <summary>Gathers what waits into requests and sends them. Only here is anything tried again: whatever the callers do while the server is away, each sender has one request under way and
/// pauses longer after each failure. A caller that has waited long enough is told so, which makes the ingest node in front keep its messages.</summary>
internal sealed class InfluxWriter : IAsyncDisposable
{
    /// <summary>Rows of one request: a larger body gains nothing and is refused by servers with a small limit.</summary>
    private const int RequestRowsMax = 10_000;

    private readonly InfluxClient _client;
    private readonly InfluxPreparation _preparation;
    private readonly HistoryOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Channel<InfluxWrite> _queue;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private long _awaySince;

    public InfluxWriter(InfluxClient client, InfluxPreparation preparation, HistoryOptions options, TimeProvider time, ILogger log)
    {
        (_client, _preparation, _options, _time, _log) = (client, preparation, options, time, log);
        _queue = Channel.CreateBounded<InfluxWrite>(new BoundedChannelOptions(options.QueuedWritesMax));
        _running = Task.WhenAll(Enumerable.Range(0, options.WritesAtOnceMax).Select(_ => Task.Run(RunAsync)));
    }

    /// <summary>Returns after the server's yes; fails when there was none in time.</summary>
    public async Task WriteAsync(InfluxWrite write, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(_options.AppendWaitSeconds), _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            await _queue.Writer.WriteAsync(write, both.Token);
            await write.Done.Task.WaitAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            var late = new InfluxOutageException($"InfluxDB at {_client.Server} did not take the readings in time.");
            if (write.Done.TrySetException(late))
            {
                throw late;
            }

            // The answer came in the same moment.
            await write.Done.Task;
        }
        finally
        {
            write.Done.TrySetCanceled(CancellationToken.None);
        }
    }

    /// <summary>Sends what is queued, as far as the server takes it at once.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var writes = new List<InfluxWrite>();
        var pause = TimeSpan.Zero;
        while (writes.Count > 0 || await _queue.Reader.WaitToReadAsync())
        {
            writes.RemoveAll(write => write.IsAbandoned);
            Gather(writes);
            if (writes.Count == 0)
            {
                continue;
            }

            try
            {
                await SendAsync(writes);
                writes.Clear();
                pause = TimeSpan.Zero;
                Came();
            }
            catch (Exception failure) when (!_stopping.IsCancellationRequested)
            {
                Went(failure);
                HistoryInstruments.Retries.Add(1);
                pause = Next(pause, (failure as InfluxOutageException)?.RetryAfter);
                await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception failure)
            {
                // At the end nothing is tried again: the callers keep what they have.
                foreach (var write in writes)
                {
                    write.Done.TrySetException(failure);
                }

                writes.Clear();
            }
        }
    }

    private void Gather(List<InfluxWrite> writes)
    {
        var rows = writes.Sum(write => write.RowCount);
        while (rows < RequestRowsMax && _queue.Reader.TryRead(out var next))
        {
            if (!next.IsAbandoned)
            {
                writes.Add(next);
                rows += next.RowCount;
            }
        }
    }

    private async Task SendAsync(List<InfluxWrite> writes)
    {
        var since = Stopwatch.GetTimestamp();
        var places = await _preparation.PlacesAsync(CancellationToken.None);
        var rows = Join(writes, write => write.Rows);
        var arrivals = Join(writes, write => write.Arrival);
        var refusals = await Task.WhenAll(SendAsync(places.Readings, rows), SendAsync(places.Arrivals, arrivals));
        var refused = refusals[0].Lines + refusals[1].Lines;
        if (refused > 0)
        {
            _log.InfluxRefused(refused, _client.Server, refusals[0].Lines > 0 ? refusals[0].Reason : refusals[1].Reason);
            HistoryInstruments.Refused.Add(refused, new KeyValuePair<string, object?>("reason", "server"));
        }

        HistoryInstruments.Kept.Add(writes.Sum(write => write.RowCount) - refusals[0].Lines);
        HistoryInstruments.CommitMs.Record(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        foreach (var write in writes)
        {
            write.Done.TrySetResult();
        }
    }

    private static byte[] Join(List<InfluxWrite> writes, Func<InfluxWrite, ReadOnlyMemory<byte>> part)
    {
        var joined = new byte[writes.Sum(write => part(write).Length)];
        var at = 0;
        foreach (var write in writes)
        {
            part(write).Span.CopyTo(joined.AsSpan(at));
            at += part(write).Length;
        }

        return joined;
    }

    /// <summary>Sends the lines, cut in halves where the server refuses them, down to those at fault: these alone are left out. A repeat of the others changes nothing.</summary>
    private async Task<(long Lines, string Reason)> SendAsync(InfluxPlace place, ReadOnlyMemory<byte> lines)
    {
        if (lines.IsEmpty)
        {
            return (0, string.Empty);
        }

        InfluxAnswer answer;
        try
        {
            answer = await _client.WriteAsync(place, lines, CancellationToken.None);
        }
        catch (InfluxOutageException)
        {
            // Perhaps the database is not there any more.
            _preparation.Forget();
            throw;
        }

        if (answer.Verdict == InfluxVerdict.Written)
        {
            return (answer.RefusedLines, answer.Reason);
        }

        var border = Middle(lines.Span);
        if (border == lines.Length)
        {
            // One line: is it the line, or does the server take nothing at all?
            var probe = await _client.WriteAsync(place, "probe value=1i 0\n"u8.ToArray(), CancellationToken.None);
            return answer.Verdict == InfluxVerdict.TooLarge || probe.Verdict == InfluxVerdict.Written
                ? (1, answer.Reason)
                : throw new InfluxOutageException(answer.Reason);
        }

        var first = await SendAsync(place, lines[..border]);
        var second = await SendAsync(place, lines[border..]);
        return (first.Lines + second.Lines, first.Lines > 0 ? first.Reason : second.Reason);
    }

    /// <summary>The place behind the line break nearest to the middle; the length when there is one line.</summary>
    internal static int Middle(ReadOnlySpan<byte> lines)
    {
        var half = lines.Length / 2;
        var before = lines[..half].LastIndexOf((byte)'\n') + 1;
        if (before > 0)
        {
            return before;
        }

        return half + lines[half..].IndexOf((byte)'\n') + 1;
    }

    private TimeSpan Next(TimeSpan pause, TimeSpan? asked)
    {
        var next = Math.Clamp(pause.TotalMilliseconds * 2, _options.RetryFirstMs, _options.RetryLongestMs);
        if (asked is { } wait && wait > TimeSpan.Zero)
        {
            next = Math.Max(next, Math.Min(wait.TotalMilliseconds, 60_000));
        }

        // Spread, so that the silos of a city do not knock at the same moment.
        return TimeSpan.FromMilliseconds(next * (0.75 + (RandomNumberGenerator.GetInt32(501) / 1000.0)));
    }

    private void Went(Exception failure)
    {
        if (Interlocked.CompareExchange(ref _awaySince, Stopwatch.GetTimestamp(), 0) == 0)
        {
            _log.InfluxAway(failure, _client.Server);
            HistoryInstruments.FailedCommits.Add(1);
        }
    }

    private void Came()
    {
        if (Interlocked.Exchange(ref _awaySince, 0) is var since and not 0)
        {
            _log.InfluxBack(_client.Server, Stopwatch.GetElapsedTime(since).TotalSeconds);
        }
    }
}
