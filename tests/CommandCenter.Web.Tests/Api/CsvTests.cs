using System.Text;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Api;

namespace CommandCenter.Web.Tests.Api;

/// <summary>Tables as offices really make them.</summary>
public sealed class CsvTests
{
    private const string Table = "编号;名称;类型;街道;经度;纬度;坐标系;标签\r\nwl-1;\"龙江路;下穿 \"\"一号\"\"\";积水监测;永红街道;119.934;31.766;gcj02;\"下穿;立交\"\r\n;;;;;;;\r\n";

    private static readonly Dictionary<AreaId, AreaDescription> Areas = new()
    {
        [new AreaId("320404002")] = new(new AreaId("320404002"), new Label("永红街道", "Yonghong"), AreaKind.Street, new AreaId("320404"), true, 119.93, 31.76),
    };

    [Theory]
    [InlineData("GB18030", false)]
    [InlineData("GBK", false)]
    [InlineData("utf-8", false)]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    public void A_table_of_chinese_excel_is_read_in_whatever_it_was_written(string encodingName, bool mark)
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(encodingName) ?? Encoding.GetEncoding(encodingName);
        byte[] bytes = [.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes(Table)];

        var (run, wrong) = ImportRun.Read(bytes);

        Assert.Null(wrong);
        var row = Assert.Single(run!.Table.Rows);
        Assert.Equal(("wl-1", "龙江路;下穿 \"一号\"", 2), (row["id"], row["name"], row.Line));
        var (device, refused) = DeviceImport.Parse(row.Line, column => row[column], _ => null, Areas);
        Assert.Null(refused);
        Assert.Equal(("water_level", "320404002"), (device!.Kind, device.Street.Value));
        Assert.Equal(["下穿", "立交"], device.Tags);
    }

    [Theory]
    [InlineData("id,name,kind,street\na,b,gas,320404002\n")]
    [InlineData("id\tname\tkind\tstreet\na\tb\tgas\t320404002\n")]
    [InlineData("id，name，kind，street\na，b，gas，320404002\n")]
    [InlineData("sep=;\r\nid;name;kind;street\r\na;b;gas;320404002\r\n")]
    [InlineData("ID,Name,Kind,Street,,\na,b,gas,320404002,,\n")]
    [InlineData("\uFEFF\"id\",\"name\",\"kind\",\"street\"\n\"a\",\"b\",\"gas\",\"320404002\"\n")]
    public void Delimiter_and_heading_are_found(string text)
    {
        var table = CsvTable.Parse(text, DeviceImport.ColumnOf);
        Assert.Null(DeviceImport.CheckHeading(table.Heading));
        var row = Assert.Single(table.Rows);
        Assert.Equal(("a", "b", "gas", "320404002"), (row["id"], row["name"], row["kind"], row["street"]));
    }

    [Fact]
    public void The_refused_lines_that_were_downloaded_can_be_imported_again_as_they_are() =>
        Assert.Null(DeviceImport.CheckHeading(["id", "name", "kind", "street", "line", "field", "reason"]));

    /// <summary>The same point in three systems; an error of the conversion would be some 500 m.</summary>
    [Theory]
    [InlineData("wgs84", 119.934, 31.766)]
    [InlineData("cgcs2000", 119.934, 31.766)]
    [InlineData("gcj02", 119.938681, 31.763879)]
    [InlineData("bd09", 119.945257, 31.769515)]
    public void Positions_are_wgs_84_after_an_import_and_after_a_put(string crs, double longitude, double latitude)
    {
        var text = FormattableString.Invariant($"id,name,kind,street,lon,lat,crs\nx,x,gas,320404002,{longitude},{latitude},{crs}\n");
        var row = Assert.Single(CsvTable.Parse(text).Rows);
        var (imported, _) = DeviceImport.Parse(row.Line, column => row[column], _ => null, Areas);
        var reader = DocumentReader.Of(System.Text.Json.JsonElement.Parse(FormattableString.Invariant(
            $$"""{"name":"x","kind":"gas","street":"320404002","lon":{{longitude}},"lat":{{latitude}},"crs":"{{crs}}"}""")));
        var put = DeviceDocument.Parse(reader, new DeviceId("x"), Areas);

        Assert.InRange(CoordinateSystems.DistanceM(119.934, 31.766, imported!.Longitude!.Value, imported.Latitude!.Value), 0, 3);
        Assert.Equal((imported.Longitude, imported.Latitude, "wgs84"), (put.Longitude, put.Latitude, put.Crs));
    }
}
