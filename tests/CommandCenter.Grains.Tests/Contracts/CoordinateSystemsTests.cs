using CommandCenter.Grains.Contracts;
using CsCheck;
using Xunit;

namespace CommandCenter.Grains.Tests.Contracts;

public sealed class CoordinateSystemsTests
{
    private static readonly Gen<(double Longitude, double Latitude)> InChina = Gen.Select(Gen.Double[74, 134], Gen.Double[18, 53]);

    [Fact]
    public void Gcj02_there_and_back_is_within_a_millimetre() => InChina.Sample((longitude, latitude) =>
    {
        var (gcjLongitude, gcjLatitude) = CoordinateSystems.Wgs84ToGcj02(longitude, latitude);
        Assert.True(CoordinateSystems.TryToWgs84("gcj02", gcjLongitude, gcjLatitude, out var backLongitude, out var backLatitude));
        Assert.True(CoordinateSystems.DistanceM(longitude, latitude, backLongitude, backLatitude) < 0.001);
    });

    [Fact]
    public void Bd09_there_and_back_is_within_a_centimetre() => InChina.Sample((longitude, latitude) =>
    {
        var (gcjLongitude, gcjLatitude) = CoordinateSystems.Wgs84ToGcj02(longitude, latitude);
        var (bdLongitude, bdLatitude) = CoordinateSystems.Gcj02ToBd09(gcjLongitude, gcjLatitude);
        Assert.True(CoordinateSystems.TryToWgs84("bd09", bdLongitude, bdLatitude, out var backLongitude, out var backLatitude));
        Assert.True(CoordinateSystems.DistanceM(longitude, latitude, backLongitude, backLatitude) < 0.01);
    });

    // The README of the map data measured the shift at the district independently of this code.
    [Fact]
    public void The_shift_at_the_district_is_the_measured_one()
    {
        var (longitude, latitude) = CoordinateSystems.Wgs84ToGcj02(119.90, 31.79);
        Assert.Equal(0.00469, longitude - 119.90, 0.0001);
        Assert.Equal(-0.00215, latitude - 31.79, 0.0001);
    }

    [Theory]
    [InlineData("wgs84")]
    [InlineData("cgcs2000")]
    [InlineData("WGS-84")]
    [InlineData("EPSG:4490")]
    public void Systems_of_the_globe_are_left_as_they_are(string crs)
    {
        Assert.True(CoordinateSystems.TryToWgs84(crs, 119.9, 31.8, out var longitude, out var latitude));
        Assert.Equal((119.9, 31.8), (longitude, latitude));
    }

    [Theory]
    [InlineData("")]
    [InlineData("utm50n")]
    [InlineData("mars")]
    public void An_unknown_system_is_refused(string crs) => Assert.False(CoordinateSystems.TryToWgs84(crs, 119.9, 31.8, out _, out _));

    [Fact]
    public void Outside_China_gcj02_is_no_shift() => Assert.Equal((2.35, 48.85), CoordinateSystems.Wgs84ToGcj02(2.35, 48.85));

    [Fact]
    public void Any_numbers_are_answered() => Gen.Select(Gen.Double, Gen.Double).Sample((longitude, latitude) =>
    {
        CoordinateSystems.TryToWgs84("gcj02", longitude, latitude, out _, out _);
        CoordinateSystems.TryToWgs84("bd09", longitude, latitude, out _, out _);
    });
}
