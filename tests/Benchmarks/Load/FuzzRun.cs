using System.Globalization;
using IotIngest.Tests.Fuzzing;

namespace Benchmarks.Load;

/// <summary>The long run of the payload fuzz of tests/IotIngest.Tests. It watches that the inputs go on: one that takes longer than <see cref="HangSeconds"/> ends the run.</summary>
internal static class FuzzRun
{
    private const int HangSeconds = 10;

    public static async Task<int> RunAsync(long inputs, int seed)
    {
        var fuzz = new PayloadFuzz(PayloadFuzz.ReadSeeds(Golden()), seed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{inputs} inputs, seed {seed}; bound per input {PayloadFuzz.BytesAlways} bytes + {PayloadFuzz.BytesPerByte} × length"));
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        var running = Task.Run(() => fuzz.Run(inputs));
        using var look = new PeriodicTimer(TimeSpan.FromSeconds(HangSeconds));
        for (var seen = -1L; await Task.WhenAny(running, look.WaitForNextTickAsync().AsTask()) != running;)
        {
            if (fuzz.Done == seen)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"input {seen} of seed {seed} hangs"));
                return 1;
            }

            seen = fuzz.Done;
        }

        var report = await running;
        var seconds = System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds;
        foreach (var failure in report.Failures)
        {
            Console.WriteLine(failure);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Inputs} inputs in {seconds:F1} s ({report.Inputs / seconds:F0}/s), {report.Items} items, {report.Refused} refusals, {report.Failures.Count} failures; most allocated above {PayloadFuzz.BytesPerByte} × length: {report.PeakBytes} bytes ({report.PeakSeed})"));
        return report.Failures.Count == 0 && report.Inputs == inputs ? 0 : 1;
    }

    private static string Golden()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CommandCenter.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? ".", "tests", "IotIngest.Tests", "Decoding", "Golden");
    }
}
