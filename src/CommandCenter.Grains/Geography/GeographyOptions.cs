namespace CommandCenter.Grains.Geography;

/// <summary>The maps (configuration section <c>Map</c>).</summary>
public sealed class GeographyOptions
{
    /// <summary>Folder with the GeoJSON files, default <c>maps</c>. An absolute path is taken as it is; a relative one is looked for beside the program
    /// and then in each folder above, which finds the root of the repository.</summary>
    public string Directory { get; set; } = "maps";

    /// <summary>GB/T 2260 code of the district.</summary>
    public string District { get; set; } = "320404";
}
