using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Tests.Warnings;

public sealed class WarningDecidingTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly RuleDefinition Road = RulePack.Shipped["R01"];
    private static readonly SubjectFacts Facts = new(new("320404002"), [new("320404400")], 119.9, 31.7, "龙江路 积水1", "mm", false);
    private static readonly Actor Duty = new() { Id = "u-1", Name = "值班员", Kind = ActorKind.User, Roles = [Role.Duty], Areas = [new("320404002")] };

    [Fact]
    public void The_reason_says_value_threshold_since_when_and_rule_version()
    {
        var red = Raised(Colour.Red, 300);

        Assert.Equal("龙江路 积水1：积水深度 300 mm ≥ 250 mm，红色，自 2026-11-24 08:00:00 起，持续 60 秒（R01 道路积水 第 1 版）", red.Reason);
    }

    [Fact]
    public void A_verdict_that_is_already_reflected_changes_nothing()
    {
        var red = Raised(Colour.Red, 300);

        Assert.Same(red, WarningDeciding.Decide(red, Verdict(VerdictKind.Raised, Colour.Red, 60, 2, 300), Facts));
        Assert.Same(red, WarningDeciding.Decide(red, Verdict(VerdictKind.Pending, Colour.Blue, 0, 1, 300), Facts));
    }

    [Fact]
    public void An_acknowledgement_ends_after_its_time()
    {
        var seen = WarningDeciding.Execute(Raised(Colour.Red, 300), new AcknowledgeWarning(null), Duty, Now, new()).Value!;

        Assert.NotNull(WarningDeciding.Expire(seen, Now.AddHours(4).AddMilliseconds(-1)).Acknowledged);
        Assert.Null(WarningDeciding.Expire(seen, Now.AddHours(4)).Acknowledged);
    }

    [Fact]
    public void A_graver_colour_speaks_up_again_after_acknowledging_and_shelving()
    {
        var blue = Raised(Colour.Blue, 120);
        var quiet = blue with { Acknowledged = new("u-1", Now, null, Now.AddHours(4)), Shelved = new("u-1", Now, Now.AddHours(1), "检修") };

        var red = WarningDeciding.Decide(quiet, Verdict(VerdictKind.Raised, Colour.Red, 200, 3, 300), Facts)!;

        Assert.Null(red.Acknowledged);
        Assert.Null(red.Shelved);
        Assert.Equal(Now.AddSeconds(60), red.RaisedAt);
    }

    [Fact]
    public void Shelving_needs_a_reason_and_ends_by_itself()
    {
        var red = Raised(Colour.Red, 300);

        var without = WarningDeciding.Execute(red, new ShelveWarning(Now.AddHours(1), " "), Duty, Now, new());
        var tooLong = WarningDeciding.Execute(red, new ShelveWarning(Now.AddDays(8), "检修"), Duty, Now, new());
        var shelved = WarningDeciding.Execute(red, new ShelveWarning(Now.AddHours(1), "检修"), Duty, Now, new()).Value!;

        Assert.Contains("reason", without.Errors.Keys);
        Assert.Contains("until", tooLong.Errors.Keys);
        Assert.NotNull(WarningDeciding.Expire(shelved, Now.AddMinutes(59)).Shelved);
        Assert.Null(WarningDeciding.Expire(shelved, Now.AddHours(1)).Shelved);
    }

    [Theory]
    [InlineData("320404001", Refusal.NotFound)]
    [InlineData("320404400", null)]
    [InlineData("320404002", null)]
    public void Out_of_scope_a_warning_does_not_exist_and_an_overlay_is_scope(string area, Refusal? refusal)
    {
        var outcome = WarningDeciding.Execute(Raised(Colour.Red, 300), new AcknowledgeWarning(null), Duty with { Areas = [new(area)] }, Now, new());

        Assert.Equal(refusal, outcome.Refusal);
    }

    [Fact]
    public void A_responder_may_not_acknowledge_and_a_pending_or_cleared_warning_cannot_be()
    {
        var red = Raised(Colour.Red, 300);

        Assert.Equal(Refusal.NotAllowed, WarningDeciding.Execute(red, new AcknowledgeWarning(null), Duty with { Roles = [Role.Responder] }, Now, new()).Refusal);
        Assert.Equal(Refusal.NotInThisPhase, WarningDeciding.Execute(red with { State = WarningState.Pending }, new AcknowledgeWarning(null), Duty, Now, new()).Refusal);
        Assert.Equal(Refusal.NotInThisPhase, WarningDeciding.Execute(red with { State = WarningState.Cleared }, new AcknowledgeWarning(null), Duty, Now, new()).Refusal);
    }

    [Fact]
    public void Evidence_keeps_the_first_ones_and_the_newest()
    {
        var warning = Raised(Colour.Red, 300);
        for (var i = 1; i <= 100; i++)
        {
            warning = WarningDeciding.Decide(warning, Verdict(VerdictKind.Seen, Colour.Red, 60 + i, 0, 300 + i), Facts)!;
        }

        Assert.Equal(20, warning.Evidence.Length);
        Assert.Equal([300, 300, 301, 302], warning.Evidence.Take(4).Select(item => item.Value!.Value));
        Assert.Equal([399, 400], warning.Evidence.TakeLast(2).Select(item => item.Value!.Value));
        Assert.Equal(400, warning.Value);
    }

    [Fact]
    public void Each_event_stands_once_in_the_evidence_and_is_a_change_to_store()
    {
        var before = Raised(Colour.Red, 300);
        WarningView See(WarningView warning, int second, string id, string? picture = null) =>
            WarningDeciding.Decide(warning, Verdict(VerdictKind.Seen, Colour.Red, second, 0, 1) with { Event = id, Snapshot = picture }, Facts)!;

        // Two in one millisecond are two, the same again is none, and an update brings its picture to the event that is there.
        var two = See(See(before, 70, "e-1"), 70, "e-2");
        Assert.Equal([null, null, "e-1", "e-2"], two.Evidence.Select(item => item.Event));
        Assert.Equal(before.Version + 2, two.Version);
        Assert.Same(two, See(See(two, 70, "e-1"), 80, "e-2"));
        var pictured = See(two, 90, "e-1", "https://camera/2.jpg");
        Assert.Equal([null, null, "https://camera/2.jpg", null], pictured.Evidence.Select(item => item.Snapshot));
        Assert.Equal(two.Version + 1, pictured.Version);
    }

    [Fact]
    public void The_identity_follows_from_rule_subject_and_onset_alone()
    {
        Assert.Equal(WarningDeciding.IdOf(new("R01"), "wl-1", 5), WarningDeciding.IdOf(new("R01"), "wl-1", 5));
        Assert.Equal(4, new[]
        {
            WarningDeciding.IdOf(new("R01"), "wl-1", 5), WarningDeciding.IdOf(new("R02"), "wl-1", 5), WarningDeciding.IdOf(new("R01"), "wl-2", 5), WarningDeciding.IdOf(new("R01"), "wl-1", 6),
        }.Distinct().Count());
    }

    [Fact]
    public void A_warning_that_reached_a_colour_which_opens_an_incident_wants_one_also_when_it_is_lower_or_over()
    {
        var opening = Road with { Levels = [.. Road.Levels.Select(level => level with { Incident = level.Colour == Colour.Red ? IncidentPolicy.Open : IncidentPolicy.Never })] };
        var red = Raised(Colour.Red, 300) with { IncidentPolicy = IncidentPolicy.Open };
        var yellow = red with { Colour = Colour.Yellow, IncidentPolicy = IncidentPolicy.Never };
        var over = yellow with { State = WarningState.Cleared };

        Assert.True(WarningDeciding.WantsIncident(red, null));
        Assert.True(WarningDeciding.WantsIncident(yellow, opening));
        Assert.True(WarningDeciding.WantsIncident(over, opening));
        Assert.False(WarningDeciding.WantsIncident(over with { Incident = new("inc-1") }, opening));
        Assert.False(WarningDeciding.WantsIncident(yellow with { PeakColour = Colour.Yellow }, opening));
        Assert.False(WarningDeciding.WantsIncident(red with { State = WarningState.Pending, IncidentPolicy = IncidentPolicy.Never }, opening));
    }

    private static WarningView Raised(Colour colour, double value)
    {
        var pending = WarningDeciding.Decide(null, Verdict(VerdictKind.Pending, Colour.Blue, 0, 1, value), Facts);
        var raised = WarningDeciding.Decide(pending, Verdict(VerdictKind.Raised, colour, 60, 2, value), Facts);
        return WarningDeciding.Decide(raised, Verdict(VerdictKind.Seen, colour, 60, 0, value), Facts)!;
    }

    private static Verdict Verdict(VerdictKind kind, Colour colour, int second, int transition, double value) =>
        new(Road, "wl-1", kind, colour, Now.ToUnixTimeMilliseconds(), Now.AddSeconds(second).ToUnixTimeMilliseconds(), transition, value, null, null);
}
