using System.Globalization;
using NetTopologySuite.Geometries;
using NetTopologySuite.Simplify;

namespace MapBuilder;

/// <summary>The list of files that are built, each from its sources.</summary>
internal static class Maps
{
    public const string DistrictCode = "320404";
    private const string VonngSource = "github.com/Vonng/adcode @ b755d6e4abca, CC BY 4.0; GCJ-02 turned to WGS 84";
    private const string MetroSource = "OpenStreetMap of 2026-07-21 by github.com/E-Rail/Just-Go @ 0b86d7a20e66, ODbL 1.0; GCJ-02 turned to WGS 84";

    // Ten metres: the neighbours are a grey backdrop.
    private const double NeighbourToleranceDeg = 0.0001;

    private static readonly (string Code, string Name, string NameEn)[] Neighbours =
    [
        ("320402", "天宁区", "Tianning"), ("320411", "新北区", "Xinbei"), ("320412", "武进区", "Wujin"), ("320413", "金坛区", "Jintan"),
    ];

    private static readonly (string Code, string Name, string NameEn, string[] Aliases)[] Streets =
    [
        ("320404001", "五星街道", "Wuxing", []), ("320404002", "永红街道", "Yonghong", []), ("320404003", "北港街道", "Beigang", []),
        ("320404004", "西林街道", "Xilin", []), ("320404005", "南大街街道", "Nandajie", []), ("320404006", "荷花池街道", "Hehuachi", []),
        // Two public lists of codes disagree on these two.
        ("320404007", "新闸街道", "Xinzha", ["320404010"]), ("320404116", "邹区镇", "Zouqu", ["320404100"]),
    ];

    // The economic development zone is no statistical unit: it has no border, only a place for its name, between the streets that it overlaps.
    private static readonly Coordinate EconomicZoneLabel = new(119.868, 31.808);

    /// <summary>The folder maps/ above the program.</summary>
    public static string FindOutputFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CommandCenter.sln")))
            {
                return Path.Combine(folder.FullName, "maps");
            }
        }

        throw new DirectoryNotFoundException("CommandCenter.sln was not found above the program; name the output folder as the second argument.");
    }

    /// <summary>Builds every file; returns one line of report for each.</summary>
    public static IEnumerable<string> Build(string source, string output)
    {
        var sources = new Sources(source);
        var district = sources.ReadFence(DistrictCode);
        var places = sources.ReadPlaces(DistrictCode);
        Directory.CreateDirectory(output);

        yield return GeoJsonFile.Write(output, "district", VonngSource, [new MapFeature(district)
        {
            ["code"] = DistrictCode, ["name"] = "钟楼区", ["nameEn"] = "Zhonglou", ["kind"] = "district", ["label"] = LabelPoint.Of(district),
        }]);

        yield return GeoJsonFile.Write(output, "neighbours", VonngSource, Neighbours.Select(neighbour =>
            new MapFeature(Grid.Round(TopologyPreservingSimplifier.Simplify(sources.ReadFence(neighbour.Code), NeighbourToleranceDeg)))
            {
                ["code"] = neighbour.Code, ["name"] = neighbour.Name, ["nameEn"] = neighbour.NameEn, ["kind"] = "neighbour",
            }));

        var cells = StreetCells.Make(district, places);
        yield return GeoJsonFile.Write(output, "streets", VonngSource + "; nearest-point cells, not official borders", Streets.Select(street => new MapFeature(cells[street.Code])
        {
            ["code"] = street.Code, ["name"] = street.Name, ["nameEn"] = street.NameEn, ["kind"] = "street", ["aliases"] = street.Aliases,
            ["schematic"] = true, ["label"] = LabelPoint.Of(cells[street.Code]),
        }));

        foreach (var street in Streets)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"  {street.Code} {street.Name}: {Grid.SquareKilometres(cells[street.Code]):0.0} km2, {cells[street.Code].NumGeometries} piece(s)");
        }

        yield return GeoJsonFile.Write(output, "overlays", "name of a functional area without a border", [new MapFeature(Grid.Factory.CreatePoint(EconomicZoneLabel))
        {
            ["code"] = "320404400", ["name"] = "经开区", ["nameEn"] = "Economic Zone", ["kind"] = "overlay", ["schematic"] = true, ["label"] = EconomicZoneLabel,
        }]);

        yield return GeoJsonFile.Write(output, "places", VonngSource, places.Select(place => new MapFeature(place.Point)
        {
            ["code"] = place.Code, ["name"] = place.Name, ["kind"] = place.IsStreet ? "street" : "community", ["street"] = place.Street,
        }));

        yield return GeoJsonFile.Write(output, "metro", MetroSource, sources.ReadMetro());
    }
}
