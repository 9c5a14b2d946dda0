using NetTopologySuite.Geometries;

namespace MapBuilder;

/// <summary>The grid of a millionth of a degree on which every written coordinate lies, and the scale of the district.</summary>
internal static class Grid
{
    public const int Decimals = 6;

    // The middle of the district: over its 12 km the scale of a degree of longitude changes by 0.1 %.
    private const double MiddleLatitude = 31.795;
    private const double KilometresPerDegree = 111.195;

    public static readonly PrecisionModel Millionths = new(1_000_000);

    public static readonly GeometryFactory Factory = new(new PrecisionModel(), 4326);

    /// <summary>Degrees of longitude shrunk to the length of degrees of latitude.</summary>
    public static readonly double LongitudeScale = Math.Cos(MiddleLatitude * Math.PI / 180);

    public static Coordinate Round(Coordinate point) => new(Math.Round(point.X, Decimals), Math.Round(point.Y, Decimals));

    public static Geometry Round(Geometry geometry)
    {
        var rounded = geometry.Copy();
        rounded.Apply(new EachCoordinate(Round));
        rounded.GeometryChanged();
        return rounded;
    }

    public static double SquareKilometres(Geometry geometry) => geometry.Area * LongitudeScale * KilometresPerDegree * KilometresPerDegree;
}
