using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;

namespace CommandCenter.Grains.Tests.Incidents;

public sealed class ClockTests
{
    [Fact]
    public async Task A_task_not_accepted_in_time_goes_to_the_named_superior_and_then_higher()
    {
        var (town, desk) = await DispatchedAsync();
        town.Now = Town.Start.AddMinutes(3);

        await FireAsync(town, desk, "accept:P01-2.1", town.Now);
        var task = desk.State!.View.Tasks.First(known => known.Key == "P01-2");

        Assert.Equal(["accept"], task.Overdue);
        Assert.Contains(desk.Timeline, entry => entry.Type == "task_overdue" && entry.Data.Contains($"{task.Unit.Name}负责人", StringComparison.Ordinal));

        town.Now = town.Now.AddMinutes(5);
        await FireAsync(town, desk, "escalate:P01-2.1", town.Now);
        Assert.Contains(desk.Timeline, entry => entry.Type == "task_escalated" && entry.Data.Contains("分管领导", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_clock_fires_once()
    {
        var (town, desk) = await DispatchedAsync();
        var dueAt = IncidentLife.RunningClocks(desk.State!)["arrive:P01-2.1"];
        town.Now = dueAt;

        await FireAsync(town, desk, "arrive:P01-2.1", dueAt);
        var version = desk.State!.View.Version;
        await FireAsync(town, desk, "arrive:P01-2.1", dueAt);

        Assert.Equal(version, desk.State.View.Version);
        Assert.True(desk.State.View.Supervised);
        Assert.Single(desk.Timeline, entry => entry.Type == "incident_supervised");
    }

    [Fact]
    public async Task A_clock_whose_step_is_done_fires_into_nothing_and_is_taken_back()
    {
        var (town, desk) = await DispatchedAsync();
        var dueAt = IncidentLife.RunningClocks(desk.State!)["accept:P01-2.1"];
        await town.ActAsync(desk, new TaskId($"{desk.Id}.P01-2.1"), new AcceptTask());
        var version = desk.State!.View.Version;

        await FireAsync(town, desk, "accept:P01-2.1", dueAt);

        Assert.Equal(version, desk.State.View.Version);
        Assert.DoesNotContain(town.Stores.Clocks.Keys, clock => clock.Clock == "accept:P01-2.1");
    }

    [Fact]
    public async Task The_stored_clocks_are_those_that_run()
    {
        var (town, desk) = await DispatchedAsync();

        Assert.Equal(
            IncidentLife.RunningClocks(desk.State!).Select(clock => (clock.Key, clock.Value)).Order(),
            town.Stores.Clocks.Values.Select(clock => (clock.Clock, clock.DueAt)).Order());
        Assert.All(town.Stores.Clocks.Keys, clock => Assert.Equal(desk.Id.Value, clock.Subject));
    }

    [Fact]
    public async Task A_handling_limit_that_passes_raises_the_response_once()
    {
        var (town, desk) = await DispatchedAsync();
        town.Now = Town.Start.AddHours(3);
        foreach (var (clock, dueAt) in IncidentLife.RunningClocks(desk.State!).Where(clock => clock.Key.StartsWith("handle:", StringComparison.Ordinal)).ToList())
        {
            await FireAsync(town, desk, clock, dueAt);
        }

        Assert.Equal(2, desk.State!.View.ResponseLevel);
        Assert.Single(desk.Timeline, entry => entry.Type == "response_level_changed");
    }

    [Fact]
    public async Task An_urgent_incident_waits_one_minute_for_its_dispatch()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();

        var clock = Assert.Single(desk.State!.View.Clocks);

        Assert.Equal(("dispatch", Town.Start.AddMinutes(1)), (clock.Step, clock.DueAt));
        await FireAsync(town, desk, "dispatch", clock.DueAt);
        Assert.Equal(town.Now, Assert.Single(desk.State.View.Clocks).FiredAt);
    }

    private static async Task<(Town Town, IncidentDesk Desk)> DispatchedAsync()
    {
        var town = await Town.MakeAsync();
        var desk = await town.OpenAsync();
        await town.DispatchAsync(desk);
        return (town, desk);
    }

    private static Task<Outcome<Incident>> FireAsync(Town town, IncidentDesk desk, string clock, DateTimeOffset dueAt) =>
        desk.CommitAsync(state => IncidentLife.DecideClock(state!, clock, dueAt, town.Now), Actor.System, town.Now, "clock");
}
