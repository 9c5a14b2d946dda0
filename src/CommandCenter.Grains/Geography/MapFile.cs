using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO.Converters;
using NetTopologySuite.Operation.Valid;

namespace CommandCenter.Grains.Geography;

/// <summary>One feature of a map file, checked: its geometry is valid and lies on the globe.</summary>
internal sealed record MapFeature(string Code, string Name, string NameEn, IReadOnlyList<string> Aliases, bool Schematic, Coordinate? Label, Geometry Geometry);

/// <summary>Reads one GeoJSON file of the map folder. Whatever is wrong with it ends in one <see cref="InvalidDataException"/> that names the file,
/// the feature and the reason, because a customer's own file stands here and its author must find the place.</summary>
internal sealed class MapFile
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new GeoJsonConverterFactory(Geometries.Factory) } };

    private MapFile(string name, IReadOnlyList<MapFeature> features) => (Name, Features) = (name, features);

    /// <summary>File name without the folder.</summary>
    public string Name { get; }

    public IReadOnlyList<MapFeature> Features { get; }

    /// <summary>Null when the file does not exist and need not.</summary>
    public static MapFile? Read(string folder, string name, bool mustExist, bool areasOnly)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            return mustExist ? throw new InvalidDataException($"Map file {name} is missing in {folder}.") : null;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return new MapFile(name, ReadFeatures(name, document.RootElement, areasOnly));
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException($"Map file {name} is no valid JSON: {problem.Message}", problem);
        }
    }

    /// <summary>The refusal of one feature.</summary>
    public InvalidDataException Refuse(MapFeature feature, string reason) => Refuse(Name, $"{feature.Code} {feature.Name}".Trim(), reason);

    private static InvalidDataException Refuse(string file, string feature, string reason, Exception? cause = null) =>
        new($"Map file {file}, feature {feature}: {reason}", cause);

    private static List<MapFeature> ReadFeatures(string file, JsonElement root, bool areasOnly)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("features", out var items) || items.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidDataException($"Map file {file} is no GeoJSON FeatureCollection.");
        }

        CheckDeclaredSystem(file, root);
        var features = new List<MapFeature>();
        foreach (var item in items.EnumerateArray())
        {
            features.Add(ReadFeature(file, features.Count, item, areasOnly));
        }

        return features.Count > 0 ? features : throw new InvalidDataException($"Map file {file} has no features.");
    }

    private static MapFeature ReadFeature(string file, int index, JsonElement item, bool areasOnly)
    {
        var properties = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("properties", out var given) && given.ValueKind == JsonValueKind.Object
            ? given
            : throw Refuse(file, $"no. {index + 1}", "it has no properties.");
        var name = Text(properties, "name") ?? string.Empty;
        var code = Text(properties, "code");
        if (string.IsNullOrWhiteSpace(code))
        {
            throw Refuse(file, $"no. {index + 1} {name}".Trim(), "it has no code.");
        }

        var title = $"{code} {name}".Trim();
        if (name.Length == 0)
        {
            throw Refuse(file, title, "it has no name.");
        }

        var geometry = ReadGeometry(file, title, item);
        CheckCoordinates(file, title, geometry);
        if (areasOnly && geometry is not IPolygonal)
        {
            throw Refuse(file, title, $"it must be a Polygon or MultiPolygon and is a {geometry.GeometryType}.");
        }

        if (geometry.IsEmpty)
        {
            throw Refuse(file, title, "its geometry is empty.");
        }

        if (new IsValidOp(geometry).ValidationError is { } error)
        {
            throw Refuse(file, title, FormattableString.Invariant($"its polygon is not valid: {error.Message} at {error.Coordinate.X}, {error.Coordinate.Y}."));
        }

        var aliases = properties.TryGetProperty("aliases", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(alias => alias.ValueKind == JsonValueKind.String).Select(alias => alias.GetString()!).ToArray()
            : [];
        var schematic = properties.TryGetProperty("schematic", out var flag) && flag.ValueKind == JsonValueKind.True;
        return new MapFeature(code, name, Text(properties, "nameEn") ?? name, aliases, schematic, ReadLabel(properties), geometry);
    }

    private static Geometry ReadGeometry(string file, string title, JsonElement item)
    {
        if (!item.TryGetProperty("geometry", out var geometry) || geometry.ValueKind != JsonValueKind.Object)
        {
            throw Refuse(file, title, "it has no geometry.");
        }

        try
        {
            return geometry.Deserialize<Geometry>(Json) ?? throw Refuse(file, title, "it has no geometry.");
        }
        catch (Exception problem) when (problem is not InvalidDataException)
        {
            // The library answers broken geometries with exceptions of many types (JSON, argument, parse, index); all mean the same here.
            throw Refuse(file, title, $"its geometry cannot be read: {problem.Message}", problem);
        }
    }

    private static void CheckCoordinates(string file, string title, Geometry geometry)
    {
        foreach (var point in geometry.Coordinates)
        {
            if (Math.Abs(point.Y) <= 90 && Math.Abs(point.X) <= 180)
            {
                continue;
            }

            var hint = Math.Abs(point.X) <= 90 && Math.Abs(point.Y) <= 180 ? " Longitude must come first: are they swapped?" : " Are they metres of a projection?";
            throw Refuse(file, title, FormattableString.Invariant($"the point {point.X}, {point.Y} does not lie on the globe.") + hint);
        }
    }

    // GeoJSON of today is always WGS 84; older files may declare another system, and then they must not be taken for it.
    private static void CheckDeclaredSystem(string file, JsonElement root)
    {
        if (!root.TryGetProperty("crs", out var crs) || crs.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        var name = crs.ValueKind == JsonValueKind.String ? crs.GetString()
            : crs.ValueKind == JsonValueKind.Object && crs.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object ? Text(properties, "name")
            : null;
        var word = name?.Split(':')[^1];
        if (Contracts.CoordinateSystems.Normalize(word) is not ("wgs84" or "cgcs2000") && word is not ("4326" or "4490"))
        {
            throw new InvalidDataException($"Map file {file} declares the coordinate system {name ?? "unknown"}; it must be WGS 84 or CGCS2000.");
        }
    }

    private static Coordinate? ReadLabel(JsonElement properties) =>
        properties.TryGetProperty("label", out var label) && label.ValueKind == JsonValueKind.Array && label.GetArrayLength() == 2
        && label[0].ValueKind == JsonValueKind.Number && label[1].ValueKind == JsonValueKind.Number
            ? new Coordinate(label[0].GetDouble(), label[1].GetDouble())
            : null;

    // Codes are written as numbers by some editors.
    private static string? Text(JsonElement properties, string name) => !properties.TryGetProperty(name, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}
