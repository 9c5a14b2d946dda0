using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Wall;
using Xunit;

namespace CommandCenter.Web.Tests.Wall;

public sealed class WallViewTests
{
    private static readonly DateTimeOffset Now = PretendedCity.Now;

    [Fact]
    public void Warnings_stand_gravest_first_then_unacknowledged_then_newest()
    {
        var view = WallViews.From(PretendedCity.Picture(), Now);
        Assert.Equal(["w-1", "w-2", "w-4", "w-3", "w-6", "w-5", "w-7"], view.Warnings.Select(row => row.First.Id.Value));
        Assert.False(view.Flood);
        Assert.Equal(0, view.MoreWarnings);
    }

    [Fact]
    public void A_flood_joins_rows_by_colour_area_and_class_and_never_hides_red()
    {
        var flood = Enumerable.Range(1, 30).Select(number => PretendedCity.Warning($"y-{number}", $"wl-0{number:00}", $"积水{number}", Colour.Yellow, number, area: PretendedCity.Beigang))
            .Append(PretendedCity.Warning("red", "wl-001", "龙江路", Colour.Red, 90, acknowledged: true));
        var view = WallViews.From(PretendedCity.Picture() with { Warnings = [.. flood] }, Now);
        Assert.True(view.Joined);
        Assert.Equal(["red", "y-1"], view.Warnings.Select(row => row.First.Id.Value));
        Assert.Equal([1, 30], view.Warnings.Select(row => row.Count));
    }

    [Fact]
    public void In_a_flood_of_the_seat_rows_join_though_there_is_room_and_say_how_far_one_has_climbed()
    {
        var picture = PretendedCity.Picture();
        var red = PretendedCity.Warning("r-1", "wl-001", "积水", Colour.Red, 5);
        var view = WallViews.From(
            picture with
            {
                Counts = picture.Counts with { Seat = new() { Flood = true, Since = Now.AddMinutes(-3), Raised = 14, Total = 14 } },
                Warnings = [red, red with { Id = new("r-2"), Escalation = new(EscalationStep.DutyLeader, Now, Now) }, red with { Id = new("m"), Silenced = new(SilenceWhy.Maintenance, "m-1", Now.AddHours(1), null) }],
            },
            Now);
        Assert.True(view.Flood);
        Assert.Equal((2, EscalationStep.DutyLeader), (Assert.Single(view.Warnings).Count, view.Warnings[0].Step));
        Assert.Equal(new QuietTally(0, 0, 1), view.Quiet);
    }

    [Fact]
    public void What_is_pending_shelved_or_explained_by_a_graver_one_has_no_row()
    {
        var raised = PretendedCity.Warning("w", "wl-001", "积水", Colour.Red, 1);
        var view = WallViews.From(PretendedCity.Picture() with
        {
            Warnings =
            [
                raised with { State = WarningState.Pending }, raised with { Shelved = new("值班", Now, Now.AddHours(1), "检修") }, raised with { InhibitedBy = new WarningId("other") },
            ],
        }, Now);
        Assert.Empty(view.Warnings);
    }

    [Fact]
    public void An_incident_shows_the_limit_that_comes_first_and_how_far_its_tasks_are()
    {
        var row = WallViews.From(PretendedCity.Picture(), Now).Incidents[0];
        Assert.Equal(("inc-1", "task", Now.AddMinutes(-1), true, 1, 5), (row.Incident.Id.Value, row.NextStep, row.NextDueAt, row.Overdue, row.TasksDone, row.TasksTotal));
        var filed = WallViews.From(PretendedCity.Picture(), Now).Incidents[1];
        Assert.Equal(("dispatch", Now.AddMinutes(2), false), (filed.NextStep, filed.NextDueAt, filed.Overdue));
    }

    [Fact]
    public void Overdue_tasks_come_first()
    {
        var view = WallViews.From(PretendedCity.Picture(), Now);
        Assert.Equal("排水管理处泵车组", view.TaskRows[0].Task.Unit.Name);
        Assert.Equal(new TaskTally(2, 1, 1, 1, 0, 0, 1), view.Tasks);
    }

    [Fact]
    public void Each_device_is_in_exactly_one_domain_and_so_is_each_warning()
    {
        var picture = PretendedCity.Picture();
        var rows = WallViews.Domains(PretendedCity.Devices, picture.Warnings);
        Assert.Equal(4, rows.Length);
        Assert.Equal(PretendedCity.Devices.Length, rows.Sum(row => row.Devices));
        Assert.Equal(7, rows.Sum(row => row.Warnings.Red + row.Warnings.Orange + row.Warnings.Yellow + row.Warnings.Blue));
        Assert.Equal(new WarningCounts(0, 1, 0, 0, 1), rows.Single(row => row.Domain == GovernanceDomain.Safety).Warnings);
    }
}
