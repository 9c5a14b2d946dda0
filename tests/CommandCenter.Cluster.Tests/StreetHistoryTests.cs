using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.History;
using CommandCenter.Grains.History.Influx;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Running;

namespace CommandCenter.Cluster.Tests;

/// <summary>A street that has no snapshot yet and loses its silo: everything it knows comes from the history, whichever engine keeps it.</summary>
public sealed class StreetHistoryTests
{
    private static readonly DeviceRegistration Gauge = new()
    {
        Id = new("wl-1"), Name = "龙江路 积水1", Kind = "water_level", Street = StreetCluster.Street, IntervalSeconds = 60, Longitude = 119.934, Latitude = 31.766,
    };

    [Fact]
    public async Task From_the_file_a_killed_street_takes_up_its_holds_also_when_the_rows_were_sorted()
    {
        var folder = Directory.CreateTempSubdirectory("street-history-").FullName;
        try
        {
            await using var history = new DuckDbHistory(Options.Create(new HistoryOptions { DataDirectory = folder, CommitLingerMs = 0, RetentionDays = 3650 }), new DomainClock(TimeProvider.System), TimeProvider.System, NullLogger<DuckDbHistory>.Instance);
            await KillInTheMiddleOfAHoldAsync(history, () => history.SortAsync(TestContext.Current.CancellationToken));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task From_InfluxDb_a_killed_street_takes_up_its_holds()
    {
        await using var server = await TimeSeriesServer.StartInfluxDbAsync();
        await using var history = new InfluxHistory(
            Options.Create(new HistoryOptions { Provider = HistoryProvider.InfluxDb, Url = server.Url, RetentionDays = 3650, ArrivalDays = 3650 }), new DomainClock(TimeProvider.System), TimeProvider.System, NullLogger<InfluxHistory>.Instance);
        await KillInTheMiddleOfAHoldAsync(history, () => Task.CompletedTask);
    }

    private static async Task KillInTheMiddleOfAHoldAsync(IReadingHistory history, Func<Task> meanwhile)
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 2, history);
        await cluster.RegisterAsync(Gauge);
        for (var second = 0; second <= 30; second += 10)
        {
            await cluster.IngestAsync(second, 300);
        }

        await meanwhile();
        Assert.True(cluster.Cluster.TryGetGrainContext(cluster.Grain.GetGrainId(), out var context));
        var home = context!.Address.SiloAddress!;
        await cluster.Cluster.KillSiloAsync(cluster.Cluster.Silos.Single(silo => silo.SiloAddress.Equals(home)), TestContext.Current.CancellationToken);
        cluster.Time.Now = StreetCluster.Start.AddSeconds(75);

        // No further reading comes: only what the history gave back can make the hold fall due.
        await StreetCluster.UntilAsync(
            async () =>
            {
                await cluster.Grain.TickAsync();
                return await cluster.WarningsAsync();
            },
            found => found.Any(warning => warning.State == WarningState.Raised));

        var raised = Assert.Single(await cluster.WarningsAsync());
        Assert.Equal((StreetCluster.Start, StreetCluster.Start.AddSeconds(60), Colour.Red), (raised.OnsetAt, raised.RaisedAt, raised.Colour));
    }
}
