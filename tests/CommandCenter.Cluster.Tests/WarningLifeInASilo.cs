using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Cluster.Tests;

/// <summary>The life of warnings where only a silo can show it: concurrency, restarts, moves, windows that end while nobody listens.</summary>
public sealed class WarningLifeInASilo
{
    private static readonly DeviceRegistration Gauge = new()
    {
        Id = new("wl-1"), Name = "龙江路 积水1", Kind = "water_level", Street = StreetCluster.Street, IntervalSeconds = 60, Longitude = 119.934, Latitude = 31.766,
    };

    private static readonly Actor Wang = new() { Id = "wang", Name = "王芳", Kind = ActorKind.User, Roles = [Role.Duty], SeesWholeDistrict = true };
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_fifty_officers_at_once_one_acknowledges_and_the_others_see_who()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        var red = await RaiseAsync(cluster);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => cluster.Grain.ExecuteAsync(red.Id, new AcknowledgeWarning($"我是 {n}"), Wang with { Id = $"officer-{n}" })));

        var winner = Assert.Single(answers, answer => answer is { Succeeded: true, Repeated: false });
        Assert.All(answers, answer => Assert.Equal(winner.Value!.Acknowledged, answer.Value!.Acknowledged));
        Assert.Single((await cluster.Service<IAuditStore>().ListAsync(1000, null, Actor.System, Cancelled)).Items, entry => entry.Action == "warning_acknowledged");
    }

    [Fact]
    public async Task An_acknowledgement_and_a_shelving_survive_the_death_of_the_silo_and_end_when_they_should()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 2);
        await cluster.RegisterAsync(Gauge, Gauge with { Id = new("wl-2") });
        foreach (var device in (string[])["wl-1", "wl-2"])
        {
            for (var second = 0; second <= 90; second += 10)
            {
                await cluster.IngestAsync(second, 300, device);
            }
        }

        var warnings = await cluster.WarningsAsync();
        var (one, two) = (warnings.Single(warning => warning.Subject == "wl-1"), warnings.Single(warning => warning.Subject == "wl-2"));
        await cluster.Grain.ExecuteAsync(one.Id, new AcknowledgeWarning("看到了"), Wang);
        await cluster.Grain.ExecuteAsync(two.Id, new ShelveWarning(StreetCluster.Start.AddHours(1), "校准"), Wang);
        await KillHomeAsync(cluster);

        var found = await StreetCluster.UntilAsync(
            async () => (await cluster.Grain.GetWarningAsync(one.Id, Wang), await cluster.Grain.GetWarningAsync(two.Id, Wang)), pair => pair.Item1 is not null && pair.Item2 is not null);
        Assert.Equal("看到了", found.Item1!.Acknowledged?.Comment);
        Assert.Equal("校准", found.Item2!.Shelved?.Reason);

        cluster.Time.Now = StreetCluster.Start.AddHours(5);
        var expired = await StreetCluster.UntilAsync(
            async () => (await cluster.Grain.GetWarningAsync(one.Id, Wang), await cluster.Grain.GetWarningAsync(two.Id, Wang)), pair => pair is { Item1.Acknowledged: null, Item2.Shelved: null });
        Assert.Equal(StreetCluster.Start.AddHours(5), expired.Item1!.CallingSince);
        Assert.Equal(StreetCluster.Start.AddHours(1), expired.Item2!.Changes.Single(change => change.Kind == WarningChangeKind.ShelvingExpired).At);
    }

    [Fact]
    public async Task A_group_is_acknowledged_in_one_call_and_each_gets_its_own_answer()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await cluster.RegisterAsync([.. Enumerable.Range(1, 3).Select(n => Gauge with { Id = new($"wl-{n}") })]);
        foreach (var device in (string[])["wl-1", "wl-2", "wl-3"])
        {
            for (var second = 0; second <= 90; second += 10)
            {
                await cluster.IngestAsync(second, 300, device);
            }
        }

        ImmutableArray<WarningId> ids = [.. (await cluster.WarningsAsync()).Select(warning => warning.Id)];
        await cluster.Grain.ExecuteAsync(ids[1], new AcknowledgeWarning("先看这个"), Wang with { Id = "li" });
        var answers = await cluster.Grain.ExecuteManyAsync([.. ids, new("w-none")], new AcknowledgeWarning("一起确认"), Wang);

        Assert.Equal([false, true, false], answers.Take(3).Select(answer => answer.Repeated));
        Assert.Equal(Refusal.NotFound, answers[3].Refusal);
        var seen = await Task.WhenAll(ids.Select(id => cluster.Grain.GetWarningAsync(id, Wang)));
        Assert.Equal(["wang", "li", "wang"], seen.Select(warning => warning!.Acknowledged!.By));
    }

    [Fact]
    public async Task A_maintenance_window_holds_over_a_restart_and_what_still_stands_at_its_end_rings_and_opens_its_incident()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        await cluster.RegisterAsync(Gauge);
        var book = cluster.Cluster.Client.GetGrain<IMaintenanceGrain>(0);
        var made = await book.CreateAsync(
            new() { Reason = "更换探头", From = StreetCluster.Start, To = StreetCluster.Start.AddMinutes(10), Devices = [new("wl-1")] }, Wang);
        Assert.Equal(("m-20261124-001", MaintenanceState.Active), (made.Value!.Id, made.Value.State));
        Assert.Equal(DeviceState.Maintenance, Assert.Single(await cluster.Grain.GetDevicesAsync([new("wl-1")])).State);

        for (var second = 0; second <= 90; second += 10)
        {
            await cluster.IngestAsync(second, 300);
        }

        await cluster.Cluster.DeactivateAsync(cluster.Grain);
        await cluster.IngestAsync(100, 300);
        var silent = Assert.Single(await cluster.WarningsAsync());
        Assert.Equal((WarningState.Raised, SilenceWhy.Maintenance, null, null), (silent.State, silent.Silenced!.Why, silent.CallingSince, silent.Incident));
        Assert.Equal(DeviceState.Maintenance, Assert.Single(await cluster.Grain.GetDevicesAsync([new("wl-1")])).State);

        cluster.Time.Now = StreetCluster.Start.AddMinutes(10);
        var ringing = await StreetCluster.UntilAsync(
            async () => (await cluster.WarningsAsync()).Single(warning => warning.Id == silent.Id), warning => warning is { Silenced: null, Incident: not null });
        Assert.Equal(StreetCluster.Start.AddMinutes(10), ringing.CallingSince);
        Assert.Equal(StreetCluster.Start.AddSeconds(60), ringing.RaisedAt);
        Assert.Equal(MaintenanceState.Ended, Assert.Single(await book.ListAsync([], Wang)).State);
    }

    [Fact]
    public async Task A_window_is_refused_with_the_field_that_is_wrong_and_is_ended_by_a_person_once()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        var book = cluster.Cluster.Client.GetGrain<IMaintenanceGrain>(0);
        var window = new MaintenanceWindow { Reason = "检修", From = StreetCluster.Start, To = StreetCluster.Start.AddHours(1), Areas = [new("320404")] };

        Assert.Contains("reason", (await book.CreateAsync(window with { Reason = " " }, Wang)).Errors.Keys);
        Assert.Contains("to", (await book.CreateAsync(window with { To = StreetCluster.Start.AddDays(31) }, Wang)).Errors.Keys);
        Assert.Contains("to", (await book.CreateAsync(window with { To = StreetCluster.Start.AddHours(-1) }, Wang)).Errors.Keys);
        Assert.Contains("devices", (await book.CreateAsync(window with { Areas = [] }, Wang)).Errors.Keys);
        Assert.Contains("areas", (await book.CreateAsync(window with { Areas = [new("999999")] }, Wang)).Errors.Keys);
        Assert.Contains("areas", (await book.CreateAsync(window, Wang with { SeesWholeDistrict = false, Areas = [StreetCluster.Street] })).Errors.Keys);
        Assert.Equal(Refusal.NotAllowed, (await book.CreateAsync(window, Wang with { Roles = [Role.Responder] })).Refusal);

        var made = (await book.CreateAsync(window, Wang)).Value!;
        Assert.Contains(StreetCluster.Street, made.Areas);
        var ended = await book.EndAsync(made.Id, Wang);
        var again = await book.EndAsync(made.Id, Wang);
        Assert.Equal((MaintenanceState.Ended, "wang", false), (ended.Value!.State, ended.Value.EndedBy, ended.Repeated));
        Assert.True(again.Repeated);
        Assert.Equal(Refusal.NotFound, (await book.EndAsync("m-none", Wang)).Refusal);
    }

    [Fact]
    public async Task A_red_that_nobody_acknowledges_climbs_once_per_step_over_the_death_of_a_silo_with_one_notice_each()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 2);
        var red = await RaiseAsync(cluster);
        var since = (await cluster.Grain.GetWarningAsync(red.Id, Wang))!.CallingSince!.Value;

        cluster.Time.Now = since.AddMinutes(3);
        var first = await StreetCluster.UntilAsync(() => cluster.Grain.GetWarningAsync(red.Id, Wang), warning => warning!.Escalation is not null);
        Assert.Equal((EscalationStep.ShiftLeader, since.AddMinutes(3)), (first!.Escalation!.Step, first.Escalation.DueAt));

        await KillHomeAsync(cluster);
        cluster.Time.Now = since.AddMinutes(9);
        var second = await StreetCluster.UntilAsync(() => cluster.Grain.GetWarningAsync(red.Id, Wang), warning => warning?.Escalation?.Step == EscalationStep.DutyLeader);
        Assert.Equal(since.AddMinutes(8), second!.Escalation!.DueAt);
        await cluster.Cluster.DeactivateAsync(cluster.Grain);
        await cluster.Grain.TickAsync();

        var notices = await NoticesAsync(cluster);
        Assert.Equal([(since.AddMinutes(3), "ShiftLeader"), (since.AddMinutes(8), "DutyLeader")], notices);
        var seat = (await StreetCluster.UntilAsync(
            () => cluster.Cluster.Client.GetGrain<IDistrictGrain>("320404").GetSituationAsync(), situation => situation.Seat.AtDutyLeader == 1)).Seat;
        Assert.Equal((1, true), (seat.Calling, seat.Ring!.Grave));

        await cluster.Grain.ExecuteAsync(red.Id, new AcknowledgeWarning("处理中"), Wang);
        var quiet = (await StreetCluster.UntilAsync(
            () => cluster.Cluster.Client.GetGrain<IDistrictGrain>("320404").GetSituationAsync(), situation => situation.Seat.Calling == 0)).Seat;
        Assert.Equal(0, quiet.AtDutyLeader);
    }

    [Fact]
    public async Task A_flood_is_one_state_for_street_district_and_overlay_and_survives_a_restart()
    {
        await using var cluster = await StreetCluster.StartAsync(silos: 1);
        var gauges = Enumerable.Range(1, 12).Select(n => Gauge with { Id = new($"wl-{n}"), Areas = [new("320404400")] }).ToArray();
        await cluster.RegisterAsync(gauges);
        foreach (var gauge in gauges)
        {
            await cluster.IngestAsync(0, 300, gauge.Id.Value);
            await cluster.IngestAsync(61, 300, gauge.Id.Value);
        }

        var district = await StreetCluster.UntilAsync(() => cluster.Cluster.Client.GetGrain<IDistrictGrain>("320404").GetSituationAsync(), situation => situation.Seat is { Flood: true, Raised: >= 12 });
        var street = Assert.Single(district.Children, child => child.Area == StreetCluster.Street);
        Assert.Equal((12, 12, true), (district.Seat.Raised, street.Seat.Raised, street.Seat.Flood));

        await cluster.Cluster.DeactivateAsync(cluster.Grain);
        var parts = await cluster.Grain.SubscribeAsync(cluster.Cluster.Client.CreateObjectReference<IAreaObserver>(new Silent()), null, 0);
        Assert.Equal((12, true), (parts[0].Frame.Counts.Seat.Raised, parts[0].Frame.Counts.Seat.Flood));
        var whole = await cluster.Cluster.Client.GetGrain<IDistrictGrain>("320404").SubscribeAsync(cluster.Cluster.Client.CreateObjectReference<IAreaObserver>(new Silent()), null, 0);
        Assert.True(Assert.Single(whole[0].Frame.Counts.OverlaySeats, seat => seat.Area == new AreaId("320404400")).Seat.Flood);
    }

    /// <summary>Due time and step of every notice of an escalation that was ever queued, from their keys.</summary>
    private static async Task<(DateTimeOffset DueAt, string Step)[]> NoticesAsync(StreetCluster cluster)
    {
        var keys = await cluster.Service<OperationsDatabase>().ReadAsync(
            (context, token) => Microsoft.EntityFrameworkCore.EntityFrameworkQueryableExtensions.ToListAsync(
                context.Outbox.Where(row => row.Key.StartsWith("escalation/")).Select(row => row.Key), token),
            Cancelled);
        return
        [
            .. keys.Select(key => key.Split('/'))
                .Select(parts => (DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture)), parts[2]))
                .Order(),
        ];
    }

    private sealed class Silent : IAreaObserver
    {
        public Task ShowAsync(AreaFrame frame) => Task.CompletedTask;
    }

    private static async Task<WarningView> RaiseAsync(StreetCluster cluster)
    {
        await cluster.RegisterAsync(Gauge);
        for (var second = 0; second <= 90; second += 10)
        {
            await cluster.IngestAsync(second, 300);
        }

        return Assert.Single(await cluster.WarningsAsync());
    }

    private static async Task KillHomeAsync(StreetCluster cluster)
    {
        Assert.True(cluster.Cluster.TryGetGrainContext(cluster.Grain.GetGrainId(), out var context));
        var home = context!.Address.SiloAddress!;
        await cluster.Cluster.KillSiloAsync(cluster.Cluster.Silos.Single(silo => silo.SiloAddress.Equals(home)), Cancelled);
    }
}
