using System.Text;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Api;
using Microsoft.AspNetCore.Http;

namespace CommandCenter.Web.Tests.Api;

public sealed class DocumentTests
{
    private static readonly Dictionary<AreaId, AreaDescription> Areas = new()
    {
        [new AreaId("320404002")] = new(new AreaId("320404002"), new Label("永红街道", "Yonghong"), AreaKind.Street, new AreaId("320404"), true, 119.93, 31.76),
        [new AreaId("320404400")] = new(new AreaId("320404400"), new Label("经开区", "Development zone"), AreaKind.Overlay, new AreaId("320404"), true, 119.9, 31.7),
    };

    [Fact]
    public void Device_of_the_contract_is_read_whole()
    {
        var reader = Of("""
            {"name":"龙江路下穿 积水1","kind":"water_level","street":"320404002","lon":119.934,"lat":31.766,"crs":"wgs84","domain":"urban","intervalSeconds":60,"tags":["underpass"],"areas":["320404400"],
             "quantities":[{"name":"water_depth","unit":"mm","from":"distance_cm","fromUnit":"cm","scale":1,"offset":0,"min":0,"max":5000}],"source":{"format":"chirpstack","key":"0101010101010101"}}
            """);
        var device = DeviceDocument.Parse(reader, new DeviceId("wl-017"), Areas);
        Assert.Empty(reader.Errors);
        Assert.Equal("water_level", device.Kind);
        Assert.Equal((119.934, 31.766, 60), (device.Longitude, device.Latitude, device.IntervalSeconds));
        Assert.Equal(["underpass"], device.Tags.ToArray());
        Assert.Equal(new DeviceSource("chirpstack", "0101010101010101"), device.Source);
        Assert.Equal(
            new DeviceQuantity { Name = new QuantityId("water_depth"), Unit = "mm", From = "distance_cm", FromUnit = "cm", Scale = 1, Offset = 0, Min = 0, Max = 5000 },
            Assert.Single(device.Quantities));
    }

    [Theory]
    [InlineData("""{"kind":"water_level","street":"320404002"}""", "name")]
    [InlineData("""{"name":"x","kind":"spaceship","street":"320404002"}""", "kind")]
    [InlineData("""{"name":"x","kind":"gas","street":"nowhere"}""", "street")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","lon":181,"lat":31}""", "lon")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","lon":119}""", "lat")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","lon":"119","lat":31}""", "lon")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","crs":"mars"}""", "crs")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","intervalSeconds":0}""", "intervalSeconds")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","intervalSeconds":1.5}""", "intervalSeconds")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","tags":"underpass"}""", "tags")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","areas":["320404002"]}""", "areas")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","quantities":[{"name":"nothing"}]}""", "quantities[0].name")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","quantities":[{"name":"water_depth","fromUnit":"kW"}]}""", "quantities[0].fromUnit")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","source":{"format":"chirpstack"}}""", "source.key")]
    [InlineData("""{"name":"x","kind":"gas","street":"320404002","domain":"space"}""", "domain")]
    [InlineData("""{"name":7,"kind":"gas","street":"320404002"}""", "name")]
    public void Wrong_field_is_named(string document, string field)
    {
        var reader = Of(document);
        DeviceDocument.Parse(reader, new DeviceId("x"), Areas);
        Assert.Equal([field], reader.Errors.Keys);
    }

    [Fact]
    public void Unknown_field_is_named_also_inside()
    {
        var reader = Of("""{"name":"x","kind":"gas","street":"320404002","colour":"red","source":{"format":"a","key":"b","secret":1}}""");
        DeviceDocument.Parse(reader, new DeviceId("x"), Areas);
        Assert.NotNull(reader.Refusal());
        Assert.Equal(["colour", "source.secret"], reader.Errors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Position_of_another_system_is_converted_at_the_border()
    {
        var reader = Of("""{"name":"x","kind":"gas","street":"320404002","lon":119.934,"lat":31.766,"crs":"gcj02"}""");
        var device = DeviceDocument.Parse(reader, new DeviceId("x"), Areas);
        Assert.Empty(reader.Errors);
        Assert.InRange(CoordinateSystems.DistanceM(119.934, 31.766, device.Longitude!.Value, device.Latitude!.Value), 300, 800);
        Assert.Equal("wgs84", device.Crs);
    }

    [Theory]
    [InlineData("2026-11-23T08:00:00.000+08:00", "2026-11-23T00:00:00.000Z")]
    [InlineData("2026-11-23T00:00:00Z", "2026-11-23T00:00:00.000Z")]
    [InlineData("2026-11-23T00:00:00.1239Z", "2026-11-23T00:00:00.123Z")]
    [InlineData("1763856000000", "2025-11-23T00:00:00.000Z")]
    public void Time_with_offset_is_read(string text, string utc)
    {
        Assert.True(Times.TryParse(text, out var at));
        Assert.Equal(utc, ContractJson.Format(at));
    }

    [Theory]
    [InlineData("2026-11-23T08:00:00")]
    [InlineData("yesterday")]
    [InlineData("")]
    public void Time_without_offset_is_refused(string text) => Assert.False(Times.TryParse(text, out _));

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?limit=ten", "limit")]
    [InlineData("?from=now", "from")]
    [InlineData("?every=5", "every")]
    [InlineData("?every=32d", "every")]
    [InlineData("?state=raised,asleep", "state")]
    public void Wrong_parameter_is_named(string address, string name)
    {
        var query = new QueryReader(new QueryCollection(Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(address)));
        query.Limit();
        query.Time("from");
        query.Interval("every");
        query.WordList<WarningState>("state");
        var problem = Assert.IsType<Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult>(query.Refusal());
        Assert.Equal([name], ((Dictionary<string, string[]>)problem.ProblemDetails.Extensions["errors"]!).Keys);
    }

    [Fact]
    public void Offset_whose_plus_became_a_space_is_read()
    {
        var query = new QueryReader(new QueryCollection(Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery("?from=2026-11-23T08:00:00+08:00")));
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero), query.Time("from"));
        Assert.Null(query.Refusal());
    }

    [Fact]
    public void Table_keeps_quoted_commas_quotes_and_line_breaks_and_the_line_numbers()
    {
        var table = CsvTable.Parse("\uFEFFid,name\r\na,\"x, \"\"y\"\"\nz\"\r\n\r\nb, plain \r\n");
        Assert.Equal(["id", "name"], table.Heading);
        Assert.Equal([(2, "a", "x, \"y\"\nz"), (5, "b", "plain")], table.Rows.Select(row => (row.Line, row["id"]!, row["name"]!)));
    }

    [Fact]
    public void Import_line_is_refused_with_field_and_reason()
    {
        var (device, refusal) = DeviceImport.Parse(7, column => column switch { "id" => "a", "name" => "A", "kind" => "gas", "street" => "320404002", "lon" => "500", "lat" => "31", _ => null }, _ => null, Areas);
        Assert.Null(device);
        Assert.Equal(new DeviceImport.Refused(7, "lon", "out_of_range"), refusal);
    }

    [Fact]
    public void Body_with_a_repeated_name_is_refused() =>
        Assert.False(DocumentReader.TryParse(Encoding.UTF8.GetBytes("""{"a":1,"a":2}"""), out _, out _));

    private static DocumentReader Of(string json) => DocumentReader.Of(JsonElement.Parse(json));
}
