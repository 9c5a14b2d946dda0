namespace CommandCenter.Grains.Contracts;

/// <summary>Conversion of positions to WGS 84 at the edge. CGCS2000 is taken as WGS 84 (they differ by centimetres).</summary>
public static class CoordinateSystems
{
    // The forward shift WGS 84 → GCJ-02 is a published formula; its inverse has none, so it is found by iteration. The shift changes by
    // less than 0.1 % of a step, so each round gains three digits: ten rounds are far more than needed and bound the loop.
    private const int IterationsMax = 10;
    private const double ConvergedDeg = 1e-10;

    // The ellipsoid of the formula (Krasovsky 1940).
    private const double SemiMajorM = 6_378_245.0;
    private const double EccentricitySquared = 0.00669342162296594323;

    /// <summary>Converts from <c>wgs84</c>, <c>cgcs2000</c>, <c>gcj02</c> or <c>bd09</c>; false when the system is not known. Exact to less than 1 m.
    /// Upper case, hyphens and the EPSG names of the first two are understood.</summary>
    public static bool TryToWgs84(string crs, double longitude, double latitude, out double wgsLongitude, out double wgsLatitude)
    {
        (wgsLongitude, wgsLatitude) = (longitude, latitude);
        switch (Normalize(crs))
        {
            case "wgs84":
            case "cgcs2000":
                return true;
            case "gcj02":
                (wgsLongitude, wgsLatitude) = Gcj02ToWgs84(longitude, latitude);
                return true;
            case "bd09":
                var (gcjLongitude, gcjLatitude) = Invert(Gcj02ToBd09, longitude, latitude);
                (wgsLongitude, wgsLatitude) = Gcj02ToWgs84(gcjLongitude, gcjLatitude);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The short name of a system (<c>wgs84</c>, <c>cgcs2000</c>, <c>gcj02</c>, <c>bd09</c>) for any of its spellings; null when it is not known.</summary>
    public static string? Normalize(string? crs) => crs?.Trim().ToUpperInvariant().Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal) switch
    {
        "WGS84" or "EPSG:4326" or "CRS84" => "wgs84",
        "CGCS2000" or "EPSG:4490" => "cgcs2000",
        "GCJ02" => "gcj02",
        "BD09" or "BD09LL" => "bd09",
        _ => null,
    };

    /// <summary>The public shift of Chinese maps. Outside China it is none.</summary>
    public static (double Longitude, double Latitude) Wgs84ToGcj02(double longitude, double latitude)
    {
        // The formula is defined inside this box only; map services leave everything else as it is.
        if (longitude is not (>= 72.004 and <= 137.8347) || latitude is not (>= 0.8293 and <= 55.8271))
        {
            return (longitude, latitude);
        }

        var x = longitude - 105.0;
        var y = latitude - 35.0;
        var common = ((20.0 * Math.Sin(6.0 * x * Math.PI)) + (20.0 * Math.Sin(2.0 * x * Math.PI))) * 2.0 / 3.0;
        var shiftLatitude = -100.0 + (2.0 * x) + (3.0 * y) + (0.2 * y * y) + (0.1 * x * y) + (0.2 * Math.Sqrt(Math.Abs(x))) + common
            + (((20.0 * Math.Sin(y * Math.PI)) + (40.0 * Math.Sin(y / 3.0 * Math.PI))) * 2.0 / 3.0)
            + (((160.0 * Math.Sin(y / 12.0 * Math.PI)) + (320.0 * Math.Sin(y * Math.PI / 30.0))) * 2.0 / 3.0);
        var shiftLongitude = 300.0 + x + (2.0 * y) + (0.1 * x * x) + (0.1 * x * y) + (0.1 * Math.Sqrt(Math.Abs(x))) + common
            + (((20.0 * Math.Sin(x * Math.PI)) + (40.0 * Math.Sin(x / 3.0 * Math.PI))) * 2.0 / 3.0)
            + (((150.0 * Math.Sin(x / 12.0 * Math.PI)) + (300.0 * Math.Sin(x / 30.0 * Math.PI))) * 2.0 / 3.0);

        var phi = latitude / 180.0 * Math.PI;
        var magic = 1 - (EccentricitySquared * Math.Sin(phi) * Math.Sin(phi));
        var meridianM = SemiMajorM * (1 - EccentricitySquared) / (magic * Math.Sqrt(magic));
        var parallelM = SemiMajorM / Math.Sqrt(magic) * Math.Cos(phi);
        return (longitude + (shiftLongitude * 180.0 / (parallelM * Math.PI)), latitude + (shiftLatitude * 180.0 / (meridianM * Math.PI)));
    }

    /// <summary>The inverse of <see cref="Wgs84ToGcj02"/>, by iteration; exact to well under a centimetre.</summary>
    public static (double Longitude, double Latitude) Gcj02ToWgs84(double longitude, double latitude) => Invert(Wgs84ToGcj02, longitude, latitude);

    /// <summary>Baidu's further shift on top of GCJ-02.</summary>
    public static (double Longitude, double Latitude) Gcj02ToBd09(double longitude, double latitude)
    {
        const double step = Math.PI * 3000.0 / 180.0;
        var radius = Math.Sqrt((longitude * longitude) + (latitude * latitude)) + (0.00002 * Math.Sin(latitude * step));
        var angle = Math.Atan2(latitude, longitude) + (0.000003 * Math.Cos(longitude * step));
        return ((radius * Math.Cos(angle)) + 0.0065, (radius * Math.Sin(angle)) + 0.006);
    }

    /// <summary>Metres between two points, WGS 84 degrees, on the sphere of mean radius 6,371,008.8 m.</summary>
    public static double DistanceM(double longitude1, double latitude1, double longitude2, double latitude2)
    {
        const double radiusM = 6_371_008.8;
        var phi1 = latitude1 * Math.PI / 180;
        var phi2 = latitude2 * Math.PI / 180;
        var dPhi = phi2 - phi1;
        var dLambda = (longitude2 - longitude1) * Math.PI / 180;
        var a = Math.Pow(Math.Sin(dPhi / 2), 2) + (Math.Cos(phi1) * Math.Cos(phi2) * Math.Pow(Math.Sin(dLambda / 2), 2));
        return 2 * radiusM * Math.Asin(Math.Min(1, Math.Sqrt(a)));
    }

    private static (double Longitude, double Latitude) Invert(Func<double, double, (double Longitude, double Latitude)> forward, double longitude, double latitude)
    {
        var (x, y) = (longitude, latitude);
        for (var i = 0; i < IterationsMax; i++)
        {
            var (shiftedX, shiftedY) = forward(x, y);
            var (errorX, errorY) = (shiftedX - longitude, shiftedY - latitude);
            (x, y) = (x - errorX, y - errorY);
            if (Math.Abs(errorX) < ConvergedDeg && Math.Abs(errorY) < ConvergedDeg)
            {
                break;
            }
        }

        return (x, y);
    }
}
