using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.History.Influx;

/// <summary>The readings in InfluxDB: one point per reading, known by device, quantity and time, and beside it each batch as it arrived, for the streets that rebuild themselves.
/// Unlike the file, InfluxDB keeps the last of two values of one time, and its retention counts from the observation.</summary>
internal sealed class InfluxHistory : IReadingHistory, IAsyncDisposable
{
    private const int ArrivalsAtOnce = 64;
    private const int PastCountMax = 1_000;
    private static readonly TimeSpan PastSpan = TimeSpan.FromDays(1);
    private const int ImportedAtOnce = 5_000;

    private readonly HistoryOptions _options;
    private readonly DomainClock _clock;
    private readonly ILogger _log;
    private readonly InfluxClient _client;
    private readonly InfluxPreparation _preparation;
    private readonly InfluxWriter _writer;
    private readonly SemaphoreSlim _reads;

    public InfluxHistory(IOptions<HistoryOptions> options, DomainClock clock, TimeProvider time, ILogger<InfluxHistory> log)
        : this(options, clock, time, log, null)
    {
    }

    internal InfluxHistory(IOptions<HistoryOptions> options, DomainClock clock, TimeProvider time, ILogger<InfluxHistory> log, HttpMessageHandler? handler)
    {
        (_options, _clock, _log) = (options.Value, clock, log);
        _client = new(_options, time, handler);
        _preparation = new(_client, _options, log);
        _writer = new(_client, _preparation, _options, time, log);
        _reads = new(_options.ConcurrentReadsMax);
    }

    public async Task AppendAsync(IngestBatch batch, CancellationToken cancellation = default)
    {
        var lines = new InfluxLines();
        AddReadings(lines, batch.Readings);
        AddReadings(lines, batch.LateReadings);
        AddAll(lines, batch.Events, item => item.ObservedAt, lines.Add);
        AddAll(lines, batch.LateEvents, item => item.ObservedAt, lines.Add);
        AddAll(lines, batch.Positions, item => item.ObservedAt, lines.Add);
        AddAll(lines, batch.LatePositions, item => item.ObservedAt, lines.Add);
        AddAll(lines, batch.Statuses, item => item.ObservedAt, lines.Add);
        AddAll(lines, batch.LateStatuses, item => item.ObservedAt, lines.Add);
        var arrival = new InfluxLines();
        if (InfluxLines.NewestReceipt(batch) is { } newest)
        {
            arrival.Add(batch, newest, ArrivalText.Write(batch), _options.ArrivalPartLength);
        }

        if (lines.Count + arrival.Count > 0)
        {
            await _writer.WriteAsync(new() { Rows = lines.Bytes, RowCount = lines.Count, Arrival = arrival.Bytes }, cancellation);
        }
    }

    public async Task<HistoryImport> ImportAsync(ImmutableArray<Reading> readings, CancellationToken cancellation = default)
    {
        var (accepted, duplicates) = (0L, 0L);
        foreach (var part in readings.Chunk(ImportedAtOnce))
        {
            var known = await KnownTimesAsync(part, cancellation);
            var lines = new InfluxLines();
            foreach (var reading in part)
            {
                if (!known.Add((reading.Device, reading.Quantity, reading.ObservedAt.ToUnixTimeMilliseconds())))
                {
                    duplicates++;
                }
                else
                {
                    AddReadings(lines, [reading]);
                }
            }

            if (lines.Count > 0)
            {
                await _writer.WriteAsync(new() { Rows = lines.Bytes, RowCount = lines.Count }, cancellation);
            }

            accepted += lines.Count;
        }

        HistoryInstruments.Repeated.Add(duplicates);
        return new(accepted, duplicates) { BeyondRetention = readings.Length - accepted - duplicates };
    }

    public async Task<Page<HistoryPoint>> ReadRawAsync(
        DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, int limit, string? cursor, CancellationToken cancellation = default)
    {
        var take = HistoryPaging.CheckedLimit(limit);
        var start = Math.Max(HistoryPaging.CeilingMs(from), cursor is null ? long.MinValue : HistoryPaging.ParseCursor(cursor) + 1);
        var rows = await SelectAsync(places => places.Readings, "ms", place => string.Create(CultureInfo.InvariantCulture, $"""
            SELECT "value","quality" FROM {place.From(InfluxLines.Readings)} WHERE {Of(device, quantity, start, HistoryPaging.CeilingMs(to))} ORDER BY time LIMIT {take + 1}
            """), cancellation);
        var points = ImmutableArray.CreateBuilder<HistoryPoint>(rows.Count);
        for (var row = 0; row < rows.Count; row++)
        {
            points.Add(new(At(rows.Integer(row, "time")), rows.Number(row, "value"), (Quality)rows.Integer(row, "quality")));
        }

        return HistoryPaging.Cut(points, take, last => last.At.ToUnixTimeMilliseconds());
    }

    public async Task<Page<HistoryInterval>> ReadEveryAsync(
        DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, TimeSpan every, int limit, string? cursor, CancellationToken cancellation = default)
    {
        HistoryPaging.CheckInterval(every);
        var take = HistoryPaging.CheckedLimit(limit);
        var stepMs = (long)every.TotalMilliseconds;
        var start = Math.Max(HistoryPaging.CeilingMs(from), cursor is null ? long.MinValue : HistoryPaging.ParseCursor(cursor) + stepMs);
        var rows = await SelectAsync(places => places.Readings, "ms", place => string.Create(CultureInfo.InvariantCulture, $"""
            SELECT mean("value") AS "mean",min("value") AS "min",max("value") AS "max",count("value") AS "count" FROM {place.From(InfluxLines.Readings)} WHERE {Of(device, quantity, start, HistoryPaging.CeilingMs(to))} AND "quality" < {(int)Quality.Bad} GROUP BY time({stepMs}ms) fill(none) LIMIT {take + 1}
            """), cancellation);
        var intervals = ImmutableArray.CreateBuilder<HistoryInterval>(rows.Count);
        for (var row = 0; row < rows.Count; row++)
        {
            intervals.Add(new(At(rows.Integer(row, "time")), rows.Number(row, "mean"), rows.Number(row, "min"), rows.Number(row, "max"), rows.Integer(row, "count")));
        }

        return HistoryPaging.Cut(intervals, take, last => last.At.ToUnixTimeMilliseconds());
    }

    public async IAsyncEnumerable<IngestBatch> ReadArrivalsAsync(AreaId street, DateTimeOffset receivedFrom, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var fromMs = HistoryPaging.CeilingMs(receivedFrom);
        var after = Math.Max(0, fromMs) * InfluxLines.NanosecondsInMs;
        var limit = ArrivalsAtOnce;
        while (true)
        {
            var (start, take) = (after, limit);
            var rows = await SelectAsync(places => places.Arrivals, "ns", place => string.Create(CultureInfo.InvariantCulture, $"""
                SELECT "node","part","parts","sequence","body" FROM {place.From(InfluxLines.Arrivals)} WHERE "street" = {InfluxText.QuotedTag(street.Value)} AND time >= {start} ORDER BY time LIMIT {take}
                """), cancellation);
            var isLast = rows.Count < take;

            // Parts of one batch share a time, and a full page may end between them: what has the last time is read again with the next page.
            var end = isLast ? rows.Count : Enumerable.Range(0, rows.Count).First(row => rows.Integer(row, "time") == rows.Integer(rows.Count - 1, "time"));
            if (end == 0 && !isLast)
            {
                limit *= 2;
                continue;
            }

            foreach (var batch in Put(rows, end, street, fromMs))
            {
                yield return batch;
            }

            if (isLast)
            {
                yield break;
            }

            after = rows.Integer(end, "time");
            limit = ArrivalsAtOnce;
        }
    }

    // A point holds no receipt, and arrivals are kept by street and not by device: what was observed counts as received then.
    public async IAsyncEnumerable<IngestBatch> ReadPastAsync(
        AreaId street, ImmutableArray<DeviceId> devices, ImmutableArray<QuantityId> quantities, DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var sequence = 0L;
        for (var start = from; start < to; start += PastSpan)
        {
            var end = start + PastSpan < to ? start + PastSpan : to;
            var readings = new List<Reading>();
            foreach (var device in devices)
            {
                foreach (var quantity in quantities)
                {
                    string? cursor = null;
                    do
                    {
                        var page = await ReadRawAsync(device, quantity, start, end, 1_000, cursor, cancellation);
                        readings.AddRange(page.Items.Select(point => new Reading(device, quantity, point.Value, point.At, point.At, point.Quality)));
                        cursor = page.Next;
                    }
                    while (cursor is not null);
                }
            }

            if (readings.Count > 0)
            {
                foreach (var part in readings.OrderBy(reading => reading.ObservedAt).Chunk(PastCountMax))
                {
                    yield return new() { Node = "past", Sequence = ++sequence, Street = street, Readings = [.. part] };
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _preparation.Dispose();
        _client.Dispose();
        _reads.Dispose();
    }

    private List<IngestBatch> Put(InfluxRows rows, int end, AreaId street, long fromMs)
    {
        var batches = new List<IngestBatch>();
        foreach (var parts in Enumerable.Range(0, end).GroupBy(row => (Time: rows.Integer(row, "time"), Node: rows.Text(row, "node"), Sequence: rows.Integer(row, "sequence"))))
        {
            var ordered = parts.OrderBy(row => int.TryParse(rows.Text(row, "part"), NumberStyles.None, CultureInfo.InvariantCulture, out var part) ? part : int.MaxValue).ToList();
            if (ordered.Count < rows.Integer(ordered[0], "parts"))
            {
                // Half written when the server went, never acknowledged: it has come again under another number.
                _log.ArrivalIncomplete(parts.Key.Node, parts.Key.Sequence);
                continue;
            }

            var text = new StringBuilder();
            foreach (var row in ordered)
            {
                text.Append(rows.Text(row, "body"));
            }

            IngestBatch batch;
            try
            {
                batch = ArrivalText.Read(InfluxText.FromTag(parts.Key.Node), parts.Key.Sequence, street, text.ToString(), fromMs);
            }
            catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
            {
                // Not written by us: a street that cannot come up because of it would be worse than one without it.
                _log.ArrivalUnreadable(failure, parts.Key.Node, parts.Key.Sequence);
                continue;
            }

            if (batch.Readings.Length + batch.Events.Length + batch.Positions.Length + batch.Statuses.Length > 0)
            {
                batches.Add(batch);
            }
        }

        return batches;
    }

    private async Task<HashSet<(DeviceId, QuantityId, long)>> KnownTimesAsync(Reading[] readings, CancellationToken cancellation)
    {
        var known = new HashSet<(DeviceId, QuantityId, long)>();
        foreach (var series in readings.GroupBy(reading => (reading.Device, reading.Quantity)))
        {
            var from = series.Min(reading => reading.ObservedAt.ToUnixTimeMilliseconds());
            var to = series.Max(reading => reading.ObservedAt.ToUnixTimeMilliseconds()) + 1;
            string? cursor = null;
            do
            {
                var page = await ReadRawAsync(series.Key.Device, series.Key.Quantity, At(from), At(to), HistoryPaging.LimitMax, cursor, cancellation);
                foreach (var point in page.Items)
                {
                    known.Add((series.Key.Device, series.Key.Quantity, point.At.ToUnixTimeMilliseconds()));
                }

                cursor = page.Next;
            }
            while (cursor is not null);
        }

        return known;
    }

    private void AddReadings(InfluxLines lines, ImmutableArray<Reading> readings)
    {
        var oldest = Oldest();
        foreach (ref readonly var reading in InfluxLines.OrEmpty(readings).AsSpan())
        {
            if (reading.ObservedAt < oldest)
            {
                Beyond();
            }
            else
            {
                lines.Add(reading);
            }
        }
    }

    private void AddAll<T>(InfluxLines lines, ImmutableArray<T> items, Func<T, DateTimeOffset> observed, Action<T> add)
    {
        foreach (var item in InfluxLines.OrEmpty(items))
        {
            if (observed(item) < Oldest())
            {
                Beyond();
            }
            else
            {
                add(item);
            }
        }
    }

    // InfluxDB would drop it too, with an error for the whole request.
    private DateTimeOffset Oldest() => _clock.Now.AddDays(-_options.RetentionDays);

    private static void Beyond() => HistoryInstruments.Refused.Add(1, new KeyValuePair<string, object?>("reason", "retention"));

    private async Task<InfluxRows> SelectAsync(Func<InfluxPlaces, InfluxPlace> which, string epoch, Func<InfluxPlace, string> statement, CancellationToken cancellation)
    {
        await _reads.WaitAsync(cancellation);
        try
        {
            var place = which(await _preparation.PlacesAsync(cancellation));
            return await _client.QueryAsync(place.Database, statement(place), epoch, changes: false, cancellation);
        }
        finally
        {
            _reads.Release();
        }
    }

    // Times are written as whole nanoseconds; InfluxDB holds those of 1678 to 2262.
    private static string Of(DeviceId device, QuantityId quantity, long fromMs, long toMs) => string.Create(
        CultureInfo.InvariantCulture,
        $"\"device\" = {InfluxText.QuotedTag(device.Value)} AND \"quantity\" = {InfluxText.QuotedTag(quantity.Value)} AND time >= {Nanoseconds(fromMs)} AND time < {Nanoseconds(toMs)}");

    private static long Nanoseconds(long ms) => Math.Clamp(ms, -9_223_372_000_000, 9_223_372_000_000) * InfluxLines.NanosecondsInMs;

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
