using NetTopologySuite.Geometries;

namespace MapBuilder;

/// <summary>Replaces every coordinate of a geometry.</summary>
internal sealed class EachCoordinate(Func<Coordinate, Coordinate> replace) : ICoordinateSequenceFilter
{
    public bool Done => false;

    public bool GeometryChanged => true;

    public void Filter(CoordinateSequence seq, int i)
    {
        var replaced = replace(new Coordinate(seq.GetX(i), seq.GetY(i)));
        seq.SetX(i, replaced.X);
        seq.SetY(i, replaced.Y);
    }
}
