using MapBuilder;
using Xunit;

namespace CommandCenter.Grains.Tests.Geography;

public sealed class MapBuilderTests
{
    [Fact]
    public void The_checked_in_maps_are_what_the_command_builds()
    {
        if (MapFolder.Shared is not { } shared)
        {
            Assert.Skip("The sources of the maps need ../shared.");
            return;
        }

        var output = Directory.CreateTempSubdirectory("built-maps-").FullName;
        try
        {
            Assert.NotEmpty(Maps.Build(Path.Combine(shared, "data", "maps"), output).ToList());
            var built = Directory.EnumerateFiles(output).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
            Assert.Equal(["district.geojson", "metro.geojson", "neighbours.geojson", "overlays.geojson", "places.geojson", "streets.geojson"], built);
            Assert.All(built, name => Assert.Equal(File.ReadAllText(Path.Combine(MapFolder.Shipped, name!)), File.ReadAllText(Path.Combine(output, name!))));
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    [Fact]
    public void A_missing_source_is_an_error_and_not_an_empty_map() =>
        Assert.ThrowsAny<IOException>(() => Maps.Build(Path.Combine(Path.GetTempPath(), "no-such-folder"), Path.GetTempPath()).ToList());
}
