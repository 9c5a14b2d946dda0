using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Running;

namespace Contract.Tests;

/// <summary>Three thousand devices cross red within twenty seconds: every red reaches a screen, the seat hears one ring, two screens of a seat
/// agree that it is a flood, and the quality report shows it. The whole minute with 30,000 and the two seconds are a benchmark (<c>Benchmarks alarms</c>).</summary>
public sealed class AlarmFloodTests(Outside outside)
{
    private const int Devices = 3_000;
    private const int Seconds = 20;
    private const int Connections = 6;

    [Fact]
    public async Task Every_red_is_shown_and_the_seat_hears_one_ring()
    {
        await using var center = await RunningCenter.StartAsync();
        await PrepareAsync(center);
        var (published, delays, rings, floods) = (new ConcurrentDictionary<string, long>(), new ConcurrentDictionary<string, double>(), new ConcurrentDictionary<string, bool>(), new ConcurrentDictionary<bool, bool>());
        await using var district = await FollowAsync(center, "320404", frame =>
        {
            var seat = frame["counts"]!["seat"]!;
            floods.TryAdd((bool)seat["flood"]!, true);
            if (seat["ring"] is { } ring)
            {
                rings.TryAdd((string)ring["at"]!, true);
            }

            foreach (var warning in frame["warnings"]!.AsArray().Where(warning => (string?)warning!["colour"] == "red" && (string?)warning["state"] == "raised"))
            {
                var subject = (string)warning!["subject"]!;
                delays.TryAdd(subject, Stopwatch.GetElapsedTime(published[subject]).TotalSeconds);
            }
        });

        await Task.WhenAll(Enumerable.Range(0, Connections).Select(connection => PublishAsync(center, connection, published)));
        await Outside.EventuallyAsync(() => Task.FromResult(delays.Count), count => count == Devices, "every red in a frame");

        // The two seconds are proven by the benchmark on a machine of its own; here only that none hangs behind the others, however busy the machine is.
        TestContext.Current.TestOutputHelper?.WriteLine($"The slowest red took {delays.Values.Max():0.00} s; {delays.Values.Count(delay => delay > 2)} took longer than 2 s.");
        Assert.True(delays.Values.Max() <= 15, $"The slowest red took {delays.Values.Max():0.00} s.");
        Assert.Single(rings);
        Assert.True(floods.ContainsKey(true));

        // A screen that begins now knows of the same flood, as soon as the streets have told of the last ones.
        var late = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var second = await FollowAsync(center, "320404", frame =>
        {
            if ((int)frame["counts"]!["seat"]!["total"]! >= Devices)
            {
                late.TrySetResult(frame["counts"]!["seat"]!);
            }
        });
        var seen = await late.Task.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal((true, Devices), ((bool)seen["flood"]!, (int)seen["total"]!));
        Assert.Equal(rings.Keys.Single(), (string?)seen["ring"]!["at"]);

        var report = JsonNode.Parse(await center.Http.GetStringAsync(new Uri("api/v1/quality?area=320404", UriKind.Relative), TestContext.Current.CancellationToken))!;
        Assert.Equal(Devices, (int)report["raised"]!);
        Assert.Equal(Devices, (int)report["red"]!);
        Assert.InRange((int)Assert.Single(report["floods"]!.AsArray())!["raised"]!, Devices - 10, Devices);
        var records = JsonNode.Parse(await center.Http.GetStringAsync(new Uri("api/v1/quality/records?area=320404&measure=red&limit=10", UriKind.Relative), TestContext.Current.CancellationToken))!;
        Assert.Equal((Devices, 10), ((int)records["total"]!, records["items"]!.AsArray().Count));
        Assert.NotNull(outside);
    }

    private static async Task PrepareAsync(RunningCenter center)
    {
        var table = new StringBuilder("id,name,kind,street,lon,lat,crs,intervalSeconds,tags,sourceFormat,sourceKey\n");
        for (var device = 0; device < Devices; device++)
        {
            var place = device / 50;
            table.Append(CultureInfo.InvariantCulture, $"alarm-{device},alarm {device},air,{StreetOf(device)},{119.86 + (place % 25 * 0.003):0.00000},{31.76 + (place / 25 * 0.003):0.00000},wgs84,60,,,\n");
        }

        using var devices = new StringContent(table.ToString(), Encoding.UTF8, "text/csv");
        using var imported = await center.Http.PostAsync(new Uri("api/v1/devices/import", UriKind.Relative), devices, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, imported.StatusCode);
        using var rule = new StringContent(
            """{"kind":"threshold","quantity":"humidity","when":"above","minSamples":1,"class":"SJ-21-10","select":{"kinds":["air"]},"levels":{"red":{"value":95,"onDelaySeconds":0,"incident":"open"}}}""",
            Encoding.UTF8, "application/json");
        using var put = await center.Http.PutAsync(new Uri("api/v1/rules/R90", UriKind.Relative), rule, TestContext.Current.CancellationToken);
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task PublishAsync(RunningCenter center, int connection, ConcurrentDictionary<string, long> published)
    {
        using var client = await outside.ConnectAsync(center.MqttPort);
        var started = Stopwatch.GetTimestamp();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        var underway = new List<Task>();
        for (var device = connection; device < Devices; device += Connections)
        {
            while (Stopwatch.GetElapsedTime(started).TotalSeconds < (double)Seconds * device / Devices)
            {
                await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            }

            published[$"alarm-{device}"] = Stopwatch.GetTimestamp();
            underway.Add(Outside.PublishAsync(client, $"city/v1/{StreetOf(device)}/alarm-{device}/readings", $$$"""{"at":"{{{Outside.At(Outside.Now)}}}","values":{"humidity":99}}"""));
        }

        await Task.WhenAll(underway);
    }

    private static string StreetOf(int device) => string.Create(CultureInfo.InvariantCulture, $"32040400{1 + (device / 50 % 7)}");

    private static async Task<HubConnection> FollowAsync(RunningCenter center, string area, Action<JsonNode> take)
    {
        var hub = new HubConnectionBuilder().WithUrl(new Uri(center.Address, "/hubs/situation")).Build();
        hub.On<JsonNode>("Frame", take);
        await hub.StartAsync(TestContext.Current.CancellationToken);
        await hub.InvokeAsync("Subscribe", area, TestContext.Current.CancellationToken);
        return hub;
    }
}
