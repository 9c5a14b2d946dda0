using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;
using NetTopologySuite.Triangulate;

namespace MapBuilder;

/// <summary>Areas for streets whose borders nobody publishes: the district is given to the nearest known point (Voronoi cells), and the cells of one
/// street are joined. All points count, those of the communities and those of the streets: with the communities alone, 西林 would swallow the middle of 邹区.</summary>
internal static class StreetCells
{
    public static IReadOnlyDictionary<string, Geometry> Make(Geometry district, IReadOnlyCollection<Place> places)
    {
        var streetOf = places.ToDictionary(place => Flatten(place.Point.Coordinate), place => place.Street);
        var builder = new VoronoiDiagramBuilder { ClipEnvelope = Flatten(district).EnvelopeInternal };
        builder.SetSites([.. streetOf.Keys]);
        var diagram = builder.GetDiagram(Grid.Factory);

        return diagram.Geometries
            .GroupBy(cell => streetOf[(Coordinate)cell.UserData], cell => Unflatten(cell), StringComparer.Ordinal)
            .ToDictionary(
                cells => cells.Key,
                cells => OverlayNG.Overlay(OverlayNGRobust.Union(cells), district, SpatialFunction.Intersection, Grid.Millionths).Normalized(),
                StringComparer.Ordinal);
    }

    // Nearest means nearest in metres, so a degree of longitude is first made as long as one of latitude.
    private static Coordinate Flatten(Coordinate point) => new(point.X * Grid.LongitudeScale, point.Y);

    private static Geometry Flatten(Geometry geometry) => Each(geometry, Flatten);

    private static Geometry Unflatten(Geometry geometry) => Each(geometry, point => new Coordinate(point.X / Grid.LongitudeScale, point.Y));

    private static Geometry Each(Geometry geometry, Func<Coordinate, Coordinate> replace)
    {
        var copy = geometry.Copy();
        copy.Apply(new EachCoordinate(replace));
        copy.GeometryChanged();
        return copy;
    }
}
