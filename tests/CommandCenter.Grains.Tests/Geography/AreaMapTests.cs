using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CsCheck;
using Xunit;

namespace CommandCenter.Grains.Tests.Geography;

public sealed class AreaMapTests
{
    private static readonly AreaMap Map = AreaMap.Load(new GeographyOptions { Directory = MapFolder.Shipped });

    [Fact]
    public void The_areas_are_the_district_eight_streets_the_zone_and_outside()
    {
        Assert.Equal(
            ["320404", "320404001", "320404002", "320404003", "320404004", "320404005", "320404006", "320404007", "320404116", "320404400", "outside"],
            Map.Areas.Select(area => area.Id.Value));
        Assert.Equal(AreaKind.Overlay, Map.Find(new AreaId("320404400"))!.Kind);
        Assert.Equal(9, Map.Streets.Count());
        Assert.All(Map.Areas.Where(area => area.Kind == AreaKind.Street), area => Assert.True(area.Schematic));
        Assert.Equal(new Label("邹区镇", "Zouqu"), Map.Find(new AreaId("320404116"))!.Name);
    }

    [Theory]
    [InlineData(119.934, 31.766, "320404002")] // the device of the contract's example
    [InlineData(119.87857, 31.79735, "320404003")] // Beigang of GeoNames
    [InlineData(119.95401, 31.77359, "outside")] // Changzhou of GeoNames, just over the border
    [InlineData(119.9778, 31.82921, "outside")] // Hehai, in the next district
    [InlineData(119.74, 31.772, "320404116")]
    [InlineData(0, 0, "outside")]
    [InlineData(double.NaN, 31.77, "outside")]
    [InlineData(double.PositiveInfinity, double.NegativeInfinity, "outside")]
    public void A_point_is_in_the_street_that_holds_it(double longitude, double latitude, string street) =>
        Assert.Equal(new AreaId(street), Map.Locate(longitude, latitude));

    [Fact]
    public void Every_label_of_a_street_lies_in_it() =>
        Assert.All(Map.Areas.Where(area => area.Kind == AreaKind.Street), area => Assert.Equal(area.Id, Map.Locate(area.Longitude, area.Latitude)));

    [Fact]
    public void Every_street_and_community_point_lies_in_its_street()
    {
        var places = MapFile.Read(MapFolder.Shipped, "places.geojson", mustExist: true, areasOnly: false)!;
        Assert.Equal(58, places.Features.Count);
        Assert.All(places.Features, place => Assert.Equal(place.Code[..9], Map.Locate(place.Geometry.Coordinate.X, place.Geometry.Coordinate.Y).Value));
    }

    [Fact]
    public void Every_point_of_the_district_lies_in_one_street_and_no_other_point_in_any()
    {
        var district = MapFile.Read(MapFolder.Shipped, AreaMap.DistrictFile, mustExist: true, areasOnly: true)!.Features[0].Geometry;
        Gen.Select(Gen.Double[119.72, 119.97], Gen.Double[31.73, 31.86]).Sample(
            (longitude, latitude) =>
            {
                var point = district.Factory.CreatePoint(new NetTopologySuite.Geometries.Coordinate(longitude, latitude));
                var street = Map.Locate(longitude, latitude);
                if (district.Covers(point))
                {
                    Assert.NotEqual(AreaId.Outside, street);
                }
                else if (street != AreaId.Outside)
                {
                    // A cut border is rounded to 0.1 m, so a point may be called inside by no more than that.
                    Assert.True(district.Distance(point) < 2e-6);
                }
            },
            iter: 2_000);
    }

    [Theory]
    [InlineData("320404010", "320404007")]
    [InlineData("320404100", "320404116")]
    [InlineData("320404007", "320404007")]
    public void An_alias_leads_to_the_street(string code, string street) => Assert.Equal(new AreaId(street), Map.Find(new AreaId(code))!.Id);

    [Fact]
    public void An_area_tells_its_aliases() => Assert.Equal([new AreaId("320404010")], Map.Find(new AreaId("320404007"))!.Aliases);

    [Fact]
    public void An_unknown_code_is_no_area()
    {
        Assert.Null(Map.Find(new AreaId("320402001")));
        Assert.Null(Map.Find(default));
    }

    [Fact]
    public void An_overlay_with_a_border_holds_its_points()
    {
        using var folder = new MapFolder();
        folder.Write(AreaMap.OverlaysFile, """
            {"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"320404400","name":"经开区"},
             "geometry":{"type":"Polygon","coordinates":[[[119.87,31.80],[119.89,31.80],[119.89,31.81],[119.87,31.81],[119.87,31.80]]]}}]}
            """);
        var map = AreaMap.Load(new GeographyOptions { Directory = folder.Path });
        Assert.Equal([new AreaId("320404400")], map.OverlaysAt(119.88, 31.805));
        Assert.Empty(map.OverlaysAt(119.934, 31.766));
    }

    [Fact]
    public void Without_the_overlay_file_there_are_no_overlays()
    {
        using var folder = new MapFolder();
        folder.Delete(AreaMap.OverlaysFile);
        Assert.DoesNotContain(AreaMap.Load(new GeographyOptions { Directory = folder.Path }).Areas, area => area.Kind == AreaKind.Overlay);
    }
}
