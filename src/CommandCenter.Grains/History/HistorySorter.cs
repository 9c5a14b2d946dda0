using System.Diagnostics;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using DuckDB.NET.Data;
using Microsoft.Extensions.Logging;
using static CommandCenter.Grains.History.HistorySchema;

namespace CommandCenter.Grains.History;

/// <summary>Rewrites what came in, about a million rows at a time, sorted by device: block statistics then skip nearly everything that a question about one device does not ask for.
/// Moving the rows is one transaction beside the writer's, so that an end in the middle leaves them where they were and appends go on meanwhile. Whole runs are dropped when they are past retention.</summary>
internal sealed class HistorySorter : IAsyncDisposable
{
    private readonly string _file;
    private readonly HistoryOptions _options;
    private readonly DomainClock _clock;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _asked = new(0);
    private readonly Lock _gate = new();
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _round;
    private long _openRows;
    private long _triedAt;
    private int _everything;
    private volatile bool _stopping;

    public HistorySorter(string file, HistoryOptions options, DomainClock clock, ILogger log)
    {
        (_file, _options, _clock, _log) = (file, options, clock, log);
        _thread = new Thread(Run) { IsBackground = true, Name = "history sorter" };
        _thread.Start();
    }

    /// <summary>Held while rows move from one table to the other: nobody else may delete them then.</summary>
    public SemaphoreSlim Moving { get; } = new(1);

    /// <summary>Rows were appended to those in order of arrival.</summary>
    public void Grew(long rows)
    {
        var open = Interlocked.Add(ref _openRows, rows);

        // After a failure it is tried again when a quarter more has come, not with each commit.
        if (open >= _options.SortRows && open - Interlocked.Read(ref _triedAt) >= _options.SortRows / 4)
        {
            Interlocked.Exchange(ref _triedAt, open);
            Ask();
        }
    }

    /// <summary>Sorts what there is, whatever its number, and drops what is past retention; returns when it is done.</summary>
    public Task SortAsync()
    {
        Interlocked.Exchange(ref _everything, 1);
        return Ask();
    }

    /// <summary>Drops what is past retention, and sorts when there is enough; does not wait for it.</summary>
    public void Upkeep() => _ = Ask();

    /// <summary>Lets a round that runs come to its end. The signals are left to the collector: the writer may still ask while it works off its queue.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        _asked.Release();
        await _ended.Task;
    }

    private Task Ask()
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return Task.CompletedTask;
            }

            if (_round is null)
            {
                _round = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _asked.Release();
            }

            return _round.Task;
        }
    }

    private void Run()
    {
        while (true)
        {
            _asked.Wait();
            if (_stopping)
            {
                break;
            }

            TaskCompletionSource? round;
            lock (_gate)
            {
                (round, _round) = (_round, null);
            }

            try
            {
                var everything = Interlocked.Exchange(ref _everything, 0) != 0;
                using var connection = new DuckDBConnection($"Data Source={_file}");
                connection.Open();
                while (!_stopping && SortOnce(connection, everything ? 1 : _options.SortRows))
                {
                    Interlocked.Exchange(ref _triedAt, 0);
                }

                DropExpired(connection);
                round?.TrySetResult();
            }
            catch (Exception failure)
            {
                // The rows stand where they stood; they are only slower to read.
                _log.SortFailed(failure);
                HistoryInstruments.FailedSorts.Add(1);
                round?.TrySetException(failure);
            }
        }

        lock (_gate)
        {
            _round?.TrySetCanceled();
        }

        _ended.SetResult();
    }

    private bool SortOnce(DuckDBConnection connection, long atLeast)
    {
        var since = Stopwatch.GetTimestamp();
        Moving.Wait();
        try
        {
            using var transaction = connection.BeginTransaction();

            // The writer gives arrivals in order and commits in order: everything up to a visible one is visible. No batch is divided.
            var open = One(connection, "SELECT count(*) FROM readings");
            Interlocked.Exchange(ref _openRows, open);
            if (open < atLeast || open == 0)
            {
                return false;
            }

            var border = One(connection, string.Create(CultureInfo.InvariantCulture, $"SELECT max(arrival) FROM (SELECT arrival FROM readings LIMIT {2L * _options.SortRows})"));
            var rows = One(connection, string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) FROM readings WHERE arrival <= {border}"));
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO runs SELECT min(arrival), max(arrival), max(received) FROM readings WHERE arrival <= {border}"));
            var written = Execute(connection, string.Create(CultureInfo.InvariantCulture, $"""
                INSERT INTO sorted SELECT arrival, device, quantity, observed, received - observed, value, quality, live, place FROM readings WHERE arrival <= {border} ORDER BY device, quantity, observed
                """));
            var taken = Execute(connection, string.Create(CultureInfo.InvariantCulture, $"DELETE FROM readings WHERE arrival <= {border}"));
            if (written != rows || taken != rows)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{rows} rows were to be sorted, {written} were written and {taken} taken away."));
            }

            transaction.Commit();
            Interlocked.Add(ref _openRows, -rows);
            HistoryInstruments.SortMs.Record(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            _log.RowsSorted(rows, Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            return true;
        }
        finally
        {
            Moving.Release();
        }
    }

    private void DropExpired(DuckDBConnection connection)
    {
        var cutoff = HistoryWriter.Ms(_clock.Now.AddDays(-_options.RetentionDays));
        var expired = new List<(long First, long Last)>();
        using (var command = Command(connection, "SELECT first, last FROM runs WHERE newest < ?", cutoff))
        {
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                expired.Add((reader.GetInt64(0), reader.GetInt64(1)));
            }
        }

        foreach (var (first, last) in expired)
        {
            using var transaction = connection.BeginTransaction();
            var rows = Execute(connection, string.Create(CultureInfo.InvariantCulture, $"DELETE FROM sorted WHERE arrival BETWEEN {first} AND {last}"));
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"DELETE FROM runs WHERE first = {first}"));
            transaction.Commit();
            _log.OldRowsDropped("sorted", rows);
        }
    }

    private static long One(DuckDBConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
