namespace CommandCenter.Grains.Streets;

/// <summary>The live state of streets (configuration section <c>Streets</c>).</summary>
public sealed class StreetsOptions
{
    /// <summary>Seconds between snapshots, 5 to 600; default 30. Longer makes a restart replay more.</summary>
    public int SnapshotSeconds { get; set; } = 30;

    /// <summary>Seconds before the snapshot from which arrivals are replayed, 0 to 3600; default 60: what was on its way when it was taken. A repeat changes nothing.</summary>
    public int ReplayMarginSeconds { get; set; } = 60;

    /// <summary>Minutes of arrivals that are replayed when there is no snapshot, 0 to 1440; default 60.</summary>
    public int ReplayWithoutSnapshotMinutes { get; set; } = 60;

    /// <summary>Warnings handed to the incident room at the same time, 1 to 1000; default 32. Further ones wait for the next tick.</summary>
    public int HandOversMax { get; set; } = 32;

    /// <summary>Warnings in one hand-over, 1 to 1000; default 200. In a flood those of one class group go together.</summary>
    public int HandOverWarningsMax { get; set; } = 200;
}
