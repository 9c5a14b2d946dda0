using NetTopologySuite.Algorithm.Construct;
using NetTopologySuite.Geometries;

namespace MapBuilder;

/// <summary>Where the name of an area is written: the middle of the largest circle inside it.</summary>
internal static class LabelPoint
{
    private const double ToleranceDeg = 0.0001;

    public static Coordinate Of(Geometry area) => Grid.Round(MaximumInscribedCircle.GetCenter(area, ToleranceDeg).Coordinate);
}
