namespace IotIngest.Tests.Fuzzing;

/// <summary>A short run with a fixed seed; <c>dotnet run -c Release --project tests/Benchmarks -- fuzz 1000000</c> is the long one.</summary>
public sealed class Fuzzed_payloads
{
    private const int Inputs = 60_000;
    private static readonly TimeSpan HangsAfter = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Throw_nothing_hang_nowhere_and_allocate_within_the_stated_bound()
    {
        var fuzz = new PayloadFuzz(PayloadFuzz.ReadSeeds(Path.Combine(AppContext.BaseDirectory, "Decoding", "Golden")), seed: 20_261_123);
        var report = await Task.Run(() => fuzz.Run(Inputs), TestContext.Current.CancellationToken).WaitAsync(HangsAfter, TestContext.Current.CancellationToken);
        Assert.True(report.Failures.Count == 0, string.Join('\n', report.Failures.Select(failure => failure[..Math.Min(failure.Length, 3_000)])));
        Assert.Equal(Inputs, report.Inputs);
        Assert.True(report.Items > 0 && report.Refused > 0);
    }
}
