using System.Diagnostics;
using System.Net.Sockets;

namespace Running;

/// <summary>A real mosquitto on a free loopback port.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mosquitto-").FullName;
    private Process? process;

    private Mosquitto()
    {
    }

    public int Port { get; } = RunningCenter.FreePort();

    /// <summary>Where Debian puts the broker; null when it is not installed.</summary>
    public static string? Executable { get; } = new[] { "/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto" }.FirstOrDefault(File.Exists);

    public static async Task<Mosquitto> StartAsync()
    {
        Assert.SkipWhen(Executable is null, "mosquitto is not installed; ./test.sh installs it.");
        var broker = new Mosquitto();
        var configuration = Path.Combine(broker.folder, "mosquitto.conf");
        await File.WriteAllTextAsync(configuration, $"""
            listener {broker.Port} 127.0.0.1
            allow_anonymous true
            max_queued_messages 100000
            max_inflight_messages 1000
            set_tcp_nodelay true
            """);
        broker.process = Process.Start(new ProcessStartInfo(Executable!, ["-c", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("mosquitto could not be started.");
        var deadline = Stopwatch.GetTimestamp() + (10 * Stopwatch.Frequency);
        while (!await AnswersAsync(broker.Port))
        {
            Assert.True(Stopwatch.GetTimestamp() < deadline, "mosquitto did not open its port within 10 s.");
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            await pause.WaitForNextTickAsync();
        }

        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
