using NetTopologySuite.Algorithm.Locate;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Distance;

namespace CommandCenter.Grains.Rules;

/// <summary>A prepared shape in metres around its own middle. Made once per rule; reading it from many threads is safe.</summary>
internal sealed class Fence
{
    // Metres of one degree of latitude on the sphere that CoordinateSystems.DistanceM measures on.
    private const double DegreeM = 6_371_008.8 * Math.PI / 180;

    private readonly double _longitude;
    private readonly double _latitude;
    private readonly double _cosine;
    private readonly double _radiusM;
    private readonly Envelope _envelope = new();
    private readonly IndexedPointInAreaLocator? _locator;
    private readonly IndexedFacetDistance? _border;
    private readonly GeometryFactory? _factory;

    private Fence(double longitude, double latitude, double radiusM)
    {
        _longitude = longitude;
        _latitude = latitude;
        _cosine = Math.Cos(latitude * Math.PI / 180);
        _radiusM = radiusM;
    }

    private Fence(Geometry degrees)
        : this(degrees.EnvelopeInternal.Centre.X, degrees.EnvelopeInternal.Centre.Y, 0)
    {
        var metres = degrees.Copy();
        foreach (var point in metres.Coordinates)
        {
            (point.X, point.Y) = (X(point.X), Y(point.Y));
        }

        metres.GeometryChanged();
        _factory = metres.Factory;
        _envelope = metres.EnvelopeInternal;
        IsArea = metres is IPolygonal;
        _border = new(IsArea ? metres.Boundary : metres);
        _border.Distance(_factory.CreatePoint(metres.Coordinate));
        if (IsArea)
        {
            // The indexes are built by the first question; asked here, so that later ones only read them.
            _locator = new(metres);
            _locator.Locate(metres.Coordinate);
        }
    }

    /// <summary>False for a line, which has no inside.</summary>
    public bool IsArea { get; private init; } = true;

    public static Fence Circle(double longitude, double latitude, double radiusM) => new(longitude, latitude, radiusM);

    /// <summary>A polygon, several, or a line, in degrees WGS 84.</summary>
    public static Fence Of(Geometry degrees) => new(degrees);

    /// <summary>Whether the point lies inside or on the border.</summary>
    public bool Holds(double longitude, double latitude)
    {
        var (x, y) = (X(longitude), Y(latitude));
        if (_border is null)
        {
            return Math.Sqrt((x * x) + (y * y)) <= _radiusM;
        }

        return _locator is not null && _envelope.Contains(x, y) && _locator.Locate(new Coordinate(x, y)) != Location.Exterior;
    }

    /// <summary>Metres from the border, or from the line: positive outside, negative inside.</summary>
    public double DistanceM(double longitude, double latitude)
    {
        var (x, y) = (X(longitude), Y(latitude));
        if (_border is null)
        {
            return Math.Sqrt((x * x) + (y * y)) - _radiusM;
        }

        var distance = _border.Distance(_factory!.CreatePoint(new Coordinate(x, y)));
        return Holds(longitude, latitude) ? -distance : distance;
    }

    private double X(double longitude) => (longitude - _longitude) * _cosine * DegreeM;

    private double Y(double latitude) => (latitude - _latitude) * DegreeM;
}
