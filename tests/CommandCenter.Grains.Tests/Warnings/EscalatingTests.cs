using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Warnings;
using static CommandCenter.Grains.Tests.Warnings.OneStreet;

namespace CommandCenter.Grains.Tests.Warnings;

/// <summary>What nobody acknowledges climbs: seat → 值班长 → 带班领导.</summary>
public sealed class EscalatingTests
{
    [Fact]
    public void A_red_climbs_after_three_and_eight_minutes_each_step_once()
    {
        var street = new OneStreet().Read(0, 320);
        street.Tick(179);
        Assert.Null(street.Only.Escalation);

        street.Tick(180);
        Assert.Equal(new(EscalationStep.ShiftLeader, At(180), At(180)), street.Only.Escalation);
        street.Tick(181).Tick(479);
        Assert.Single(street.Book.Climbed);

        street.Tick(481);
        Assert.Equal(new(EscalationStep.DutyLeader, At(480), At(481)), street.Only.Escalation);
        street.Tick(100_000);
        Assert.Equal([EscalationStep.ShiftLeader, EscalationStep.DutyLeader], street.Book.Climbed.Select(step => step.Step));
        Assert.Equal(["值班长", "带班领导"], street.Only.Changes.Where(change => change.Kind == WarningChangeKind.Escalated).Select(change => change.Text));
    }

    [Fact]
    public void Orange_climbs_later_and_yellow_never()
    {
        var orange = new OneStreet().Read(0, 250).Tick(599);
        Assert.Null(orange.Only.Escalation);
        Assert.Equal(EscalationStep.ShiftLeader, orange.Tick(600).Only.Escalation!.Step);
        Assert.Equal(EscalationStep.DutyLeader, orange.Tick(1200).Only.Escalation!.Step);

        Assert.Null(new OneStreet().Read(0, 150).Tick(100_000).Only.Escalation);
    }

    [Fact]
    public void It_stops_at_acknowledgement_and_begins_anew_when_that_expires()
    {
        var street = new OneStreet(new() { AcknowledgeMinutes = 60 }).Read(0, 320).Tick(180);
        street.Execute(new AcknowledgeWarning(null), Wang, 200);

        street.Tick(1000);
        Assert.Equal(EscalationStep.ShiftLeader, street.Only.Escalation!.Step);

        street.Tick(3800);
        Assert.Null(street.Only.Escalation);
        Assert.Equal(At(3800 + 180), street.Tick(3800 + 180).Only.Escalation!.DueAt);
    }

    [Fact]
    public void What_is_cleared_shelved_in_maintenance_inhibited_or_not_our_own_does_not_climb()
    {
        Assert.Empty(new OneStreet().Read(0, 320).Read(100, 0).Tick(1000).Book.Climbed);

        var shelved = new OneStreet().Read(0, 320);
        shelved.Execute(new ShelveWarning(At(7200), "校准"), Wang, 10);
        Assert.Empty(shelved.Tick(1000).Book.Climbed);

        var maintained = new OneStreet();
        maintained.PutWindows(0, Window(0, 3600));
        maintained.Read(10, 320).Tick(3599);
        Assert.Empty(maintained.Book.Climbed);
        maintained.Tick(3600).Tick(3600 + 179);
        Assert.Empty(maintained.Book.Climbed);
        maintained.Tick(3600 + 180);
        Assert.Single(maintained.Book.Climbed);

        var official = new OneStreet(new() { NotEscalatedRules = ["R90"] }).Read(0, 320).Tick(10_000);
        Assert.Empty(official.Book.Climbed);
    }

    [Fact]
    public void An_orange_that_becomes_red_climbs_by_the_reds_clock_from_then_on()
    {
        var street = new OneStreet().Read(0, 250).Tick(600).Read(700, 320);

        Assert.Null(street.Only.Escalation);
        Assert.Equal(At(700 + 180), street.Tick(700 + 180).Only.Escalation!.DueAt);
    }

    [Fact]
    public void After_a_standstill_the_steps_follow_one_after_the_other_with_the_times_at_which_they_were_due()
    {
        var street = new OneStreet().Read(0, 320).Tick(10_000).Tick(10_001);

        Assert.Equal(
            [(EscalationStep.ShiftLeader, At(180)), (EscalationStep.DutyLeader, At(480))],
            street.Book.Climbed.Select(step => (step.Step, step.DueAt)));
    }

    [Fact]
    public void In_one_second_only_so_many_climb_and_the_others_follow_in_the_next()
    {
        var street = new OneStreet(new() { EscalationsPerTickMax = 3 }, gauges: 5);
        for (var gauge = 1; gauge <= 5; gauge++)
        {
            street.Read(0, 320, gauge);
        }

        Assert.Equal(3, street.Tick(200).Book.Climbed.Count);
        Assert.Equal(5, street.Tick(201).Book.Climbed.Count);
    }

    [Fact]
    public void Each_step_has_a_notice_with_a_key_of_its_own_and_many_at_once_are_counted_in_one()
    {
        var street = new OneStreet(gauges: 7);
        street.Read(0, 320).Tick(180);
        var single = Assert.Single(EscalationNotices.For(street.Book.Climbed, "邹区镇", At(180), 5));
        Assert.Equal($"escalation/{street.Book.Climbed[0].Warning.Id}/ShiftLeader/{At(180).ToUnixTimeMilliseconds()}", single.Key);
        Assert.Equal(("值班长（邹区镇）", true), (single.Recipient, single.Text.StartsWith("【钟楼城运】红色预警自 08:00:00 起无人确认，升级至值班长：积水1", StringComparison.Ordinal)));

        for (var gauge = 2; gauge <= 7; gauge++)
        {
            street.Read(200, gauge == 7 ? 250 : 320, gauge);
        }

        street.Book.Climbed.Clear();
        street.Tick(200 + 600);
        var many = Assert.Single(EscalationNotices.For([.. street.Book.Climbed.Where(step => step.Step == EscalationStep.ShiftLeader)], "邹区镇", At(800), 5));
        Assert.Contains("6 条预警（红色 5 条）无人确认", many.Text, StringComparison.Ordinal);
    }
}
