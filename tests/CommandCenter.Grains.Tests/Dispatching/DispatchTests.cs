using System.Collections.Immutable;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Dispatching;
using CommandCenter.Grains.Incidents;
using CommandCenter.Grains.Tests.Incidents;

namespace CommandCenter.Grains.Tests.Dispatching;

public sealed class DispatchTests
{
    [Fact]
    public async Task The_preview_tells_everything_that_one_click_would_do()
    {
        var town = await Town.MakeAsync();
        foreach (var metres in new[] { 100, 499, 501, 200, 300, 400 })
        {
            town.Stores.Devices.Add(new DeviceRegistration
            {
                Id = new DeviceId($"cam-{metres}"), Name = "路口", Kind = "camera", Street = Town.Yonghong, Longitude = 119.934, Latitude = 31.766 + (metres * 180 / (Math.PI * 6_371_008.8)),
            });
        }

        var desk = await town.OpenAsync();

        var preview = await town.Dispatching.PreviewAsync(desk, null, town.Now);

        Golden.Check("Dispatching/P01.preview.json", preview.Value!);
        Assert.Equal(["cam-100", "cam-200", "cam-300", "cam-400"], preview.Value!.Cameras.Select(camera => camera.Value));
    }

    [Fact]
    public async Task The_click_does_what_the_preview_showed()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        var preview = (await town.Dispatching.PreviewAsync(desk, null, town.Now)).Value!;

        var answer = (await town.DispatchAsync(desk, Town.Click(level: preview.ResponseLevel))).Value!;

        Assert.Equal(preview.Tasks.Select(task => (task.Key, task.Unit!.Id)), answer.Tasks.Select(task => (task.Key, task.Unit.Id)));
        Assert.Equal(preview.Notices.Select(notice => (notice.Recipient, notice.Text)), town.Stores.Outbox.Values.Select(item => (item.Recipient, item.Text)));
        Assert.Equal(preview.Notices.Length, answer.Notices);
    }

    [Fact]
    public async Task Twice_is_once_by_key_and_by_plan_version_level_and_round()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();

        var first = await town.DispatchAsync(desk);
        var sameKey = await town.DispatchAsync(desk);
        var otherKey = await town.DispatchAsync(desk, Town.Click("click-2"));
        var otherBody = await town.DispatchAsync(desk, Town.Click() with { Omit = ["P01-5"] });

        Assert.False(first.Value!.Repeated);
        Assert.True(sameKey.Value!.Repeated);
        Assert.True(otherKey.Value!.Repeated);
        Assert.Equal(first.Value.Dispatch, otherKey.Value.Dispatch);
        Assert.Equal(first.Value.Tasks, sameKey.Value.Tasks);
        Assert.Equal(Refusal.KeyReused, otherBody.Refusal);
        Assert.Single(desk.Timeline, entry => entry.Type == "plan_dispatched");
    }

    [Fact]
    public async Task A_second_process_that_dispatched_first_is_answered_as_a_repetition()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        var other = new IncidentDesk(desk.Id, town.Stores, Town.Setting, town.Options);
        await other.LoadAsync(TestContext.Current.CancellationToken);
        await town.DispatchAsync(desk);

        var late = await town.DispatchAsync(other);

        Assert.True(late.Value!.Repeated);
        Assert.Equal(8, other.State!.View.Tasks.Length);
    }

    [Fact]
    public async Task A_plan_that_changed_since_the_preview_is_not_issued()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        await town.Book.PutPlanAsync(new PlanId("P01"), """{"name":"新","tasks":[{"key":"N-1","role":"drainage","action":"抽排"}]}""", Town.Desk, town.Now);

        Assert.Equal(Refusal.StaleVersion, (await town.DispatchAsync(desk)).Refusal);
        Assert.Empty(desk.State!.View.Tasks);
    }

    [Fact]
    public async Task A_mandatory_task_is_left_out_only_with_a_reason()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();

        Assert.Equal(["reason"], (await town.DispatchAsync(desk, Town.Click() with { Omit = ["P01-2"] })).Errors.Keys);
        Assert.Equal(["omit"], (await town.DispatchAsync(desk, Town.Click() with { Omit = ["P77-1"] })).Errors.Keys);
        var answer = await town.DispatchAsync(desk, Town.Click() with { Omit = ["P01-2"], Reason = "路段已封" });
        Assert.DoesNotContain(answer.Value!.Tasks, task => task.Key == "P01-2");
    }

    [Fact]
    public async Task A_unit_chosen_by_hand_is_checked()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        DispatchOrder With(string unit) => Town.Click() with { Units = ImmutableDictionary<string, ResponseUnitId>.Empty.Add("P01-2", new ResponseUnitId(unit)) };

        Assert.Equal(["units.P01-2"], (await town.DispatchAsync(desk, With("u-nobody"))).Errors.Keys);
        Assert.Equal(["units.P01-2"], (await town.DispatchAsync(desk, With("u-drainage-320404002"))).Errors.Keys);
        var answer = await town.DispatchAsync(desk, With("u-traffic-320404"));
        Assert.Equal("u-traffic-320404", answer.Value!.Tasks.Single(task => task.Key == "P01-2").Unit.Id.Value);
    }

    [Fact]
    public async Task A_role_without_a_free_unit_is_named_as_a_shortfall()
    {
        var town = await Town.MakeAsync();
        foreach (var unit in town.Stores.Units.Values.Where(unit => unit.Role == "traffic_police").ToList())
        {
            town.Stores.Units[unit.Id] = unit with { Enabled = unit.Area == Town.Beigang };
        }

        var desk = await town.OpenAsync();

        var row = (await town.Dispatching.PreviewAsync(desk, null, town.Now)).Value!.Tasks.Single(task => task.Key == "P01-2");
        Assert.Null(row.Unit);
        Assert.Contains("不服务本板块", row.Shortfall, StringComparison.Ordinal);
        Assert.Equal(7, (await town.DispatchAsync(desk)).Value!.Tasks.Length);
    }

    [Fact]
    public async Task A_row_that_had_no_free_unit_is_sent_by_the_next_click_once_there_is_one()
    {
        var town = await Town.MakeAsync();
        var police = town.Stores.Units.Values.Where(unit => unit.Role == "traffic_police").ToList();
        foreach (var unit in police)
        {
            town.Stores.Units[unit.Id] = unit with { Enabled = false };
        }

        var desk = await town.OpenAsync();
        var first = await town.DispatchAsync(desk);
        var stillNone = await town.DispatchAsync(desk, Town.Click("click-2"));
        foreach (var unit in police)
        {
            town.Stores.Units[unit.Id] = unit;
        }

        var rest = await town.DispatchAsync(desk, Town.Click("click-3"));
        var again = await town.DispatchAsync(desk, Town.Click("click-4"));

        Assert.Equal(7, first.Value!.Tasks.Length);
        Assert.True(stillNone.Value!.Repeated);
        Assert.Equal(first.Value.Dispatch, stillNone.Value.Dispatch);
        Assert.Equal("P01-2", Assert.Single(rest.Value!.Tasks).Key);
        Assert.False(rest.Repeated);
        Assert.True(again.Value!.Repeated);
        Assert.Equal(8, desk.State!.View.Tasks.Length);
        Assert.Equal(8, town.Stores.Outbox.Values.Count(item => item.Task is not null));
    }

    [Fact]
    public async Task A_returned_task_for_which_no_unit_is_free_is_not_answered_as_done()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        await town.DispatchAsync(desk);
        await town.ActAsync(desk, new TaskId($"{desk.Id}.P01-2.1"), new ReturnTask("警力不足"));
        foreach (var unit in town.Stores.Units.Values.Where(unit => unit.Role == "traffic_police").ToList())
        {
            town.Stores.Units[unit.Id] = unit with { Enabled = false };
        }

        var again = await town.DispatchAsync(desk, Town.Click("click-2"));

        Assert.Equal(Refusal.Unprocessable, again.Refusal);
        Assert.Contains("P01-2", again.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_that_was_left_out_can_be_sent_later_and_the_same_click_stays_once()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        var without = Town.Click(string.Empty) with { Omit = ["P01-2"], Reason = "路段已封" };

        await town.DispatchAsync(desk, without);
        var same = await town.DispatchAsync(desk, without);
        var rest = await town.DispatchAsync(desk, Town.Click(string.Empty));

        Assert.True(same.Value!.Repeated);
        Assert.Equal("P01-2", Assert.Single(rest.Value!.Tasks).Key);
    }

    [Fact]
    public async Task Rows_of_a_graver_colour_are_sent_at_the_same_level()
    {
        var town = await Town.MakeAsync();
        await town.Book.PutPlanAsync(
            new PlanId("P01"),
            """{"name":"内涝","tasks":[{"key":"N-1","role":"drainage","action":"抽排"},{"key":"N-2","role":"traffic_police","action":"封控","colours":["red"]}]}""",
            Town.Desk, town.Now);
        var desk = await town.OpenAsync(colour: Colour.Orange);
        DispatchOrder Click(string key) => Town.Click(key, level: 4) with { PlanVersion = 2 };

        Assert.Equal("N-1", Assert.Single((await town.DispatchAsync(desk, Click("a"))).Value!.Tasks).Key);
        await desk.CommitAsync(
            state => IncidentLife.DecideWarning(state!, state!.Warnings[0] with { Colour = Colour.Red, Version = 2 }), Actor.System, town.Now, "note");
        var graver = await town.DispatchAsync(desk, Click("b"));

        Assert.Equal("N-2", Assert.Single(graver.Value!.Tasks).Key);
        Assert.True((await town.DispatchAsync(desk, Click("c"))).Value!.Repeated);
    }

    [Fact]
    public async Task A_last_unit_that_another_incident_takes_in_between_is_not_sent_twice()
    {
        var town = await Town.MakeAsync();
        foreach (var unit in town.Stores.Units.Values.Where(unit => unit.Role == "traffic_police").ToList())
        {
            town.Stores.Units[unit.Id] = unit with { Enabled = unit.Id.Value == "u-traffic-320404", Capacity = 1 };
        }

        var mine = await town.OpenAsync();
        var other = await town.DeskAsync((await town.Intake().SubmitWarningAsync(Town.Warning("w-2", longitude: 119.95), town.Now)).Value);
        Assert.NotEqual(mine.Id, other.Id);
        town.Stores.BeforeNextCommit = () => town.DispatchAsync(other, Town.Click("theirs"));

        var answer = await town.DispatchAsync(mine);

        Assert.Contains(other.State!.View.Tasks, task => task.Key == "P01-2");
        Assert.DoesNotContain(answer.Value!.Tasks, task => task.Key == "P01-2");
        Assert.NotEmpty(answer.Value.Tasks);
    }

    [Fact]
    public void The_nearest_free_serving_unit_is_chosen_until_its_hands_are_full()
    {
        ResponseUnit Unit(string id, AreaId area, double latitude, int capacity = 1, bool enabled = true) =>
            new() { Id = new ResponseUnitId(id), Name = id, Role = "drainage", Area = area, Longitude = 119.934, Latitude = latitude, Capacity = capacity, Enabled = enabled };

        var roster = new UnitRoster(
            [
                Unit("far", Town.Yonghong, 31.80), Unit("near-but-elsewhere", Town.Beigang, 31.7661), Unit("near-but-off", Town.Yonghong, 31.7661, enabled: false),
                Unit("district", Town.Setting.District, 31.77, capacity: 2), Unit("bound", Town.Yonghong, 31.7662),
            ],
            ImmutableDictionary<ResponseUnitId, ImmutableArray<TaskId>>.Empty.Add(new ResponseUnitId("bound"), [new TaskId("inc-x.a.1")]),
            Town.Setting.District);
        var incident = Stages.All[2].State.View;

        Assert.Equal("district", roster.Choose("drainage", incident).Choice!.Id.Value);
        Assert.Equal("district", roster.Choose("drainage", incident).Choice!.Id.Value);
        Assert.Equal("far", roster.Choose("drainage", incident).Choice!.Id.Value);
        Assert.Contains("满负荷", roster.Choose("drainage", incident).Shortfall, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_returned_task_is_issued_again_in_the_next_round()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        await town.DispatchAsync(desk);
        await town.ActAsync(desk, new TaskId($"{desk.Id}.P01-4.1"), new ReturnTask("泵车在修"));

        var again = await town.DispatchAsync(desk, Town.Click("click-2"));

        Assert.Equal($"{desk.Id}.P01-4.2", Assert.Single(again.Value!.Tasks).Id.Value);
    }

    [Fact]
    public async Task One_click_on_a_fresh_report_receives_and_files_it_and_says_so()
    {
        var town = await Town.MakeAsync();
        var report = await town.Intake().SubmitReportAsync(Town.Report(), Town.Desk, town.Now);
        var desk = await town.DeskAsync(report.Value!.Incident.Id);

        Assert.True((await town.DispatchAsync(desk, Town.Click(level: 4))).Succeeded);

        Assert.Equal(["incident_reported", "incident_received", "incident_filed", "plan_dispatched"], desk.Timeline.Select(entry => entry.Type));
    }

    [Fact]
    public async Task A_free_order_is_one_task_and_once_by_its_key()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        var order = new FreeOrder(new ResponseUnitId("u-drainage-320404002"), "派泵车到现场", 90, "order-1");

        var first = await town.Dispatching.OrderAsync(desk, order, Town.Desk, town.Now);
        var again = await town.Dispatching.OrderAsync(desk, order, Town.Desk, town.Now);

        Assert.Equal("free-1", first.Value!.Key);
        Assert.Equal(town.Now.AddMinutes(90), first.Value.HandleBy);
        Assert.True(again.Repeated);
        Assert.Equal(first.Value.Id, again.Value!.Id);
        Assert.Equal(Refusal.KeyReused, (await town.Dispatching.OrderAsync(desk, order with { Action = "另一件" }, Town.Desk, town.Now)).Refusal);
        Assert.Single(desk.State!.View.Tasks);
    }

    [Fact]
    public async Task A_plan_issues_by_itself_for_the_colours_it_names_only()
    {
        var town = await Town.MakeAsync();
        var gas = await town.Intake("gas").SubmitWarningAsync(Town.Warning("g-1", Colour.Orange, code: "SJ-21-01") with { Rule = new RuleId("R12") }, town.Now);
        var desk = await town.DeskAsync(gas.Value);
        Assert.Null(await town.Dispatching.AutomaticOrderAsync(desk));

        await desk.CommitAsync(
            state => IncidentLife.DecideWarning(state!, state!.Warnings[0] with { Colour = Colour.Red, Version = 2 }), Actor.System, town.Now, "note");
        var order = await town.Dispatching.AutomaticOrderAsync(desk);

        Assert.Equal(new PlanId("P03"), order!.Plan);
        Assert.True((await town.Dispatching.DispatchAsync(desk, order, Actor.System, town.Now)).Succeeded);
        Assert.Equal(3, desk.State!.View.ResponseLevel);
        Assert.Null(await town.Dispatching.AutomaticOrderAsync(desk));
    }

    [Fact]
    public async Task A_notice_names_what_is_known_and_marks_what_is_not()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();

        var text = NoticeTexts.Render("{road}积水{depth}cm,{time}起{closed?封闭:缓行},绕行{detour}", desk.State!, null, town.Now);

        Assert.Equal("【钟楼城运】龙江路下穿 积水1积水30cm,09:00起封闭,绕行(待核)", text);
    }

    [Fact]
    public async Task An_incident_that_no_plan_fits_asks_for_a_free_order()
    {
        var town = await Town.MakeAsync();
        var noise = await town.Intake("noise").SubmitReportAsync(Town.Report() with { Class = new ClassCode("SJ-21-11") }, Town.Desk, town.Now);
        var desk = await town.DeskAsync(noise.Value!.Incident.Id);

        Assert.Equal(Refusal.Unprocessable, (await town.Dispatching.PreviewAsync(desk, null, town.Now)).Refusal);
        var chosen = await town.Dispatching.PreviewAsync(desk, new PlanId("P15"), town.Now);
        Assert.Equal(["由值班人员手工选择。"], chosen.Value!.Why);
        Assert.Equal(["plan"], (await town.Dispatching.PreviewAsync(desk, new PlanId("P77"), town.Now)).Errors.Keys);
    }
}
