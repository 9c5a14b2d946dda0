using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Benchmarks.Load;

/// <summary>A storm of telemetry beside a few events that matter: 200,000 QoS 0 messages a second offered on ten connections while ten cameras publish one event
/// a second each with QoS 1. Told are the events' publish → frame times, what of the telemetry was shed, memory, and how soon the program is calm again.</summary>
internal static class FloodRun
{
    private const int Cameras = 10;

    public static async Task RunAsync(int rate, int seconds)
    {
        await using var center = await Center.StartAsync();
        await center.RegisterAsync(connections: 10, Cameras);
        await new MqttLoad(center.MqttPort).RunAsync(new LoadPlan(10, 200_000, 0, 0, 0));
        await center.DrainAsync();
        var before = await CountAsync(center);

        var ages = new Percentiles();
        var published = new ConcurrentDictionary<string, long>();
        await using var hub = await center.FollowAsync((device, _) =>
        {
            if (device["event"] is IDictionary<object, object> shown && shown["id"] is string id && published.TryRemove(id, out var at))
            {
                ages.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            }
        });

        using var storm = new CancellationTokenSource();
        var cameras = Enumerable.Range(0, Cameras).Select(camera => PublishEventsAsync(center.MqttPort, camera, published, storm.Token)).ToArray();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        var peak = 0.0;
        var watching = WatchMemoryAsync(center, value => peak = Math.Max(peak, value), storm.Token);
        var sent = await new MqttLoad(center.MqttPort).RunForAsync(new LoadPlan(10, long.MaxValue, 0, 0, rate), limit.Token);
        var calm = Stopwatch.GetTimestamp();
        await center.DrainAsync();
        var recovered = Stopwatch.GetElapsedTime(calm);
        await storm.CancelAsync();
        var events = (await Task.WhenAll(cameras)).Sum();
        await watching;
        await center.DrainAsync();
        var after = await CountAsync(center);
        await hub.StopAsync();

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"offered {rate:#,0}/s for {sent.Took.TotalSeconds:0} s: taken {sent.Sent:#,0} messages = {sent.PerSecond:#,0}/s; the sockets hold the rest back"));
        Console.WriteLine($"events: {events} acknowledged, publish → frame {ages.Tell()}; {published.Count} overtaken by a later event of the same camera");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"messages counted {after.Messages - before.Messages - events:#,0} of {sent.Sent:#,0}; readings {after.Readings - before.Readings:#,0} = delivered {after.Delivered - before.Delivered - events:#,0} + coalesced {after.Coalesced - before.Coalesced:#,0} + refused {after.Refused - before.Refused:#,0} + seen but not in history {after.Dropped - before.Dropped:#,0}"));
        var unaccounted = after.Readings - before.Readings - (after.Delivered - before.Delivered - events) - (after.Coalesced - before.Coalesced) - (after.Refused - before.Refused) - (after.Dropped - before.Dropped);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"readings not accounted for: {unaccounted:#,0} (promised 0)"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"working set at most {peak:0} MiB; calm {recovered.TotalSeconds:0.0} s after the storm"));
    }

    private static async Task<(double Messages, double Readings, double Delivered, double Coalesced, double Refused, double Dropped)> CountAsync(Center center) => (
        await center.Process.MetricAsync("ingest_messages_total"), await center.Process.MetricAsync("ingest_readings_total"), await center.Process.MetricAsync("ingest_delivered_total"),
        await center.Process.MetricAsync("ingest_coalesced_total"), await center.Process.MetricAsync("ingest_rejected_total"),
        await center.Process.MetricAsync("ingest_history_dropped_total"));

    private static async Task WatchMemoryAsync(Center center, Action<double> take, CancellationToken cancellation)
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
            // The storm is over.
        }
    }

    private static async Task<int> PublishEventsAsync(int port, int camera, ConcurrentDictionary<string, long> published, CancellationToken cancellation)
    {
        var count = 0;
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithProtocolVersion(MqttProtocolVersion.V311).WithClientId($"bench-camera-{camera}").Build(), CancellationToken.None);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                var device = $"bench-camera-{camera}";
                var at = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
                published[$"{camera}-{count}"] = Stopwatch.GetTimestamp();
                var payload = string.Create(CultureInfo.InvariantCulture, $"{{\"id\":\"{camera}-{count}\",\"at\":{at},\"type\":\"person\",\"state\":\"start\",\"confidence\":0.9}}");
                await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic($"city/v1/320404002/{device}/events").WithPayload(Encoding.UTF8.GetBytes(payload))
                    .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), CancellationToken.None);
                count++;
            }
        }
        catch (OperationCanceledException)
        {
            // The storm is over.
        }

        await client.DisconnectAsync(new MqttClientDisconnectOptions(), CancellationToken.None);
        return count;
    }
}
