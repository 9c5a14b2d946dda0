using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Tests.Rules;

/// <summary>Real rivers and real air, gaps included: the engine and a plain calculation agree warning for warning.</summary>
public sealed class RecordedStreamTests
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private static readonly AreaId Street = new("320404002");

    [Theory]
    [InlineData("038", 2)]
    [InlineData("039", 2)]
    [InlineData("042", 2)]
    public async Task Levels_of_a_river_like_those_of_R05(string gauge, int fewest)
    {
        var series = RecordedStreams.River(gauge);
        var sorted = series.Select(reading => reading.Value).Order().ToArray();
        double[] steps = [sorted[(int)(sorted.Length * 0.97)], sorted[(int)(sorted.Length * 0.99)], sorted[(int)(sorted.Length * 0.995)], sorted[(int)(sorted.Length * 0.999)]];
        var rule = Rule(FormattableString.Invariant($$"""
            {"kind":"threshold","quantity":"water_level","levels":{"blue":{"value":{{steps[0]}},"onDelaySeconds":3600},"yellow":{"value":{{steps[1]}},"onDelaySeconds":3600},
             "orange":{"value":{{steps[2]}},"onDelaySeconds":1800},"red":{"value":{{steps[3]}},"onDelaySeconds":0} },"minSamples":3,"deadband":0.05,"offDelaySeconds":5400}
            """));
        var plain = new PlainCalculation(30 * Minute).Warnings(
            Times(series), PlainCalculation.Same(series, 4), Levels(steps, [Hour, Hour, 30 * Minute, 0], 3), level => (double)((decimal)level - 0.05m), 90 * Minute);

        Agree(plain, await RunAsync(rule, "water_level", 1800, series), fewest);
    }

    [Theory]
    [InlineData("038")]
    [InlineData("042")]
    public async Task A_river_that_rises_fast(string gauge)
    {
        var series = RecordedStreams.River(gauge);
        var rule = Rule("""
            {"kind":"rate","parameters":{"quantity":"water_level","periodSeconds":3600,"lookBackSeconds":7200,"minSpanSeconds":3600,"maxGapSeconds":5400},
             "levels":{"blue":{"value":0.1},"yellow":{"value":0.25},"red":{"value":0.5}},"minSamples":2,"deadband":0.05,"offDelaySeconds":3600}
            """);
        var slopes = PlainCalculation.Slopes(series, Hour, 2 * Hour, Hour, 90 * Minute);
        var plain = new PlainCalculation(30 * Minute).Warnings(Times(series), [slopes, slopes, slopes], Levels([0.1, 0.25, 0.5], [0, 0, 0], 2), level => (double)((decimal)level - 0.05m), Hour);

        Agree(plain, await RunAsync(rule, "water_level", 1800, series), 3);
    }

    [Fact]
    public async Task Rain_that_falls_for_hours_as_in_R03()
    {
        // The intensity of half an hour, half of it, is what fell.
        var series = RecordedStreams.River("038", "rain_intensity_038_039_042.csv").Select(reading => (reading.At, Value: reading.Value / 2)).ToList();
        var rule = Rule("""
            {"kind":"window","parameters":{"quantity":"rainfall","aggregate":"sum","spanSeconds":10800},
             "levels":{"blue":{"value":20,"spanSeconds":43200},"yellow":{"value":20,"spanSeconds":21600},"orange":{"value":20},"red":{"value":40}},"minSamples":1,"offDelaySeconds":3600}
            """);
        double[][] sums = [PlainCalculation.Sums(series, 12 * Hour), PlainCalculation.Sums(series, 6 * Hour), PlainCalculation.Sums(series, 3 * Hour), PlainCalculation.Sums(series, 3 * Hour)];
        var plain = new PlainCalculation(30 * Minute).Warnings(Times(series), sums, Levels([20, 20, 20, 40], [0, 0, 0, 0], 1), level => level, Hour);

        Agree(plain, await RunAsync(rule, "rainfall", 1800, series), 3);
    }

    [Theory]
    [InlineData("Dongsi")]
    [InlineData("Shunyi")]
    public async Task Fine_dust_by_the_hour_as_in_R34(string station)
    {
        var series = RecordedStreams.Air(station, "PM2.5");
        var rule = Rule("""
            {"kind":"threshold","quantity":"pm25","levels":{"blue":{"value":60,"onDelaySeconds":7200},"yellow":{"value":115,"onDelaySeconds":7200},"orange":{"value":150,"onDelaySeconds":7200},
             "red":{"value":250,"onDelaySeconds":7200} },"minSamples":2,"deadbandPercent":10,"offDelaySeconds":7200}
            """);
        double[] steps = [60, 115, 150, 250];
        var plain = new PlainCalculation(Hour).Warnings(
            Times(series), PlainCalculation.Same(series, 4), Levels(steps, [2 * Hour, 2 * Hour, 2 * Hour, 2 * Hour], 2), level => level - (level / 10), 2 * Hour);

        Agree(plain, await RunAsync(rule, "pm25", 3600, series), 300);
    }

    [Theory]
    [InlineData("Dongsi")]
    [InlineData("Shunyi")]
    public async Task The_mean_of_a_day_where_enough_of_it_was_measured(string station)
    {
        var series = RecordedStreams.Air(station, "PM2.5");
        var rule = Rule("""
            {"kind":"window","parameters":{"quantity":"pm25","aggregate":"mean","spanSeconds":86400,"minCoverage":0.83},"levels":{"yellow":{"value":75},"red":{"value":150}},"minSamples":2,"deadband":5,"offDelaySeconds":10800}
            """);
        var calculation = new PlainCalculation(Hour);
        var means = calculation.Means(series, 24 * Hour, 0.83);
        var plain = calculation.Warnings(Times(series), [means, means], [new("yellow", 75, 0, 2), new("red", 150, 0, 2)], level => level - 5, 3 * Hour);

        Agree(plain, await RunAsync(rule, "pm25", 3600, series), 50);
    }

    private static async Task<List<string>> RunAsync(RuleDefinition rule, string quantity, int interval, List<(long At, double Value)> series)
    {
        var device = new DeviceRegistration { Id = new("d"), Name = "d", Kind = "river_gauge", Street = Street, IntervalSeconds = interval };
        var end = DateTimeOffset.FromUnixTimeMilliseconds(series[^1].At).AddDays(1);
        var result = await BackTest.RunAsync([rule], [device], Arrivals(device.Id, new(quantity), series), DateTimeOffset.UnixEpoch, end, cancellation: TestContext.Current.CancellationToken);
        return [.. result.Warnings.Select(warning => string.Join(
            ' ', warning.OnsetAt.ToUnixTimeSeconds(), warning.RaisedAt.ToUnixTimeSeconds(), warning.ClearedAt?.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-",
            string.Join(',', warning.Changes.Select(change => $"{change.At.ToUnixTimeSeconds()}:{change.Colour.ToString().ToLowerInvariant()}"))))];
    }

    private static async IAsyncEnumerable<IngestBatch> Arrivals(DeviceId device, QuantityId quantity, List<(long At, double Value)> series)
    {
        foreach (var part in series.Chunk(100))
        {
            ImmutableArray<Reading> readings =
            [
                .. part.Select(reading => new Reading(device, quantity, reading.Value, DateTimeOffset.FromUnixTimeMilliseconds(reading.At), DateTimeOffset.FromUnixTimeMilliseconds(reading.At), Quality.Good)),
            ];
            yield return new() { Node = "n", Sequence = part[0].At, Street = Street, Readings = readings };
        }

        await Task.CompletedTask;
    }

    private static void Agree(List<string> plain, List<string> engine, int fewest)
    {
        Assert.True(plain.Count >= fewest, $"only {plain.Count} warnings: the recording says too little");
        Assert.Equal(plain, engine);
    }

    private static long[] Times(List<(long At, double Value)> series) => [.. series.Select(reading => reading.At)];

    private static PlainCalculation.Level[] Levels(double[] values, long[] delays, int samples)
    {
        string[] colours = values.Length == 3 ? ["blue", "yellow", "red"] : ["blue", "yellow", "orange", "red"];
        return [.. values.Select((value, i) => new PlainCalculation.Level(colours[i], value, delays[i], samples))];
    }

    private static RuleDefinition Rule(string document)
    {
        var parsed = RuleParsing.Parse(new("R90"), document, 1);
        return parsed.Rule ?? throw new InvalidOperationException(string.Join("; ", parsed.Errors.Select(error => error.Key + " " + error.Value[0])));
    }
}
