using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Valid;

namespace CommandCenter.Grains.Rules;

/// <summary>Reads the shape of a geofence: points in [longitude, latitude] order, as everywhere in GeoJSON.</summary>
internal static class FenceParsing
{
    public const int PointsMax = 5000;
    private const double RadiusMaxM = 100_000;

    public static Fence? Read(string word, JsonElement shape, string crs, string path, FieldErrors errors)
    {
        if (word == "circle")
        {
            return Circle(shape, crs, path, errors);
        }

        var least = word == "line" ? 2 : 3;
        if (shape.ValueKind != JsonValueKind.Array || shape.GetArrayLength() < least || shape.GetArrayLength() > PointsMax)
        {
            errors.Add(path, $"must be a list of {least} to {PointsMax} points [lon, lat]");
            return null;
        }

        var points = new List<Coordinate>();
        foreach (var item in shape.EnumerateArray())
        {
            if (Point(item, crs) is not { } point)
            {
                errors.Add($"{path}[{points.Count}]", "must be [lon, lat] in degrees, longitude first");
                return null;
            }

            points.Add(point);
        }

        if (word == "line")
        {
            return Fence.Of(Geometries.Factory.CreateLineString([.. points]));
        }

        if (!points[0].Equals2D(points[^1]))
        {
            points.Add(points[0].Copy());
        }

        var polygon = points.Count < 4 ? null : Geometries.Factory.CreatePolygon([.. points]);
        if (polygon is null || new IsValidOp(polygon).ValidationError is not null)
        {
            errors.Add(path, "must be a polygon whose border does not cross itself");
            return null;
        }

        return Fence.Of(polygon);
    }

    private static Fence? Circle(JsonElement shape, string crs, string path, FieldErrors errors)
    {
        if (shape.ValueKind != JsonValueKind.Object)
        {
            errors.Add(path, "must be {\"lon\",\"lat\",\"radiusM\"}");
            return null;
        }

        JsonFields.Known(shape, ["lon", "lat", "radiusM"], path + ".", errors);
        var longitude = JsonFields.Number(shape, "lon", -180, 180, path + ".", errors);
        var latitude = JsonFields.Number(shape, "lat", -90, 90, path + ".", errors);
        var radius = JsonFields.Number(shape, "radiusM", 1, RadiusMaxM, path + ".", errors);
        foreach (var (value, field) in new[] { (longitude, "lon"), (latitude, "lat"), (radius, "radiusM") })
        {
            if (value is null && !errors.Has($"{path}.{field}"))
            {
                errors.Add($"{path}.{field}", "is needed");
            }
        }

        if (longitude is not { } x || latitude is not { } y || radius is not { } r)
        {
            return null;
        }

        CoordinateSystems.TryToWgs84(crs, x, y, out x, out y);
        return Fence.Circle(x, y, r);
    }

    private static Coordinate? Point(JsonElement item, string crs)
    {
        if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2
            || item[0].ValueKind != JsonValueKind.Number || item[1].ValueKind != JsonValueKind.Number)
        {
            return null;
        }

        var (longitude, latitude) = (item[0].GetDouble(), item[1].GetDouble());
        return Math.Abs(longitude) > 180 || Math.Abs(latitude) > 90 || !CoordinateSystems.TryToWgs84(crs, longitude, latitude, out longitude, out latitude)
            ? null : new Coordinate(longitude, latitude);
    }
}
