using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Running;

/// <summary>One of our built programs as a process of its own: its output, its sudden death and its orderly end.</summary>
internal sealed partial class ChildProgram : IAsyncDisposable
{
    private const int OutputLengthMax = 20_000;

    private readonly string project;
    private readonly string[] arguments;
    private readonly StringBuilder output = new();
    private Process? process;

    public ChildProgram(string project, params string[] arguments) => (this.project, this.arguments) = (project, arguments);

    public bool HasExited => process is null or { HasExited: true };

    public int ProcessId => process?.Id ?? throw new InvalidOperationException($"{project} does not run.");

    public int ExitCode => process!.ExitCode;

    /// <summary>The newest lines that the program wrote.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    public void Start()
    {
        var folder = Path.Combine(RunningCenter.Root, "src", project);
        var build = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "bin", build, "net10.0", project + ".dll"), .. arguments])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        lock (output)
        {
            output.Clear();
        }

        process?.Dispose();
        process = Process.Start(start) ?? throw new InvalidOperationException($"{project} could not be started.");
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Waits until the program has written the text since its last start.</summary>
    public async Task SaysAsync(string text, TimeSpan within)
    {
        var started = Stopwatch.GetTimestamp();
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(HasExited, $"{project} ended.{Environment.NewLine}{Output}");
            Assert.True(Stopwatch.GetElapsedTime(started) < within, $"{project} did not say \"{text}\".{Environment.NewLine}{Output}");
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            await pause.WaitForNextTickAsync();
        }
    }

    /// <summary>Ends the process as a power cut would (SIGKILL).</summary>
    public async Task KillAsync()
    {
        if (process is { HasExited: false } running)
        {
            running.Kill(entireProcessTree: true);
            await running.WaitForExitAsync();
        }
    }

    /// <summary>Asks the process to stop (SIGTERM) and waits for it.</summary>
    public async Task StopAsync()
    {
        if (process is { HasExited: false } running)
        {
            _ = Signal(running.Id, 15);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
            await running.WaitForExitAsync(limit.Token);
        }
    }

    public async Task<int> WaitForExitAsync(TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        await process!.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        process?.Dispose();
    }

    private void Keep(string? line)
    {
        lock (output)
        {
            output.AppendLine(line);
            if (output.Length > OutputLengthMax)
            {
                output.Remove(0, output.Length - OutputLengthMax);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int processId, int signal);
}
