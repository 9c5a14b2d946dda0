namespace CommandCenter.Grains.Tests.Rules;

public sealed class StuckRuleTests
{
    private const string Stuck = """{"kind":"stuck","parameters":{"quantity":"water_level","epsilon":0.001},"levels":{"blue":{"value":600}}}""";

    [Fact]
    public void The_same_value_for_the_stated_time_is_stuck()
    {
        Assert.Empty(new RuleStand(Stuck).Series(0, 60, "water_level", 3.5, 3.5, 3.501, 3.5, 3.5, 3.5, 3.5, 3.5, 3.5, 3.5).Changes);
        Assert.Equal(["600 pending blue", "600 raised blue"], new RuleStand(Stuck).Series(0, 60, "water_level", 3.5, 3.5, 3.501, 3.5, 3.5, 3.5, 3.5, 3.5, 3.5, 3.5, 3.5).Changes);
    }

    [Fact]
    public void A_change_beyond_epsilon_begins_anew_and_ends_what_was_stuck()
    {
        var stand = new RuleStand(Stuck).Series(0, 60, "water_level", [.. Enumerable.Repeat(3.5, 11), 3.502]);

        Assert.Equal(["600 pending blue", "600 raised blue", "660 cleared blue"], stand.Changes);
    }

    [Fact]
    public void Silence_is_not_sameness()
    {
        // The gap of 600 s is longer than three intervals.
        Assert.Empty(new RuleStand(Stuck).Read(0, "water_level", 3.5).Read(600, "water_level", 3.5).Until(5000).Changes);
    }
}

