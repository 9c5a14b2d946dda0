using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Load;

/// <summary>A process under measurement, on free loopback ports; ended when disposed.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process? process;

    private ChildProcess(Process? process, int mqttPort, int httpPort)
    {
        this.process = process;
        MqttPort = mqttPort;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}"), Timeout = TimeSpan.FromSeconds(60) };
    }

    public int MqttPort { get; }

    public HttpClient Http { get; }

    /// <summary>Processor time used so far, all cores.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process?.Refresh();
            return process?.TotalProcessorTime ?? TimeSpan.Zero;
        }
    }

    public double WorkingSetMiB
    {
        get
        {
            process?.Refresh();
            return (process?.WorkingSet64 ?? 0) / 1024.0 / 1024.0;
        }
    }

    /// <summary>A program that somebody else has started, for instance under a profiler; its processor time is not known here and it is not ended.</summary>
    public static ChildProcess Attach(int mqttPort, int httpPort) => new(null, mqttPort, httpPort);

    public static async Task<ChildProcess> StartAsync(string dll, string workingDirectory, string readyPath, Func<int, int, string[]> arguments)
    {
        var (mqtt, http) = (FreePort(), FreePort());
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = workingDirectory, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(dll);
        foreach (var argument in arguments(mqtt, http))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{dll} could not be started.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var child = new ChildProcess(process, mqtt, http);
        for (var tries = 0; tries < 600; tries++)
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"{dll} ended at its start with code {process.ExitCode}.");
            }

            try
            {
                using var answer = await child.Http.GetAsync(readyPath);
                if (answer.IsSuccessStatusCode)
                {
                    return child;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
                Trace.WriteLine("waiting");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        throw new TimeoutException($"{dll} was not ready within a minute.");
    }

    /// <summary>A counter of the Prometheus page, summed over its labels.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var text = await Http.GetStringAsync("metrics");
        return text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
            .Sum(line => double.Parse(line.Split("} ")[^1].Split(' ') is [var only] ? only : line.Contains('{', StringComparison.Ordinal) ? line.Split("} ")[^1].Split(' ')[0] : line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process?.Dispose();
        Http.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
