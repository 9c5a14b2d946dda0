namespace CommandCenter.Grains.Tests.Rules;

public sealed class RateRuleTests
{
    private const string Rise = """{"kind":"rate","parameters":{"quantity":"water_depth","periodSeconds":600},"levels":{"yellow":{"value":50}},"minSamples":1}""";

    [Theory]
    [InlineData(49.9, "")]
    [InlineData(50, "600 pending yellow|600 raised yellow")]
    [InlineData(50.1, "600 pending yellow|600 raised yellow")]
    public void The_change_over_the_look_back_is_judged_at_the_level(double end, string changes)
    {
        var stand = new RuleStand(Rise).Series(0, 60, "water_depth", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, end);

        Assert.Equal(changes, string.Join('|', stand.Changes));
    }

    [Fact]
    public void A_short_span_is_scaled_to_the_period_once_it_is_long_enough()
    {
        // 5 mm a minute is 50 mm in 10 min; at 4 min the span is too short, at 5 min it is half the look-back.
        var stand = new RuleStand(Rise).Series(0, 60, "water_depth", 0, 5, 10, 15, 20, 25);

        Assert.Equal(["300 pending yellow", "300 raised yellow"], stand.Changes);
    }

    [Fact]
    public void A_gap_longer_than_the_period_gives_no_rate()
    {
        var stand = new RuleStand(Rise).Series(0, 60, "water_depth", 0, 0, 0, 0, 0, 0).Read(901, "water_depth", 500).Read(961, "water_depth", 500);

        Assert.Empty(stand.Changes);
    }

    [Fact]
    public void A_late_reading_closes_the_gap_for_the_next_one()
    {
        var stand = new RuleStand("""
            {"kind":"rate","parameters":{"quantity":"water_depth","periodSeconds":600,"lookBackSeconds":1200,"minSpanSeconds":600},"levels":{"yellow":{"value":50}},"minSamples":1}
            """).Read(0, "water_depth", 0).Read(700, "water_depth", 60).Read(350, "water_depth", 30, lag: 400).Read(760, "water_depth", 70);

        Assert.Equal(["760 pending yellow", "760 raised yellow"], stand.Changes);
    }

    [Fact]
    public void The_same_reading_again_changes_nothing()
    {
        var once = new RuleStand(Rise).Series(0, 60, "water_depth", 0, 5, 10, 15, 20, 25);
        var twice = new RuleStand(Rise).Series(0, 60, "water_depth", 0, 5, 10).Series(0, 60, "water_depth", 0, 5, 10).Series(180, 60, "water_depth", 15, 20, 25);

        Assert.Equal(once.Changes, twice.Changes);
    }

    [Fact]
    public void A_fall_is_told_as_a_positive_number_and_ends_with_the_fall()
    {
        var stand = new RuleStand("""
            {"kind":"rate","parameters":{"quantity":"pressure","when":"fall","periodSeconds":300,"method":"change"},"levels":{"orange":{"value":0.05},"red":{"value":0.1}},"minSamples":1}
            """).Series(0, 60, "pressure", 0.30, 0.30, 0.25, 0.19, 0.19, 0.19, 0.19, 0.19, 0.19);

        Assert.Equal(["120 pending orange", "120 raised orange", "180 raised red", "420 lowered orange", "480 cleared orange"], stand.Changes);
        Assert.Equal(0.05, stand.Verdicts[0].Value!.Value, 9);
    }

    [Fact]
    public void The_change_may_be_told_in_percent_and_a_start_at_nothing_gives_none()
    {
        const string triple = """{"kind":"rate","parameters":{"quantity":"ammonia_nitrogen","periodSeconds":3600,"method":"change","percent":true},"levels":{"red":{"value":200}},"minSamples":1}""";

        Assert.Equal(["600 pending red", "600 raised red"], new RuleStand(triple, 600).Series(0, 600, "ammonia_nitrogen", 0.5, 1.5).Changes);
        Assert.Empty(new RuleStand(triple, 600).Series(0, 600, "ammonia_nitrogen", 0.5, 1.49).Changes);
        Assert.Empty(new RuleStand(triple, 600).Series(0, 600, "ammonia_nitrogen", 0, 1.5).Changes);
    }

    [Fact]
    public void Either_way_counts_when_it_says_so()
    {
        const string either = """{"kind":"rate","parameters":{"quantity":"settlement","when":"either","periodSeconds":86400,"minSpanSeconds":86400},"levels":{"blue":{"value":2}},"minSamples":2}""";

        // The second sample, a minute later, makes it enough.
        Assert.Equal(["86400 pending blue", "86460 raised blue"], new RuleStand(either, 43_200).Read(0, "settlement", 0).Read(60, "settlement", 0).Read(43_200, "settlement", -1)
            .Read(86_400, "settlement", -2).Read(86_460, "settlement", -2).Changes);
    }
}
