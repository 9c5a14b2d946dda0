namespace CommandCenter.Web.Feed;

/// <summary>The feed of this node (configuration section <c>Feed</c>).</summary>
internal sealed class FeedOptions
{
    /// <summary>How often a subscription to a street is renewed, 1 to 10 s; default 5 s. A street forgets a node after 15 s.</summary>
    public TimeSpan ResubscribeInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A street not heard for longer is silent and shown grey, 1 to 60 s; default 3 s.</summary>
    public TimeSpan SilentAfter { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The canary's time is shown for this long, 10 to 300 s; default 30 s.</summary>
    public TimeSpan CanaryShownFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Least pause between two frames of an area, 1 to 1000 ms; default 1 ms.</summary>
    public TimeSpan FramePauseMin { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Longest pause between two frames of an area that changes, up to 1000 ms; default 100 ms.</summary>
    public TimeSpan FramePauseMax { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause before a frame with a new red warning, 0 to 100 ms; default 50 ms. After quiet a red goes at once; it waits so long only where reds follow
    /// each other and their frames cost much.</summary>
    public TimeSpan UrgentPauseMax { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Part of the time that making frames of one area and sending them to its screens may take, as 1/n; default 20. The pause grows with the measured cost, and with the screens.</summary>
    public int FrameCostShare { get; set; } = 20;

    /// <summary>What sending a frame to one screen costs the processor, counted into the pause, 0 to 1 ms; default 0.025 ms. It happens outside the loop that measures.</summary>
    public TimeSpan FrameSendCost { get; set; } = TimeSpan.FromMicroseconds(25);

    /// <summary>Frames and snapshots from streets that wait for the feed's loop, 16 to 100,000; default 4,096. When full a frame is dropped and counted:
    /// the gap it leaves asks for a snapshot.</summary>
    public int InboxCapacity { get; set; } = 4_096;

    /// <summary>Frames that came while a snapshot was asked for, 16 to 100,000; default 1,024. When full the snapshot is asked for again.</summary>
    public int HeldFramesMax { get; set; } = 1_024;

    /// <summary>Newest frames of each area kept for screens that come back, 1 to 1,000; default 64.</summary>
    public int RingCapacity { get; set; } = 64;

    /// <summary>Frames that wait for one screen, 8 to 10,000; default 64. A screen that lags further is given a snapshot instead.</summary>
    public int ConnectionQueueMax { get; set; } = 64;

    /// <summary>Areas that one connection may subscribe to; default 32. More are refused.</summary>
    public int AreasPerConnectionMax { get; set; } = 32;

    /// <summary>Devices in one part of a snapshot, 100 to 5,000; default 5,000.</summary>
    public int SnapshotPartDevices { get; set; } = 5_000;

    /// <summary>Age up to which one snapshot serves several screens that come at once, 0 to 5 s; default 1 s. Newer frames follow it from the ring.</summary>
    public TimeSpan SnapshotShared { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Least pause between two pictures of one in-process screen; default 100 ms.</summary>
    public TimeSpan PicturePause { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Pause between two pictures of an area that no in-process screen looks at; default 1 s. Also the longest where a picture costs much.</summary>
    public TimeSpan PicturePauseMax { get; set; } = TimeSpan.FromSeconds(1);
}
