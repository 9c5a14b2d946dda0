using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Tests.Incidents;

/// <summary>Logs as releases wrote them. The file of a release is never written again: what it holds must be read for ever.</summary>
public sealed class GoldenLogTests
{
    [Fact]
    public async Task The_log_of_release_1_is_read_to_the_incident_it_was()
    {
        var file = Golden.TestFile("Incidents/Golden/release-1.events.json");
        if (Golden.Writing && !File.Exists(file))
        {
            Golden.Check("Incidents/Golden/release-1.events.json", await WriteLifeAsync());
        }

        var rows = JsonSerializer.Deserialize<StoredIncidentEvent[]>(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), ContractJson.Options)!;

        foreach (var incident in rows.GroupBy(row => row.Incident))
        {
            var state = IncidentLife.Replay(EventLog.Decode(incident.Key, [.. incident]))!;
            Golden.Check($"Incidents/Golden/release-1.{state.View.Number}.json", state.View);
        }
    }

    [Fact]
    public async Task The_log_of_release_1_holds_every_type_of_event()
    {
        var text = await File.ReadAllTextAsync(Golden.TestFile("Incidents/Golden/release-1.events.json"), TestContext.Current.CancellationToken);
        var rows = JsonSerializer.Deserialize<StoredIncidentEvent[]>(text, ContractJson.Options)!;

        Assert.Equal(EventLog.Words, rows.Select(row => row.Type).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>Two incidents that live through everything.</summary>
    private static async Task<StoredIncidentEvent[]> WriteLifeAsync()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        async Task Do(IncidentCommand command)
        {
            town.Now = town.Now.AddSeconds(10);
            var done = await town.ExecuteAsync(desk, command);
            Assert.True(done.Succeeded && !done.Repeated, $"{command}: {done.Detail}");
        }

        async Task Clock(string name)
        {
            var dueAt = IncidentLife.RunningClocks(desk.State!)[name];
            town.Now = dueAt > town.Now ? dueAt : town.Now;
            await desk.CommitAsync(state => IncidentLife.DecideClock(state!, name, dueAt, town.Now), Actor.System, town.Now, "clock");
        }

        await town.Intake().SubmitReportAsync(Town.Report() with { Reporter = new Reporter("周小明", "13800001234") }, Town.Desk, town.Now.AddMinutes(1));
        await town.Intake().SubmitWarningAsync(Town.Warning("w-2", Colour.Orange), town.Now);
        await desk.CommitAsync(state => IncidentLife.DecideWarning(state!, state!.Warnings[1] with { Colour = Colour.Red, Version = 2 }), Actor.System, town.Now, "note");
        await Clock("dispatch");
        await town.DispatchAsync(desk);
        await desk.CommitAsync(
            state => IncidentLife.DecideReceipt(state!, new TaskId($"{desk.Id}.P01-1.1"), new Receipt("in_app", ReceiptState.Delivered, town.Now)), Actor.System, town.Now, "receipt");
        await Clock("accept:P01-2.1");
        await Clock("escalate:P01-2.1");
        await Do(new UrgeIncident("请尽快"));
        await town.ActAsync(desk, new TaskId($"{desk.Id}.P01-4.1"), new ReturnTask("泵车在修"));
        await town.Dispatching.OrderAsync(desk, new FreeOrder(new ResponseUnitId("u-drainage-320404"), "派泵车", 90, "order-1"), Town.Desk, town.Now);
        await town.DispatchAsync(desk, Town.Click("click-2"));
        await Do(new SuspendIncident("待水位回落"));
        await Do(new ResumeIncident());
        await Do(new ExtendIncident(30, "水大"));
        await Do(new SuperviseIncident("领导关注"));
        await Do(new UpgradeIncident(2, "扩大"));
        await Do(new ReportUpIncident("超出能力"));
        await Do(new AssignDownIncident(Town.Yonghong, null));
        await Do(new TransferIncident(Town.Beigang, "属地"));
        await town.WorkAsync(desk);
        await Do(new VerifyIncident(false, "仍有积水"));
        foreach (var task in desk.State!.View.Tasks.Where(task => task.State == TaskState.Accepted))
        {
            await town.ActAsync(desk, task.Id, new ArriveAtTask(119.934, 31.766, null));
            await town.ActAsync(desk, task.Id, new ReportTask("已清", ["photo-2"]));
        }

        await Do(new VerifyIncident(true, "已退"));
        await Do(new CloseIncident("处置完成"));
        await Do(new ReopenIncident("复涨"));
        await Do(new SplitIncident([desk.State.Reports[0].Id], []));
        await desk.CommitAsync(state => IncidentLife.DecideAbsorb(state!, Stages.All[2].State), Town.Desk, town.Now, "absorb");
        await Do(new VoidIncident("误报"));
        var main = await town.Stores.LoadEventsAsync(desk.Id);

        var report = await town.Intake().SubmitReportAsync(Town.Report("12345-2"), Town.Desk, town.Now);
        desk = await town.DeskAsync(report.Value!.Incident.Id);
        await Do(new ReceiveIncident());
        await Do(new FileIncident(4, Priority.P2));
        await town.Dispatching.OrderAsync(desk, new FreeOrder(new ResponseUnitId("u-drainage-320404"), "派泵车", 90, "order-2"), Town.Desk, town.Now);
        await town.WorkAsync(desk);
        await Do(new VerifyIncident(true, null));
        await Do(new CloseIncident("处置完成"));
        await Do(new RateIncident(5));
        var second = await town.Stores.LoadEventsAsync(desk.Id);

        report = await town.Intake().SubmitReportAsync(Town.Report("12345-3"), Town.Desk, town.Now);
        desk = await town.DeskAsync(report.Value!.Incident.Id);
        await Do(new MergeIncident(new IncidentId("inc-1")));
        return [.. main, .. second, .. await town.Stores.LoadEventsAsync(desk.Id)];
    }
}
