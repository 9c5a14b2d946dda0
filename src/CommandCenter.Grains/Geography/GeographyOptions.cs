namespace CommandCenter.Grains.Geography;

/// <summary>The maps (configuration section <c>Map</c>).</summary>
public sealed class GeographyOptions
{
    /// <summary>Absolute path of the folder with the GeoJSON files; default <c>maps</c> beside the program, or at the root of the repository.</summary>
    public string Directory { get; set; } = "maps";

    /// <summary>GB/T 2260 code of the district.</summary>
    public string District { get; set; } = "320404";
}
