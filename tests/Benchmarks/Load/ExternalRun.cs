using System.Diagnostics;
using System.Globalization;
using MQTTnet;
using MQTTnet.Protocol;

namespace Benchmarks.Load;

/// <summary>Through mosquitto: what one bare MQTT client of the same library takes from it, and what the whole program takes from it.</summary>
internal static class ExternalRun
{
    public static async Task RunAsync(long messages)
    {
        foreach (var qos in new[] { 0, 1 })
        {
            var plan = new LoadPlan(10, qos == 0 ? messages : messages / 4, qos, 200, 0);
            double bare;
            await using (var broker = await LocalServer.StartMosquittoAsync())
            {
                await MeasureBareAsync(broker, plan with { Messages = Math.Min(plan.Messages, 50_000) });
                bare = await MeasureBareAsync(broker, plan);
            }

            await using var mosquitto = await LocalServer.StartMosquittoAsync();
            await using var center = await Center.StartAsync("--Broker:Mode=External", "--Broker:Host=127.0.0.1", $"--Broker:Port={mosquitto.Port}");
            await center.RegisterAsync(10);
            await MeasureOursAsync(mosquitto, center, plan with { Messages = Math.Min(plan.Messages, 50_000) });
            var ours = await MeasureOursAsync(mosquitto, center, plan);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"through mosquitto, QoS {qos}: bare client {bare:#,0} msg/s, whole program {ours:#,0} msg/s = {100 * ours / bare:0.0} %"));
        }
    }

    private static async Task<double> MeasureBareAsync(LocalServer broker, LoadPlan plan)
    {
        long count = 0;
        using var client = new MqttClientFactory().CreateMqttClient();
        client.ApplicationMessageReceivedAsync += _ =>
        {
            Interlocked.Increment(ref count);
            return Task.CompletedTask;
        };
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", broker.Port).WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).WithReceiveMaximum(ushort.MaxValue).Build());
        await client.SubscribeAsync("city/v1/#", plan.QualityOfService == 0 ? MqttQualityOfServiceLevel.AtMostOnce : MqttQualityOfServiceLevel.AtLeastOnce);
        var rate = await TakeAsync(broker, plan, () => Task.FromResult((double)Interlocked.Read(ref count)));
        await client.DisconnectAsync(new MqttClientDisconnectOptions());
        return rate;
    }

    private static Task<double> MeasureOursAsync(LocalServer broker, Center center, LoadPlan plan) => TakeAsync(broker, plan, () => center.Process.MetricAsync("ingest_delivered_total"), parts: 4);

    /// <summary>Messages per second between the start and the last one that came. With QoS 0 mosquitto drops what its reader cannot take.</summary>
    private static async Task<double> TakeAsync(LocalServer broker, LoadPlan plan, Func<Task<double>> count, int parts = 1)
    {
        var before = await count();
        var (last, lastAt) = (before, Stopwatch.GetTimestamp());
        var started = lastAt;
        var sending = new MqttLoad(broker.Port).RunAsync(plan);
        while (!sending.IsCompleted || Stopwatch.GetElapsedTime(lastAt) < TimeSpan.FromSeconds(2))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            if (await count() is var now && now > last)
            {
                (last, lastAt) = (now, Stopwatch.GetTimestamp());
            }
        }

        await sending;
        return (last - before) / parts / Stopwatch.GetElapsedTime(started, lastAt).TotalSeconds;
    }
}
