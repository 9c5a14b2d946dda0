using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Load;

/// <summary>The real program with everything on (decode, registry, check, journal, rules, history, push) against the bare broker in the same run,
/// so that what is compared is a ratio and not a machine.</summary>
internal static class WholeRun
{
    public static async Task RunAsync(long messages)
    {
        Console.WriteLine($"machine: {Environment.ProcessorCount} cores, .NET {Environment.Version}; generator, program and client share them");
        var bare = await MeasureBareAsync(messages);
        await using var center = await Center.StartAsync();
        await center.RegisterAsync(connections: 50);

        await WarmUpAsync(center, messages);

        Print("QoS 0, 10 connections", bare.QoS0, await center.MeasureAsync(new LoadPlan(10, messages, 0, 0, 0)));
        Print("QoS 1 durable, 50 connections", bare.QoS1, await center.MeasureAsync(new LoadPlan(50, messages / 5, 1, 200, 0)));
        foreach (var rate in new[] { 1_000, 5_000, 10_000 })
        {
            Console.WriteLine($"publish → frame at {rate}/s: {await center.MeasureFramesAsync(rate, seconds: 10)} device changes");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory after the runs: {center.Process.WorkingSetMiB:0} MiB working set"));
    }

    /// <summary>The first million messages belong to the compiler, which counts and weighs what it then compiles anew: until then a message costs twice as much as afterwards.</summary>
    public static async Task WarmUpAsync(Center center, long messages)
    {
        for (var round = 0; round < 3; round++)
        {
            await new MqttLoad(center.MqttPort).RunAsync(new LoadPlan(10, Math.Min(messages, 500_000), 0, 0, 0));
            await new MqttLoad(center.MqttPort).RunAsync(new LoadPlan(50, Math.Min(messages / 5, 100_000), 1, 200, 0));
            await center.DrainAsync();
        }
    }

    /// <summary>Publish → frame times of a program that runs already.</summary>
    public static async Task FramesAsync(int httpPort, int mqttPort, int rate, int seconds)
    {
        await using var center = Center.Attach(httpPort, mqttPort);
        await center.RegisterAsync(10);
        Console.WriteLine($"publish → frame at {rate}/s: {await center.MeasureFramesAsync(rate, seconds)} device changes");
    }

    /// <summary>One load on a program that runs already, for a profiler beside it.</summary>
    public static async Task LoadAsync(int httpPort, int mqttPort, LoadPlan plan)
    {
        await using var center = Center.Attach(httpPort, mqttPort);
        await center.RegisterAsync(plan.Connections);
        var measured = await center.MeasureAsync(plan);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{measured.PerSecond:#,0} msg/s, {measured.Coalesced:#,0} coalesced, {measured.HistoryDropped:#,0} not in history"));
    }

    private static async Task<(double QoS0, double QoS1)> MeasureBareAsync(long messages)
    {
        var self = Path.Combine(AppContext.BaseDirectory, "Benchmarks.dll");
        await using var broker = await ChildProcess.StartAsync(self, AppContext.BaseDirectory, "count",
            (mqtt, http) => ["bare-broker", mqtt.ToString(CultureInfo.InvariantCulture), http.ToString(CultureInfo.InvariantCulture)]);
        await new MqttLoad(broker.MqttPort).RunAsync(new LoadPlan(10, Math.Min(messages, 200_000), 0, 0, 0));
        await new MqttLoad(broker.MqttPort).RunAsync(new LoadPlan(50, Math.Min(messages / 5, 100_000), 1, 200, 0));
        return (await RateAsync(new LoadPlan(10, messages, 0, 0, 0)), await RateAsync(new LoadPlan(50, messages / 5, 1, 200, 0)));

        async Task<double> RateAsync(LoadPlan plan)
        {
            var before = long.Parse(await broker.Http.GetStringAsync("count"), CultureInfo.InvariantCulture);
            var started = Stopwatch.GetTimestamp();
            var sent = await new MqttLoad(broker.MqttPort).RunAsync(plan);
            while (long.Parse(await broker.Http.GetStringAsync("count"), CultureInfo.InvariantCulture) - before < sent.Sent)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }

            return sent.Sent / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
    }

    private static void Print(string name, double bare, Measured ours) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: bare {bare:#,0} msg/s, whole {ours.PerSecond:#,0} msg/s = {100 * ours.PerSecond / bare:0.0} %; {ours.MicrosecondsPerMessage:0.0} µs of processor per message; {ours.Coalesced:#,0} coalesced, {ours.HistoryDropped:#,0} readings not in history"));
}
