using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using Xunit;

namespace CommandCenter.Grains.Tests.Geography;

/// <summary>A customer's file that is wrong stops the start with the file, the feature and the reason.</summary>
public sealed class MapRefusalTests
{
    [Fact]
    public void The_start_is_stopped_with_one_line_that_names_the_key()
    {
        using var folder = new MapFolder();
        folder.Write("streets.geojson", "{");
        var refusal = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => GeographyRoom.Load(new GeographyOptions { Directory = folder.Path }));
        Assert.StartsWith("Map:Directory: Map file streets.geojson is no valid JSON", Assert.Single(refusal.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named() => Refused(folder => folder.Delete("streets.geojson"), "streets.geojson", "missing");

    [Fact]
    public void Text_that_is_no_json_is_refused() => Refused(folder => folder.Write("streets.geojson", "{\"features\":["), "streets.geojson", "no valid JSON");

    [Fact]
    public void Json_that_is_no_collection_is_refused() => Refused(folder => folder.Write("streets.geojson", "[1,2]"), "streets.geojson", "FeatureCollection");

    [Fact]
    public void A_collection_without_features_is_refused() => Refused(folder => folder.Write("streets.geojson", "{\"features\":[]}"), "streets.geojson", "no features");

    [Fact]
    public void A_feature_without_a_code_is_named_by_its_place_and_name() =>
        Refused(folder => folder.Change("streets.geojson", streets => streets[2]!["properties"]!.AsObject().Remove("code")), "streets.geojson", "no. 3 北港街道", "no code");

    [Fact]
    public void A_code_given_twice_is_refused() =>
        Refused(folder => folder.Change("streets.geojson", streets => streets[1]!["properties"]!["code"] = "320404001"), "320404001 永红街道", "taken twice");

    [Fact]
    public void An_alias_that_is_another_streets_code_is_refused() =>
        Refused(folder => folder.Change("streets.geojson", streets => streets[1]!["properties"]!["aliases"] = new JsonArray("320404001")), "320404002 永红街道", "taken twice");

    [Fact]
    public void A_code_of_the_wrong_form_is_refused() =>
        Refused(folder => folder.Change("streets.geojson", streets => streets[1]!["properties"]!["code"] = "yonghong"), "yonghong 永红街道", "nine digits");

    [Fact]
    public void A_district_of_another_code_is_refused() =>
        Refused(folder => folder.Change("district.geojson", areas => areas[0]!["properties"]!["code"] = "320402"), "district.geojson", "320404");

    [Fact]
    public void A_polygon_that_crosses_itself_is_refused() => Refused(
        folder => folder.Change("streets.geojson", streets => streets[4]!["geometry"] = Polygon([119.94, 31.77], [119.95, 31.78], [119.95, 31.77], [119.94, 31.78], [119.94, 31.77])),
        "320404005 南大街街道", "Self-intersection");

    [Fact]
    public void A_ring_that_is_not_closed_is_refused() => Refused(
        folder => folder.Change("streets.geojson", streets => streets[4]!["geometry"] = Polygon([119.94, 31.77], [119.95, 31.77], [119.95, 31.78], [119.94, 31.78])),
        "320404005 南大街街道", "cannot be read");

    [Theory]
    [InlineData("""{"type":"Polygon","coordinates":[]}""", "empty")]
    [InlineData("""{"type":"Polygon","coordinates":[[["a","b"]]]}""", "cannot be read")]
    [InlineData("""{"type":"Nonsense"}""", "cannot be read")]
    [InlineData("""{"type":"Point","coordinates":[119.94,31.77]}""", "must be a Polygon")]
    [InlineData("null", "no geometry")]
    [InlineData("7", "no geometry")]
    public void A_geometry_that_is_none_is_refused(string geometry, string reason) =>
        Refused(folder => folder.Change("streets.geojson", streets => streets[4]!["geometry"] = JsonNode.Parse(geometry)), "320404005 南大街街道", reason);

    [Fact]
    public void Latitude_before_longitude_is_refused_as_what_it_is() =>
        Refused(folder => folder.Change("streets.geojson", streets => EachPoint(streets[3]!, (x, y) => (y, x))), "320404004 西林街道", "swapped");

    [Fact]
    public void Metres_of_a_projection_are_refused_as_what_they_are() =>
        Refused(folder => folder.Change("streets.geojson", streets => EachPoint(streets[3]!, (x, y) => (x * 111_320, y * 110_900))), "320404004 西林街道", "projection");

    [Fact]
    public void A_street_of_another_city_is_refused() =>
        Refused(folder => folder.Change("streets.geojson", streets => EachPoint(streets[3]!, (x, y) => (x - 3, y + 8))), "320404004 西林街道", "surroundings");

    [Fact]
    public void Streets_in_gcj02_are_refused_as_what_they_are() => Refused(
        folder => folder.Change("streets.geojson", streets =>
        {
            foreach (var street in streets)
            {
                EachPoint(street!, CoordinateSystems.Wgs84ToGcj02);
            }
        }),
        "streets.geojson", "look like GCJ-02");

    [Fact]
    public void A_declared_foreign_system_is_refused()
    {
        using var folder = new MapFolder();
        var path = Path.Combine(folder.Path, "streets.geojson");
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        root["crs"] = JsonNode.Parse("""{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}}""");
        File.WriteAllText(path, root.ToJsonString());
        Assert.Contains("EPSG::3857", Assert.Throws<InvalidDataException>(() => Load(folder)).Message, StringComparison.Ordinal);

        root["crs"] = JsonNode.Parse("""{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}""");
        File.WriteAllText(path, root.ToJsonString());
        Assert.Equal(11, Load(folder).Areas.Length);
    }

    [Fact]
    public void A_bad_backdrop_is_refused_too() =>
        Refused(folder => folder.Change("metro.geojson", features => EachPoint(features[1]!, (x, y) => (y, x))), "metro.geojson", "swapped");

    private static AreaMap Load(MapFolder folder) => AreaMap.Load(new GeographyOptions { Directory = folder.Path });

    private static void Refused(Action<MapFolder> damage, params string[] facts)
    {
        using var folder = new MapFolder();
        damage(folder);
        var refusal = Assert.Throws<InvalidDataException>(() => Load(folder));
        Assert.All(facts, fact => Assert.Contains(fact, refusal.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', refusal.Message);
    }

    private static JsonObject Polygon(params double[][] ring) => new()
    {
        ["type"] = "Polygon",
        ["coordinates"] = new JsonArray(new JsonArray([.. ring.Select(point => new JsonArray(point[0], point[1]))])),
    };

    private static void EachPoint(JsonNode feature, Func<double, double, (double X, double Y)> replace) => EachPoint(feature["geometry"]!["coordinates"]!.AsArray(), replace);

    private static void EachPoint(JsonArray coordinates, Func<double, double, (double X, double Y)> replace)
    {
        if (coordinates[0] is JsonArray)
        {
            foreach (var inner in coordinates)
            {
                EachPoint(inner!.AsArray(), replace);
            }

            return;
        }

        var (x, y) = replace(coordinates[0]!.GetValue<double>(), coordinates[1]!.GetValue<double>());
        (coordinates[0], coordinates[1]) = (x, y);
    }
}
