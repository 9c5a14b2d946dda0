using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;
using static CommandCenter.Grains.Tests.Warnings.OneStreet;

namespace CommandCenter.Grains.Tests.Warnings;

/// <summary>Why a device did not ring: one word for each rule that selects it.</summary>
public sealed class ExplainingTests
{
    private static readonly RuleDefinition Slow = RuleParsing.Parse(
        new("R90"),
        """{"kind":"threshold","quantity":"water_depth","when":"above","minSamples":2,"select":{"kinds":["water_level"]},"levels":{"orange":{"value":200,"onDelaySeconds":120}}}""",
        1).Rule!;

    [Fact]
    public void Below_its_hold_it_says_since_when_and_due_when()
    {
        var street = new OneStreet(rule: Slow).Read(0, 250);
        var few = Explain(street, 10);
        Assert.Equal((ExplanationWord.TooFewSamples, 1, 2), (few.Word, few.Samples!.Value, few.SamplesNeeded!.Value));

        var waiting = Explain(street.Read(60, 250), 61);
        Assert.Equal((ExplanationWord.BelowHold, At(0), At(120), Colour.Orange), (waiting.Word, waiting.Since!.Value, waiting.DueAt!.Value, waiting.Colour!.Value));
        Assert.NotNull(waiting.Warning);
    }

    [Fact]
    public void A_raised_one_says_what_keeps_it_silent()
    {
        var ringing = new OneStreet().Read(0, 250);
        Assert.Equal(ExplanationWord.Ringing, Explain(ringing, 1).Word);
        ringing.Execute(new AcknowledgeWarning(null), Wang, 2);
        Assert.Equal((ExplanationWord.Raised, At(2 + (240 * 60))), (Explain(ringing, 3).Word, Explain(ringing, 3).DueAt!.Value));
        ringing.Execute(new ShelveWarning(At(600), "校准"), Wang, 4);
        Assert.Equal((ExplanationWord.Shelved, At(600)), (Explain(ringing, 5).Word, Explain(ringing, 5).DueAt!.Value));
        ringing.Book.Change(ringing.Only with { Shelved = null, InhibitedBy = new("w-parent") });
        Assert.Equal(ExplanationWord.Inhibited, Explain(ringing, 6).Word);
        Assert.Contains("w-parent", Explain(ringing, 6).Text, StringComparison.Ordinal);

        var maintained = new OneStreet();
        maintained.PutWindows(0, Window(0, 3600));
        var answer = Explaining.Of(maintained.Read(60, 320).Machine, 0, At(61));
        Assert.Equal((DeviceState.Maintenance, ExplanationWord.Maintenance, At(3600)), (answer.State, answer.Rules[0].Word, answer.Rules[0].DueAt!.Value));
        Assert.Equal("更换探头", Assert.Single(answer.Maintenance).Reason);

        Assert.Equal(ExplanationWord.CoolDown, Explain(new OneStreet().Read(0, 250).Read(60, 0).Read(120, 250), 121).Word);
    }

    [Fact]
    public void A_calm_one_says_value_and_threshold()
    {
        var calm = Explain(new OneStreet().Read(0, 50), 1);

        Assert.Equal((ExplanationWord.Calm, 50, 100), (calm.Word, calm.Value!.Value, calm.Threshold!.Value));
        Assert.Contains("50 mm，最低一级 ≥ 100 mm", calm.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Silence_is_never_calm_and_a_bad_value_is_not_judged()
    {
        Assert.Equal(ExplanationWord.NoFreshData, Explain(new OneStreet(), 1).Word);
        Assert.Equal((ExplanationWord.NoFreshData, At(0)), (Explain(new OneStreet().Read(0, 50), 600).Word, Explain(new OneStreet().Read(0, 50), 600).Since!.Value));

        var bad = new OneStreet();
        bad.Machine.Apply(new() { Node = "n", Sequence = 1, Street = Street, Readings = [new(new("wl-1"), new("water_depth"), 999, At(0), At(0), Quality.Bad)] });
        Assert.Equal(ExplanationWord.QualityBad, Explain(bad, 1).Word);
    }

    [Fact]
    public void A_rule_that_does_not_judge_says_why()
    {
        Assert.Equal(ExplanationWord.Disabled, Explain(new OneStreet(rule: AtOnce with { Enabled = false }).Read(0, 320), 1).Word);
        Assert.Equal(ExplanationWord.NotYetEffective, Explain(new OneStreet(rule: AtOnce with { EffectiveFromMs = At(3600).ToUnixTimeMilliseconds() }).Read(0, 320), 1).Word);

        // The test begins at 08:00 in Shanghai.
        Assert.Equal(ExplanationWord.OutOfSchedule, Explain(new OneStreet(rule: AtOnce with { Schedule = new(new(22, 0), new(6, 0)) }).Read(0, 320), 1).Word);
    }

    private static RuleExplanation Explain(OneStreet street, double second) => Assert.Single(Explaining.Of(street.Machine, 0, At(second)).Rules);
}
