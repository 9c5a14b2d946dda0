using System.Diagnostics;

namespace Running;

/// <summary>A real InfluxDB 1.x, or VictoriaMetrics for the write path of 2.x, on a free loopback port. It can be killed and started again over the same data.</summary>
internal sealed class TimeSeriesServer : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("time-series-").FullName;
    private readonly string executable;
    private readonly string[] arguments;
    private Process? process;

    private TimeSeriesServer(string executable, Func<string, int, string[]> arguments)
    {
        Port = FreePorts.Next();
        this.executable = executable;
        this.arguments = arguments(folder, Port);
        Url = $"http://127.0.0.1:{Port}";
    }

    public int Port { get; }

    public string Url { get; }

    public static string? InfluxDb { get; } = Find("influxd");

    public static string? VictoriaMetrics { get; } = Find("victoria-metrics");

    public static Task<TimeSeriesServer> StartInfluxDbAsync()
    {
        Assert.SkipWhen(InfluxDb is null, "influxd is not installed; ./test.sh installs it.");
        return StartAsync(new(InfluxDb!, (folder, port) =>
        {
            var configuration = Path.Combine(folder, "influxdb.conf");
            File.WriteAllText(configuration, $"""
                reporting-disabled = true
                bind-address = "127.0.0.1:{FreePorts.Next()}"
                [meta]
                dir = "{folder}/meta"
                [data]
                dir = "{folder}/data"
                wal-dir = "{folder}/wal"
                query-log-enabled = false
                [monitor]
                store-enabled = false
                [http]
                bind-address = "127.0.0.1:{port}"
                log-enabled = false
                """);
            return ["-config", configuration];
        }));
    }

    public static Task<TimeSeriesServer> StartVictoriaMetricsAsync()
    {
        Assert.SkipWhen(VictoriaMetrics is null, "victoria-metrics is not installed; ./test.sh installs it.");
        return StartAsync(new(VictoriaMetrics!, (folder, port) => [$"-storageDataPath={folder}/data", $"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=10y"]));
    }

    /// <summary>Ends it as a power cut would (SIGKILL).</summary>
    public async Task KillAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Starts it over the same port and data and waits for its answer.</summary>
    public async Task StartAgainAsync()
    {
        process?.Dispose();
        process = Process.Start(new ProcessStartInfo(executable, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{executable} could not be started.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var http = new HttpClient { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromSeconds(5) };
        var deadline = Stopwatch.GetTimestamp() + (30 * Stopwatch.Frequency);
        while (!await AnswersAsync(http))
        {
            Assert.True(Stopwatch.GetTimestamp() < deadline, $"{executable} did not answer within 30 s.");
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            await pause.WaitForNextTickAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        process?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<TimeSeriesServer> StartAsync(TimeSeriesServer server)
    {
        await server.StartAgainAsync();
        return server;
    }

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync("ping");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private static string? Find(string name) => new[] { $"/usr/bin/{name}", $"/usr/sbin/{name}", $"/usr/local/bin/{name}" }.FirstOrDefault(File.Exists);
}
