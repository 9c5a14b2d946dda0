using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using NetTopologySuite.Geometries;

namespace MapBuilder;

/// <summary>A geometry with its properties, in the order in which they were set.</summary>
internal sealed class MapFeature(Geometry geometry)
{
    private readonly List<KeyValuePair<string, object>> properties = [];

    public Geometry Geometry { get; } = geometry;

    public IReadOnlyList<KeyValuePair<string, object>> Properties => properties;

    public object this[string name]
    {
        set => properties.Add(new(name, value));
    }
}

/// <summary>Writes GeoJSON by RFC 7946: WGS 84, longitude first, outer rings anticlockwise. One feature a line, so that a change shows as a change of that line.</summary>
internal static class GeoJsonFile
{
    private static readonly JsonSerializerOptions Text = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(string folder, string name, string source, IEnumerable<MapFeature> features)
    {
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{{\"type\":\"FeatureCollection\",\"name\":{Quote(name)},\"source\":{Quote(source)},\"features\":[");
        var count = 0;
        foreach (var feature in features)
        {
            text.Append(count++ == 0 ? "\n" : ",\n").Append("{\"type\":\"Feature\",\"properties\":{");
            text.AppendJoin(',', feature.Properties.Select(property => $"{Quote(property.Key)}:{Format(property.Value)}"));
            text.Append("},\"geometry\":").Append(Format(feature.Geometry)).Append('}');
        }

        text.Append("\n]}\n");
        File.WriteAllText(Path.Combine(folder, name + ".geojson"), text.ToString(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return string.Create(CultureInfo.InvariantCulture, $"{name}.geojson: {count} feature(s), {text.Length} characters");
    }

    private static string Format(object value) => value switch
    {
        string text => Quote(text),
        bool flag => flag ? "true" : "false",
        Coordinate point => Format(point),
        IEnumerable<string> texts => $"[{string.Join(',', texts.Select(Quote))}]",
        _ => throw new InvalidDataException($"A property of type {value.GetType().Name} has no written form."),
    };

    private static string Format(Geometry geometry) => geometry switch
    {
        Point point => $"{{\"type\":\"Point\",\"coordinates\":{Format(point.Coordinate)}}}",
        MultiLineString lines => $"{{\"type\":\"MultiLineString\",\"coordinates\":[{string.Join(',', lines.Geometries.Select(line => Format(line.Coordinates)))}]}}",
        Polygon polygon => $"{{\"type\":\"Polygon\",\"coordinates\":{Rings(polygon)}}}",
        MultiPolygon polygons => $"{{\"type\":\"MultiPolygon\",\"coordinates\":[{string.Join(',', polygons.Geometries.Select(part => Rings((Polygon)part)))}]}}",
        _ => throw new InvalidDataException($"A {geometry.GeometryType} has no written form."),
    };

    private static string Rings(Polygon polygon)
    {
        var shell = polygon.Shell.IsCCW ? polygon.Shell : (LinearRing)polygon.Shell.Reverse();
        var holes = polygon.Holes.Select(hole => hole.IsCCW ? (LinearRing)hole.Reverse() : hole);
        return $"[{string.Join(',', holes.Prepend(shell).Select(ring => Format(ring.Coordinates)))}]";
    }

    private static string Format(Coordinate[] points) => $"[{string.Join(',', points.Select(Format))}]";

    private static string Format(Coordinate point) => string.Create(CultureInfo.InvariantCulture, $"[{point.X:0.######},{point.Y:0.######}]");

    private static string Quote(string text) => JsonSerializer.Serialize(text, Text);
}
