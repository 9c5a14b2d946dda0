using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Cluster.Tests;

/// <summary>What a street promises over restarts and moves.</summary>
public sealed class StreetRecoveryTests
{
    private static readonly DeviceRegistration Gauge = new()
    {
        Id = new("wl-1"), Name = "龙江路 积水1", Kind = "water_level", Street = StreetCluster.Street, IntervalSeconds = 60, Longitude = 119.934, Latitude = 31.766,
    };

    [Fact]
    public async Task A_street_that_restarts_in_the_middle_of_a_hold_raises_once_with_the_first_onset()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await cluster.RegisterAsync(Gauge);
        for (var second = 0; second <= 30; second += 10)
        {
            await cluster.IngestAsync(second, 300);
        }

        var pending = Assert.Single(await cluster.WarningsAsync());
        await cluster.Cluster.DeactivateAsync(cluster.Grain);
        for (var second = 40; second <= 90; second += 10)
        {
            await cluster.IngestAsync(second, 300);
        }

        var raised = Assert.Single(await cluster.WarningsAsync());
        Assert.Equal(WarningState.Pending, pending.State);
        Assert.Equal(pending.Id, raised.Id);
        Assert.Equal((WarningState.Raised, Colour.Red), (raised.State, raised.Colour));
        Assert.Equal(StreetCluster.Start, raised.OnsetAt);
        Assert.Equal(StreetCluster.Start.AddSeconds(60), raised.RaisedAt);
    }

    [Fact]
    public async Task Every_message_again_a_hundred_times_and_over_a_restart_changes_nothing()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await cluster.RegisterAsync(Gauge);
        for (var second = 0; second <= 90; second += 10)
        {
            await cluster.IngestAsync(second, 300);
        }

        // Its incident is linked outside the turn that raised it, and that link is a change.
        var before = Assert.Single(await StreetCluster.UntilAsync(cluster.WarningsAsync, found => found.All(warning => warning.Incident is not null)));
        for (var round = 0; round < 100; round++)
        {
            for (var second = 0; second <= 90; second += 10)
            {
                await cluster.IngestAsync(second, 300);
            }

            if (round == 50)
            {
                await cluster.Cluster.DeactivateAsync(cluster.Grain);
            }
        }

        var after = Assert.Single(await cluster.WarningsAsync());
        Assert.Equal((before.Id, before.State, before.Colour, before.RaisedAt, before.Version), (after.Id, after.State, after.Colour, after.RaisedAt, after.Version));
    }

    [Fact]
    public async Task When_its_silo_is_killed_the_street_comes_back_on_the_other_and_goes_on()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 2);
        await cluster.RegisterAsync(Gauge);
        for (var second = 0; second <= 30; second += 10)
        {
            await cluster.IngestAsync(second, 300);
        }

        Assert.True(cluster.Cluster.TryGetGrainContext(cluster.Grain.GetGrainId(), out var context));
        var home = context!.Address.SiloAddress!;
        await cluster.Cluster.KillSiloAsync(cluster.Cluster.Silos.Single(silo => silo.SiloAddress.Equals(home)), TestContext.Current.CancellationToken);
        for (var second = 40; second <= 90; second += 10)
        {
            var at = second;
            await StreetCluster.UntilAsync(
                async () =>
                {
                    await cluster.IngestAsync(at, 300);
                    return true;
                },
                done => done);
        }

        var raised = Assert.Single(await cluster.WarningsAsync());
        Assert.Equal((WarningState.Raised, Colour.Red), (raised.State, raised.Colour));
        Assert.Equal(StreetCluster.Start, raised.OnsetAt);
        Assert.Equal(StreetCluster.Start.AddSeconds(60), raised.RaisedAt);
    }

    [Fact]
    public async Task A_hold_falls_due_by_the_tick_when_no_further_message_comes()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await cluster.RegisterAsync(Gauge);
        await cluster.IngestAsync(0, 300);
        await cluster.IngestAsync(10, 300);

        cluster.Time.Now = StreetCluster.Start.AddSeconds(75);
        var warnings = await StreetCluster.UntilAsync(cluster.WarningsAsync, found => found.Any(warning => warning.State == WarningState.Raised));

        Assert.Equal(StreetCluster.Start.AddSeconds(60), Assert.Single(warnings).RaisedAt);
    }

    [Fact]
    public async Task An_observer_gets_the_snapshot_then_frames_without_a_gap_and_the_district_sums_up()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await cluster.RegisterAsync(Gauge);
        var seen = new Watcher();
        var reference = cluster.Cluster.Client.CreateObjectReference<IAreaObserver>(seen);
        var parts = await cluster.Grain.SubscribeAsync(reference, null, 0);
        for (var second = 0; second <= 90; second += 10)
        {
            await cluster.IngestAsync(second, 300);
        }

        var frames = await StreetCluster.UntilAsync(
            () => Task.FromResult(seen.Frames.ToArray()),
            all => all.Any(frame => frame.Warnings.Any(warning => warning is { State: WarningState.Raised, Colour: Colour.Red })) && all.Any(frame => frame.Heartbeat));
        var district = await StreetCluster.UntilAsync(
            () => cluster.Cluster.Client.GetGrain<IDistrictGrain>("320404").GetSituationAsync(), situation => situation.Warnings.Red == 1);

        var snapshot = Assert.Single(parts);
        Assert.Equal(snapshot.Frame.Seq + 1, frames[0].Seq);
        Assert.All(frames.Zip(frames.Skip(1)), pair => Assert.Equal(pair.First.Seq + 1, pair.Second.Seq));
        Assert.Equal(Colour.Red, frames.SelectMany(frame => frame.Devices).Last(device => device.Id == Gauge.Id).Colour);
        Assert.Equal(1, district.Devices.Normal);
        Assert.Contains(district.Children, child => child.Area == StreetCluster.Street && child.Warnings.Red == 1);
        GC.KeepAlive(seen);
    }

    [Fact]
    public async Task A_rule_that_is_put_counts_when_the_answer_comes_and_leaves_other_holds_alone()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await cluster.RegisterAsync(Gauge, Gauge with { Id = new("wl-2"), Tags = ["underpass"] });
        await cluster.IngestAsync(0, 60, "wl-2");
        var book = cluster.Cluster.Client.GetGrain<IRuleBookGrain>(0);

        var put = await book.PutAsync(new("R90"), """{"kind":"threshold","quantity":"water_depth","levels":{"yellow":{"value":40}},"minSamples":1,"select":{"devices":["wl-1"]}}""", Actor.System);
        var again = await book.PutAsync(new("R90"), put.Value!, Actor.System);
        await cluster.IngestAsync(31, 50);
        await cluster.IngestAsync(61, 60, "wl-2");

        var warnings = await cluster.WarningsAsync();
        Assert.True(put.Succeeded, put.Detail);
        Assert.True(again.Repeated);
        Assert.Contains(warnings, warning => warning is { Rule.Value: "R90", State: WarningState.Raised, Colour: Colour.Yellow });
        Assert.Equal(StreetCluster.Start, warnings.Single(warning => warning is { Rule.Value: "R02", State: WarningState.Raised }).OnsetAt);
    }

    [Fact]
    public async Task An_acknowledgement_is_stored_with_its_audit_row_and_ends_when_the_colour_rises()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await cluster.RegisterAsync(Gauge);
        for (var second = 0; second <= 120; second += 20)
        {
            await cluster.IngestAsync(second, 120);
        }

        var blue = Assert.Single(await cluster.WarningsAsync());
        var answer = await cluster.Grain.ExecuteAsync(blue.Id, new AcknowledgeWarning("看到了"), Actor.System);
        var stored = Assert.Single(await cluster.WarningsAsync());
        for (var second = 140; second <= 220; second += 20)
        {
            await cluster.IngestAsync(second, 300);
        }

        var red = Assert.Single(await cluster.WarningsAsync());
        Assert.True(answer.Succeeded);
        Assert.Equal("看到了", stored.Acknowledged?.Comment);
        Assert.Equal(Colour.Red, red.Colour);
        Assert.Null(red.Acknowledged);
    }

    [Fact]
    public async Task A_red_warning_opens_one_incident_and_is_linked_to_it_and_the_street_shows_it()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await cluster.RegisterAsync(Gauge);
        for (var second = 0; second <= 90; second += 10)
        {
            await cluster.IngestAsync(second, 300);
        }

        var linked = await StreetCluster.UntilAsync(cluster.WarningsAsync, found => found.Any(warning => warning.Incident is not null));
        await cluster.Cluster.DeactivateAsync(cluster.Grain);
        await cluster.IngestAsync(100, 300);
        var seen = new Watcher();
        var parts = await cluster.Grain.SubscribeAsync(cluster.Cluster.Client.CreateObjectReference<IAreaObserver>(seen), null, 0);
        var incidents = await cluster.Service<CommandCenter.Grains.Storing.IIncidentStore>().ListAsync(new() { Limit = 100 }, Actor.System, TestContext.Current.CancellationToken);

        var incident = Assert.Single(incidents.Items);
        Assert.Equal(incident.Id, Assert.Single(linked).Incident);
        Assert.Equal([linked[0].Id], incident.Warnings);
        Assert.Equal(incident.Id, Assert.Single(parts[0].Frame.Incidents).Id);
        GC.KeepAlive(seen);
    }

    [Fact]
    public async Task A_store_that_fails_hides_no_red_warning_and_gets_it_when_it_works_again()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await cluster.RegisterAsync(Gauge);
        var seen = new Watcher();
        var reference = cluster.Cluster.Client.CreateObjectReference<IAreaObserver>(seen);
        await cluster.Grain.SubscribeAsync(reference, null, 0);
        await cluster.IngestAsync(0, 300);
        await cluster.IngestAsync(30, 300);

        cluster.StoreFails = true;
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.IngestAsync(61, 300));
        var shown = await StreetCluster.UntilAsync(
            () => Task.FromResult(seen.Frames.ToArray()),
            frames => frames.SkipWhile(frame => !frame.Warnings.Any(warning => warning is { State: WarningState.Raised, Colour: Colour.Red })).Any(frame => frame.Heartbeat));
        var whileFailing = await cluster.WarningsAsync();
        cluster.StoreFails = false;
        var stored = await StreetCluster.UntilAsync(cluster.WarningsAsync, found => found.Any(warning => warning.State == WarningState.Raised));

        Assert.NotEmpty(shown);
        Assert.Equal(WarningState.Pending, Assert.Single(whileFailing).State);
        Assert.Equal(StreetCluster.Start.AddSeconds(60), Assert.Single(stored).RaisedAt);
        GC.KeepAlive(seen);
    }

    [Fact]
    public async Task A_warning_that_comes_and_goes_within_one_batch_still_opens_its_incident()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await cluster.RegisterAsync(Gauge);
        var put = await cluster.Cluster.Client.GetGrain<IRuleBookGrain>(0).PutAsync(
            new("R90"),
            """{"kind":"threshold","quantity":"water_depth","levels":{"red":{"value":40,"onDelaySeconds":0,"incident":"open"}},"minSamples":1,"deadband":0,"offDelaySeconds":0,"class":"SJ-04-06","select":{"devices":["wl-1"]}}""",
            Actor.System);
        var at = StreetCluster.Start.AddSeconds(5);
        cluster.Time.Now = at;

        await cluster.Grain.IngestAsync(new()
        {
            Node = "n", Sequence = 1, Street = StreetCluster.Street,
            Readings = [Reading(50, at.AddSeconds(-2)), Reading(0, at.AddSeconds(-1))],
        });
        var linked = await StreetCluster.UntilAsync(cluster.WarningsAsync, found => found.Any(warning => warning.Incident is not null));

        Assert.True(put.Succeeded, put.Detail);
        var warning = Assert.Single(linked);
        Assert.Equal((WarningState.Cleared, Colour.Red), (warning.State, warning.PeakColour));
        Assert.Contains(warning.Id, (await cluster.Service<IIncidentStore>().FindAsync(warning.Incident!.Value, TestContext.Current.CancellationToken))!.Warnings);

        Reading Reading(double value, DateTimeOffset observed) => new(Gauge.Id, new("water_depth"), value, observed, at, Quality.Good);
    }

    private sealed class Watcher : IAreaObserver
    {
        public System.Collections.Concurrent.ConcurrentQueue<AreaFrame> Frames { get; } = new();

        public Task ShowAsync(AreaFrame frame)
        {
            Frames.Enqueue(frame);
            return Task.CompletedTask;
        }
    }
}
