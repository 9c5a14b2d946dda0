using NetTopologySuite;
using NetTopologySuite.Geometries;

namespace CommandCenter.Grains.Geography;

/// <summary>The one factory of geometries: WGS 84, longitude before latitude.</summary>
internal static class Geometries
{
    public static GeometryFactory Factory { get; } = NtsGeometryServices.Instance.CreateGeometryFactory(4326);
}
