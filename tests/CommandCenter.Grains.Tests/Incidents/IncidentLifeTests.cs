using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;

namespace CommandCenter.Grains.Tests.Incidents;

public sealed class IncidentLifeTests
{
    private static readonly DateTimeOffset Now = Town.Start.AddMinutes(1);

    [Fact]
    public void Every_command_in_every_state_is_refused_or_comes_to_events_that_apply()
    {
        foreach (var (name, state) in Stages.All)
        {
            foreach (var command in Stages.Commands)
            {
                var decision = IncidentLife.Decide(state, command, Town.Desk, Now, Town.Setting);
                Check($"{name} × {command}", state, decision);
            }

            foreach (var command in Stages.TaskCommands)
            {
                Check($"{name} × {command}", state, IncidentLife.Decide(state, Stages.Task, command, Town.Desk));
            }

            foreach (var (clock, dueAt) in IncidentLife.RunningClocks(state))
            {
                Check($"{name} × clock {clock}", state, IncidentLife.DecideClock(state, clock, dueAt, Now));
            }
        }

        static void Check(string what, Incident state, Decision decision)
        {
            if (decision.Refusal is not null)
            {
                Assert.True(decision.Events.IsEmpty, what);
                Assert.True(decision.Refusal == Refusal.NotFound || !string.IsNullOrEmpty(decision.Detail), $"{what} is refused without a sentence");
                return;
            }

            var after = Stages.Then(state, decision.By, [.. decision.Events]);
            Assert.Equal(state.View.Version + decision.Events.Length, after.View.Version);
            if (!after.View.IsOpen)
            {
                Assert.All(after.View.Tasks, task => Assert.False(task.BindsUnit, what));
                Assert.Empty(IncidentLife.RunningClocks(after));
            }
        }
    }

    [Theory]
    [InlineData("reported", typeof(FileIncident))]
    [InlineData("received", typeof(ReceiveIncident))]
    [InlineData("filed", typeof(VerifyIncident))]
    [InlineData("arrived", typeof(CloseIncident))]
    [InlineData("handled", typeof(CloseIncident))]
    [InlineData("closed", typeof(CloseIncident))]
    [InlineData("void", typeof(ReopenIncident))]
    [InlineData("suspended", typeof(ExtendIncident))]
    public void A_command_out_of_its_phase_is_refused_with_that_reason(string stage, Type command)
    {
        var state = Stages.All.First(known => known.Name == stage).State;

        var decision = IncidentLife.Decide(state, Stages.Commands.First(known => known.GetType() == command), Town.Desk, Now, Town.Setting);

        Assert.Equal(Refusal.NotInThisPhase, decision.Refusal);
    }

    [Fact]
    public void The_responder_who_handled_it_may_not_verify_it_even_as_duty_officer()
    {
        var handled = State("handled");
        var both = Stages.Responder with { Roles = [Role.Responder, Role.Duty], Units = [] };
        var colleague = new Actor { Id = "li", Name = "李工", Kind = ActorKind.User, Roles = [Role.Duty], Units = [new ResponseUnitId("u-1")], SeesWholeDistrict = true };

        Assert.Equal(Refusal.HandledBySame, IncidentLife.Decide(handled, new VerifyIncident(true, null), both, Now, Town.Setting).Refusal);
        Assert.Equal(Refusal.HandledBySame, IncidentLife.Decide(handled, new VerifyIncident(true, null), colleague, Now, Town.Setting).Refusal);
        Assert.Null(IncidentLife.Decide(handled, new VerifyIncident(true, null), Town.Desk, Now, Town.Setting).Refusal);
    }

    /// <summary>The one local desk of mode Open speaks for the units by telephone and verifies: it did not do the work itself.</summary>
    [Fact]
    public async Task The_local_desk_that_entered_what_the_units_told_verifies_and_closes()
    {
        var local = new Actor { Id = "local", Name = "本机席位", Kind = ActorKind.User, Roles = [Role.Admin], SeesWholeDistrict = true };
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        await town.DispatchAsync(desk, actor: local);
        foreach (var (task, index) in desk.State!.View.Tasks.Select((task, index) => (task, index)))
        {
            // Every second one as the HTTP border passes it, with the unit named.
            var unit = index % 2 == 0 ? null : new By(ActorKind.Unit, task.Unit.Id.Value, task.Unit.Name);
            foreach (var step in new TaskCommand[] { new AcceptTask(), new ArriveAtTask(null, null, "told-by-telephone"), new ReportTask("已处置", []) })
            {
                var done = await town.ActAsync(desk, task.Id, step with { OnBehalfOf = unit }, local);
                Assert.True(done.Succeeded, done.Detail);
            }
        }

        Assert.True((await town.ExecuteAsync(desk, new VerifyIncident(true, null), local)).Succeeded);
        Assert.True((await town.ExecuteAsync(desk, new CloseIncident("现场已恢复"), local)).Succeeded);
        Assert.Equal(IncidentState.Closed, desk.State.View.State);
    }

    [Fact]
    public void A_failed_verification_sends_the_work_back_to_its_unit()
    {
        var decision = IncidentLife.Decide(State("handled"), new VerifyIncident(false, "仍有积水"), Town.Desk, Now, Town.Setting);
        var after = Stages.Then(State("handled"), null, [.. decision.Events]);

        Assert.Equal(IncidentState.Accepted, after.View.State);
        Assert.Equal(TaskState.Accepted, Assert.Single(after.View.Tasks).State);
        Assert.Single(decision.Outbox);
    }

    [Fact]
    public void A_task_is_sent_back_once_and_the_plan_can_be_issued_again_for_it()
    {
        var returned = Stages.Then(State("dispatched"), null, new TaskReturned(Stages.Task, "不归我管"));

        Assert.Equal(IncidentState.Filed, returned.View.State);
        Assert.Equal(2, returned.Round);

        var task = new TaskFact(new TaskId("inc-1.P01-2.2"), "P01-2", new UnitRef(new ResponseUnitId("u-2"), "交警二中队"), "traffic_police", "封控", true, 1, null, null, null, ["in_app"]);
        var again = Stages.Then(returned, null, new PlanDispatched(
            new DispatchId("d2"), new PlanId("P01"), 1, "城市内涝", 3, 2, null, false, null, "body", [], [], [task], 1, EscalationFact.Default));
        var second = IncidentLife.Decide(again, task.Id, new ReturnTask("也不归我管"), Town.Desk);

        Assert.Equal(Refusal.NotInThisPhase, second.Refusal);
    }

    [Fact]
    public void An_incident_is_extended_once_only()
    {
        var extended = Stages.Then(State("arrived"), null, new IncidentExtended(60, "水大"));

        Assert.Equal(Town.Start.AddMinutes(120), Assert.Single(extended.View.Tasks).HandleBy);
        Assert.Equal(Refusal.NotInThisPhase, IncidentLife.Decide(extended, new ExtendIncident(60, "还不够"), Town.Desk, Now, Town.Setting).Refusal);
    }

    [Theory]
    [InlineData(7 * 24 * 60, null)]
    [InlineData((7 * 24 * 60) + 1, Refusal.NotInThisPhase)]
    public void A_closed_incident_is_reopened_within_seven_days(int minutes, Refusal? expected) =>
        Assert.Equal(expected, IncidentLife.Decide(State("closed"), new ReopenIncident("复发"), Town.Desk, Town.Start.AddMinutes(minutes), Town.Setting).Refusal);

    [Fact]
    public void An_arrival_needs_a_place_near_the_incident_or_a_photo()
    {
        var state = State("accepted");

        Assert.Equal(Refusal.Invalid, IncidentLife.Decide(state, Stages.Task, new ArriveAtTask(null, null, null), Town.Desk).Refusal);
        Assert.Equal(Refusal.Unprocessable, IncidentLife.Decide(state, Stages.Task, new ArriveAtTask(119.94, 31.766, null), Town.Desk).Refusal);
        Assert.Null(IncidentLife.Decide(state, Stages.Task, new ArriveAtTask(119.94, 31.766, "photo"), Town.Desk).Refusal);
        Assert.Null(IncidentLife.Decide(state, Stages.Task, new ArriveAtTask(119.9345, 31.766, null), Town.Desk).Refusal);
    }

    [Fact]
    public void Only_the_unit_its_gateway_or_the_desk_acts_on_a_task()
    {
        var task = State("dispatched").FindTask(Stages.Task)!;
        var gateway = new Actor { Id = "gw", Name = "网关", Kind = ActorKind.User, Roles = [Role.Gateway], SeesWholeDistrict = true };
        var stranger = Stages.Responder with { Units = [new ResponseUnitId("u-9")] };

        Assert.True(IncidentLife.MayActOn(task, new AcceptTask(), Stages.Responder));
        Assert.False(IncidentLife.MayActOn(task, new AcceptTask(), stranger));
        Assert.True(IncidentLife.MayActOn(task, new AcceptTask { OnBehalfOf = new By(ActorKind.Unit, "u-1", "王") }, gateway));
        Assert.False(IncidentLife.MayActOn(task, new AcceptTask { OnBehalfOf = new By(ActorKind.Unit, "u-9", "王") }, gateway));
        Assert.False(IncidentLife.MayActOn(task, new AcceptTask { OnBehalfOf = new By(ActorKind.Unit, "u-1", "王") }, Stages.Responder));
        Assert.True(IncidentLife.MayActOn(task, new AcceptTask(), Town.Desk));
    }

    [Fact]
    public void A_command_upon_an_older_version_is_refused() =>
        Assert.Equal(Refusal.StaleVersion, IncidentLife.Decide(State("received"), new FileIncident(null, null) { ExpectedVersion = 1 }, Town.Desk, Now, Town.Setting).Refusal);

    [Fact]
    public void A_responder_may_not_close() =>
        Assert.Equal(Refusal.NotAllowed, IncidentLife.Decide(State("verified"), new CloseIncident("好"), Stages.Responder, Now, Town.Setting).Refusal);

    [Fact]
    public void A_suspended_incident_does_not_age()
    {
        var suspended = Stages.Then(State("accepted"), null, new IncidentSuspended("待材料"));
        Assert.Empty(IncidentLife.RunningClocks(suspended));

        var resumed = IncidentLife.Apply(suspended, new StampedEvent(99, Town.Start.AddHours(2), Town.Desk.ToBy(), new IncidentResumed()));

        Assert.Equal(Town.Start.AddMinutes(15).AddHours(2), IncidentLife.RunningClocks(resumed)["arrive:P01-2.1"]);
    }

    [Fact]
    public void A_split_must_leave_one_source()
    {
        var filed = State("filed");

        Assert.Equal(Refusal.Invalid, IncidentLife.Decide(filed, new SplitIncident(["rep-1", "rep-2"], []), Town.Desk, Now, Town.Setting).Refusal);
        Assert.Null(IncidentLife.Decide(filed, new SplitIncident(["rep-2"], []), Town.Desk, Now, Town.Setting).Refusal);
    }

    private static Incident State(string name) => Stages.All.First(known => known.Name == name).State;
}
