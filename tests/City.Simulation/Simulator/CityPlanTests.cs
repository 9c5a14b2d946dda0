using System.Text.Json;
using System.Text.RegularExpressions;
using CitySimulator;
using CsCheck;
using Xunit;

namespace City.Simulation.Simulator;

public sealed partial class CityPlanTests
{
    private static readonly string[] Streets = ["320404001", "320404002", "320404003", "320404004", "320404005", "320404006", "320404007", "320404116"];

    [Fact]
    public void The_same_seed_gives_the_same_plan() =>
        Assert.Equal(JsonSerializer.Serialize(CityPlan.Make(300, 7, [])), JsonSerializer.Serialize(CityPlan.Make(300, 7, [])));

    [Fact]
    public void Another_seed_gives_other_places() =>
        Assert.NotEqual(CityPlan.Make(300, 7, []).Select(device => device.Longitude), CityPlan.Make(300, 8, []).Select(device => device.Longitude));

    [Fact]
    public void The_default_city_has_every_kind_and_stands_in_every_street()
    {
        var plan = CityPlan.Make(CityPlan.DefaultDevices, 1, []);
        Assert.Equal(300, plan.Count);
        Assert.Equal(
            ["air", "bridge", "camera", "crowd", "elder_care", "elevator", "gas", "hydrant", "link", "manhole", "noise", "power", "rain_gauge", "river_gauge", "server", "smoke", "vehicle", "water_level", "weather"],
            plan.Select(device => device.Kind).Distinct().Order(StringComparer.Ordinal));
        foreach (var street in Streets)
        {
            Assert.True(plan.Where(device => device.Street == street).Select(device => device.Kind).Distinct().Count() >= 10, $"{street} has fewer than ten kinds");
        }
    }

    [Fact]
    public void What_the_storm_needs_is_there()
    {
        var plan = CityPlan.Make(300, 1, []);
        Assert.True(plan.Count(device => device.Kind == "water_level" && device.Street == "320404003" && !device.Tags.Contains("underpass")) >= 3);
        Assert.Contains(plan, device => device.Kind == "water_level" && device.Tags.Contains("underpass"));
        Assert.Single(plan, device => device.Tags.Contains("grand_canal_changzhou"));
        Assert.Contains(plan, device => device.Areas.Contains("320404400"));
    }

    [Fact]
    public void Any_number_of_devices_is_planned_exactly_with_one_name_each() =>
        Gen.Int[1, 700].Sample(count =>
        {
            var plan = CityPlan.Make(count, count, []);
            Assert.Equal(count, plan.Count);
            Assert.Equal(count, plan.Select(device => device.Id).Distinct().Count());
            Assert.All(plan, device =>
            {
                Assert.Matches(IdShape(), device.Id);
                Assert.Matches(Chinese(), device.Name);
                Assert.NotEmpty(device.Quantities);
                Assert.InRange(device.IntervalSeconds, 1, 86_400);
            });
        }, iter: 60);

    [Fact]
    public void A_device_stands_nearest_to_a_point_of_its_own_street() =>
        Assert.All(CityPlan.Make(2000, 3, []), device => Assert.Equal(device.Street, Places.NearestStreet(device.Longitude, device.Latitude)));

    [Fact]
    public void Devices_stand_in_the_street_areas_of_the_map()
    {
        var file = Path.Combine(Root(), "maps", "streets.geojson");
        if (!File.Exists(file))
        {
            Assert.Skip("the map has not been built");
        }

        using var map = JsonDocument.Parse(File.ReadAllText(file));
        var areas = map.RootElement.GetProperty("features").EnumerateArray().ToDictionary(
            feature => feature.GetProperty("properties").GetProperty("code").GetString()!,
            feature => Rings(feature.GetProperty("geometry")).ToList());
        var plan = CityPlan.Make(300, 320404, []);
        var astray = plan.Where(device => !areas[device.Street].Exists(ring => Holds(ring, device.Longitude, device.Latitude))).Select(device => device.Id).ToList();
        Assert.True(astray.Count == 0, string.Join(", ", astray));
    }

    [Fact]
    public void Streets_that_are_handed_in_are_used()
    {
        var plan = CityPlan.Make(40, 1, [new("999999001", "新街道", 119.9, 31.7)]);
        Assert.All(plan, device => Assert.Equal("999999001", device.Street));
        Assert.All(plan, device => Assert.InRange(device.Longitude, 119.895, 119.905));
    }

    private static IEnumerable<double[][]> Rings(JsonElement geometry)
    {
        var polygons = geometry.GetProperty("type").GetString() == "Polygon" ? [geometry.GetProperty("coordinates")] : geometry.GetProperty("coordinates").EnumerateArray().ToArray();
        foreach (var polygon in polygons)
        {
            yield return [.. polygon[0].EnumerateArray().Select(point => new[] { point[0].GetDouble(), point[1].GetDouble() })];
        }
    }

    private static bool Holds(double[][] ring, double x, double y)
    {
        var inside = false;
        for (int i = 0, j = ring.Length - 1; i < ring.Length; j = i++)
        {
            if ((ring[i][1] > y) != (ring[j][1] > y) && x < ((ring[j][0] - ring[i][0]) * (y - ring[i][1]) / (ring[j][1] - ring[i][1])) + ring[i][0])
            {
                inside = !inside;
            }
        }

        return inside;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CommandCenter.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("CommandCenter.sln was not found above the test.");
    }

    [GeneratedRegex("^[A-Za-z0-9_.:-]{1,64}$")]
    private static partial Regex IdShape();

    [GeneratedRegex(@"\p{IsCJKUnifiedIdeographs}{2}")]
    private static partial Regex Chinese();
}
