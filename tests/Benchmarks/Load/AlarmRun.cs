using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Benchmarks.Load;

/// <summary>Every device crosses its red threshold within one minute, as in the worst rainstorm: is each red in a subscriber's frame within two seconds, does the
/// seat hear one ring, does memory stay bounded, and does the quality report show the flood.</summary>
internal static class AlarmRun
{
    /// <summary>Devices of one place: their warnings join one incident.</summary>
    private const int PerPlace = 100;
    private const int Connections = 10;
    private const int StreetsCount = 7;

    public static async Task RunAsync(int devices, int seconds)
    {
        await using var center = await Center.StartAsync();
        await RegisterAsync(center, devices);
        await PutRuleAsync(center);
        var published = new ConcurrentDictionary<string, long>();
        var ages = new Percentiles();
        var rings = new ConcurrentDictionary<string, bool>();
        var shown = new ConcurrentDictionary<string, bool>();
        var worst = 0.0;
        await using var hub = await FollowAsync(center, (subject, ring) =>
        {
            if (ring is not null)
            {
                rings.TryAdd(ring, true);
            }

            if (subject is not null && shown.TryAdd(subject, true) && published.TryGetValue(subject, out var at))
            {
                var age = Stopwatch.GetElapsedTime(at).TotalMilliseconds;
                worst = Math.Max(worst, age);
                ages.Add(age);
            }
        });

        var before = center.Process.WorkingSetMiB;
        using var end = new CancellationTokenSource();
        var peak = before;
        var watching = WatchAsync(center, value => peak = Math.Max(peak, value), end.Token);
        var processor = center.Process.ProcessorTime;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(connection => PublishAsync(center.MqttPort, connection, devices, seconds, published)));
        var crossed = Stopwatch.GetElapsedTime(started);
        while (shown.Count < devices && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(seconds + 60))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        var used = center.Process.ProcessorTime - processor;
        var heard = rings.Count;
        var joined = await JoinedAsync(center, devices, started, seconds);
        var whole = center.Process.ProcessorTime - processor;
        var report = JsonDocument.Parse(await center.Process.Http.GetStringAsync("api/v1/quality?area=320404")).RootElement;
        await end.CancelAsync();
        await watching;
        await hub.StopAsync();

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{devices:#,0} devices crossed red within {crossed.TotalSeconds:0.0} s; {shown.Count:#,0} shown red to the subscriber"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"publish → red in a frame: {ages.Tell()}, worst {worst:#,0} ms (promised 2,000)"));
        Console.WriteLine($"rings of the district's seat until the last was shown: {heard} (promised 1)");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"working set {before:0} MiB before, at most {peak:0} MiB; processor {used.TotalSeconds:0.0} s until the last was shown, {used.TotalMilliseconds / devices:0.00} ms for each red; {whole.TotalMilliseconds / devices:0.00} ms until the last was in its incident; every warning in its incident {joined}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"quality: {report.GetProperty("raised").GetInt32():#,0} raised, busiest hour {report.GetProperty("busiestHour").GetInt32():#,0}, {report.GetProperty("floods").GetArrayLength()} flood(s), {report.GetProperty("floodShare").GetDouble():0.00%} of the time"));
    }

    private static async Task RegisterAsync(Center center, int devices)
    {
        foreach (var some in Enumerable.Range(0, devices).Chunk(2_000))
        {
            var table = new StringBuilder("id,name,kind,street,lon,lat,crs,intervalSeconds,tags,sourceFormat,sourceKey\n");
            foreach (var device in some)
            {
                var place = device / PerPlace;
                var (longitude, latitude) = (119.86 + (place % 25 * 0.003), 31.76 + (place / 25 * 0.003));
                table.Append(CultureInfo.InvariantCulture, $"alarm-{device},alarm {device},air,{StreetOf(device)},{longitude:0.00000},{latitude:0.00000},wgs84,60,,,\n");
            }

            using var body = new StringContent(table.ToString());
            body.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
            using var answer = await center.Process.Http.PostAsync("api/v1/devices/import", body);
            answer.EnsureSuccessStatusCode();
        }
    }

    private static async Task PutRuleAsync(Center center)
    {
        using var body = new StringContent(
            """{"kind":"threshold","quantity":"humidity","when":"above","minSamples":1,"class":"SJ-21-10","select":{"kinds":["air"]},"levels":{"red":{"value":95,"onDelaySeconds":0,"incident":"open"}}}""",
            Encoding.UTF8, "application/json");
        using var answer = await center.Process.Http.PutAsync("api/v1/rules/R90", body);
        answer.EnsureSuccessStatusCode();
    }

    private static string StreetOf(int device) => string.Create(CultureInfo.InvariantCulture, $"32040400{1 + (device / PerPlace % StreetsCount)}");

    private static async Task PublishAsync(int port, int connection, int devices, int seconds, ConcurrentDictionary<string, long> published)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithProtocolVersion(MqttProtocolVersion.V311).WithClientId($"alarm-{connection}").Build(), CancellationToken.None);
        var started = Stopwatch.GetTimestamp();
        var underway = new List<Task>();
        for (var device = connection; device < devices; device += Connections)
        {
            var due = TimeSpan.FromSeconds((double)seconds * device / devices) - Stopwatch.GetElapsedTime(started);
            if (due > TimeSpan.FromMilliseconds(5))
            {
                await Task.Delay(due, TimeProvider.System);
            }

            published[$"alarm-{device}"] = Stopwatch.GetTimestamp();
            var payload = string.Create(CultureInfo.InvariantCulture, $"{{\"at\":{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()},\"values\":{{\"humidity\":99}}}}");
            underway.Add(client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic($"city/v1/{StreetOf(device)}/alarm-{device}/readings").WithPayload(Encoding.UTF8.GetBytes(payload))
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), CancellationToken.None));
            if (underway.Count >= 100)
            {
                await Task.WhenAll(underway);
                underway.Clear();
            }
        }

        await Task.WhenAll(underway);
        await client.DisconnectAsync(new MqttClientDisconnectOptions(), CancellationToken.None);
    }

    private static async Task<HubConnection> FollowAsync(Center center, Action<string?, string?> take)
    {
        var hub = new HubConnectionBuilder().WithUrl(new Uri(center.Process.Http.BaseAddress!, "hubs/situation")).AddMessagePackProtocol().Build();
        hub.On<Dictionary<string, object>>("Frame", frame =>
        {
            if (frame["counts"] is IDictionary<object, object> counts && counts.TryGetValue("seat", out var seat) && seat is IDictionary<object, object> state
                && state.TryGetValue("ring", out var ring) && ring is IDictionary<object, object> rung)
            {
                take(null, rung["at"] as string);
            }

            foreach (var warning in (frame["warnings"] as object[] ?? []).OfType<IDictionary<object, object>>())
            {
                if (warning["colour"] is "red" && warning["state"] is "raised")
                {
                    take(warning["subject"] as string, null);
                }
            }
        });
        await hub.StartAsync();
        await hub.InvokeAsync("Subscribe", "320404");
        return hub;
    }

    // How long after the beginning the last warning was in an incident.
    private static async Task<string> JoinedAsync(Center center, int devices, long started, int seconds)
    {
        var limit = TimeSpan.FromSeconds(seconds + 240);
        while (Stopwatch.GetElapsedTime(started) < limit)
        {
            var (joined, cursor) = (0, (string?)null);
            do
            {
                var page = JsonDocument.Parse(await center.Process.Http.GetStringAsync($"api/v1/incidents?limit=1000{(cursor is null ? string.Empty : "&cursor=" + Uri.EscapeDataString(cursor))}")).RootElement;
                joined += page.GetProperty("items").EnumerateArray().Sum(incident => incident.GetProperty("warnings").GetArrayLength());
                cursor = page.GetProperty("next").GetString();
            }
            while (cursor is not null);

            if (joined >= devices)
            {
                return string.Create(CultureInfo.InvariantCulture, $"after {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
            }

            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        }

        return string.Create(CultureInfo.InvariantCulture, $"not within {limit.TotalSeconds:0} s");
    }

    private static async Task WatchAsync(Center center, Action<double> take, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                take(center.Process.WorkingSetMiB);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}
