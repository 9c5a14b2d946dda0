using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Tests.Rules;

/// <summary>The fields that every kind has, at their edges.</summary>
public sealed class RuleFieldTests
{
    [Theory]
    [InlineData(19.5, false, "")]
    [InlineData(19.49, false, "pending yellow|raised yellow")]
    [InlineData(18.99, false, "pending yellow|raised orange")]
    [InlineData(23.5, false, "")]
    [InlineData(23.51, false, "pending yellow|raised yellow")]
    [InlineData(23.5, true, "pending yellow|raised yellow")]
    [InlineData(19.5, true, "pending yellow|raised yellow")]
    public void A_band_has_two_sides(double value, bool inclusive, string changes)
    {
        var rule = """
            {"kind":"threshold","quantity":"oxygen","when":"outside","strict":true,"levels":{"yellow":{"below":19.5,"above":23.5},"orange":{"below":19.0}},"minSamples":1}
            """.Replace("\"strict\":true", inclusive ? "\"strict\":false" : "\"strict\":true", StringComparison.Ordinal);

        Assert.Equal(changes, string.Join('|', new RuleStand(rule).Read(0, "oxygen", value).Changes.Select(change => change[2..])));
    }

    [Fact]
    public void A_band_recovers_within_its_own_bounds()
    {
        var stand = new RuleStand("""
            {"kind":"threshold","quantity":"oxygen","when":"outside","strict":true,"levels":{"yellow":{"below":19.5,"above":23.5}},"recover":{"atLeast":19.8,"atMost":23.2},"minSamples":1}
            """).Series(0, 10, "oxygen", 19.4, 19.79, 19.8, 23.6, 23.21, 23.2);

        Assert.Equal(["0 pending yellow", "0 raised yellow", "20 cleared yellow", "30 pending yellow", "30 raised yellow", "50 cleared yellow"], stand.Changes);
    }

    [Fact]
    public void Any_of_several_conditions_reaches_the_colour_and_all_must_recover()
    {
        var stand = new RuleStand("""
            {"kind":"threshold","quantity":"residual_current","levels":{"blue":{"value":200},"yellow":{"value":300},"orange":{"value":500}},"minSamples":1,
             "also":[{"quantity":"wire_temperature","levels":{"yellow":70,"orange":90}}]}
            """).Read(0, "wire_temperature", 70).Read(10, "residual_current", 250).Read(20, "wire_temperature", 60).Read(30, "residual_current", 100);

        Assert.Equal(["0 pending yellow", "0 raised yellow", "20 lowered blue", "30 cleared blue"], stand.Changes);
    }

    [Fact]
    public void A_reading_of_another_quantity_is_no_sample_of_a_level_it_does_not_reach()
    {
        var stand = new RuleStand("""
            {"kind":"threshold","quantity":"residual_current","levels":{"yellow":{"value":300}},"minSamples":2,"also":[{"quantity":"wire_temperature","levels":{"yellow":70}}]}
            """).Read(0, "residual_current", 300).Read(10, "wire_temperature", 20).Read(20, "residual_current", 300);

        Assert.Equal(["0 pending yellow", "20 raised yellow"], stand.Changes);
    }

    [Fact]
    public void A_fast_rise_makes_the_colour_one_higher()
    {
        var stand = new RuleStand("""
            {"kind":"threshold","quantity":"water_depth","levels":{"blue":{"value":50},"yellow":{"value":100},"orange":{"value":150}},"minSamples":1,
             "also":[{"kind":"rate","parameters":{"quantity":"water_depth","periodSeconds":600},"escalates":1,"value":50}]}
            """).Series(0, 60, "water_depth", 0, 0, 0, 0, 0, 40, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60);

        // At 900 s the look-back begins with the 40 mm of 300 s: 20 mm in 10 min.
        Assert.Equal(["360 pending blue", "360 raised yellow", "900 lowered blue"], stand.Changes);
    }

    [Fact]
    public void A_guard_lets_the_condition_count_and_ends_it()
    {
        var stand = new RuleStand("""
            {"kind":"threshold","quantity":"liquid_level","levels":{"yellow":{"value":3,"onDelaySeconds":180}},"minSamples":1,
             "while":[{"quantity":"pump_running","when":"below","value":0}]}
            """).Series(0, 60, "liquid_level", 3, 3, 3);
        Assert.Empty(stand.Changes);

        stand.Read(130, "pump_running", 0).Until(309);
        Assert.Equal(["130 pending yellow"], stand.Changes);
        stand.Read(180, "liquid_level", 3).Read(240, "liquid_level", 3).Read(300, "liquid_level", 3).Until(310);
        Assert.Equal(["130 pending yellow", "310 raised yellow"], stand.Changes);
        Assert.Contains("320 cleared yellow", stand.Read(320, "pump_running", 1).Changes);
    }

    [Fact]
    public void A_guard_that_is_too_old_does_not_count()
    {
        const string rule = """
            {"kind":"threshold","quantity":"liquid_level","levels":{"yellow":{"value":3}},"minSamples":1,"while":[{"quantity":"pump_running","when":"below","value":0,"maxAgeSeconds":60}]}
            """;

        Assert.Empty(new RuleStand(rule).Read(0, "pump_running", 0).Read(61, "liquid_level", 3).Changes);
        Assert.NotEmpty(new RuleStand(rule).Read(0, "pump_running", 0).Read(60, "liquid_level", 3).Changes);
    }

    [Fact]
    public void Levels_stand_to_the_device_s_own_reference()
    {
        const string station = """
            {"kind":"threshold","quantity":"water_level","relative":"difference","levels":{"blue":{"value":-0.1},"yellow":{"value":0}},"minSamples":1,"overrides":{"d":{"reference":3.5}}}
            """;

        Assert.Equal(["0 pending blue", "0 raised blue", "10 raised yellow"], new RuleStand(station).Series(0, 10, "water_level", 3.4, 3.5).Changes);
        Assert.Equal(3.4, new RuleStand(station).Read(0, "water_level", 3.4).Verdicts[0].Value);
        Assert.Empty(new RuleStand(station, id: "unlisted").Series(0, 10, "water_level", 99).Changes);
    }

    [Fact]
    public void A_reference_may_follow_the_hours_and_come_by_tag()
    {
        const string noise = """
            {"kind":"threshold","quantity":"laeq","relative":"difference","strict":true,"levels":{"blue":{"value":0}},"minSamples":1,
             "overrides":{"tag:zone2":{"reference":[{"from":"06:00","to":"22:00","value":60},{"from":"22:00","to":"06:00","value":50}]}}}
            """;

        // The stand begins at midnight.
        Assert.Equal(["0 pending blue", "0 raised blue", "21600 cleared blue"], new RuleStand(noise, 21_600, ["zone2"]).Read(0, "laeq", 55).Read(21_600, "laeq", 55).Changes);
        Assert.Empty(new RuleStand(noise).Read(0, "laeq", 99).Changes);
    }

    [Theory]
    [InlineData("share", 0.79, 0.8, false)]
    [InlineData("share", 0.8, 0.8, true)]
    [InlineData("percent", 79.9, 80, false)]
    [InlineData("percent", 80, 80, true)]
    public void Shares_are_of_the_reference(string relative, double share, double level, bool reached)
    {
        var rule = """
            {"kind":"threshold","quantity":"crowd_count","relative":"share","levels":{"red":{"value":0.8}},"minSamples":1,"overrides":{"d":{"reference":1000}}}
            """.Replace("share", relative, StringComparison.Ordinal).Replace("0.8", level.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);

        Assert.Equal(reached, new RuleStand(rule).Read(0, "crowd_count", (relative == "share" ? share : share / 100) * 1000).Changes.Any());
    }

    [Theory]
    [InlineData(0.19, true)]
    [InlineData(0.191, false)]
    [InlineData(0.209, false)]
    [InlineData(0.21, true)]
    public void A_deviation_has_two_sides(double value, bool reached)
    {
        const string rule = """{"kind":"threshold","quantity":"pressure","when":"either","relative":"deviation","reference":0.2,"levels":{"blue":{"value":4.99}},"minSamples":1}""";

        Assert.Equal(reached, new RuleStand(rule).Read(0, "pressure", value).Changes.Any());
    }

    [Fact]
    public void The_deadband_may_be_a_share_of_the_level()
    {
        var stand = new RuleStand("""{"kind":"threshold","quantity":"pm25","levels":{"blue":{"value":60},"yellow":{"value":115}},"deadbandPercent":10,"minSamples":1}""", 3600)
            .Series(0, 3600, "pm25", 115, 103.5, 103.4, 54, 53.9);

        Assert.Equal(["0 pending blue", "0 raised yellow", "7200 lowered blue", "14400 cleared blue"], stand.Changes);
    }

    [Fact]
    public void A_flapping_value_does_not_chatter()
    {
        var stand = new RuleStand("""{"kind":"threshold","quantity":"pm25","levels":{"blue":{"value":60}},"deadband":6,"offDelaySeconds":600,"minSamples":1}""");
        stand.Series(0, 60, "pm25", [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? 61.0 : 50.0)]);

        Assert.Equal(["0 pending blue", "0 raised blue"], stand.Changes);
    }

    [Fact]
    public void A_hold_is_over_at_its_second_and_not_before()
    {
        const string rule = """{"kind":"window","parameters":{"quantity":"rainfall","aggregate":"sum","spanSeconds":3600},"levels":{"blue":{"value":5,"onDelaySeconds":60}},"minSamples":1}""";

        Assert.Equal(["0 pending blue"], new RuleStand(rule).Read(0, "rainfall", 5).Until(59.999).Changes);
        Assert.Equal(["0 pending blue", "60 raised blue"], new RuleStand(rule).Read(0, "rainfall", 5).Until(60).Changes);
    }

    [Theory]
    [InlineData(21 * 3600 + 3599, false)]
    [InlineData(22 * 3600, true)]
    [InlineData(24 * 3600, true)]
    [InlineData(30 * 3600 - 1, true)]
    [InlineData(30 * 3600, false)]
    public void Hours_run_over_midnight(int second, bool judged)
    {
        const string rule = """{"kind":"threshold","quantity":"laeq","levels":{"blue":{"value":50}},"minSamples":1,"schedule":{"from":"22:00","to":"06:00"}}""";

        Assert.Equal(judged, new RuleStand(rule).Read(second, "laeq", 60).Changes.Any());
    }

    [Theory]
    [InlineData(4, 23, true)]
    [InlineData(5, 3, true)]
    [InlineData(5, 23, false)]
    [InlineData(0, 3, false)]
    public void Hours_after_midnight_belong_to_the_day_on_which_they_began(int day, int hour, bool judged)
    {
        // Day 0 is a Monday: Friday night ends on Saturday morning, Sunday night is no working day.
        const string rule = """
            {"kind":"threshold","quantity":"laeq","levels":{"blue":{"value":50}},"minSamples":1,"schedule":{"from":"22:00","to":"06:00","days":["mon","tue","wed","thu","fri"]}}
            """;

        Assert.Equal(judged, new RuleStand(rule).Read((day * 86_400) + (hour * 3600), "laeq", 60).Changes.Any());
    }

    [Fact]
    public void Each_level_may_have_hours_of_its_own()
    {
        const string rule = """
            {"kind":"threshold","quantity":"laeq","strict":true,"minSamples":1,"levels":{"blue":{"value":50,"schedule":{"from":"06:00","to":"22:00"}},"yellow":{"value":55,"schedule":{"from":"22:00","to":"06:00"}}}}
            """;

        Assert.Equal(["0 pending yellow", "0 raised yellow", "21600 lowered blue"], new RuleStand(rule, 21_600).Read(0, "laeq", 60).Read(21_600, "laeq", 60).Changes);
    }

    [Fact]
    public void Outside_its_hours_a_warning_recovers()
    {
        const string rule = """{"kind":"threshold","quantity":"laeq","levels":{"blue":{"value":50}},"minSamples":1,"offDelaySeconds":60,"schedule":{"from":"22:00","to":"06:00"}}""";
        var stand = new RuleStand(rule).Read(21_500, "laeq", 60).Read(21_600, "laeq", 60).Read(21_660, "laeq", 60).Until(21_700);

        Assert.Equal(["21500 pending blue", "21500 raised blue", "21660 cleared blue"], stand.Changes);
    }

    [Fact]
    public void What_was_observed_before_the_rule_took_effect_is_not_judged()
    {
        const string rule = """{"kind":"threshold","quantity":"pm25","levels":{"blue":{"value":60}},"minSamples":1,"effectiveFrom":"2026-11-22T16:10:00Z"}""";

        Assert.Equal(["600 pending blue", "600 raised blue"], new RuleStand(rule).Series(0, 60, "pm25", [.. Enumerable.Repeat(80.0, 12)]).Changes);
    }

    [Fact]
    public void The_sentence_of_a_warning_tells_what_was_measured()
    {
        var rule = RuleParsing.Parse(new("R20"), """
            {"kind":"window","parameters":{"quantity":"rainfall","aggregate":"sum","spanSeconds":10800},"levels":{"red":{"value":100}},"also":[{"quantity":"rain_intensity","levels":{"red":80}}]}
            """, 1).Rule!;
        var street = new Grains.Warnings.StreetJudgement(new("320404002"));
        street.PutDevices([new() { Id = new("d"), Name = "雨量1", Kind = "rain_gauge", Street = new("320404002") }], [], RuleStand.Start);
        street.PutRules([rule], RuleStand.Start);
        street.Apply(new()
        {
            Node = "n", Sequence = 1, Street = new("320404002"), Readings = [new(new("d"), new("rainfall"), 120, RuleStand.Start, RuleStand.Start, Quality.Good)],
        });

        var warning = street.Warnings.Open.Single();
        Assert.Equal((120.0, "mm"), (warning.Value, warning.Unit));
        Assert.Contains("降雨量 3h累计 120 mm ≥ 100 mm 或 雨强 ≥ 80 mm/h", warning.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void After_a_lost_snapshot_no_condition_recovers_before_it_was_judged_again()
    {
        var rule = RuleParsing.Parse(new("R20"), """
            {"kind":"threshold","quantity":"residual_current","levels":{"yellow":{"value":300}},"minSamples":1,"also":[{"quantity":"wire_temperature","levels":{"yellow":70}}]}
            """, 1).Rule!;
        var street = Street(rule);
        street.Apply(Batch(0, "wire_temperature", 80));
        var warning = street.Warnings.Open.Single();

        var reborn = Street(rule);
        reborn.Warnings.Load(warning);
        reborn.TakeBack(warning, RuleStand.Start);
        reborn.Apply(Batch(60, "residual_current", 100));
        Assert.Equal(WarningState.Raised, reborn.Warnings.Open.Single().State);

        reborn.Apply(Batch(120, "wire_temperature", 60));
        Assert.Empty(reborn.Warnings.Open);
    }

    private static Grains.Warnings.StreetJudgement Street(RuleDefinition rule)
    {
        var street = new Grains.Warnings.StreetJudgement(new("320404002"));
        street.PutDevices([new() { Id = new("d"), Name = "配电1", Kind = "power", Street = new("320404002") }], [], RuleStand.Start);
        street.PutRules([rule], RuleStand.Start);
        return street;
    }

    private static IngestBatch Batch(int second, string quantity, double value) => new()
    {
        Node = "n", Sequence = second, Street = new("320404002"),
        Readings = [new(new("d"), new(quantity), value, RuleStand.Start.AddSeconds(second), RuleStand.Start.AddSeconds(second), Quality.Good)],
    };
}
