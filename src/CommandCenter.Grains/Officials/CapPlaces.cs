using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.Simplify;

namespace CommandCenter.Grains.Officials;

/// <summary>Where an official warning meets the district.</summary>
/// <param name="Areas">Streets and overlays that it covers; empty: it lies elsewhere.</param>
/// <param name="Rings">What it covers, for the map: outer rings as longitude, latitude, … .</param>
internal sealed record CapPlace(ImmutableArray<AreaId> Areas, ImmutableArray<ImmutableArray<double>> Rings, double? Longitude, double? Latitude);

// CAP says where in three ways: polygons (latitude first), circles, and codes. A polygon or circle decides where there is one; codes of the administrative division count down and
// up: what holds for the city or the province holds for the district, what holds for a street holds for that street.
internal static class CapPlaces
{
    private const int CirclePoints = 64;
    private const double KmPerDegree = 111.32;

    // A border drawn to the metre goes to every screen with every change. Beyond so many points it is drawn coarser; the streets that it covers are found from the whole.
    private const int PointsMax = 800;
    private static readonly GeometryFactory Factory = new(new PrecisionModel(), 4326);

    public static CapPlace Find(CapInfo info, AreaMap map)
    {
        var shapes = info.Areas.SelectMany(area => area.Polygons.Select(Polygon).Concat(area.Circles.Select(Circle))).ToArray();
        if (shapes.Length > 0)
        {
            var whole = Factory.CreateGeometryCollection(shapes);
            var areas = shapes.SelectMany(shape => map.Touching(shape)).Distinct().OrderBy(id => id.Value, StringComparer.Ordinal).ToImmutableArray();
            var centre = whole.Centroid;
            return new(areas, [.. Drawable(shapes).SelectMany(Rings)], centre.IsEmpty ? null : centre.X, centre.IsEmpty ? null : centre.Y);
        }

        return new([.. info.Areas.SelectMany(area => OfCodes(area, map)).Distinct().OrderBy(id => id.Value, StringComparer.Ordinal)], [], map.District.Longitude, map.District.Latitude);
    }

    private static AreaId[] OfCodes(CapArea area, AreaMap map)
    {
        var whole = map.Areas.Where(known => known.Kind is AreaKind.Street or AreaKind.Overlay).Select(known => known.Id).ToArray();
        var district = map.District.Id.Value;
        var streets = new List<AreaId>();
        foreach (var code in area.Geocodes)
        {
            var digits = code.Trim();
            if (digits.Length is not (6 or 9 or 12) || !digits.All(char.IsAsciiDigit))
            {
                continue;
            }

            var six = digits[..6];
            if (six == district && (digits.Length == 6 || digits[6..9] == "000"))
            {
                return whole;
            }

            // The city ends in 00, the province in 0000.
            if ((six.EndsWith("00", StringComparison.Ordinal) && district.StartsWith(six[..4], StringComparison.Ordinal))
                || (six.EndsWith("0000", StringComparison.Ordinal) && district.StartsWith(six[..2], StringComparison.Ordinal)))
            {
                return whole;
            }

            if (six == district && map.Find(new AreaId(digits[..9])) is { } street)
            {
                streets.Add(street.Id);
            }
        }

        if (streets.Count > 0)
        {
            return [.. streets];
        }

        // Without any code the words decide: of this district, or of the whole city or province.
        return area.Geocodes.IsEmpty && (area.Description.Contains(map.District.Name.Zh, StringComparison.Ordinal) || area.Description is "常州市" or "江苏省") ? whole : [];
    }

    private static Geometry Polygon(ImmutableArray<(double Latitude, double Longitude)> points)
    {
        var polygon = Factory.CreatePolygon([.. points.Select(point => new Coordinate(point.Longitude, point.Latitude))]);
        return polygon.IsValid ? polygon : GeometryFixer.Fix(polygon);
    }

    private static Geometry Circle((double Latitude, double Longitude, double RadiusKm) circle)
    {
        // A radius of nothing is a point that some place is asked for.
        var radius = Math.Max(circle.RadiusKm, 0.001);
        var (byLatitude, byLongitude) = (radius / KmPerDegree, radius / (KmPerDegree * Math.Max(0.01, Math.Cos(circle.Latitude * Math.PI / 180))));
        var ring = new Coordinate[CirclePoints + 1];
        for (var i = 0; i <= CirclePoints; i++)
        {
            var angle = 2 * Math.PI * (i % CirclePoints) / CirclePoints;
            ring[i] = new Coordinate(circle.Longitude + (byLongitude * Math.Cos(angle)), circle.Latitude + (byLatitude * Math.Sin(angle)));
        }

        return Factory.CreatePolygon(ring);
    }

    private static Geometry[] Drawable(Geometry[] shapes)
    {
        // From some 10 m up; many small shapes that no coarseness makes fewer are cut off at the bound.
        for (var tolerance = 0.0001; shapes.Sum(shape => shape.NumPoints) > PointsMax && tolerance < 0.1; tolerance *= 2)
        {
            shapes = [.. shapes.Select(shape => TopologyPreservingSimplifier.Simplify(shape, tolerance))];
        }

        var left = PointsMax;
        return [.. shapes.TakeWhile(shape => (left -= shape.NumPoints) >= 0)];
    }

    private static IEnumerable<ImmutableArray<double>> Rings(Geometry geometry)
    {
        for (var i = 0; i < geometry.NumGeometries; i++)
        {
            if (geometry.GetGeometryN(i) is Polygon { IsEmpty: false } polygon)
            {
                yield return [.. polygon.ExteriorRing.Coordinates.SelectMany(point => new[] { Math.Round(point.X, 6), Math.Round(point.Y, 6) })];
            }
        }
    }
}
