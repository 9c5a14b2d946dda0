namespace CommandCenter.Grains.Registry;

/// <summary>The registry of devices (configuration section <c>Registry</c>).</summary>
public sealed class RegistryOptions
{
    /// <summary>Devices that the registry holds at most; default 200,000. Another one is refused as unprocessable.</summary>
    public int DevicesCountMax { get; set; } = 200_000;

    /// <summary>Seconds after which an ingest node that has not followed again counts as gone; default 15.</summary>
    public int FollowerLifeSeconds { get; set; } = 15;

    /// <summary>Seconds that a registration waits for one ingest node to take the change; default 2. A slower node is dropped and loads everything when it follows again.</summary>
    public int FollowerAnswerSeconds { get; set; } = 2;

    /// <summary>Ingest nodes that may follow at the same time; default 100. Another one is not kept, and so has to load everything each time it asks.</summary>
    public int FollowersCountMax { get; set; } = 100;
}
