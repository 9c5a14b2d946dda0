using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Benchmarks.Load;

/// <summary>What one load did to the program.</summary>
internal sealed record Measured(double PerSecond, double MicrosecondsPerMessage, double Coalesced, double HistoryDropped);

/// <summary>The real program under load: everything on, the demonstration off, its data in a folder of its own.</summary>
internal sealed class Center : IAsyncDisposable
{
    private readonly string? data;

    private Center(ChildProcess process, string? data) => (Process, this.data) = (process, data);

    public ChildProcess Process { get; }

    public int MqttPort => Process.MqttPort;

    public static async Task<Center> StartAsync(params string[] more)
    {
        var data = Directory.CreateTempSubdirectory("command-center-bench-").FullName;
        var web = Path.Combine(FindRoot(), "src", "CommandCenter.Web");
        var build = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        return new(
            await ChildProcess.StartAsync(Path.Combine(web, "bin", build, "net10.0", "CommandCenter.Web.dll"), web, "healthz/ready",
                (mqtt, http) => [$"--Urls=http://127.0.0.1:{http}", $"--Broker:Port={mqtt}", $"--Data:Directory={data}", "--Demo:Enabled=false", "--Logging:LogLevel:Default=Warning", .. more]),
            data);
    }

    public static Center Attach(int httpPort, int mqttPort) => new(ChildProcess.Attach(mqttPort, httpPort), null);

    /// <summary>Registers the devices of the load generator, and cameras for those that send events.</summary>
    public async Task RegisterAsync(int connections, int cameras = 0)
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

        for (var camera = 0; camera < cameras; camera++)
        {
            table.Append(CultureInfo.InvariantCulture, $"bench-camera-{camera},bench camera {camera},camera,320404002,119.93,31.78,wgs84,60,,,\n");
        }

        using var body = new StringContent(table.ToString());
        body.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using var answer = await Process.Http.PostAsync("api/v1/devices/import", body);
        var text = await answer.Content.ReadAsStringAsync();
        Console.WriteLine($"registered: {text[..Math.Min(text.Length, 120)]}");
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Runs the load and waits until street and history have everything.</summary>
    public async Task<Measured> MeasureAsync(LoadPlan plan)
    {
        var counted = await Process.MetricAsync("ingest_messages_total");
        var coalesced = await Process.MetricAsync("ingest_coalesced_total");
        var dropped = await Process.MetricAsync("ingest_history_dropped_total");
        var processor = Process.ProcessorTime;
        var started = Stopwatch.GetTimestamp();
        var sent = await new MqttLoad(MqttPort).RunAsync(plan);
        while (await Process.MetricAsync("ingest_messages_total") - counted < sent.Sent)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        await DrainAsync();
        var took = Stopwatch.GetElapsedTime(started);
        var used = Process.ProcessorTime - processor;
        return new(sent.Sent / took.TotalSeconds, used.TotalMicroseconds / sent.Sent, await Process.MetricAsync("ingest_coalesced_total") - coalesced, await Process.MetricAsync("ingest_history_dropped_total") - dropped);
    }

    public async Task DrainAsync()
    {
        for (var calm = 0; calm < 3;)
        {
            calm = await Process.MetricAsync("ingest_queue_depth") + await Process.MetricAsync("ingest_history_bytes") + await Process.MetricAsync("ingest_history_owed") == 0 ? calm + 1 : 0;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    /// <summary>A client of the hub that tells, for every device in a frame, when the broker took what is shown and how long ago that was.</summary>
    public async Task<HubConnection> FollowAsync(Action<IDictionary<object, object>, double> shown)
    {
        var hub = new HubConnectionBuilder().WithUrl(new Uri(Process.Http.BaseAddress!, "hubs/situation")).AddMessagePackProtocol().Build();
        hub.On<Dictionary<string, object>>("Frame", frame =>
        {
            var now = DateTimeOffset.UtcNow;
            if (frame.TryGetValue("devices", out var devices) && devices is object[] list)
            {
                foreach (var device in list.OfType<IDictionary<object, object>>())
                {
                    if (device.TryGetValue("at", out var at) && at is string text)
                    {
                        shown(device, (now - DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)).TotalMilliseconds);
                    }
                }
            }
        });
        await hub.StartAsync();
        await hub.InvokeAsync("Subscribe", "320404");
        return hub;
    }

    /// <summary>Publishes at a steady rate and takes, at a client of the hub, the time between the broker's receipt of a reading and the frame that shows it.</summary>
    public async Task<string> MeasureFramesAsync(int rate, int seconds)
    {
        var ages = new Percentiles();
        await using var hub = await FollowAsync((_, age) => ages.Add(age));
        await new MqttLoad(MqttPort).RunAsync(new LoadPlan(10, rate * 3L, 0, 0, rate));
        ages.Clear();
        await new MqttLoad(MqttPort).RunAsync(new LoadPlan(10, (long)rate * seconds, 0, 0, rate));
        await hub.StopAsync();
        return ages.Tell();
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        if (data is not null)
        {
            Directory.Delete(data, recursive: true);
        }
    }

    public static string FindRoot()
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
