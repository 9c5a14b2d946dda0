using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Running;

/// <summary>The real program in a process of its own, on free loopback ports and a data folder that lives as long as this object.
/// It can be killed, stopped and started again over the same data.</summary>
internal sealed partial class RunningCenter : IAsyncDisposable
{
    private readonly string[] arguments;
    private readonly StringBuilder output = new();
    private Process? process;

    private RunningCenter(string[] arguments)
    {
        this.arguments = arguments;
        WebPort = FreePorts.Next();
        MqttPort = FreePorts.Next();
        DataDirectory = Directory.CreateTempSubdirectory("command-center-").FullName;
        Address = new Uri($"http://127.0.0.1:{WebPort}");
        Http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public int WebPort { get; }

    public int MqttPort { get; }

    public string DataDirectory { get; }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public int ProcessId => process?.Id ?? throw new InvalidOperationException("The program does not run.");

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

    /// <summary>Starts the program, with the demonstration off unless an argument says otherwise, and waits until it is ready.</summary>
    public static async Task<RunningCenter> StartAsync(params string[] arguments)
    {
        var center = new RunningCenter(arguments);
        try
        {
            await center.StartProcessAsync();
            return center;
        }
        catch
        {
            await center.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the program again over the same ports and data.</summary>
    public Task StartAgainAsync() => StartProcessAsync();

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

    /// <summary>Reads a document; the answer must be a success.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Http.GetAsync(path);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"GET {path}: {(int)answer.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    /// <summary>Sends a document; the answer must be a success.</summary>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object body, string? idempotencyKey = null)
    {
        using var answer = await SendRawAsync(method, path, body, idempotencyKey);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}{Environment.NewLine}{Output}");
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    /// <summary>Sends a document and hands back whatever is answered.</summary>
    public async Task<HttpResponseMessage> SendRawAsync(HttpMethod method, string path, object body, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await Http.SendAsync(request);
    }

    /// <summary>Waits until the condition holds; fails with the last thing seen and the program's output when the time is up.</summary>
    public async Task<T> EventuallyAsync<T>(Func<Task<T>> look, Func<T, bool> holds, string what, TimeSpan? within = null)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)((within ?? TimeSpan.FromSeconds(20)).TotalSeconds * Stopwatch.Frequency);
        while (true)
        {
            var seen = await look();
            if (holds(seen))
            {
                return seen;
            }

            if (Stopwatch.GetTimestamp() > deadline)
            {
                Assert.Fail($"{what} did not come true. Last seen: {seen}{Environment.NewLine}{Output}");
            }

            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            await pause.WaitForNextTickAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        process?.Dispose();
        Http.Dispose();
        Directory.Delete(DataDirectory, recursive: true);
    }

    /// <summary>The folder that holds CommandCenter.sln.</summary>
    public static string Root { get; } = FindRoot();

    private async Task StartProcessAsync()
    {
        var web = Path.Combine(Root, "src", "CommandCenter.Web");
        var build = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = web,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(web, "bin", build, "net10.0", "CommandCenter.Web.dll"));
        start.ArgumentList.Add($"--Urls=http://127.0.0.1:{WebPort}");
        start.ArgumentList.Add($"--Broker:Port={MqttPort}");
        start.ArgumentList.Add($"--Data:Directory={DataDirectory}");
        if (!arguments.Any(argument => argument.StartsWith("--Demo:Enabled", StringComparison.Ordinal)))
        {
            start.ArgumentList.Add("--Demo:Enabled=false");
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument.Replace("{data}", DataDirectory, StringComparison.Ordinal));
        }

        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        process?.Dispose();
        process = Process.Start(start) ?? throw new InvalidOperationException("The program could not be started.");
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await EventuallyAsync(IsReadyAsync, ready => ready, "The program did not become ready: it", TimeSpan.FromSeconds(90));
    }

    private async Task<bool> IsReadyAsync()
    {
        Assert.False(process!.HasExited, $"The program ended at its start.{Environment.NewLine}{Output}");
        try
        {
            using var answer = await Http.GetAsync("healthz/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        lock (output)
        {
            output.AppendLine(line);
            if (output.Length > 20_000)
            {
                output.Remove(0, output.Length - 20_000);
            }
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CommandCenter.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("CommandCenter.sln was not found above the test.");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int processId, int signal);
}
