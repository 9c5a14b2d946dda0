using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using CommandCenter.Grains.Contracts;
using DuckDB.NET.Data;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using static CommandCenter.Grains.History.HistorySchema;

namespace CommandCenter.Grains.History;

/// <summary>The readings in one DuckDB file. The file opens with the first call and may be closed and opened again, because the grain in front of it may move.
/// One writer commits; queries run beside it on connections of their own and see whole commits only.</summary>
internal sealed class DuckDbHistory : IReadingHistory, IAsyncDisposable
{
    private const int ArrivalBatchesAtOnce = 500;

    private readonly HistoryOptions _options;
    private readonly DomainClock _clock;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _file;
    private readonly SemaphoreSlim _opening = new(1);
    private readonly SemaphoreSlim _reads;
    private HistoryWriter? _writer;
    private HistorySorter? _sorter;
    private ITimer? _upkeep;

    public DuckDbHistory(IOptions<HistoryOptions> options, DomainClock clock, TimeProvider time, ILogger<DuckDbHistory> log)
    {
        _options = options.Value;
        _clock = clock;
        _time = time;
        _log = log;
        _file = Path.Combine(Path.GetFullPath(_options.DataDirectory), "history.duckdb");
        _reads = new(_options.ConcurrentReadsMax);
    }

    public async Task AppendAsync(IngestBatch batch, CancellationToken cancellation = default)
    {
        var writer = await OpenAsync(cancellation);
        await writer.WriteAsync(new HistoryWrite { Batch = batch }, cancellation);
    }

    public async Task<HistoryImport> ImportAsync(ImmutableArray<Reading> readings, CancellationToken cancellation = default)
    {
        var writer = await OpenAsync(cancellation);
        return await writer.WriteAsync(new HistoryWrite { Imported = readings }, cancellation);
    }

    /// <summary>Drops what is past its retention and stores the newest known times; runs by itself from time to time.</summary>
    public async Task UpkeepAsync(CancellationToken cancellation = default)
    {
        var writer = await OpenAsync(cancellation);
        await writer.WriteAsync(new HistoryWrite { Upkeep = true }, cancellation);
    }

    public Task<Page<HistoryPoint>> ReadRawAsync(
        DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, int limit, string? cursor, CancellationToken cancellation = default)
    {
        var take = HistoryPaging.CheckedLimit(limit);
        var start = Math.Max(HistoryPaging.CeilingMs(from), cursor is null ? long.MinValue : HistoryPaging.ParseCursor(cursor) + 1);
        return QueryAsync(connection =>
        {
            using var command = Command(connection, string.Create(CultureInfo.InvariantCulture, $"""
                SELECT observed, value, quality FROM all_readings WHERE {Of(connection, device, quantity)} AND observed >= {start} AND observed < {HistoryPaging.CeilingMs(to)} ORDER BY observed LIMIT {take + 1}
                """));
            using var reader = command.ExecuteReader();
            var points = ImmutableArray.CreateBuilder<HistoryPoint>();
            while (reader.Read())
            {
                points.Add(new(At(reader.GetInt64(0)), reader.GetDouble(1), (Quality)reader.GetByte(2)));
            }

            return HistoryPaging.Cut(points, take, last => last.At.ToUnixTimeMilliseconds());
        }, cancellation);
    }

    public Task<Page<HistoryInterval>> ReadEveryAsync(
        DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, TimeSpan every, int limit, string? cursor, CancellationToken cancellation = default)
    {
        HistoryPaging.CheckInterval(every);
        var take = HistoryPaging.CheckedLimit(limit);
        var stepMs = (long)every.TotalMilliseconds;
        var start = Math.Max(HistoryPaging.CeilingMs(from), cursor is null ? long.MinValue : HistoryPaging.ParseCursor(cursor) + stepMs);
        return QueryAsync(connection =>
        {
            // The remainder is made positive first, so that intervals before 1970 are aligned like those after it. Bad values are kept but falsify no mean.
            using var command = Command(connection, string.Create(CultureInfo.InvariantCulture, $"""
                SELECT observed - ((observed % {stepMs}) + {stepMs}) % {stepMs}, favg(value), min(value), max(value), count(*) FROM all_readings
                WHERE {Of(connection, device, quantity)} AND observed >= {start} AND observed < {HistoryPaging.CeilingMs(to)} AND quality < 2
                GROUP BY 1 ORDER BY 1 LIMIT {take + 1}
                """));
            using var reader = command.ExecuteReader();
            var intervals = ImmutableArray.CreateBuilder<HistoryInterval>();
            while (reader.Read())
            {
                intervals.Add(new(At(reader.GetInt64(0)), reader.GetDouble(1), reader.GetDouble(2), reader.GetDouble(3), reader.GetInt64(4)));
            }

            return HistoryPaging.Cut(intervals, take, last => last.At.ToUnixTimeMilliseconds());
        }, cancellation);
    }

    public async IAsyncEnumerable<IngestBatch> ReadArrivalsAsync(AreaId street, DateTimeOffset receivedFrom, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var after = long.MinValue;
        while (true)
        {
            var (batches, last) = await QueryAsync(connection => ArrivalsReader.Read(connection, street, HistoryPaging.CeilingMs(receivedFrom), after, ArrivalBatchesAtOnce), cancellation);
            foreach (var batch in batches)
            {
                yield return batch;
            }

            if (last is null)
            {
                yield break;
            }

            after = last.Value;
        }
    }

    public async IAsyncEnumerable<IngestBatch> ReadPastAsync(
        AreaId street, ImmutableArray<DeviceId> devices, ImmutableArray<QuantityId> quantities, DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        PastPlace? after = null;
        do
        {
            var begin = after;
            (var batches, after) = await QueryAsync(
                connection => PastReader.Read(connection, street, devices, quantities, HistoryPaging.CeilingMs(from), HistoryPaging.CeilingMs(to), begin), cancellation);
            foreach (var batch in batches)
            {
                yield return batch;
            }
        }
        while (after is not null);
    }

    /// <summary>Sorts what came in, however little it is. It happens by itself when enough has come.</summary>
    public async Task SortAsync(CancellationToken cancellation = default)
    {
        await OpenAsync(cancellation);
        await _sorter!.SortAsync().WaitAsync(cancellation);
    }

    /// <summary>Commits what waits and lets go of the file; the next call opens it again.</summary>
    public async Task CloseAsync()
    {
        await _opening.WaitAsync();
        try
        {
            if (_upkeep is not null)
            {
                await _upkeep.DisposeAsync();
                _upkeep = null;
            }

            if (_sorter is not null)
            {
                // Before the writer, which closes the file. A commit may still tell of its rows; nobody counts them any more.
                await _sorter.DisposeAsync();
                _sorter = null;
            }

            if (_writer is not null)
            {
                await _writer.DisposeAsync();
                _writer = null;
            }
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async ValueTask<HistoryWriter> OpenAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _writer) is { } open)
        {
            return open;
        }

        await _opening.WaitAsync(cancellation);
        try
        {
            if (_writer is null)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
                var sorter = new HistorySorter(_file, _options, _clock, _log);
                HistoryWriter writer;
                try
                {
                    writer = await Task.Run(() => new HistoryWriter(_file, _options, _clock, _log, sorter), cancellation);
                }
                catch
                {
                    await sorter.DisposeAsync();
                    throw;
                }

                _sorter = sorter;
                var period = TimeSpan.FromMinutes(_options.UpkeepMinutes);
                _upkeep = _time.CreateTimer(_ => StartUpkeep(writer), null, period, period);
                Volatile.Write(ref _writer, writer);
            }

            return _writer;
        }
        finally
        {
            _opening.Release();
        }
    }

    private static void StartUpkeep(HistoryWriter writer) => writer.TryWrite(new HistoryWrite { Upkeep = true });

    private async Task<T> QueryAsync<T>(Func<DuckDBConnection, T> query, CancellationToken cancellation)
    {
        await OpenAsync(cancellation);
        await _reads.WaitAsync(cancellation);
        try
        {
            return await Task.Run(() =>
            {
                using var connection = new DuckDBConnection($"Data Source={_file}");
                connection.Open();
                return query(connection);
            }, cancellation);
        }
        finally
        {
            _reads.Release();
        }
    }

    /// <summary>The condition with the numbers themselves: only what stands in the text of the query lets DuckDB skip blocks by their statistics.</summary>
    private static string Of(DuckDBConnection connection, DeviceId device, QuantityId quantity)
    {
        var (deviceNumber, quantityNumber) = (-1, -1);
        using var command = Command(connection, "SELECT kind, id FROM names WHERE (kind = 0 AND name = ?) OR (kind = 1 AND name = ?)", device.Value, quantity.Value);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            _ = reader.GetByte(0) == (byte)NameKind.Device ? deviceNumber = reader.GetInt32(1) : quantityNumber = reader.GetInt32(1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"device = {deviceNumber} AND quantity = {quantityNumber}");
    }

    internal static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
