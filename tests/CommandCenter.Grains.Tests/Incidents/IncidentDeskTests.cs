using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;
using CommandCenter.Grains.Storing;
using CsCheck;

namespace CommandCenter.Grains.Tests.Incidents;

public sealed class IncidentDeskTests
{
    [Fact]
    public async Task From_warning_to_close_every_unit_is_free_at_the_end()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        Assert.Equal(IncidentState.Filed, desk.State!.View.State);
        Assert.Equal("ZL20261123-0001", desk.State.View.Number);

        var answer = await town.DispatchAsync(desk);
        Assert.True(answer.Succeeded, answer.Detail);
        Assert.Equal(8, answer.Value!.Tasks.Length);
        Assert.Equal(IncidentState.Dispatched, desk.State.View.State);
        Assert.Equal(8, (await town.Stores.LoadBindingTasksAsync(TestContext.Current.CancellationToken)).Sum(unit => unit.Value.Length));

        await town.WorkAsync(desk);
        Assert.Equal(IncidentState.Handled, desk.State.View.State);
        Assert.True((await town.ExecuteAsync(desk, new VerifyIncident(true, "水已退"))).Succeeded);
        Assert.True((await town.ExecuteAsync(desk, new CloseIncident("处置完成"))).Succeeded);

        Assert.Equal(IncidentState.Closed, desk.State.View.State);
        Assert.Empty(await town.Stores.LoadBindingTasksAsync(TestContext.Current.CancellationToken));
        Assert.DoesNotContain(town.Stores.Clocks.Values, clock => clock.FiredAt is null);
        Assert.Equal(town.Stores.Commits, town.Stores.Audit.Count(row => row.Subject == desk.Id.Value));
    }

    [Fact]
    public async Task The_state_read_back_from_the_log_is_the_state_in_memory()
    {
        var commands = Gen.OneOf(
            Gen.Int[0, Stages.Commands.Length - 1].Select(index => (object)Stages.Commands[index]),
            Gen.Int[0, Stages.TaskCommands.Length - 1].Select(index => (object)Stages.TaskCommands[index]),
            Gen.Const((object)"dispatch"), Gen.Const((object)"clock"), Gen.Const((object)"report"), Gen.Const((object)"receipt"));

        await Gen.Select(commands, Gen.Int[0, 400], Gen.Int[0, 7]).Array[1, 40].SampleAsync(
            async steps =>
            {
                var town = await Town.MakeAsync();
                var desk = await town.OpenAsync();
                foreach (var (step, minutes, pick) in steps)
                {
                    town.Now = town.Now.AddMinutes(minutes);
                    await StepAsync(town, desk, step, pick);
                }

                var again = new IncidentDesk(desk.Id, town.Stores, Town.Setting, town.Options);
                await again.LoadAsync();
                Assert.Equal(Text(desk), Text(again));
                Assert.Equal(IncidentLife.RunningClocks(desk.State!).OrderBy(clock => clock.Key), IncidentLife.RunningClocks(again.State!).OrderBy(clock => clock.Key));
                Assert.Equal(JsonSerializer.Serialize(desk.State!.View, ContractJson.Options), JsonSerializer.Serialize(await town.Stores.FindAsync(desk.Id), ContractJson.Options));
            },
            iter: 60, threads: 1);
    }

    [Fact]
    public async Task A_lost_race_is_decided_again()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        town.Stores.ConflictsToCome = 3;

        Assert.True((await town.ExecuteAsync(desk, new SuperviseIncident("关注"))).Succeeded);
        Assert.True(desk.State!.View.Supervised);

        town.Stores.ConflictsToCome = town.Options.ConflictRetriesMax + 1;
        Assert.Equal(Refusal.Unavailable, (await town.ExecuteAsync(desk, new ReportUpIncident("上报"))).Refusal);
    }

    [Fact]
    public async Task Another_desk_that_committed_first_is_seen()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        var other = new IncidentDesk(desk.Id, town.Stores, Town.Setting, town.Options);
        await other.LoadAsync(TestContext.Current.CancellationToken);
        await town.ExecuteAsync(desk, new VoidIncident("误报"));

        Assert.Equal(Refusal.NotInThisPhase, (await town.ExecuteAsync(other, new VoidIncident("误报"))).Refusal);
    }

    [Fact]
    public async Task A_changed_row_breaks_the_chain_at_that_row()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        await town.DispatchAsync(desk);
        var rows = (await town.Stores.LoadEventsAsync(desk.Id, TestContext.Current.CancellationToken)).ToArray();

        Assert.Equal(rows.Length, EventLog.Decode(desk.Id, rows).Length);
        AssertBroken(2, Change(rows, 1, row => row with { Data = row.Data.Replace("true", "false", StringComparison.Ordinal) }));
        AssertBroken(3, Change(rows, 2, row => row with { By = new By(ActorKind.User, "mallory", "某人") }));
        AssertBroken(2, [.. rows.Where((_, index) => index != 1)]);
        AssertBroken(1, Change(rows, 0, row => row with { Drill = true }));

        void AssertBroken(long seq, StoredIncidentEvent[] changed) =>
            Assert.Equal(seq, Assert.Throws<BrokenEventLogException>(() => EventLog.Decode(desk.Id, changed)).Seq);

        static StoredIncidentEvent[] Change(StoredIncidentEvent[] rows, int index, Func<StoredIncidentEvent, StoredIncidentEvent> change) =>
            [.. rows.Select((row, at) => at == index ? change(row) : row)];
    }

    [Fact]
    public async Task An_older_form_of_an_event_is_lifted_when_it_is_read()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        var rows = await town.Stores.LoadEventsAsync(desk.Id, TestContext.Current.CancellationToken);
        EventUpcaster lift = new("incident_reported", 1, document =>
        {
            document["title"] = "改过的标题";
            return document;
        });

        var lifted = EventLog.Decode(desk.Id, rows, [lift]);

        Assert.Equal("改过的标题", IncidentLife.Replay(lifted)!.View.Title);
    }

    [Fact]
    public async Task A_caller_is_named_in_the_persons_table_and_nowhere_else()
    {
        var town = await Town.MakeAsync();
        var report = Town.Report() with { Reporter = new Reporter("周小明", "13800001234"), Text = "周小明来电13800001234:积水" };

        var answer = await town.Intake().SubmitReportAsync(report, Town.Desk, town.Now);

        Assert.True(answer.Succeeded);
        Assert.Equal(("周小明", "13800001234"), (town.Stores.Persons.Single().Name, town.Stores.Persons.Single().Phone));
        Assert.DoesNotContain(town.Stores.AllEvents, row => row.Data.Contains("周小明", StringComparison.Ordinal) || row.Data.Contains("13800001234", StringComparison.Ordinal));
        Assert.DoesNotContain("周小明", JsonSerializer.Serialize(answer.Value, ContractJson.Options), StringComparison.Ordinal);
    }

    private static async Task StepAsync(Town town, IncidentDesk desk, object step, int pick)
    {
        var tasks = desk.State!.View.Tasks;
        switch (step)
        {
            case IncidentCommand command:
                await town.ExecuteAsync(desk, command);
                break;
            case TaskCommand command when tasks.Length > 0:
                await town.ActAsync(desk, tasks[pick % tasks.Length].Id, command);
                break;
            case "dispatch":
                await town.DispatchAsync(desk, Town.Click($"click-{pick}", (pick % 4) + 1));
                break;
            case "clock":
                var due = IncidentLife.RunningClocks(desk.State).Where(clock => clock.Value <= town.Now).OrderBy(clock => clock.Value).ThenBy(clock => clock.Key).FirstOrDefault();
                if (due.Key is not null)
                {
                    await desk.CommitAsync(state => IncidentLife.DecideClock(state!, due.Key, due.Value, town.Now), Actor.System, town.Now, "clock");
                }

                break;
            case "report":
                await desk.CommitAsync(
                    state => IncidentSources.DecideJoin(state!, new IncidentSource { Report = Town.Report($"r-{town.Now.Ticks}-{pick}") }, town.Now, Town.Setting), Town.Desk, town.Now, "join");
                break;
            case "receipt" when tasks.Length > 0:
                await desk.CommitAsync(
                    state => IncidentLife.DecideReceipt(state!, tasks[pick % tasks.Length].Id, new Receipt("in_app", ReceiptState.Delivered, town.Now)), Actor.System, town.Now, "receipt");
                break;
        }
    }

    private static string Text(IncidentDesk desk) => JsonSerializer.Serialize(desk.ViewWithTimeline, ContractJson.Options);
}
