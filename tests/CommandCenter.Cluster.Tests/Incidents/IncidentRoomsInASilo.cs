using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Dispatching;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Incidents;
using CommandCenter.Grains.Notices;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace CommandCenter.Cluster.Tests.Incidents;

/// <summary>The rooms of incidents, dispatching and notices as grains in a silo over the real SQLite store.</summary>
public sealed class IncidentRoomsInASilo : IAsyncLifetime
{
    private static readonly Actor Desk = new() { Id = "desk-1", Name = "值班员", Kind = ActorKind.User, Roles = [Role.Admin], SeesWholeDistrict = true };

    /// <summary>The machine's own time, because the silo runs on it: reports come now.</summary>
    private static readonly DateTimeOffset Onset = new DomainClock(TimeProvider.System).Now;

    private readonly string folder = Directory.CreateTempSubdirectory("incidents-").FullName;
    private InProcessTestCluster? cluster;

    private IGrainFactory Grains => cluster!.Client;

    public async ValueTask InitializeAsync() => cluster = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await cluster!.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task From_a_warning_through_one_click_to_the_close_every_unit_is_free_and_a_restart_changes_nothing()
    {
        var id = (await Grains.GetGrain<IIntakeGrain>("flood").SubmitWarningAsync(Warning("w-1"))).Value;
        var incident = Grains.GetGrain<IIncidentGrain>(id.Value);
        var preview = (await incident.PreviewAsync(null, Desk)).Value!;
        var order = new DispatchOrder { Plan = preview.Plan, PlanVersion = preview.PlanVersion, ResponseLevel = preview.ResponseLevel, IdempotencyKey = "click-1" };

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => incident.DispatchAsync(order, Desk)));
        Assert.Equal(4, answers.Count(answer => answer.Value!.Repeated));
        Assert.Equal(8, answers[0].Value!.Tasks.Length);

        await Grains.GetGrain<INoticesGrain>(0).TickAsync();
        foreach (var task in answers[0].Value!.Tasks)
        {
            Assert.True((await incident.ActAsync(task.Id, new AcceptTask(), Desk)).Succeeded);
            Assert.True((await incident.ActAsync(task.Id, new ArriveAtTask(119.934, 31.766, null), Desk)).Succeeded);
            Assert.True((await incident.ActAsync(task.Id, new ReportTask("已处置", []), Desk)).Succeeded);
        }

        Assert.True((await incident.ExecuteAsync(new VerifyIncident(true, null), Desk)).Succeeded);
        Assert.True((await incident.ExecuteAsync(new CloseIncident("处置完成"), Desk)).Succeeded);

        var closed = (await incident.GetAsync(Desk))!;
        Assert.Equal(IncidentState.Closed, closed.State);
        Assert.All(closed.Tasks, task => Assert.Equal(ReceiptState.Delivered, task.Receipts.Single().State));
        Assert.All(await Grains.GetGrain<IPlanBookGrain>(0).ListUnitsAsync(Desk), unit => Assert.Equal("free", unit.State));

        await cluster!.DisposeAsync();
        cluster = await StartAsync();

        var again = (await Grains.GetGrain<IIncidentGrain>(id.Value).GetAsync(Desk))!;
        Assert.Equal(JsonSerializer.Serialize(closed, ContractJson.Options), JsonSerializer.Serialize(again, ContractJson.Options));
        Assert.True((await Grains.GetGrain<IIntakeGrain>("flood").SubmitWarningAsync(Warning("w-1"))).Repeated);
    }

    [Fact]
    public async Task Twenty_sources_at_once_open_one_incident()
    {
        var intake = Grains.GetGrain<IIntakeGrain>("flood");

        var warnings = Enumerable.Range(0, 10).Select(async number => (await intake.SubmitWarningAsync(Warning($"w-{number}"))).Value);
        var reports = Enumerable.Range(0, 10).Select(async number => (await intake.SubmitReportAsync(Report($"r-{number}"), Desk)).Value!.Incident.Id);
        var ids = await Task.WhenAll(warnings.Concat(reports));

        var view = (await Grains.GetGrain<IIncidentGrain>(Assert.Single(ids.Distinct()).Value).GetAsync(Desk))!;
        Assert.Equal(10, view.Warnings.Length);
        Assert.Equal(10, view.Reports.Select(report => report.Number).Distinct().Count());
    }

    [Fact]
    public async Task A_merge_carries_the_sources_over_and_a_split_takes_one_away_again()
    {
        var intake = Grains.GetGrain<IIntakeGrain>("flood");
        var first = (await intake.SubmitReportAsync(Report("a"), Desk)).Value!.Incident.Id;
        var second = (await intake.SubmitReportAsync(Report("b") with { Longitude = 119.95 }, Desk)).Value!.Incident.Id;
        Assert.NotEqual(first, second);

        Assert.True((await Grains.GetGrain<IIncidentGrain>(second.Value).ExecuteAsync(new MergeIncident(first), Desk)).Succeeded);
        var repeated = await intake.SubmitReportAsync(Report("b") with { Longitude = 119.95 }, Desk);
        Assert.True(repeated.Repeated);
        Assert.Equal(first, repeated.Value!.Incident.Id);

        var split = await Grains.GetGrain<IIncidentGrain>(first.Value).ExecuteAsync(new SplitIncident([repeated.Value.Report.Id], []), Desk);
        Assert.True(split.Succeeded, split.Detail);
        var third = await intake.SubmitReportAsync(Report("b") with { Longitude = 119.95 }, Desk);
        Assert.DoesNotContain(third.Value!.Incident.Id, new[] { first, second });
        Assert.Single((await Grains.GetGrain<IIncidentGrain>(first.Value).GetAsync(Desk))!.Reports);
    }

    [Fact]
    public async Task Two_incidents_that_are_merged_into_each_other_at_once_do_not_wait_for_each_other_and_one_stays_open()
    {
        var intake = Grains.GetGrain<IIntakeGrain>("flood");
        var first = (await intake.SubmitReportAsync(Report("a"), Desk)).Value!.Incident.Id;
        var second = (await intake.SubmitReportAsync(Report("b") with { Longitude = 119.95 }, Desk)).Value!.Incident.Id;

        var answers = await Task.WhenAll(
            Grains.GetGrain<IIncidentGrain>(first.Value).ExecuteAsync(new MergeIncident(second), Desk),
            Grains.GetGrain<IIncidentGrain>(second.Value).ExecuteAsync(new MergeIncident(first), Desk)).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.InRange(answers.Count(answer => answer.Succeeded), 0, 1);
        var views = new[] { (await Grains.GetGrain<IIncidentGrain>(first.Value).GetAsync(Desk))!, (await Grains.GetGrain<IIncidentGrain>(second.Value).GetAsync(Desk))! };
        Assert.Contains(views, view => view.IsOpen);
        Assert.Equal(answers.Count(answer => answer.Succeeded), views.Count(view => view.MergedInto is not null));
    }

    [Fact]
    public async Task A_red_gas_warning_issues_its_plan_by_itself_and_the_timeline_says_so()
    {
        var gas = Warning("g-1") with { Rule = new RuleId("R12"), Class = new ClassCode("SJ-21-01"), Plan = new PlanId("P03") };

        var id = (await Grains.GetGrain<IIntakeGrain>("gas").SubmitWarningAsync(gas)).Value;

        var view = (await Grains.GetGrain<IIncidentGrain>(id.Value).GetAsync(Desk))!;
        Assert.Equal(8, view.Tasks.Length);
        var dispatched = Assert.Single(view.Timeline, entry => entry.Type == "plan_dispatched");
        Assert.Equal(ActorKind.System, dispatched.By.Kind);
    }

    [Fact]
    public async Task Out_of_scope_is_not_there()
    {
        var id = (await Grains.GetGrain<IIntakeGrain>("flood").SubmitWarningAsync(Warning("w-1"))).Value;
        var incident = Grains.GetGrain<IIncidentGrain>(id.Value);
        var street = new Actor { Id = "s", Name = "北港", Kind = ActorKind.User, Roles = [Role.Duty], Areas = [new AreaId("320404003")] };

        Assert.Null(await incident.GetAsync(street));
        Assert.Equal(Refusal.NotFound, (await incident.ExecuteAsync(new VoidIncident("误报"), street)).Refusal);
        Assert.Null(await Grains.GetGrain<IIncidentGrain>("inc-nothing").GetAsync(Desk));

        await incident.ExecuteAsync(new TransferIncident(new AreaId("320404003"), "属地"), Desk);
        Assert.NotNull(await incident.GetAsync(street));
    }

    private async Task<InProcessTestCluster> StartAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo.Services
            .AddSingleton(new DomainClock(TimeProvider.System))
            .Configure<StoringOptions>(options => options.DataDirectory = folder)
            .AddGeography()
            .AddStoring()
            .AddIncidents()
            .AddDispatching()
            .AddNotices());
        var started = builder.Build();
        await started.DeployAsync();
        return started;
    }

    private static WarningView Warning(string id) => new()
    {
        Id = new WarningId(id), Rule = new RuleId("R01"), RuleVersion = 3, Subject = "wl-017", SubjectName = "龙江路下穿 积水1", Area = new AreaId("320404002"), Longitude = 119.934, Latitude = 31.766,
        Quantity = new QuantityId("water_depth"), Value = 300, Unit = "mm", Colour = Colour.Red, PeakColour = Colour.Red, State = WarningState.Raised, OnsetAt = Onset, RaisedAt = Onset,
        Class = new ClassCode("SJ-04-06"), Plan = new PlanId("P01"), Reason = "水深 300 mm", Version = 1,
    };

    private static IncidentReport Report(string externalId) => new()
    {
        Class = new ClassCode("SJ-04-06"), Longitude = 119.934, Latitude = 31.766, Text = "积水", Source = "12345", ExternalId = externalId, Area = new AreaId("320404002"),
    };
}
