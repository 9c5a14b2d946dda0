using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Warnings;
using static CommandCenter.Grains.Tests.Warnings.OneStreet;

namespace CommandCenter.Grains.Tests.Warnings;

/// <summary>Acknowledging, shelving, and the timeline that a warning keeps of itself.</summary>
public sealed class WarningLifeTests
{
    [Fact]
    public void Of_two_officers_at_once_the_first_ones_word_stands_and_the_second_one_is_told_of_it()
    {
        var street = new OneStreet().Read(0, 320);
        var seen = street.Only;

        var first = street.Execute(new AcknowledgeWarning("我来"), Wang, 1);
        var second = WarningDeciding.Execute(street.Only, new AcknowledgeWarning("我也来"), Li, At(1), street.Options);

        Assert.False(first.Repeated);
        Assert.True(second.Repeated);
        Assert.Equal(("wang", "我来"), (second.Value!.Acknowledged!.By, second.Value.Acknowledged.Comment));
        Assert.Equal(seen.Version + 1, street.Only.Version);
    }

    [Fact]
    public void An_acknowledgement_that_expires_while_the_colour_stands_makes_it_call_again()
    {
        var street = new OneStreet(new() { AcknowledgeMinutes = 60 }).Read(0, 320);
        Assert.Equal(At(0), street.Only.CallingSince);

        street.Execute(new AcknowledgeWarning(null), Wang, 10);
        Assert.Null(street.Only.CallingSince);
        Assert.Equal(At(3610), street.Only.Acknowledged!.Until);

        street.Tick(3611);
        Assert.Null(street.Only.Acknowledged);
        Assert.Equal(At(3611), street.Only.CallingSince);
        Assert.Equal([WarningChangeKind.Raised, WarningChangeKind.Acknowledged, WarningChangeKind.AcknowledgementExpired], Kinds(street.Only));
    }

    [Fact]
    public void The_timeline_says_what_happened_when_and_by_whom()
    {
        var street = new OneStreet().Read(0, 150).Read(60, 250).Read(120, 320);
        street.Execute(new AcknowledgeWarning("已派人"), Wang, 130);
        street.Read(180, 250).Read(240, 50);

        var cleared = Assert.Single(street.Book.Unsaved.Values);
        Assert.Equal(
            [
                (At(0), WarningChangeKind.Raised, Colour.Yellow, null), (At(60), WarningChangeKind.Upgraded, Colour.Orange, null), (At(120), WarningChangeKind.Upgraded, Colour.Red, null),
                (At(130), WarningChangeKind.Acknowledged, Colour.Red, "wang"), (At(180), WarningChangeKind.Lowered, Colour.Orange, null), (At(240), WarningChangeKind.Cleared, Colour.Orange, null),
            ],
            cleared.Changes.Select(change => (change.At, change.Kind, change.Colour, change.By?.Id)));
        Assert.Equal("已派人", cleared.Changes[3].Text);
        Assert.Contains("≥ 300 mm", cleared.Changes[2].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_condition_is_kept_in_figures()
    {
        var condition = new OneStreet().Read(0, 320).Only.Condition!;

        Assert.Equal(new() { Kind = "threshold", Sign = "≥", Threshold = 300, HoldSeconds = 0, MinSamples = 1, Deadband = 0, OffDelaySeconds = 0 }, condition);
    }

    [Fact]
    public void The_timeline_is_bounded_and_keeps_its_beginning()
    {
        var street = new OneStreet();
        for (var round = 0; round < 200; round++)
        {
            street.Read(round * 2, 320);
            street.Read((round * 2) + 1, 250);
        }

        Assert.Equal(WarningTimeline.ChangesMax, street.Only.Changes.Length);
        Assert.Equal((At(0), WarningChangeKind.Raised), (street.Only.Changes[0].At, street.Only.Changes[0].Kind));
        Assert.Equal(At(399), street.Only.Changes[^1].At);
    }

    [Fact]
    public void A_red_that_concerns_lives_is_shelved_by_two_persons()
    {
        var street = new OneStreet(rule: AtOnce with { Class = new("SJ-21-01") }).Read(0, 320);

        var asked = street.Execute(new ShelveWarning(At(7200), "探头校准"), Wang, 1).Value!;
        Assert.Null(asked.Shelved);
        Assert.Equal(("wang", "探头校准"), (asked.ShelveRequested!.By, asked.ShelveRequested.Reason));
        Assert.True(street.Only.IsCalling);
        Assert.Null(street.Execute(new ShelveWarning(At(7200), "再说一次"), Wang, 2).Value!.Shelved);

        var agreed = street.Execute(new ShelveWarning(At(3600), "同意"), Li, 3).Value!;
        Assert.Equal(new("wang", At(2), At(3600), "再说一次") { ApprovedBy = "li" }, agreed.Shelved);
        Assert.Null(agreed.ShelveRequested);
        Assert.False(street.Only.IsShown);
    }

    [Fact]
    public void A_leader_alone_may_shelve_it_and_so_may_anyone_shelve_what_concerns_no_lives()
    {
        Assert.Equal("chen", new OneStreet(rule: AtOnce with { Class = new("SJ-21-01") }).Read(0, 320).Execute(new ShelveWarning(At(3600), "校准"), Leader, 1).Value!.Shelved!.ApprovedBy);
        Assert.NotNull(new OneStreet().Read(0, 320).Execute(new ShelveWarning(At(3600), "校准"), Wang, 1).Value!.Shelved);
        Assert.NotNull(new OneStreet(rule: AtOnce with { Class = new("SJ-21-01") }).Read(0, 250).Execute(new ShelveWarning(At(3600), "校准"), Wang, 1).Value!.Shelved);
    }

    [Fact]
    public void What_one_officer_shelved_another_does_not_shelve_over()
    {
        var street = new OneStreet().Read(0, 320);
        street.Execute(new ShelveWarning(At(3600), "校准"), Wang, 1);

        Assert.Equal(Refusal.NotInThisPhase, street.Execute(new ShelveWarning(At(7200), "我要更久"), Li, 2).Refusal);
        Assert.Null(street.Execute(new UnshelveWarning(), Li, 3).Value!.Shelved);
    }

    [Fact]
    public void A_shelving_that_ends_makes_what_still_stands_call()
    {
        var street = new OneStreet().Read(0, 320);
        street.Execute(new ShelveWarning(At(600), "校准"), Wang, 1);
        Assert.Equal((0, null), (street.Book.Count().Red, street.Only.CallingSince));

        street.Tick(600);
        Assert.Equal((1, At(600)), (street.Book.Count().Red, street.Only.CallingSince!.Value));
        Assert.Contains(WarningChangeKind.ShelvingExpired, Kinds(street.Only));
    }

    [Fact]
    public void A_thing_that_flaps_stays_shelved_over_its_returns_unless_it_returns_graver()
    {
        var street = new OneStreet().Read(0, 250);
        street.Execute(new ShelveWarning(At(36_000), "抖动"), Wang, 1);
        street.Read(60, 0).Tick(3000);

        street.Read(3060, 250);
        Assert.Equal(At(36_000), street.Only.Shelved!.Until);
        Assert.False(street.Only.IsCalling);

        street.Read(3120, 320);
        Assert.Null(street.Only.Shelved);
        Assert.True(street.Only.IsCalling);
    }
}
