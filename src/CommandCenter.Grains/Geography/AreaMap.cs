using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Geography;

/// <summary>The areas of the district and which of them holds a point. Made once at start from maps/*.geojson.</summary>
internal sealed class AreaMap
{
    /// <summary>The district itself.</summary>
    public AreaDescription District { get; private init; } = new(new AreaId("320404"), new Label("钟楼区", "Zhonglou"), AreaKind.District, null, false, 119.857, 31.788);

    /// <summary>District, streets, overlays, outside: every area with a wall.</summary>
    public ImmutableArray<AreaDescription> Areas { get; private init; } = [];

    /// <summary>The areas that own devices: streets and outside. Each has a street grain.</summary>
    public IEnumerable<AreaDescription> Streets => Areas.Where(area => area.Kind is AreaKind.Street or AreaKind.Outside);

    /// <summary>The street that holds the point (degrees, WGS 84), or <see cref="AreaId.Outside"/>.</summary>
    public AreaId Locate(double longitude, double latitude) =>
        Areas.FirstOrDefault(area => area.Kind == AreaKind.Street && area.Longitude == longitude && area.Latitude == latitude)?.Id ?? AreaId.Outside;
}
