namespace CitySimulator;

/// <summary>The closed way of a patrol car through the points of its street.</summary>
internal sealed class PatrolRoute
{
    private const double MetresPerDegreeLatitude = 111_195;
    private readonly (double Longitude, double Latitude)[] _points;
    private readonly double[] _ends;

    public PatrolRoute(int seed, SimulatedDevice car)
    {
        // Around the middle by angle, so that the way does not cross itself.
        var places = Places.All.Where(place => place.Street == car.Street && Math.Abs(place.Longitude - car.Longitude) < 0.03).ToArray();
        var points = places.Length >= 3
            ? places.Select(place => (place.Longitude, place.Latitude)).ToArray()
            : [.. Enumerable.Range(0, 6).Select(i => (car.Longitude + (0.002 * Math.Cos(i * Math.PI / 3)), car.Latitude + (0.0015 * Math.Sin(i * Math.PI / 3))))];
        var middle = (points.Average(point => point.Item1), points.Average(point => point.Item2));
        _points = [.. points.OrderBy(point => Math.Atan2(point.Item2 - middle.Item2, point.Item1 - middle.Item1))];
        _ends = new double[_points.Length];
        var length = 0.0;
        for (var i = 0; i < _points.Length; i++)
        {
            length += Metres(_points[i], _points[(i + 1) % _points.Length]);
            _ends[i] = length;
        }

        StartMetres = length * Noise.Unit(seed, car.Id, 0, 41);
    }

    /// <summary>Where on the way the car begins.</summary>
    public double StartMetres { get; }

    public (double Longitude, double Latitude, double HeadingDeg) At(double metres)
    {
        var along = metres % _ends[^1];
        var i = Array.FindIndex(_ends, end => along < end);
        i = i < 0 ? _points.Length - 1 : i;
        var (from, to) = (_points[i], _points[(i + 1) % _points.Length]);
        var begin = i == 0 ? 0 : _ends[i - 1];
        var share = (along - begin) / Math.Max(1, _ends[i] - begin);
        var heading = Math.Atan2((to.Longitude - from.Longitude) * 0.85, to.Latitude - from.Latitude) * 180 / Math.PI;
        return (from.Longitude + ((to.Longitude - from.Longitude) * share), from.Latitude + ((to.Latitude - from.Latitude) * share), (heading + 360) % 360);
    }

    private static double Metres((double Longitude, double Latitude) from, (double Longitude, double Latitude) to) =>
        MetresPerDegreeLatitude * Math.Sqrt(Math.Pow((to.Longitude - from.Longitude) * 0.85, 2) + Math.Pow(to.Latitude - from.Latitude, 2));
}
