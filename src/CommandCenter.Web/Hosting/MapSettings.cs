namespace CommandCenter.Web.Hosting;

/// <summary>What the customer says about the maps (configuration section <c>Map</c>).</summary>
/// <param name="Directory">Absolute path of the folder with the GeoJSON files, served as <c>/maps/*.geojson</c>.</param>
/// <param name="District">GB/T 2260 code of the district, the area of the first wall.</param>
/// <param name="BaseMap">Address of an optional raster base map, <c>https://…/{z}/{x}/{y}.png</c>; null: none.</param>
/// <param name="ApprovalNumber">审图号 shown on every map; null: none.</param>
public sealed record MapSettings(string Directory, string District, string? BaseMap, string? ApprovalNumber);
