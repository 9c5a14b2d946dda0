namespace CommandCenter.Grains.Warnings;

/// <summary>The life of warnings (configuration section <c>Warnings</c>).</summary>
public sealed class WarningsOptions
{
    /// <summary>Minutes that an acknowledgement holds, 1 to 1440; default 240. Afterwards the warning counts as unacknowledged again.</summary>
    public int AcknowledgeMinutes { get; set; } = 240;

    /// <summary>Days that a warning can be shelved at most, 1 to 30; default 7. Longer is refused.</summary>
    public int ShelveDaysMax { get; set; } = 7;
}
