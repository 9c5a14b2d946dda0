using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Tests.Rules;

public sealed class GeofenceRuleTests
{
    // One thousandth of a degree of latitude is 111.2 m, of longitude here 94.5 m.
    private const string Square = "[[119.90,31.70],[119.91,31.70],[119.91,31.71],[119.90,31.71]]";

    [Fact]
    public void It_stays_inside_for_the_stated_time()
    {
        var rule = """{"kind":"geofence","parameters":{"polygon":SQUARE},"levels":{"yellow":{"onDelaySeconds":120}}}""".Replace("SQUARE", Square, StringComparison.Ordinal);
        var stand = new RuleStand(rule).Position(0, 119.89, 31.705).Position(60, 119.905, 31.705).Position(120, 119.905, 31.705);
        Assert.Equal(["60 pending yellow"], stand.Until(179).Changes);
        Assert.Equal(["60 pending yellow", "180 raised yellow"], stand.Until(180).Changes);
        Assert.Equal(["60 pending yellow", "180 raised yellow", "200 cleared yellow"], stand.Position(200, 119.92, 31.705).Changes);
    }

    [Fact]
    public void The_border_is_inside()
    {
        var rule = """{"kind":"geofence","parameters":{"polygon":SQUARE},"levels":{"yellow":{}}}""".Replace("SQUARE", Square, StringComparison.Ordinal);

        Assert.NotEmpty(new RuleStand(rule).Position(0, 119.905, 31.70).Changes);
        Assert.Empty(new RuleStand(rule).Position(0, 119.905, 31.699999).Changes);
    }

    [Fact]
    public void Silence_stops_the_dwelling()
    {
        var rule = """{"kind":"geofence","parameters":{"polygon":SQUARE},"levels":{"yellow":{"onDelaySeconds":600}}}""".Replace("SQUARE", Square, StringComparison.Ordinal);

        Assert.Equal(["0 pending yellow"], new RuleStand(rule).Position(0, 119.905, 31.705).Until(100_000).Changes);
    }

    [Fact]
    public void To_enter_it_must_come_from_outside()
    {
        var rule = """{"kind":"geofence","parameters":{"when":"enter","polygon":SQUARE},"levels":{"yellow":{}}}""".Replace("SQUARE", Square, StringComparison.Ordinal);
        var stand = new RuleStand(rule).Position(0, 119.905, 31.705);
        Assert.Empty(stand.Changes);
        Assert.Equal(["60 pending yellow", "60 raised yellow"], stand.Position(30, 119.92, 31.705).Position(60, 119.905, 31.705).Changes);
    }

    [Fact]
    public void To_leave_it_must_have_been_inside()
    {
        var rule = """{"kind":"geofence","parameters":{"when":"exit","circle":{"lon":119.9,"lat":31.7,"radiusM":500}},"levels":{"yellow":{}}}""";
        var stand = new RuleStand(rule).Position(0, 119.92, 31.7);
        Assert.Empty(stand.Changes);
        Assert.Equal(["60 pending yellow", "60 raised yellow"], stand.Position(30, 119.9, 31.7).Position(60, 119.92, 31.7).Changes);
    }

    [Theory]
    [InlineData(199, false)]
    [InlineData(201, true)]
    public void Off_the_route_by_so_many_metres(double metres, bool off)
    {
        const string rule = """{"kind":"geofence","parameters":{"when":"outside","line":[[119.90,31.70],[119.95,31.70]]},"levels":{"yellow":{"value":200}},"deadband":50}""";
        var stand = new RuleStand(rule).Position(0, 119.92, 31.70 + (metres / 111_194.93));

        Assert.Equal(off, stand.Changes.Any());
        if (off)
        {
            Assert.Equal(metres, stand.Verdicts[0].Value!.Value, 0);
            Assert.DoesNotContain(stand.Position(10, 119.92, 31.70 + (160 / 111_194.93)).Changes, change => change.Contains("cleared", StringComparison.Ordinal));
            Assert.Contains("20 cleared yellow", stand.Position(20, 119.92, 31.70 + (149 / 111_194.93)).Changes);
        }
    }

    [Fact]
    public void Only_the_fast_or_the_slow_may_count()
    {
        var rule = """{"kind":"geofence","parameters":{"polygon":SQUARE,"minSpeedKmh":60},"levels":{"yellow":{}}}""".Replace("SQUARE", Square, StringComparison.Ordinal);

        Assert.Empty(new RuleStand(rule).Position(0, 119.905, 31.705).Position(10, 119.905, 31.705, 59.9).Changes);
        Assert.NotEmpty(new RuleStand(rule).Position(0, 119.905, 31.705, 60).Changes);
    }

    [Fact]
    public void A_device_may_have_a_route_of_its_own()
    {
        const string rule = """
            {"kind":"geofence","parameters":{"when":"outside","line":[[119.90,31.70],[119.95,31.70]]},"levels":{"yellow":{"value":200}},
             "overrides":{"truck":{"parameters":{"line":[[119.90,31.80],[119.95,31.80]]}}}}
            """;

        Assert.Empty(new RuleStand(rule, id: "truck").Position(0, 119.92, 31.80).Changes);
        Assert.NotEmpty(new RuleStand(rule, id: "other").Position(0, 119.92, 31.80).Changes);
    }

    [Fact]
    public void Coordinates_of_another_system_are_converted()
    {
        // GCJ-02 lies some 500 m aside here.
        var rule = """{"kind":"geofence","parameters":{"circle":{"lon":119.9,"lat":31.7,"radiusM":100},"crs":"gcj02"},"levels":{"yellow":{}}}""";
        var (longitude, latitude) = CoordinateSystems.Gcj02ToWgs84(119.9, 31.7);

        Assert.NotEmpty(new RuleStand(rule).Position(0, longitude, latitude).Changes);
        Assert.Empty(new RuleStand(rule).Position(0, 119.9, 31.7).Changes);
    }
}
