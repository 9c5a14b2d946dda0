namespace CommandCenter.Grains.Tests.Rules;

public sealed class BaselineRuleTests
{
    private const int Hour = 3600;

    private static RuleStand Learnt(string rule, int days, params int[] skipped)
    {
        var stand = new RuleStand(rule, 1800);
        for (var hour = 0; hour < days * 24; hour++)
        {
            if (!skipped.Contains(hour / 24))
            {
                // 100 by day, 20 by night, every half hour.
                var value = hour % 24 is >= 8 and < 20 ? 100 : 20;
                stand.Read(hour * Hour, "power", value - 1).Read((hour * Hour) + 1800, "power", value + 1);
            }
        }

        return stand;
    }

    private const string LastDays = """
        {"kind":"baseline","parameters":{"quantity":"power","by":"last_days"},"levels":{"blue":{"value":30},"yellow":{"value":50}},"minSamples":1,"deadband":10}
        """;

    [Theory]
    [InlineData(129.9, "")]
    [InlineData(130, "pending blue|raised blue")]
    [InlineData(50, "pending blue|raised yellow")]
    public void The_same_hour_of_the_last_days_is_the_measure(double value, string changes)
    {
        var stand = Learnt(LastDays, 3);
        var at = (3 * 86_400) + (12 * Hour);
        Assert.Empty(stand.Changes);

        stand.Read(at, "power", value);
        Assert.Equal(changes, string.Join('|', stand.Changes.Select(change => change[(change.IndexOf(' ', StringComparison.Ordinal) + 1)..])));
    }

    [Fact]
    public void Too_few_days_say_nothing()
    {
        Assert.Empty(Learnt(LastDays, 2).Read((2 * 86_400) + (12 * Hour), "power", 500).Changes);
        Assert.Empty(Learnt(LastDays, 3, skipped: 1).Read((3 * 86_400) + (12 * Hour), "power", 500).Changes);
    }

    [Fact]
    public void What_stands_out_is_not_learnt()
    {
        var stand = Learnt(LastDays, 3);
        for (var half = 0; half < 48; half++)
        {
            stand.Read((3 * 86_400) + (half * 1800), "power", 500);
        }

        // A day later 500 still stands out, for the day of 500 taught nothing.
        Assert.DoesNotContain(stand.Read((4 * 86_400) + (12 * Hour), "power", 500).Changes, change => change.EndsWith("cleared yellow", StringComparison.Ordinal));
        Assert.Contains(stand.Read((4 * 86_400) + (13 * Hour), "power", 100).Changes, change => change.EndsWith("cleared yellow", StringComparison.Ordinal));
    }

    [Fact]
    public void The_hour_of_the_week_tells_sunday_from_monday()
    {
        const string week = """{"kind":"baseline","parameters":{"quantity":"power","when":"above","measure":"sigma","minReadings":4},"levels":{"yellow":{"value":3}},"minSamples":1}""";
        var stand = new RuleStand(week, 1800);
        for (var hour = 0; hour < 14 * 24; hour++)
        {
            var sunday = hour / 24 % 7 == 6;
            stand.Read(hour * Hour, "power", (sunday ? 10 : 100) - 2).Read((hour * Hour) + 1800, "power", (sunday ? 10 : 100) + 2);
        }

        // The spread is 2: 105 on a Monday is 2.5 of them, 17 on a Sunday 3.5.
        Assert.Empty(stand.Read((14 * 86_400) + Hour, "power", 105).Changes);
        for (var hour = 2; hour < 6 * 24; hour++)
        {
            stand.Read((14 * 86_400) + (hour * Hour), "power", 100);
        }

        Assert.Equal(["1731600 pending yellow", "1731600 raised yellow"], stand.Read((20 * 86_400) + Hour, "power", 17).Changes);
    }
}

