using System.Text.Json;
using CommandCenter.Grains.Contracts;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;

namespace MapBuilder;

/// <summary>A street or community with its point, WGS 84.</summary>
internal sealed record Place(string Code, string Name, string Street, bool IsStreet, Point Point);

/// <summary>Reads the source files and turns every coordinate from GCJ-02 to WGS 84, rounded to a millionth of a degree (0.1 m).</summary>
internal sealed class Sources(string folder)
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new NetTopologySuite.IO.Converters.GeoJsonConverterFactory(Grid.Factory) } };

    public Geometry ReadFence(string code)
    {
        var path = Path.Combine(folder, "boundary", "vonng_adcode_fences", code + ".json");
        var fence = JsonSerializer.Deserialize<Geometry>(File.ReadAllBytes(path), Json) ?? throw new InvalidDataException($"{path} holds no geometry.");
        var converted = Grid.Round(Convert(fence));
        var valid = converted.IsValid ? converted : GeometryFixer.Fix(converted);
        return valid.Normalized();
    }

    public Place[] ReadPlaces(string district)
    {
        using var document = Open("places", "zhonglou_street_and_community_points_gcj02.geojson");
        return document.RootElement.GetProperty("features").EnumerateArray()
            .Select(feature => (Properties: feature.GetProperty("properties"), Geometry: feature.GetProperty("geometry").Deserialize<Point>(Json)!))
            .Select(feature =>
            {
                var code = feature.Properties.GetProperty("code").GetString()!;
                var name = feature.Properties.GetProperty("name").GetString()!;
                var isStreet = feature.Properties.GetProperty("level").GetString() == "town";
                // Codes have twelve digits: district, street, community. A street ends in 000.
                return new Place(isStreet ? code[..9] : code, name, code[..9], isStreet, (Point)Grid.Round(Convert(feature.Geometry)));
            })
            .Where(place => place.Code.StartsWith(district, StringComparison.Ordinal))
            .OrderBy(place => place.Code, StringComparer.Ordinal)
            .ToArray();
    }

    public IEnumerable<MapFeature> ReadMetro()
    {
        using var document = Open("metro", "changzhou_metro_line2_osm_gcj02.json");
        var root = document.RootElement;
        var features = new List<MapFeature>();
        foreach (var line in root.GetProperty("lines").EnumerateArray())
        {
            var paths = line.GetProperty("paths").EnumerateArray()
                .Select(path => Grid.Factory.CreateLineString(path.EnumerateArray().Select(ReadPoint).ToArray())).ToArray();
            features.Add(new MapFeature(Grid.Factory.CreateMultiLineString(paths))
            {
                ["code"] = line.GetProperty("id").GetString()!, ["name"] = "地铁" + line.GetProperty("routeReference").GetString() + "号线",
                ["nameEn"] = "Metro Line " + line.GetProperty("routeReference").GetString(), ["kind"] = "line",
            });
        }

        foreach (var station in root.GetProperty("stations").EnumerateArray().OrderBy(station => station.GetProperty("id").GetString(), StringComparer.Ordinal))
        {
            features.Add(new MapFeature(Grid.Factory.CreatePoint(ReadPoint(station)))
            {
                ["code"] = station.GetProperty("id").GetString()!, ["name"] = station.GetProperty("name").GetString()!,
                ["nameEn"] = station.GetProperty("nameEn").GetString()!, ["kind"] = "station",
            });
        }

        return features;

        static Coordinate ReadPoint(JsonElement point) =>
            Grid.Round(Convert(new Coordinate(point.GetProperty("longitude").GetDouble(), point.GetProperty("latitude").GetDouble())));
    }

    private static Coordinate Convert(Coordinate gcj)
    {
        var (longitude, latitude) = CoordinateSystems.Gcj02ToWgs84(gcj.X, gcj.Y);
        return new Coordinate(longitude, latitude);
    }

    private static Geometry Convert(Geometry gcj)
    {
        var wgs = gcj.Copy();
        wgs.Apply(new EachCoordinate(Convert));
        wgs.GeometryChanged();
        return wgs;
    }

    private JsonDocument Open(params string[] path) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine([folder, .. path])));
}
