using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Tests.Rules;

public sealed class WindowRuleTests
{
    private const string Rain = """
        {"kind":"window","parameters":{"quantity":"rainfall","aggregate":"sum","spanSeconds":10800},
         "levels":{"blue":{"value":50,"spanSeconds":43200},"yellow":{"value":50,"spanSeconds":21600},"orange":{"value":50},"red":{"value":100}},"minSamples":1,"offDelaySeconds":3600}
        """;

    [Theory]
    [InlineData(9.9, "")]
    [InlineData(10, "21600 pending blue|21600 raised yellow")]
    public void Each_colour_sums_over_its_own_span(double hourly, string changes)
    {
        // Five hours of rain of 10 mm each: 50 mm in 6 h, the readings at 2 h to 6 h; at 7 h still, at 8 h no more.
        var stand = new RuleStand(Rain, 3600).Series(3600, 3600, "rainfall", 0, hourly, hourly, hourly, hourly, hourly);

        Assert.Equal(changes, string.Join('|', stand.Changes));
    }

    [Fact]
    public void What_is_exactly_as_old_as_the_span_is_outside()
    {
        var stand = new RuleStand(Rain, 3600).Series(0, 3600, "rainfall", 60, 0, 0, 0);

        // The three hours after 0 end at 10,800 s: there the 60 mm have left the window of orange, and recovery begins.
        Assert.Equal(["0 pending blue", "0 raised orange"], stand.Changes);
        Assert.Equal(["0 pending blue", "0 raised orange", "14400 lowered yellow"], stand.Series(14_400, 3600, "rainfall", 0).Changes);
    }

    [Fact]
    public void Tenths_of_millimetres_add_up_exactly()
    {
        var stand = new RuleStand(Rain).Series(60, 60, "rainfall", [.. Enumerable.Repeat(0.1, 499), 0.1]);

        Assert.Equal(["30000 pending blue"], stand.Changes.Take(1));
    }

    [Fact]
    public void A_late_reading_fills_the_window_and_is_judged_with_the_next_one()
    {
        var stand = new RuleStand(Rain, 3600).Read(3600, "rainfall", 30).Read(10_800, "rainfall", 10).Read(7200, "rainfall", 10, lag: 4000);

        Assert.Empty(stand.Changes);
        Assert.Equal(["14400 pending blue", "14400 raised yellow"], stand.Read(14_400, "rainfall", 0).Changes);
    }

    [Fact]
    public void A_repeat_adds_nothing_to_the_sum()
    {
        var stand = new RuleStand(Rain, 3600).Series(3600, 3600, "rainfall", 20, 20).Series(3600, 3600, "rainfall", 20, 20).Read(10_800, "rainfall", 9);

        Assert.Empty(stand.Changes);
    }

    [Fact]
    public void Bad_readings_add_nothing()
    {
        Assert.Empty(new RuleStand(Rain).Read(0, "rainfall", 400, quality: Quality.Bad).Read(60, "rainfall", 1).Changes);
    }

    [Fact]
    public void A_mean_waits_for_enough_of_its_span()
    {
        const string mean = """{"kind":"window","parameters":{"quantity":"pm25","aggregate":"mean","spanSeconds":600},"levels":{"yellow":{"value":100}},"minSamples":1}""";

        // 0.75 of 600 s are 450 s: the eighth reading, each of which covers a minute.
        Assert.Equal(["420 pending yellow", "420 raised yellow"], new RuleStand(mean).Series(0, 60, "pm25", 100, 100, 100, 100, 100, 100, 100, 100).Changes);
        Assert.Empty(new RuleStand(mean).Series(0, 60, "pm25", 100, 100, 100, 100, 100, 100, 100, 99.9).Changes);
    }

    [Fact]
    public void A_mean_that_no_more_has_enough_data_keeps_what_it_said()
    {
        const string mean = """{"kind":"window","parameters":{"quantity":"pm25","aggregate":"mean","spanSeconds":600},"levels":{"yellow":{"value":100}},"minSamples":1}""";
        var stand = new RuleStand(mean).Series(0, 60, "pm25", 100, 100, 100, 100, 100, 100, 100, 100).Read(2000, "pm25", 0);

        Assert.Equal(["420 pending yellow", "420 raised yellow"], stand.Changes);
    }

    [Fact]
    public void Slots_are_judged_at_their_end_by_the_clock_of_the_device()
    {
        const string tsp = """
            {"kind":"window","parameters":{"quantity":"tsp","aggregate":"mean","spanSeconds":900,"stepSeconds":900},
             "levels":{"blue":{"value":300},"red":{"value":1000,"minSamples":2}},"minSamples":1,"recover":{"below":250},"offDelaySeconds":900}
            """;
        var stand = new RuleStand(tsp, 300).Series(0, 300, "tsp", 1000, 1000, 1000);
        Assert.Empty(stand.Until(899).Changes);
        Assert.Equal(["900 pending blue", "900 raised blue"], stand.Until(900).Changes);

        stand.Series(900, 300, "tsp", 1000, 1000, 1000).Series(1800, 300, "tsp", 200, 200, 200).Series(2700, 300, "tsp", 200, 200, 200);
        Assert.Equal(["900 pending blue", "900 raised blue", "1800 raised red", "3600 cleared red"], stand.Until(3600).Changes);
    }

    [Fact]
    public void Slots_that_fall_into_a_silence_are_not_judged()
    {
        const string low = """{"kind":"window","parameters":{"quantity":"tsp","aggregate":"mean","when":"below","spanSeconds":900,"stepSeconds":900},"levels":{"blue":{"value":10}},"minSamples":1}""";
        var stand = new RuleStand(low, 300).Series(0, 300, "tsp", 5).Until(5000).Read(5000, "tsp", 100);

        Assert.Empty(stand.Changes);
    }

    [Theory]
    [InlineData("max", 90, "80 pending yellow")]
    [InlineData("range", 90, "80 pending yellow")]
    [InlineData("p50", 50, "100 pending yellow")]
    [InlineData("p50", 50.1, "")]
    [InlineData("p90", 90, "80 pending yellow")]
    [InlineData("p99", 100, "90 pending yellow")]
    public void Extremes_and_percentiles_are_those_of_the_window(string aggregate, double level, string first)
    {
        // The median of the first eleven, by nearest rank, is the sixth: 50. Of nine readings, p90 is the ninth.
        var rule = FormattableString.Invariant($$$"""{"kind":"window","parameters":{"quantity":"pm10","aggregate":"{{{aggregate}}}","spanSeconds":200,"minCoverage":0},"levels":{"yellow":{"value":{{{level}}}}},"minSamples":1}""");
        var stand = new RuleStand(rule, 10).Series(0, 10, "pm10", 10, 0, 20, 40, 30, 50, 70, 60, 90, 100, 50);

        Assert.Equal(first, stand.Changes.FirstOrDefault() ?? string.Empty);
    }

    [Fact]
    public void Sound_levels_are_averaged_by_energy()
    {
        const string laeq = """{"kind":"window","parameters":{"quantity":"laeq","aggregate":"laeq","spanSeconds":20,"minCoverage":1},"levels":{"yellow":{"value":67.4}},"minSamples":1}""";

        // 60 and 70 dB are 67.40 dB by energy, not 65.
        Assert.Single(new RuleStand(laeq, 10).Series(0, 10, "laeq", 60, 70).Changes, "10 pending yellow");
        Assert.Empty(new RuleStand(laeq, 10).Series(0, 10, "laeq", 60, 69.9).Changes);
        Assert.NotEmpty(new RuleStand(laeq.Replace("67.4", "65.5", StringComparison.Ordinal), 10).Series(0, 10, "laeq", 65.5, 65.5).Changes);
    }

    [Fact]
    public void Readings_beyond_a_value_are_counted()
    {
        const string peaks = """{"kind":"window","parameters":{"quantity":"load_ratio","aggregate":"count","spanSeconds":600,"countValue":60},"levels":{"blue":{"value":3}},"minSamples":1}""";

        Assert.Equal(["240 pending blue", "240 raised blue"], new RuleStand(peaks).Series(0, 60, "load_ratio", 60, 0, 61, 59.9, 60).Changes);
    }

    [Fact]
    public void A_window_of_many_readings_stays_bounded_and_its_sum_right()
    {
        const string day = """{"kind":"window","parameters":{"quantity":"water_use","aggregate":"sum","spanSeconds":86400},"levels":{"blue":{"value":864}},"minSamples":1}""";
        var stand = new RuleStand(day, 10);
        for (var i = 0; i < 8640; i++)
        {
            stand.Read(i * 10, "water_use", 0.1);
        }

        // 8,640 tenths are 864 exactly, reached with the last one.
        Assert.Equal(["86390 pending blue", "86390 raised blue"], stand.Changes);
    }

    [Fact]
    public void A_changed_level_keeps_the_window()
    {
        var stand = new RuleStand(Rain, 3600).Series(3600, 3600, "rainfall", 20, 20).PutRule(Rain.Replace("\"value\":100", "\"value\":200", StringComparison.Ordinal)).Read(10_800, "rainfall", 10);

        Assert.Equal(["10800 pending blue", "10800 raised orange"], stand.Changes);
    }

    private const string Lift = """{"kind":"window","parameters":{"types":["tamper"],"minConfidence":0.5,"aggregate":"count","spanSeconds":3600},"levels":{"yellow":{"value":3}},"minSamples":1,"offDelaySeconds":60}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Occurrences_are_counted_and_leave_the_window_by_themselves(bool restarts)
    {
        var stand = new RuleStand(Lift) { Restarts = restarts }.Event(0, "tamper", "a").Event(10, "tamper", "a", state: EventState.End).Event(600, "tamper", "b").Event(600, "tamper", "c");
        Assert.Equal(["600 pending yellow", "600 raised yellow"], stand.Changes);
        Assert.Equal("c", stand.Verdicts[0].Event);

        // The first one is an hour old at 3,600 s; recovery lasts a minute.
        Assert.Equal(["600 pending yellow", "600 raised yellow"], stand.Until(3659).Changes);
        Assert.Equal(["600 pending yellow", "600 raised yellow", "3660 cleared yellow"], stand.Until(3660).Changes);
    }

    [Fact]
    public void Only_the_sure_ones_of_the_named_types_count()
    {
        Assert.Empty(new RuleStand(Lift).Event(0, "tamper", "a").Event(1, "tamper", "b", 0.49).Event(2, "motion", "c").Event(3, "tamper", "d").Event(4, "tamper", "d").Changes);
    }

    [Fact]
    public void A_late_occurrence_counts_where_it_belongs()
    {
        Assert.Equal(["700 pending yellow", "700 raised yellow"], new RuleStand(Lift).Event(0, "tamper", "a").Event(700, "tamper", "c").Event(650, "tamper", "b").Changes);
    }
}
