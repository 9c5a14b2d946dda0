using System.Text.Json;
using CitySimulator;
using CsCheck;
using Xunit;

namespace City.Simulation.Simulator;

public sealed class CityPlayTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 6, 0, 0, TimeSpan.Zero);
    private static readonly IReadOnlyList<SimulatedDevice> City = CityPlan.Make(300, 320404, []);

    private static List<SimulatedPublish> Play(double minutes, string scenario = SimulatedCity.Storm, int seed = 320404) =>
        [.. new CityPlay(seed, scenario, City, Start).AdvanceTo(Start.AddMinutes(minutes))];

    private static JsonElement Body(SimulatedPublish publish) => JsonDocument.Parse(publish.Payload).RootElement;

    private static List<(DateTimeOffset At, double Value)> Series(IEnumerable<SimulatedPublish> publishes, string device, string quantity) =>
        [.. publishes.Where(publish => publish.Topic.EndsWith($"/{device}/readings", StringComparison.Ordinal)).Select(publish => (publish.At, Body(publish).GetProperty("values").GetProperty(quantity).GetDouble()))];

    private static List<string> StormPoints() =>
        [.. City.Where(device => device.Kind == "water_level" && device.Street == "320404003" && device.Tags.Count == 0).Take(3).Select(device => device.Id)];

    [Theory]
    [InlineData(SimulatedCity.Normal)]
    [InlineData(SimulatedCity.Storm)]
    public void The_same_seed_gives_the_same_publishes(string scenario) => Assert.Equal(Play(10, scenario), Play(10, scenario));

    [Fact]
    public void Another_seed_gives_other_publishes() => Assert.NotEqual(Play(2), Play(2, seed: 2));

    [Fact]
    public void However_the_time_is_cut_the_publishes_are_the_same()
    {
        var whole = Play(6);
        Gen.Int[1, 40_000].Array[1, 40].Sample(cuts =>
        {
            var play = new CityPlay(320404, SimulatedCity.Storm, City, Start);
            var now = Start;
            var parts = new List<SimulatedPublish>();
            foreach (var cut in cuts)
            {
                now = now.AddMilliseconds(cut) is var next && next < Start.AddMinutes(6) ? next : Start.AddMinutes(6);
                parts.AddRange(play.AdvanceTo(now));
            }

            parts.AddRange(play.AdvanceTo(Start.AddMinutes(6)));
            Assert.Equal(whole, parts);
        }, iter: 10);
    }

    [Fact]
    public void Publishes_come_in_order_of_time_on_canonical_topics_with_their_own_time_inside()
    {
        var publishes = Play(8);
        Assert.Equal(publishes.OrderBy(publish => publish.At).Select(publish => publish.At), publishes.Select(publish => publish.At));
        Assert.All(publishes, publish =>
        {
            Assert.Matches("^city/v1/[0-9]{9}/sim-[a-z]+-[0-9]{3}/(readings|events|position)$", publish.Topic);
            Assert.Equal(publish.At, DateTimeOffset.Parse(Body(publish).GetProperty("at").GetString()!));
            Assert.True(publish.AtLeastOnce || !publish.Topic.EndsWith("/events", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Every_device_that_is_switched_on_speaks_within_ten_seconds_and_then_keeps_its_interval()
    {
        var publishes = Play(9).Where(publish => publish.Topic.EndsWith("/readings", StringComparison.Ordinal)).ToList();
        var never = City.Last(device => device.Kind == "hydrant").Id;
        var falls = City.Last(device => device.Kind == "noise").Id;
        foreach (var device in City)
        {
            var times = publishes.Where(publish => publish.Topic.EndsWith($"/{device.Id}/readings", StringComparison.Ordinal)).Select(publish => publish.At).Distinct().ToList();
            if (device.Id == never)
            {
                Assert.Empty(times);
                continue;
            }

            Assert.InRange(times[0], Start, Start.AddSeconds(10));
            Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange((pair.Second - pair.First).TotalSeconds, 0.001, device.IntervalSeconds));
            Assert.All(times.Skip(1).Zip(times.Skip(2)), pair => Assert.Equal(device.IntervalSeconds, (pair.Second - pair.First).TotalSeconds));
            Assert.Equal(device.Id == falls, times[^1] < Start.AddMinutes(3));
        }
    }

    [Fact]
    public void Some_devices_repeat_themselves_and_the_repeat_is_the_same_message()
    {
        var repeats = Play(5).GroupBy(publish => publish).Where(group => group.Count() > 1).ToList();
        Assert.NotEmpty(repeats);
        Assert.All(repeats, group => Assert.Equal(2, group.Count()));
    }

    [Fact]
    public void Values_of_a_normal_day_stay_below_what_warns()
    {
        var play = new CityPlay(320404, SimulatedCity.Normal, City, Start);
        var limits = new Dictionary<string, double> { ["water_depth"] = 50, ["water_level"] = 4.2, ["gas_lel"] = 5, ["smoke"] = 0.5, ["crowd_density"] = 2, ["tilt"] = 15, ["cpu"] = 80, ["pm25"] = 115 };
        foreach (var publish in play.AdvanceTo(Start.AddHours(24)).Where(publish => publish.Topic.EndsWith("/readings", StringComparison.Ordinal)))
        {
            foreach (var value in Body(publish).GetProperty("values").EnumerateObject())
            {
                Assert.True(value.Value.GetDouble() < limits.GetValueOrDefault(value.Name, 100_000), $"{publish.Topic} {publish.Payload}");
            }
        }
    }

    [Fact]
    public void A_normal_day_is_louder_at_noon_than_at_night()
    {
        var noise = City.First(device => device.Kind == "noise");
        var noon = Enumerable.Range(0, 60).Average(minute => NormalDay.Value(1, noise, "laeq", Start.AddHours(-2).AddMinutes(minute)));
        var night = Enumerable.Range(0, 60).Average(minute => NormalDay.Value(1, noise, "laeq", Start.AddHours(-11).AddMinutes(minute)));
        Assert.InRange(noon - night, 6, 25);
    }

    [Fact]
    public void The_storm_reaches_the_underpass_level_in_its_first_minute()
    {
        var underpass = City.Where(device => device.Tags.Contains("underpass")).OrderByDescending(device => device.Street == "320404003").First();
        var depths = Series(Play(2), underpass.Id, "water_depth");
        var onset = depths.First(point => point.Value >= 50).At;
        Assert.InRange(onset, Start, Start.AddSeconds(45));
        Assert.All(depths.Where(point => point.At >= onset), point => Assert.True(point.Value >= 50));
    }

    [Fact]
    public void Three_points_in_Beigang_pass_blue_yellow_and_orange_one_after_the_other_and_recover()
    {
        var publishes = Play(89);
        var points = StormPoints().Select(id => Series(publishes, id, "water_depth")).ToList();
        Assert.Equal(3, points.Count);
        foreach (var level in new[] { 100.0, 150, 200 })
        {
            var onsets = points.Select(series => series.First(point => point.Value >= level).At).ToList();
            Assert.Equal(onsets.Order(), onsets);
            Assert.True(onsets[2] - onsets[0] > TimeSpan.FromMinutes(2));
        }

        Assert.Equal([true, true, false], points.Select(series => series.Exists(point => point.Value >= 250)));
        Assert.All(points, series => Assert.All(series.Where(point => point.At > Start.AddMinutes(40)), point => Assert.True(point.Value < 70)));
    }

    [Fact]
    public void The_canal_passes_its_warning_level_and_falls_again()
    {
        var canal = City.Single(device => device.Tags.Contains("grand_canal_changzhou"));
        var levels = Series(Play(89), canal.Id, "water_level");
        Assert.True(levels.Max(point => point.Value) > 4.8);
        Assert.InRange(levels.First(point => point.Value >= 4.3).At, Start, Start.AddMinutes(4));
        Assert.All(levels.Where(point => point.At > Start.AddMinutes(58)), point => Assert.True(point.Value < 4.25));
    }

    [Fact]
    public void The_gas_leak_is_orange_for_more_than_a_minute_and_never_red()
    {
        var readings = Play(12).Where(publish => publish.Payload.Contains("gas_lel", StringComparison.Ordinal)).ToList();
        var orange = readings.Where(publish => Body(publish).GetProperty("values").GetProperty("gas_lel").GetDouble() >= 25).ToList();
        Assert.Single(orange.Select(publish => publish.Topic).Distinct());
        Assert.True(orange[^1].At - orange[0].At > TimeSpan.FromSeconds(90));
        Assert.All(orange, publish => Assert.True(Body(publish).GetProperty("values").GetProperty("gas_lel").GetDouble() < 50));
    }

    [Fact]
    public void Events_start_and_end_once_and_pictures_exist()
    {
        var events = Play(25).Where(publish => publish.Topic.EndsWith("/events", StringComparison.Ordinal)).Select(Body).ToList();
        var stories = events.GroupBy(item => item.GetProperty("id").GetString()).ToList();
        Assert.Superset(
            new HashSet<string?> { "street_vending", "exposed_garbage", "illegal_parking", "fire_smoke", "elevator_trapped", "smoke", "sos" },
            events.Select(item => item.GetProperty("type").GetString()).ToHashSet());
        Assert.All(stories, story =>
        {
            var states = story.Select(item => item.GetProperty("state").GetString()).ToList();
            Assert.Equal("start", states[0]);
            Assert.Equal(1, states.Count(state => state == "start"));
            Assert.True(states.Count(state => state == "end") <= 1);
        });
        var pictures = events.Where(item => item.TryGetProperty("snapshot", out _)).Select(item => item.GetProperty("snapshot").GetString()!).Distinct().ToList();
        Assert.NotEmpty(pictures);
        Assert.All(pictures, address => Assert.NotNull(CitySnapshots.Find(Path.GetFileNameWithoutExtension(address))));
    }

    [Fact]
    public void The_storm_comes_again_with_events_of_its_own()
    {
        var ids = Play(2 * Rainstorm.PeriodMinutes).Where(publish => publish.Payload.Contains("fire_smoke", StringComparison.Ordinal))
            .Select(publish => Body(publish).GetProperty("id").GetString()).Distinct().ToList();
        Assert.Equal(2, ids.Count);
    }

    [Fact]
    public void Rain_that_is_reported_adds_up_to_the_rain_that_fell()
    {
        var gauge = City.First(device => device.Kind == "rain_gauge" && device.Street == "320404003");
        var sum = Series(Play(60), gauge.Id, "rainfall").Select(point => point.Value).Sum();
        Assert.InRange(sum, 19, 24);
    }

    [Fact]
    public void A_car_moves_no_faster_than_it_says_and_stays_in_the_district()
    {
        foreach (var car in City.Where(device => device.Kind == "vehicle"))
        {
            var way = Play(60).Where(publish => publish.Topic.EndsWith($"/{car.Id}/position", StringComparison.Ordinal)).Select(publish => (publish.At, Body: Body(publish))).ToList();
            Assert.True(way.Count > 200);
            foreach (var (from, to) in way.Zip(way.Skip(1)))
            {
                var metres = 111_195 * Math.Sqrt(
                    Math.Pow((to.Body.GetProperty("lon").GetDouble() - from.Body.GetProperty("lon").GetDouble()) * 0.85, 2) + Math.Pow(to.Body.GetProperty("lat").GetDouble() - from.Body.GetProperty("lat").GetDouble(), 2));
                Assert.True(metres <= (60 / 3.6 * 10) + 5);
                Assert.InRange(to.Body.GetProperty("lon").GetDouble(), 119.72, 119.97);
                Assert.InRange(to.Body.GetProperty("lat").GetDouble(), 31.73, 31.86);
            }
        }
    }

    [Fact]
    public void After_a_pause_nothing_is_said_of_the_time_in_between()
    {
        var play = new CityPlay(1, SimulatedCity.Storm, City, Start);
        _ = play.AdvanceTo(Start.AddMinutes(1)).Count();
        play.SkipTo(Start.AddMinutes(30));
        var after = play.AdvanceTo(Start.AddMinutes(31)).ToList();
        Assert.NotEmpty(after);
        Assert.All(after, publish => Assert.True(publish.At >= Start.AddMinutes(30)));
    }

    [Fact]
    public void An_unknown_scenario_is_refused_by_name()
    {
        var refused = Assert.Throws<ArgumentException>(() => new CityPlay(1, "flood", City, Start));
        Assert.Contains("normal, rainstorm", refused.Message, StringComparison.Ordinal);
    }
}
