using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MQTTnet;
using Running;

namespace Contract.Tests;

/// <summary>The whole program with its history in a real InfluxDB that goes away and comes back.</summary>
public sealed class InfluxOutageTests(Outside outside)
{
    private const int Connections = 4;
    private const int PerSecond = 25;
    private const string Street = "320404002";

    /// <summary>How long InfluxDB is away; <c>INFLUX_OUTAGE_SECONDS</c> makes it longer.</summary>
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("INFLUX_OUTAGE_SECONDS") ?? "12", CultureInfo.InvariantCulture));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task InfluxDb_that_is_away_for_a_while_costs_no_message_and_holds_up_no_warning()
    {
        await using var influx = await TimeSeriesServer.StartInfluxDbAsync();
        await using var center = await RunningCenter.StartAsync("--History:Provider=InfluxDb", $"--History:Url={influx.Url}", "--History:Database=city");
        var devices = Enumerable.Range(0, Connections).Select(i => $"wl-influx-{i}").Append("wl-red").ToArray();
        foreach (var device in devices)
        {
            await center.SendAsync(HttpMethod.Put, $"api/v1/devices/{device}", new { name = device, kind = "water_level", street = Street, lon = 119.934, lat = 31.766, quantities = new[] { new { name = "water_depth", unit = "mm" } } });
        }

        var acknowledged = new ConcurrentDictionary<string, ConcurrentBag<long>>();
        using var publishing = new CancellationTokenSource();
        var publishers = devices[..Connections].Select(device => PublishAsync(center.MqttPort, device, acknowledged.GetOrAdd(device, _ => []), publishing.Token)).ToArray();
        await center.EventuallyAsync(() => StoredAsync(center, devices[0]), stored => stored.Count > PerSecond, "readings in InfluxDB");

        await influx.KillAsync();
        var since = Stopwatch.GetTimestamp();
        using (var client = await outside.ConnectAsync(center.MqttPort))
        {
            foreach (var message in Outside.Depths(Outside.Now.AddSeconds(-1), 13, 300))
            {
                await Outside.PublishAsync(client, $"city/v1/{Street}/wl-red/readings", message);
            }
        }

        await center.EventuallyAsync(
            async () => (await center.GetAsync("api/v1/warnings?limit=100")).GetProperty("items").EnumerateArray().Count(warning => warning.GetProperty("subject").GetString() == "wl-red" && warning.GetProperty("state").GetString() == "raised"),
            count => count == 1, "the warning while InfluxDB is away", TimeSpan.FromSeconds(8));
        var before = acknowledged.Values.Sum(times => times.Count);
        var memoryMax = 0L;
        using var process = Process.GetProcessById(center.ProcessId);
        await center.EventuallyAsync(
            () =>
            {
                process.Refresh();
                memoryMax = Math.Max(memoryMax, process.WorkingSet64);
                return Task.FromResult(Stopwatch.GetElapsedTime(since));
            },
            away => away >= Away, "the time without InfluxDB", Away + TimeSpan.FromSeconds(5));
        var situation = await center.GetAsync($"api/v1/situation/{Street}");
        Assert.True(Outside.Now - situation.GetProperty("lastReadingAt").GetDateTimeOffset() < TimeSpan.FromSeconds(5), "The street sees what comes in while InfluxDB is away.");
        Assert.True(acknowledged.Values.Sum(times => times.Count) > before, "Messages are acknowledged while InfluxDB is away.");

        await influx.StartAgainAsync();
        await publishing.CancelAsync();
        await Task.WhenAll(publishers);
        foreach (var device in devices[..Connections])
        {
            var sent = acknowledged[device].Order().ToArray();
            var stored = await center.EventuallyAsync(() => StoredAsync(center, device), found => found.Count >= sent.Length, $"the {sent.Length} acknowledged messages of {device}", TimeSpan.FromSeconds(60));
            Assert.Equal(sent, stored);
        }

        Assert.Equal(13, (await StoredAsync(center, "wl-red")).Count);
        TestContext.Current.TestOutputHelper?.WriteLine($"{acknowledged.Values.Sum(times => times.Count)} acknowledged, all stored once; {memoryMax >> 20} MiB at most.");
        Assert.True(memoryMax < 1L << 30, $"{memoryMax >> 20} MiB");

        // A street that comes back after a crash gets its past from InfluxDB.
        await center.KillAsync();
        await center.StartAgainAsync();
        await center.EventuallyAsync(
            async () => (await center.GetAsync("api/v1/devices/wl-red")).GetProperty("latest"),
            latest => latest.TryGetProperty("water_depth", out var depth) && depth.ValueKind == JsonValueKind.Object && depth.GetProperty("value").GetDouble() == 300, "the street's state after the crash");
    }

    private async Task PublishAsync(int port, string device, ConcurrentBag<long> acknowledged, CancellationToken until)
    {
        using var client = await outside.ConnectAsync(port);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(1000.0 / PerSecond));
        var last = 0L;
        while (!until.IsCancellationRequested)
        {
            last = Math.Max(last + 1, Outside.Now.ToUnixTimeMilliseconds());
            await Outside.PublishAsync(client, $"city/v1/{Street}/{device}/readings", $$$"""{"at":{{{last}}},"values":{"water_depth":10}}""");
            acknowledged.Add(last);
            await pace.WaitForNextTickAsync(Cancelled);
        }
    }

    /// <summary>The times that the history holds, empty while it cannot be asked.</summary>
    private static async Task<List<long>> StoredAsync(RunningCenter center, string device)
    {
        var times = new List<long>();
        string? cursor = null;
        do
        {
            using var answer = await center.Http.GetAsync($"api/v1/devices/{device}/readings?quantity=water_depth&limit=1000{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}", Cancelled);
            if (!answer.IsSuccessStatusCode)
            {
                return [];
            }

            var page = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancelled));
            times.AddRange(page.GetProperty("points").EnumerateArray().Select(point => point.GetProperty("at").GetDateTimeOffset().ToUnixTimeMilliseconds()));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);

        return times;
    }
}
