using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Benchmarks.Load;

/// <summary>The real program with everything on (decode, registry, check, journal, rules, history, push) against the bare broker in the same run,
/// so that what is compared is a ratio and not a machine.</summary>
internal static class WholeRun
{
    private static readonly string Root = FindRoot();

    public static async Task RunAsync(long messages)
    {
        var data = Directory.CreateTempSubdirectory("command-center-bench-").FullName;
        try
        {
            Console.WriteLine($"machine: {Environment.ProcessorCount} cores, .NET {Environment.Version}; generator, program and client share them");
            var bare = await MeasureBareAsync(messages);
            await using var center = await StartCenterAsync(data);
            await RegisterAsync(center, connections: 50);

            // Warm-up: the first seconds belong to the JIT.
            await new MqttLoad(center.MqttPort).RunAsync(new LoadPlan(10, Math.Min(messages, 100_000), 0, 0, 0));
            await DrainAsync(center);

            var qos0 = await MeasureCenterAsync(center, new LoadPlan(10, messages, 0, 0, 0));
            var qos1 = await MeasureCenterAsync(center, new LoadPlan(50, messages / 5, 1, 200, 0));
            Print("QoS 0, 10 connections", bare.QoS0, qos0);
            Print("QoS 1 durable, 50 connections", bare.QoS1, qos1);
            foreach (var rate in new[] { 1_000, 5_000, 10_000 })
            {
                await MeasureFramesAsync(center, rate, seconds: 10);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory after the runs: {center.WorkingSetMiB:0} MiB working set"));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>One load on a program that runs already, for a profiler beside it.</summary>
    public static async Task LoadAsync(int httpPort, int mqttPort, LoadPlan plan)
    {
        await using var center = ChildProcess.Attach(mqttPort, httpPort);
        await RegisterAsync(center, plan.Connections);
        var (perSecond, _, coalesced) = await MeasureCenterAsync(center, plan);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{perSecond:#,0} msg/s, {coalesced:#,0} coalesced"));
    }

    private static async Task<(double QoS0, double QoS1)> MeasureBareAsync(long messages)
    {
        var self = Path.Combine(AppContext.BaseDirectory, "Benchmarks.dll");
        await using var broker = await ChildProcess.StartAsync(self, AppContext.BaseDirectory, "count",
            (mqtt, http) => ["bare-broker", mqtt.ToString(CultureInfo.InvariantCulture), http.ToString(CultureInfo.InvariantCulture)]);
        await new MqttLoad(broker.MqttPort).RunAsync(new LoadPlan(10, Math.Min(messages, 200_000), 0, 0, 0));
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

    private static Task<ChildProcess> StartCenterAsync(string data)
    {
        var web = Path.Combine(Root, "src", "CommandCenter.Web");
        var build = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        return ChildProcess.StartAsync(Path.Combine(web, "bin", build, "net10.0", "CommandCenter.Web.dll"), web, "healthz/ready",
            (mqtt, http) => [$"--Urls=http://127.0.0.1:{http}", $"--Broker:Port={mqtt}", $"--Data:Directory={data}", "--Demo:Enabled=false", "--Logging:LogLevel:Default=Warning"]);
    }

    private static async Task RegisterAsync(ChildProcess center, int connections)
    {
        var table = new StringBuilder("id,name,kind,street,lon,lat,crs,intervalSeconds,tags,sourceFormat,sourceKey\n");
        for (var connection = 0; connection < connections; connection++)
        {
            for (var packet = 0; packet < MqttLoad.DevicesPerConnection; packet++)
            {
                var (device, street) = MqttLoad.DeviceOf(connection, packet);
                table.Append(CultureInfo.InvariantCulture, $"{device},bench {device},air,{street},119.93,31.78,wgs84,60,,,\n");
            }
        }

        using var body = new StringContent(table.ToString());
        body.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using var answer = await center.Http.PostAsync("api/v1/devices/import", body);
        var text = await answer.Content.ReadAsStringAsync();
        Console.WriteLine($"registered: {text[..Math.Min(text.Length, 120)]}");
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<(double PerSecond, double MicrosecondsPerMessage, double Refused)> MeasureCenterAsync(ChildProcess center, LoadPlan plan)
    {
        var counted = await center.MetricAsync("ingest_messages_total");
        var coalesced = await center.MetricAsync("ingest_coalesced_total");
        var processor = center.ProcessorTime;
        var started = Stopwatch.GetTimestamp();
        var sent = await new MqttLoad(center.MqttPort).RunAsync(plan);
        while (await center.MetricAsync("ingest_messages_total") - counted < sent.Sent)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        await DrainAsync(center);
        var took = Stopwatch.GetElapsedTime(started);
        var used = center.ProcessorTime - processor;
        return (sent.Sent / took.TotalSeconds, used.TotalMicroseconds / sent.Sent, await center.MetricAsync("ingest_coalesced_total") - coalesced);
    }

    private static async Task DrainAsync(ChildProcess center)
    {
        for (var calm = 0; calm < 3;)
        {
            calm = await center.MetricAsync("ingest_queue_depth") == 0 ? calm + 1 : 0;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>Publishes at a steady rate and takes, at a client of the hub, the time between a reading's own stamp and the frame that shows it.</summary>
    private static async Task MeasureFramesAsync(ChildProcess center, int rate, int seconds)
    {
        var ages = new List<double>(1_000_000);
        await using var hub = new HubConnectionBuilder()
            .WithUrl(new Uri(center.Http.BaseAddress!, "hubs/situation"))
            .AddMessagePackProtocol()
            .Build();
        hub.On<Dictionary<string, object>>("Frame", frame =>
        {
            var now = DateTimeOffset.UtcNow;
            if (frame.TryGetValue("devices", out var devices) && devices is object[] list)
            {
                foreach (var device in list.OfType<IDictionary<object, object>>())
                {
                    if (device.TryGetValue("at", out var at) && at is string text)
                    {
                        ages.Add((now - DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)).TotalMilliseconds);
                    }
                }
            }
        });
        await hub.StartAsync();
        await hub.InvokeAsync("Subscribe", "320404");
        await new MqttLoad(center.MqttPort).RunAsync(new LoadPlan(10, rate * 3L, 0, 0, rate));
        ages.Clear();
        await new MqttLoad(center.MqttPort).RunAsync(new LoadPlan(10, (long)rate * seconds, 0, 0, rate));
        await hub.StopAsync();
        ages.Sort();
        Console.WriteLine(ages.Count == 0
            ? $"publish → frame at {rate}/s: no frame came"
            : string.Create(CultureInfo.InvariantCulture,
                $"publish → frame at {rate}/s: p50 {ages[ages.Count / 2]:0.0} ms, p99 {ages[(int)(ages.Count * 0.99)]:0.0} ms, max {ages[^1]:0.0} ms over {ages.Count} device changes"));
    }

    private static void Print(string name, double bare, (double PerSecond, double MicrosecondsPerMessage, double Coalesced) ours) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: bare {bare:#,0} msg/s, whole {ours.PerSecond:#,0} msg/s = {100 * ours.PerSecond / bare:0.0} %; {ours.MicrosecondsPerMessage:0.0} µs of processor per message; {ours.Coalesced:#,0} coalesced"));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CommandCenter.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("CommandCenter.sln was not found above the benchmarks.");
    }
}
