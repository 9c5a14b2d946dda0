namespace CommandCenter.Grains.Pushing;

/// <summary>How changes are pushed to web nodes (configuration section <c>Pushing</c>). All times are real, not scaled.</summary>
public sealed class PushingOptions
{
    /// <summary>Milliseconds between frames when building them costs next to nothing, 1 to 1000; default 5.</summary>
    public int FrameEveryMsMin { get; set; } = 5;

    /// <summary>Frames that may go after quiet without keeping that interval, 1 to 1000; default 20. One comes back for each interval that passes.</summary>
    public int FramesAtOnceMax { get; set; } = 20;

    /// <summary>Milliseconds between frames at the most, however dear they are, 10 to 1000; default 100. Changes in between are coalesced, latest wins.</summary>
    public int FrameEveryMsMax { get; set; } = 100;

    /// <summary>Share of the street's time that building frames may take, 0.01 to 1; default 0.1. The interval adapts to it within its limits.</summary>
    public double FrameCostShare { get; set; } = 0.1;

    /// <summary>Seconds that a subscription lasts without being renewed, 5 to 120; default 15. Then the node is forgotten.</summary>
    public int LeaseSeconds { get; set; } = 15;

    /// <summary>Nodes per area at most, 1 to 1000; default 64. Further ones are refused.</summary>
    public int ObserversMax { get; set; } = 64;

    /// <summary>Frames that wait for a node which has not answered the last one, 1 to 10000; default 64. Further ones are lost to it: it sees the gap and takes a snapshot.</summary>
    public int FramesWaitingMax { get; set; } = 64;

    /// <summary>Devices in one part of a snapshot; default 5000.</summary>
    public int SnapshotPartDevices { get; set; } = 5000;
}
