using System.Diagnostics;
using System.Globalization;
using Benchmarks.Load;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.History;
using CommandCenter.Grains.History.Influx;
using DuckDB.NET.Data;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Benchmarks.Parts;

/// <summary>The history alone: one day of 10,000 devices in ten streets, appended in batches of 1,000, then what is asked of it, at rest and beside appends.
/// Values have two random decimals; the devices report about every 86 s and not to the second.</summary>
internal static class HistoryRun
{
    private const int Devices = 10_000;
    private const int Streets = 10;
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);
    private static readonly QuantityId Quantity = new("pm25");
    private static readonly DeviceId[] Ids = [.. Enumerable.Range(0, Devices).Select(i => new DeviceId(string.Create(CultureInfo.InvariantCulture, $"air-{i:00000}")))];

    public static async Task RunAsync(long rows, string? influxUrl)
    {
        var folder = Directory.CreateTempSubdirectory("history-run-").FullName;
        try
        {
            var options = new HistoryOptions { DataDirectory = folder, RetentionDays = 3650, Url = influxUrl, Database = "history_run", QueuedWritesMax = 256 };
            var clock = new DomainClock(TimeProvider.System);
            if (influxUrl is null)
            {
                await using var file = new DuckDbHistory(Options.Create(options), clock, TimeProvider.System, NullLogger<DuckDbHistory>.Instance);
                await MeasureAsync("DuckDB", file, rows, Path.Combine(folder, "history.duckdb"));
            }
            else
            {
                await using var server = new InfluxHistory(Options.Create(options), clock, TimeProvider.System, NullLogger<InfluxHistory>.Instance);
                await MeasureAsync("InfluxDB", server, rows, null);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string engine, IReadingHistory history, long rows, string? file)
    {
        var rounds = (int)(rows / Devices);
        var random = new Random(1);
        var appends = new Percentiles();
        var since = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Streets).Select(street => Task.Run(() => AppendAsync(history, street, 0, rounds, appends, new Random(street), null))));
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        Say($"{engine}, {rows:#,0} readings appended by {Streets} streets in batches of {Devices / Streets:#,0}: {rows / seconds:#,0}/s; an append {appends.Tell()}");
        Say($"working set {Environment.WorkingSet >> 20} MiB");
        if (file is not null)
        {
            Say($"file {new FileInfo(file).Length / (double)rows:0.00} bytes per reading, of which in use {await OneAsync(file, "SELECT used_blocks * block_size FROM pragma_database_size()") / (double)rows:0.00}; {await OneAsync(file, "SELECT count(*) FROM readings"):#,0} not sorted yet");
        }

        await AskAsync(history, random, file, rounds / 5, "at rest");
        using var stop = new CancellationTokenSource();
        var beside = new Percentiles();
        var busy = Task.WhenAll(Enumerable.Range(0, Streets).Select(street => Task.Run(() => AppendAsync(history, street, rounds, int.MaxValue, beside, new Random(100 + street), stop.Token))));
        await AskAsync(history, random, file, rounds / 5, "beside 20,000 appended readings a second");
        await stop.CancelAsync();
        await busy;
        Say($"an append meanwhile {beside.Tell()}");
    }

    private static async Task AskAsync(IReadingHistory history, Random random, string? file, int intervalsMin, string when)
    {
        var means = new Percentiles();
        for (var i = 0; i < 100; i++)
        {
            var since = Stopwatch.GetTimestamp();
            var page = await history.ReadEveryAsync(Ids[random.Next(Devices)], Quantity, Start, Start.AddDays(1), TimeSpan.FromMinutes(5), 1000, null);
            means.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            if (page.Items.Length < Math.Min(200, intervalsMin))
            {
                throw new InvalidOperationException($"Only {page.Items.Length} intervals came.");
            }
        }

        Say($"{when}: one device, one day, means of 5 min: {means.Tell()}");
        if (file is null)
        {
            return;
        }

        var high = new Percentiles();
        var (from, to) = (Start.AddHours(23).ToUnixTimeMilliseconds(), Start.AddHours(24).ToUnixTimeMilliseconds());
        for (var i = 0; i < 20; i++)
        {
            var since = Stopwatch.GetTimestamp();
            var count = await OneAsync(file, string.Create(CultureInfo.InvariantCulture,
                $"SELECT count(*) FROM (SELECT device, quantile_disc(value, 0.95) FROM all_readings WHERE observed >= {from} AND observed < {to} GROUP BY device)"));
            high.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            if (count != Devices)
            {
                throw new InvalidOperationException($"{count} devices instead of {Devices}.");
            }
        }

        Say($"{when}: p95 of {Devices:#,0} devices over the last hour (SQL beside the program's connections): {high.Tell()}");
    }

    private static async Task AppendAsync(IReadingHistory history, int street, int first, int end, Percentiles appends, Random random, CancellationToken? stop)
    {
        var area = new AreaId(string.Create(CultureInfo.InvariantCulture, $"s-{street}"));
        var mine = Ids.Where((_, i) => i % Streets == street).ToArray();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        for (var round = first; round < end && stop is not { IsCancellationRequested: true }; round++)
        {
            var readings = new Reading[mine.Length];
            for (var i = 0; i < mine.Length; i++)
            {
                var at = Start.AddMilliseconds((round * 86_400L) + random.Next(2_000));
                readings[i] = new(mine[i], Quantity, random.Next(100_000) / 100.0, at, at.AddMilliseconds(20 + random.Next(60)), Quality.Good);
            }

            var since = Stopwatch.GetTimestamp();
            await history.AppendAsync(new() { Node = "bench", Sequence = round + 1, Street = area, Readings = [.. readings] });
            appends.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            if (stop is not null)
            {
                await pace.WaitForNextTickAsync();
            }
        }
    }

    private static async Task<long> OneAsync(string file, string sql)
    {
        await using var connection = new DuckDBConnection($"Data Source={file}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
