using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Cluster.Tests;

/// <summary>Bursts through a real street grain: however many readings arrive at once, and how often, a condition that holds is one warning.</summary>
public sealed class OneWarningPerOnset
{
    private static readonly DeviceRegistration Gauge = new()
    {
        Id = new("wl-1"), Name = "龙江路 积水1", Kind = "water_level", Street = StreetCluster.Street, IntervalSeconds = 60, Longitude = 119.934, Latitude = 31.766,
    };

    [Fact]
    public async Task Ten_thousand_readings_at_once_over_the_threshold_are_one_warning()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await cluster.RegisterAsync(Gauge);

        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(n => cluster.Grain.IngestAsync(Batch("wl-1", n, n % 1000))));
        await RaiseAsync(cluster);

        var warning = Assert.Single(await cluster.WarningsAsync());
        Assert.Equal((WarningState.Raised, Colour.Red), (warning.State, warning.Colour));
    }

    [Fact]
    public async Task A_thousand_bursts_leave_no_duplicate()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await cluster.RegisterAsync([.. Enumerable.Range(0, 1000).Select(n => Gauge with { Id = new($"wl-{n}") })]);

        foreach (var burst in Enumerable.Range(0, 1000))
        {
            // Ten at once, of which every third is a redelivery.
            await Task.WhenAll(Enumerable.Range(0, 10).Select(n => cluster.Grain.IngestAsync(Batch($"wl-{burst}", (burst * 100) + n, n % 3 == 2 ? n - 1 : n))));

            // When the newest of them came first the others were late: a later reading makes the samples enough.
            await cluster.Grain.IngestAsync(Batch($"wl-{burst}", (burst * 100) + 10, 30_000));
        }

        await RaiseAsync(cluster);

        var warnings = await AllAsync(cluster);
        Assert.Equal(1000, warnings.Count);
        Assert.Equal(1000, warnings.Select(warning => warning.Subject).Distinct().Count());
        Assert.All(warnings, warning => Assert.Equal(WarningState.Raised, warning.State));
    }

    // Two readings over the level within the hold, and the second at which it is over.
    private static async Task RaiseAsync(StreetCluster cluster)
    {
        cluster.Time.Now = StreetCluster.Start.AddSeconds(61);
        await StreetCluster.UntilAsync(
            async () =>
            {
                await cluster.Grain.TickAsync();
                return await AllAsync(cluster);
            },
            warnings => warnings.Count > 0 && warnings.All(warning => warning.State == WarningState.Raised));
    }

    private static async Task<List<WarningView>> AllAsync(StreetCluster cluster)
    {
        var found = new List<WarningView>();
        string? cursor = null;
        do
        {
            var page = await cluster.Service<Grains.Storing.IWarningStore>().ListAsync(new() { Limit = 1000, Cursor = cursor }, Actor.System);
            found.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);

        return found;
    }

    private static IngestBatch Batch(string device, int sequence, int millisecond)
    {
        var at = StreetCluster.Start.AddMilliseconds(millisecond);
        return new()
        {
            Node = "n", Sequence = sequence, Street = StreetCluster.Street, Readings = [new(new(device), new("water_depth"), 300 + (sequence % 7), at, at, Quality.Good)],
        };
    }
}
