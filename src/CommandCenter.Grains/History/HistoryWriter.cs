using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using CommandCenter.Grains.Contracts;
using DuckDB.NET.Data;
using Microsoft.Extensions.Logging;
using static CommandCenter.Grains.History.HistorySchema;

namespace CommandCenter.Grains.History;

/// <summary>The only writer of the file: one thread that turns many waiting appends into one commit.
/// Idle, it commits what came at once; after a commit that held several appends it gathers for a few milliseconds, because a commit costs the same for one row as for thousands.</summary>
internal sealed class HistoryWriter : IAsyncDisposable
{
    private readonly string _file;
    private readonly HistoryOptions _options;
    private readonly DomainClock _clock;
    private readonly ILogger _log;
    private readonly Channel<HistoryWrite> _queue;

    // Counts what is in the queue. The thread waits on it, because DuckDB blocks and a blocked pool thread is dear on a small machine.
    private readonly SemaphoreSlim _queued = new(0);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;

    private readonly HistorySorter _sorter;

    // One for all commits, because each would otherwise leave lists of many thousand rows behind.
    private readonly CommitPlan _plan = new();

    private DuckDBConnection? _connection;
    private HistoryNames _names = new();
    private NewestKnown _newest;
    private readonly Dictionary<(int Node, int Street), long> _sequences = [];
    private long _arrival;
    private long _arrivalStored;

    /// <summary>Opens the file, or throws what DuckDB says of it.</summary>
    public HistoryWriter(string file, HistoryOptions options, DomainClock clock, ILogger log, HistorySorter sorter)
    {
        _sorter = sorter;
        _file = file;
        _options = options;
        _clock = clock;
        _log = log;
        _newest = new(options.NewestKnownMax);
        _queue = Channel.CreateBounded<HistoryWrite>(new BoundedChannelOptions(options.QueuedWritesMax) { SingleReader = true });
        Open();
        _sorter.Grew(CountOpen());
        _thread = new Thread(Run) { IsBackground = true, Name = "history writer" };
        _thread.Start();
    }

    /// <summary>Returns after the commit.</summary>
    public async Task<HistoryImport> WriteAsync(HistoryWrite write, CancellationToken cancellation)
    {
        await _queue.Writer.WriteAsync(write, cancellation);
        _queued.Release();
        return await write.Done.Task.WaitAsync(cancellation);
    }

    /// <summary>Queues without waiting; left out when the queue is full, because then there is more urgent work.</summary>
    public void TryWrite(HistoryWrite write)
    {
        if (_queue.Writer.TryWrite(write))
        {
            _queued.Release();
        }
    }

    /// <summary>Commits what is queued, stores the newest known times, closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_queue.Writer.TryComplete())
        {
            _queued.Release();
        }

        await _ended.Task;
        _queued.Dispose();
    }

    private void Run()
    {
        var writes = new List<HistoryWrite>();
        var busy = false;
        while (true)
        {
            _queued.Wait();
            if (!_queue.Reader.TryRead(out var first))
            {
                break;
            }

            writes.Add(first);
            Gather(writes, first.Rows, busy);
            Commit(writes);
            busy = writes.Count > 1;
            writes.Clear();
        }

        Close();
        _ended.SetResult();
    }

    private void Gather(List<HistoryWrite> writes, int rows, bool linger)
    {
        var since = Stopwatch.GetTimestamp();
        while (rows < _options.CommitRowsMax)
        {
            var leftMs = linger ? _options.CommitLingerMs - (int)Stopwatch.GetElapsedTime(since).TotalMilliseconds : 0;
            if (!_queued.Wait(Math.Max(0, leftMs)))
            {
                return;
            }

            if (!_queue.Reader.TryRead(out var next))
            {
                // The queue was completed: leave the mark for the outer loop.
                _queued.Release();
                return;
            }

            writes.Add(next);
            rows += next.Rows;
        }
    }

    private void Commit(List<HistoryWrite> writes)
    {
        var results = new HistoryImport[writes.Count];
        var upkeep = writes.Exists(write => write.Upkeep);
        var mayTouchReadings = upkeep && _sorter.Moving.Wait(0);
        var since = Stopwatch.GetTimestamp();
        var (kept, repeated, stored) = (0L, 0L, 0L);
        try
        {
            if (_connection is null)
            {
                Open();
            }

            using (var transaction = _connection!.BeginTransaction())
            {
                var plan = _plan;
                plan.Clear();
                plan.Expect(writes.Count);
                for (var i = 0; i < writes.Count; i++)
                {
                    Plan(writes[i], plan, i);
                }

                DropStored(plan);
                Append(plan);
                repeated = plan.Dropped;
                kept = plan.Items - repeated;
                stored = plan.Readings.Count - plan.DroppedReadings.Count;
                for (var i = 0; i < writes.Count; i++)
                {
                    results[i] = new(plan.Imported(i), plan.Offered(i) - plan.Imported(i));
                    if (writes[i].Upkeep)
                    {
                        DropOld(mayTouchReadings);
                        StoreNewest();
                    }
                }

                transaction.Commit();
            }

            _names.Fresh.Clear();
            _sorter.Grew(stored);
            if (upkeep)
            {
                _sorter.Upkeep();
            }
        }
        catch (Exception failure)
        {
            // Whatever the reason, nothing of this commit is stored: say so to every caller (the ingest node tries again) and start from what the file holds.
            _log.CommitFailed(failure, writes.Count);
            HistoryInstruments.FailedCommits.Add(1);
            Forget();
            foreach (var write in writes)
            {
                write.Done.TrySetException(new InvalidOperationException("The readings could not be stored: " + failure.Message, failure));
            }

            return;
        }
        finally
        {
            if (mayTouchReadings)
            {
                _sorter.Moving.Release();
            }
        }

        HistoryInstruments.Kept.Add(kept);
        HistoryInstruments.Repeated.Add(repeated);
        HistoryInstruments.CommitMs.Record(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        for (var i = 0; i < writes.Count; i++)
        {
            writes[i].Done.TrySetResult(results[i]);
        }
    }

    /// <summary>Sorts the rows of a write into those that are certainly new and those to compare with the file.</summary>
    private void Plan(HistoryWrite write, CommitPlan plan, int index)
    {
        if (write.Batch is { } batch)
        {
            var node = _names.IdOf(NameKind.Node, batch.Node);
            var street = _names.IdOf(NameKind.Street, batch.Street.Value);
            if (IsRepeated(node, street, batch.Sequence, plan))
            {
                return;
            }

            var arrival = ++_arrival;
            PlanReadings(batch.Readings, arrival, live: true, plan, index);
            PlanReadings(batch.LateReadings, arrival, live: false, plan, index);
            PlanOccurrences(batch.Events, batch.Positions, batch.Statuses, arrival, plan);
            if (!batch.LateEvents.IsDefaultOrEmpty || !batch.LatePositions.IsDefaultOrEmpty || !batch.LateStatuses.IsDefaultOrEmpty)
            {
                // Under an arrival that is no batch's, as imports are: kept, and never returned as having arrived.
                PlanOccurrences(batch.LateEvents, batch.LatePositions, batch.LateStatuses, ++_arrival, plan);
            }

            plan.Batches.Add(new(arrival, street, node, batch.Sequence, NewestReceipt(batch)));
        }
        else if (!write.Imported.IsDefaultOrEmpty)
        {
            PlanReadings(write.Imported, ++_arrival, live: false, plan, index);
        }
    }

    private void PlanOccurrences(ImmutableArray<DeviceEvent> events, ImmutableArray<DevicePosition> positions, ImmutableArray<DeviceStatus> statuses, long arrival, CommitPlan plan)
    {
        foreach (var item in OrEmpty(events))
        {
            var device = _names.IdOf(NameKind.Device, item.Device.Value);
            plan.Events.Add(new(arrival, device, item, _newest.IsCertainlyNew(device, EventsOf, Ms(item.ObservedAt))));
        }

        foreach (var item in OrEmpty(positions))
        {
            var device = _names.IdOf(NameKind.Device, item.Device.Value);
            plan.Positions.Add(new(arrival, device, item, _newest.IsCertainlyNew(device, PositionsOf, Ms(item.ObservedAt))));
        }

        foreach (var item in OrEmpty(statuses))
        {
            var device = _names.IdOf(NameKind.Device, item.Device.Value);
            plan.Statuses.Add(new(arrival, device, item, _newest.IsCertainlyNew(device, StatusesOf, Ms(item.ObservedAt))));
        }
    }

    private void PlanReadings(ImmutableArray<Reading> readings, long arrival, bool live, CommitPlan plan, int index)
    {
        // Rows that are sorted by device keep their order of arrival by their place.
        _newest.BeginBatch();
        foreach (ref readonly var reading in OrEmpty(readings).AsSpan())
        {
            var device = _names.DeviceOf(reading.Device.Value);
            var quantity = _names.QuantityOf(reading.Quantity.Value);
            var at = Ms(reading.ObservedAt);
            var known = _newest.Judge(device, quantity, at, out var place);
            plan.Add(new(arrival, at, Ms(reading.ReceivedAt), reading.Value, device, index, quantity, place, (byte)reading.Quality, live), known);
        }
    }

    private bool IsRepeated(int node, int street, long sequence, CommitPlan plan)
    {
        if (!_sequences.TryGetValue((node, street), out var highest) || sequence > highest)
        {
            _sequences[(node, street)] = sequence;
            return false;
        }

        if (plan.Batches.Exists(batch => batch.Node == node && batch.Street == street && batch.Sequence == sequence))
        {
            return true;
        }

        using var command = Command(_connection!, "SELECT count(*) FROM batches WHERE node = ? AND street = ? AND sequence = ?", node, street, sequence);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture) > 0;
    }

    /// <summary>Takes out of the plan what is stored already, and the later ones of equal rows in the plan itself.</summary>
    private void DropStored(CommitPlan plan)
    {
        plan.DropRepeatedInside();
        if (plan.SuspectReadings.Count > 0)
        {
            using (var appender = Fresh("suspect_readings"))
            {
                foreach (var n in plan.SuspectReadings)
                {
                    var row = plan.Readings[n];
                    appender.CreateRow().AppendValue(n).AppendValue(row.Device).AppendValue(row.Quantity).AppendValue(row.At).EndRow();
                }
            }

            Drop(plan.DroppedReadings, """
                SELECT s.n FROM suspect_readings s WHERE EXISTS (SELECT 1 FROM all_readings r WHERE r.device = s.device AND r.quantity = s.quantity AND r.observed = s.observed AND r.observed BETWEEN ? AND ?)
                """, plan.SuspectReadings.Min(n => plan.Readings[n].At), plan.SuspectReadings.Max(n => plan.Readings[n].At));
        }

        if (plan.SuspectEvents.Count > 0)
        {
            using (var appender = Fresh("suspect_events"))
            {
                foreach (var n in plan.SuspectEvents)
                {
                    var row = plan.Events[n];
                    appender.CreateRow().AppendValue(n).AppendValue(row.Device).AppendValue(row.Item.EventId).AppendValue((byte)row.Item.State).AppendValue(Ms(row.Item.ObservedAt)).EndRow();
                }
            }

            Drop(plan.DroppedEvents, """
                SELECT s.n FROM suspect_events s WHERE EXISTS (SELECT 1 FROM events e WHERE e.device = s.device AND e.event = s.event AND e.state = s.state AND e.observed = s.observed AND e.observed BETWEEN ? AND ?)
                """, plan.SuspectEvents.Min(n => Ms(plan.Events[n].Item.ObservedAt)), plan.SuspectEvents.Max(n => Ms(plan.Events[n].Item.ObservedAt)));
        }

        if (plan.SuspectPositions.Count > 0)
        {
            using (var appender = Fresh("suspect_positions"))
            {
                foreach (var n in plan.SuspectPositions)
                {
                    var row = plan.Positions[n];
                    appender.CreateRow().AppendValue(n).AppendValue(row.Device).AppendValue(Ms(row.Item.ObservedAt)).EndRow();
                }
            }

            Drop(plan.DroppedPositions, """
                SELECT s.n FROM suspect_positions s WHERE EXISTS (SELECT 1 FROM positions p WHERE p.device = s.device AND p.observed = s.observed AND p.observed BETWEEN ? AND ?)
                """, plan.SuspectPositions.Min(n => Ms(plan.Positions[n].Item.ObservedAt)), plan.SuspectPositions.Max(n => Ms(plan.Positions[n].Item.ObservedAt)));
        }

        if (plan.SuspectStatuses.Count > 0)
        {
            using (var appender = Fresh("suspect_statuses"))
            {
                foreach (var n in plan.SuspectStatuses)
                {
                    var row = plan.Statuses[n];
                    appender.CreateRow().AppendValue(n).AppendValue(row.Device).AppendValue(Ms(row.Item.ObservedAt)).AppendValue(row.Item.Online).EndRow();
                }
            }

            Drop(plan.DroppedStatuses, """
                SELECT s.n FROM suspect_statuses s WHERE EXISTS (SELECT 1 FROM statuses t WHERE t.device = s.device AND t.observed = s.observed AND t.online = s.online AND t.observed BETWEEN ? AND ?)
                """, plan.SuspectStatuses.Min(n => Ms(plan.Statuses[n].Item.ObservedAt)), plan.SuspectStatuses.Max(n => Ms(plan.Statuses[n].Item.ObservedAt)));
        }
    }

    private DuckDBAppender Fresh(string table)
    {
        Execute(_connection!, $"DELETE FROM {table}");
        return _connection!.CreateAppender(table);
    }

    private void Drop(HashSet<int> dropped, string sql, long from, long to)
    {
        using var command = Command(_connection!, sql, from, to);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            dropped.Add(reader.GetInt32(0));
        }
    }

    private void Append(CommitPlan plan)
    {
        if (_names.Fresh.Count > 0)
        {
            using var appender = _connection!.CreateAppender("names");
            foreach (var (kind, id, name) in _names.Fresh)
            {
                appender.CreateRow().AppendValue((byte)kind).AppendValue(id).AppendValue(name).EndRow();
            }
        }

        if (plan.Batches.Count > 0)
        {
            using var appender = _connection!.CreateAppender("batches");
            foreach (var row in plan.Batches)
            {
                appender.CreateRow().AppendValue(row.Arrival).AppendValue(row.Street).AppendValue(row.Node).AppendValue(row.Sequence).AppendValue(row.Received).EndRow();
            }
        }

        if (plan.Readings.Count > plan.DroppedReadings.Count)
        {
            using var appender = _connection!.CreateAppender("readings");
            var rows = CollectionsMarshal.AsSpan(plan.Readings);
            var anyDropped = plan.DroppedReadings.Count > 0;
            for (var n = 0; n < rows.Length; n++)
            {
                if (anyDropped && plan.DroppedReadings.Contains(n))
                {
                    continue;
                }

                ref readonly var row = ref rows[n];
                plan.Count(row.Write);
                appender.CreateRow().AppendValue(row.Arrival).AppendValue(row.Device).AppendValue(row.Quantity).AppendValue(row.At).AppendValue(row.Received)
                    .AppendValue(row.Value).AppendValue(row.Quality).AppendValue(row.Live).AppendValue(row.Place).EndRow();
            }
        }

        if (plan.Events.Count > plan.DroppedEvents.Count)
        {
            using var appender = _connection!.CreateAppender("events");
            for (var n = 0; n < plan.Events.Count; n++)
            {
                if (plan.DroppedEvents.Contains(n))
                {
                    continue;
                }

                var (arrival, device, item, _) = plan.Events[n];
                appender.CreateRow().AppendValue(arrival).AppendValue(device).AppendValue(item.EventId).AppendValue((byte)item.State)
                    .AppendValue(Ms(item.ObservedAt)).AppendValue(Ms(item.ReceivedAt)).AppendValue(item.Type.Value).AppendValue(item.Confidence)
                    .AppendValue(item.Snapshot).AppendValue(item.Clip).AppendValue(BoxText(item.Box)).EndRow();
            }
        }

        if (plan.Positions.Count > plan.DroppedPositions.Count)
        {
            using var appender = _connection!.CreateAppender("positions");
            for (var n = 0; n < plan.Positions.Count; n++)
            {
                if (plan.DroppedPositions.Contains(n))
                {
                    continue;
                }

                var (arrival, device, item, _) = plan.Positions[n];
                appender.CreateRow().AppendValue(arrival).AppendValue(device).AppendValue(Ms(item.ObservedAt)).AppendValue(Ms(item.ReceivedAt))
                    .AppendValue(item.Longitude).AppendValue(item.Latitude).AppendValue(item.SpeedKmh).AppendValue(item.HeadingDeg).EndRow();
            }
        }

        if (plan.Statuses.Count > plan.DroppedStatuses.Count)
        {
            using var appender = _connection!.CreateAppender("statuses");
            for (var n = 0; n < plan.Statuses.Count; n++)
            {
                if (plan.DroppedStatuses.Contains(n))
                {
                    continue;
                }

                var (arrival, device, item, _) = plan.Statuses[n];
                appender.CreateRow().AppendValue(arrival).AppendValue(device).AppendValue(Ms(item.ObservedAt)).AppendValue(Ms(item.ReceivedAt)).AppendValue(item.Online).EndRow();
            }
        }
    }

    /// <summary>Drops at most one day of rows a round, so that the appends behind it do not wait for a year's.</summary>
    private void DropOld(bool mayTouchReadings)
    {
        // Rows on their way into a run are dropped with it.
        DropOld(mayTouchReadings ? ["readings", "events", "positions", "statuses", "batches"] : ["events", "positions", "statuses", "batches"]);
    }

    private void DropOld(ReadOnlySpan<string> tables)
    {
        var cutoff = Ms(_clock.Now.AddDays(-_options.RetentionDays));
        foreach (var table in tables)
        {
            using var oldest = Command(_connection!, $"SELECT min(received) FROM {table} WHERE received < ?", cutoff);
            if (oldest.ExecuteScalar() is long from)
            {
                var to = Math.Min(cutoff, from + (long)TimeSpan.FromDays(1).TotalMilliseconds);
                using var delete = Command(_connection!, $"DELETE FROM {table} WHERE received < ?", to);
                var rows = delete.ExecuteNonQuery();
                _log.OldRowsDropped(table, rows);
            }
        }
    }

    /// <summary>Stores the newest known times with the arrival up to which they hold, so that the next start reads only the rows behind it.</summary>
    private void StoreNewest()
    {
        if (_arrivalStored == _arrival)
        {
            return;
        }

        Execute(_connection!, "DELETE FROM newest; DELETE FROM newest_mark");
        if (!_newest.IsComplete)
        {
            // With pairs left out, a start with a greater limit would take them for never stored. Without a mark it reads the rows themselves.
            _arrivalStored = _arrival;
            return;
        }

        using (var appender = _connection!.CreateAppender("newest"))
        {
            foreach (var (device, quantity, at) in _newest.All)
            {
                appender.CreateRow().AppendValue(device).AppendValue(quantity).AppendValue(at).EndRow();
            }
        }

        using (var command = Command(_connection, "INSERT INTO newest_mark VALUES (?)", _arrival))
        {
            command.ExecuteNonQuery();
        }

        _arrivalStored = _arrival;
    }

    private void Open()
    {
        _connection = OpenWriter(_file, _options.MemoryLimitMb);
        _names = new();
        _newest = new(_options.NewestKnownMax);
        _sequences.Clear();
        Read("SELECT kind, id, name FROM names", row => _names.Load((NameKind)row.GetByte(0), row.GetInt32(1), row.GetString(2)));
        _arrival = 0;
        Read("SELECT arrival FROM newest_mark", row => _arrival = row.GetInt64(0));
        _arrivalStored = _arrival;
        Read("SELECT device, quantity, observed FROM newest", row => _newest.Load(row.GetInt32(0), row.GetInt16(1), row.GetInt64(2)));
        var mark = _arrival;
        Read($"SELECT device, quantity, max(observed) FROM all_readings WHERE arrival > {mark} GROUP BY ALL", row => _newest.Load(row.GetInt32(0), row.GetInt16(1), row.GetInt64(2)));
        foreach (var (table, pseudo) in (ReadOnlySpan<(string, short)>)[("events", EventsOf), ("positions", PositionsOf), ("statuses", StatusesOf)])
        {
            Read($"SELECT device, max(observed) FROM {table} WHERE arrival > {mark} GROUP BY ALL", row => _newest.Load(row.GetInt32(0), pseudo, row.GetInt64(1)));
        }

        foreach (var table in (ReadOnlySpan<string>)["batches", "readings", "sorted", "events", "positions", "statuses"])
        {
            Read($"SELECT max(arrival) FROM {table} WHERE arrival > {mark} HAVING max(arrival) IS NOT NULL", row => _arrival = Math.Max(_arrival, row.GetInt64(0)));
        }

        Read("SELECT node, street, max(sequence) FROM batches GROUP BY ALL", row => _sequences[(row.GetInt32(0), row.GetInt32(1))] = row.GetInt64(2));
    }

    private long CountOpen()
    {
        using var command = Command(_connection!, "SELECT count(*) FROM readings");
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private void Read(string sql, Action<DuckDBDataReader> each)
    {
        using var command = Command(_connection!, sql);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            each(reader);
        }
    }

    private void Forget()
    {
        try
        {
            _connection?.Dispose();
        }
        catch (Exception failure)
        {
            // The commit that failed before is told of already; a close that fails too changes nothing for the callers.
            _log.CloseFailed(failure);
        }

        _connection = null;
    }

    private void Close()
    {
        try
        {
            if (_connection is not null)
            {
                using (var transaction = _connection.BeginTransaction())
                {
                    StoreNewest();
                    transaction.Commit();
                }

                Execute(_connection, "CHECKPOINT");
            }
        }
        catch (Exception failure)
        {
            // Nothing acknowledged is lost: the commits stand in the write-ahead log, which the next start reads.
            _log.CloseFailed(failure);
        }

        Forget();
    }

    internal static long Ms(DateTimeOffset at) => at.ToUnixTimeMilliseconds();

    private static ImmutableArray<T> OrEmpty<T>(ImmutableArray<T> items) => items.IsDefault ? [] : items;

    private static string? BoxText(ImmutableArray<double> box) =>
        box.IsDefaultOrEmpty ? null : string.Join(',', box.Select(part => part.ToString("R", CultureInfo.InvariantCulture)));

    private long NewestReceipt(IngestBatch batch)
    {
        var newest = long.MinValue;
        foreach (var item in OrEmpty(batch.Readings))
        {
            newest = Math.Max(newest, Ms(item.ReceivedAt));
        }

        foreach (var item in OrEmpty(batch.LateReadings))
        {
            newest = Math.Max(newest, Ms(item.ReceivedAt));
        }

        foreach (var item in OrEmpty(batch.Events).AddRange(OrEmpty(batch.LateEvents)))
        {
            newest = Math.Max(newest, Ms(item.ReceivedAt));
        }

        foreach (var item in OrEmpty(batch.Positions).AddRange(OrEmpty(batch.LatePositions)))
        {
            newest = Math.Max(newest, Ms(item.ReceivedAt));
        }

        foreach (var item in OrEmpty(batch.Statuses).AddRange(OrEmpty(batch.LateStatuses)))
        {
            newest = Math.Max(newest, Ms(item.ReceivedAt));
        }

        // An empty batch has no receipt; its number is kept as long as one received now.
        return newest == long.MinValue ? Ms(_clock.Now) : newest;
    }
}
