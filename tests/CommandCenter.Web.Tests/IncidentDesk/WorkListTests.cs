using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using CommandCenter.Web.IncidentDesk;
using CommandCenter.Web.Tests.Wall;
using Xunit;

namespace CommandCenter.Web.Tests.IncidentDesk;

/// <summary>What stands in the list of a desk, and how a flood is joined.</summary>
public sealed class WorkListTests
{
    private static readonly DateTimeOffset Now = PretendedCity.Now;
    private static readonly WarningView Red = PretendedCity.Warning("r", "wl-001", "积水", Colour.Red, 5);

    [Fact]
    public void What_is_put_aside_is_found_in_the_silent_list_and_only_there()
    {
        var picture = Picture(
            Red with { Id = new("calls") }, Red with { Id = new("shelved"), Shelved = new("wang", Now, Now.AddHours(1), "校准") },
            Red with { Id = new("maintained"), Silenced = new(SilenceWhy.Maintenance, "m", Now.AddHours(1), null) }, Red with { Id = new("inhibited"), InhibitedBy = new WarningId("calls") },
            Red with { Id = new("cooling"), Silenced = new(SilenceWhy.CoolDown, "w", Now.AddMinutes(1), null) });

        Assert.Equal(["calls", "cooling"], Ids(picture, WorkMode.Waiting));
        Assert.Equal(["calls", "cooling"], Ids(picture, WorkMode.Warnings));
        Assert.Equal(["cooling", "inhibited", "maintained", "shelved"], Ids(picture, WorkMode.Quiet).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void In_a_flood_warnings_join_by_colour_area_and_class_and_the_reds_stand_first()
    {
        ImmutableArray<WarningView> flood =
        [
            .. Enumerable.Range(0, 20).Select(n => Red with { Id = new($"y-{n}"), Colour = Colour.Yellow }), .. Enumerable.Range(0, 5).Select(n => Red with { Id = new($"r-{n}") }),
            Red with { Id = new("gas"), Class = new("SJ-21-01"), Escalation = new(EscalationStep.ShiftLeader, Now, Now) },
        ];
        var picture = Picture([.. flood]) with { Counts = new() { Seat = new() { Flood = true, Raised = 26, Since = Now } } };

        var lines = WorkList.From(picture);

        Assert.Equal([1, 5, 20], lines.Select(line => line.Warnings.Count()).Order());
        Assert.Equal([Colour.Red, Colour.Red, Colour.Yellow], lines.Select(line => line.Colour!.Value));
        Assert.Equal(flood.Select(warning => warning.Id.Value).Order(), lines.SelectMany(line => line.Warnings).Select(warning => warning.Id.Value).Order());
        Assert.Contains(lines, line => line.Step == EscalationStep.ShiftLeader && line.Warning?.Id == new WarningId("gas"));
    }

    [Fact]
    public void What_is_held_back_stands_beneath_the_root_of_its_causes_and_nowhere_else()
    {
        var picture = Picture(
            Red with { Id = new("power") }, Red with { Id = new("switch"), InhibitedBy = new WarningId("power"), Cause = new WarningId("power") },
            Red with { Id = new("camera"), Colour = Colour.Yellow, InhibitedBy = new WarningId("switch"), Cause = new WarningId("switch") },
            Red with { Id = new("beside"), Cause = new WarningId("power") },
            Red with { Id = new("orphan"), InhibitedBy = new WarningId("elsewhere") });

        var lines = WorkList.From(picture, WorkMode.Warnings);

        Assert.Equal(["beside", "power"], lines.Select(line => line.Warning!.Id.Value).Order(StringComparer.Ordinal));
        Assert.Equal(["switch", "camera"], lines.Single(line => line.Warning!.Id.Value == "power").Consequences.Select(warning => warning.Id.Value));
        Assert.Empty(lines.Single(line => line.Warning!.Id.Value == "beside").Consequences);
        Assert.All(WorkList.From(picture, WorkMode.Quiet), line => Assert.Empty(line.Consequences));
    }

    [Fact]
    public void An_incident_shows_how_far_its_warnings_have_climbed_and_what_they_explain()
    {
        var city = PretendedCity.Picture();
        var incident = city.Incidents.First(item => item.IsOpen) with { Warnings = [new("cause"), new("held")] };
        var picture = city with
        {
            Incidents = [incident], Tasks = [],
            Warnings =
            [
                Red with { Id = new("cause"), Incident = incident.Id, Escalation = new(EscalationStep.DutyLeader, Now, Now) },
                Red with { Id = new("held"), Incident = incident.Id, InhibitedBy = new WarningId("cause") },
            ],
        };

        var line = Assert.Single(WorkList.From(picture));
        Assert.Equal((incident.Id, EscalationStep.DutyLeader), (line.Incident!.Id, line.Step));
        Assert.Equal("held", Assert.Single(line.Consequences).Id.Value);

        var seen = picture with { Warnings = [.. picture.Warnings.Select(warning => warning with { Acknowledged = new("wang", Now, null, null) })] };
        Assert.Equal(EscalationStep.Seat, Assert.Single(WorkList.From(seen)).Step);
    }

    [Fact]
    public void Silent_ones_join_only_with_those_that_are_silent_for_the_same_reason()
    {
        ImmutableArray<WarningView> silent =
        [
            .. Enumerable.Range(0, 40).Select(n => Red with { Id = new($"a-{n}"), InhibitedBy = new WarningId("one") }), .. Enumerable.Range(0, 30).Select(n => Red with { Id = new($"b-{n}"), InhibitedBy = new WarningId("two") }),
            Red with { Id = new("shelved"), Shelved = new("wang", Now, Now.AddHours(1), "校准") },
        ];

        Assert.Equal([1, 30, 40], WorkList.From(Picture(silent), WorkMode.Quiet).Select(line => line.Warnings.Count()).Order());
    }

    [Fact]
    public void Without_a_flood_each_stands_alone_until_nobody_could_read_them()
    {
        Assert.Equal(WorkList.SinglesMax, WorkList.From(Picture([.. Many(WorkList.SinglesMax)])).Length);
        Assert.Single(WorkList.From(Picture([.. Many(WorkList.SinglesMax + 1)])));
    }

    private static IEnumerable<WarningView> Many(int count) => Enumerable.Range(0, count).Select(n => Red with { Id = new($"w-{n:000}") });

    private static SituationPicture Picture(params ImmutableArray<WarningView> warnings) => PretendedCity.Picture() with { Warnings = warnings, Incidents = [], Tasks = [] };

    private static IEnumerable<string> Ids(SituationPicture picture, WorkMode mode) => WorkList.From(picture, mode).Select(line => line.Warning!.Id.Value);
}
