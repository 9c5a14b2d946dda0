using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Warnings;
using static CommandCenter.Grains.Tests.Warnings.OneStreet;

namespace CommandCenter.Grains.Tests.Warnings;

/// <summary>Maintenance windows, recording without ringing, and the cool-down.</summary>
public sealed class SilencingTests
{
    [Fact]
    public void In_maintenance_a_red_is_recorded_without_ringing_and_speaks_up_when_the_window_ends()
    {
        var street = new OneStreet();
        street.PutWindows(0, Window(0, 3600));
        Assert.Equal(1, street.Machine.State.Counts.Maintenance);

        street.Read(60, 320);
        Assert.Equal(SilenceWhy.Maintenance, street.Only.Silenced!.Why);
        Assert.Equal((false, false, null), (street.Only.IsShown, street.Only.IsCalling, street.Book.ColourOf("wl-1")));
        Assert.Equal(0, street.Book.Count().Red);
        Assert.False(WarningDeciding.WantsIncident(street.Only, AtOnce));

        street.Tick(3599);
        Assert.NotNull(street.Only.Silenced);
        street.Tick(3600);
        Assert.Null(street.Only.Silenced);
        Assert.Equal((At(3600), Colour.Red), (street.Only.CallingSince!.Value, street.Book.ColourOf("wl-1")!.Value));
        Assert.True(WarningDeciding.WantsIncident(street.Only, AtOnce));
        Assert.Contains(WarningChangeKind.Sounding, Kinds(street.Only));
        Assert.Equal(0, street.Machine.State.Counts.Maintenance);
    }

    [Fact]
    public void A_window_that_a_person_ends_early_gives_the_voice_back_at_once()
    {
        var street = new OneStreet();
        street.PutWindows(0, Window(0, 3600));
        street.Read(60, 320);

        street.PutWindows(120, Window(0, 3600) with { EndedAt = At(120), EndedBy = "wang", Version = 2 });

        Assert.True(street.Only.IsCalling);
    }

    [Fact]
    public void What_stood_before_the_window_goes_on_calling_and_what_gets_graver_inside_is_recorded()
    {
        var street = new OneStreet().Read(0, 250);
        street.PutWindows(60, Window(60, 3600));
        Assert.True(street.Only.IsCalling);

        street.Read(120, 320);
        Assert.Equal(SilenceWhy.Maintenance, street.Only.Silenced!.Why);
    }

    [Fact]
    public void A_planned_window_begins_by_itself()
    {
        var street = new OneStreet();
        street.PutWindows(0, Window(600, 3600));
        street.Read(30, 0);
        Assert.Equal(0, street.Machine.State.Counts.Maintenance);

        street.Tick(600);
        Assert.Equal(1, street.Machine.State.Counts.Maintenance);
    }

    [Theory]
    [InlineData("tags")]
    [InlineData("kinds")]
    [InlineData("areas")]
    [InlineData("overlay")]
    public void A_window_covers_by_tags_kinds_and_areas(string by)
    {
        var all = Window(0, 3600) with { Devices = [] };
        var covering = by switch
        {
            "tags" => all with { Tags = ["underpass"] },
            "kinds" => all with { Kinds = ["water_level"] },
            "areas" => all with { Areas = [Street] },
            _ => all with { Areas = [new("320404400")] },
        };
        var other = by switch
        {
            "tags" => all with { Tags = ["underpass", "bridge"] },
            "kinds" => all with { Kinds = ["gas"] },
            _ => all with { Areas = [new("320404001")] },
        };
        var street = new OneStreet();

        street.PutWindows(0, other);
        street.Read(60, 320);
        Assert.Null(street.Only.Silenced);
        street.Read(120, 0).Tick(1000);
        street.PutWindows(1001, covering);
        street.Read(1060, 320);
        Assert.NotNull(street.Only.Silenced);
    }

    [Fact]
    public void A_window_for_a_rule_silences_that_rule_and_leaves_the_devices_as_they_are()
    {
        var street = new OneStreet();
        street.PutWindows(0, Window(0, 3600) with { Devices = [], Rules = [new("R90")] });

        street.Read(60, 320);

        Assert.NotNull(street.Only.Silenced);
        Assert.Equal(0, street.Machine.State.Counts.Maintenance);
    }

    [Fact]
    public void What_is_only_recorded_is_shown_and_counted_but_never_a_red_that_concerns_lives()
    {
        var street = new OneStreet();
        street.PutWindows(0, Window(0, 3600, MaintenanceKind.Record));
        street.Read(60, 320);
        Assert.Equal((SilenceWhy.Recorded, true, false), (street.Only.Silenced!.Why, street.Only.IsShown, street.Only.IsCalling));
        Assert.Equal(1, street.Book.Count().Red);
        Assert.Equal(0, street.Machine.State.Counts.Maintenance);

        var gas = new OneStreet(rule: AtOnce with { Class = new("SJ-21-01") });
        gas.PutWindows(0, Window(0, 3600, MaintenanceKind.Record));
        gas.Read(60, 320);
        Assert.True(gas.Only.IsCalling);
    }

    [Fact]
    public void What_returns_within_ten_minutes_is_linked_and_does_not_ring_again_until_they_are_over()
    {
        var street = new OneStreet().Read(0, 250);
        var first = street.Only;
        street.Read(60, 0).Read(120, 250);

        Assert.NotEqual(first.Id, street.Only.Id);
        Assert.Equal(first.Id, street.Only.Previous);
        Assert.Equal(new(SilenceWhy.CoolDown, first.Id.Value, At(660), null), street.Only.Silenced);
        Assert.Equal((true, false), (street.Only.IsShown, street.Only.IsCalling));

        street.Tick(660);
        Assert.Equal(At(660), street.Only.CallingSince);
    }

    [Fact]
    public void What_keeps_returning_is_heard_every_ten_minutes_and_not_never()
    {
        var street = new OneStreet();
        var heard = new List<int>();
        for (var minute = 0; minute < 60; minute++)
        {
            street.Read(minute * 60, 250);
            if (street.Only.IsCalling)
            {
                heard.Add(minute);
            }

            street.Read((minute * 60) + 30, 0);
        }

        Assert.Equal([0, 11, 22, 33, 44, 55], heard);
    }

    [Fact]
    public void What_returns_graver_rings_and_so_does_a_red_that_nobody_acknowledged()
    {
        var graver = new OneStreet().Read(0, 250).Read(60, 0).Read(120, 320);
        Assert.True(graver.Only.IsCalling);

        var unseen = new OneStreet().Read(0, 320).Read(60, 0).Read(120, 320);
        Assert.True(unseen.Only.IsCalling);

        var seen = new OneStreet().Read(0, 320);
        seen.Execute(new AcknowledgeWarning(null), Wang, 10);
        seen.Read(60, 0).Read(120, 320);
        Assert.Equal(SilenceWhy.CoolDown, seen.Only.Silenced!.Why);
    }

    [Fact]
    public void After_ten_minutes_a_return_rings()
    {
        var street = new OneStreet().Read(0, 250).Read(60, 0).Tick(660).Read(661, 250);

        Assert.True(street.Only.IsCalling);
    }

    [Fact]
    public void What_was_remembered_before_a_restart_cools_down_after_it()
    {
        var before = new OneStreet().Read(0, 250).Read(60, 0);
        var after = new OneStreet();
        after.Book.Remember(before.Book.Unsaved.Values.Single());

        after.Read(120, 250);

        Assert.Equal(SilenceWhy.CoolDown, after.Only.Silenced!.Why);
    }
}
