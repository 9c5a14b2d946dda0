using System.Diagnostics.Metrics;

namespace CommandCenter.Web.Feed;

/// <summary>Counters of the feed; see the descriptions.</summary>
internal sealed class Instruments
{
    public const string Name = "CommandCenter.Web.Feed";

    private readonly Meter _meter;

    public Instruments(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        StreetFrames = _meter.CreateCounter<long>("feed.street_frames", description: "Frames that came from streets.");
        DroppedFrames = _meter.CreateCounter<long>("feed.dropped_frames", description: "Street frames dropped because the inbox was full; each causes a snapshot.");
        Gaps = _meter.CreateCounter<long>("feed.gaps", description: "Gaps in a street's frames.");
        Frames = _meter.CreateCounter<long>("feed.frames", description: "Frames made for screens, over all areas.");
        Lags = _meter.CreateCounter<long>("feed.lags", description: "Times a screen lagged and was given a snapshot.");
        Failures = _meter.CreateCounter<long>("feed.failures", description: "Inputs of the feed's loop that threw.");
        CanaryMs = _meter.CreateHistogram<double>("feed.canary", "ms", "Publish to frame time of the canary.");
        Screens = _meter.CreateUpDownCounter<long>("feed.screens", description: "Connections of the hub.");
    }

    public Counter<long> StreetFrames { get; }
    public Counter<long> DroppedFrames { get; }
    public Counter<long> Gaps { get; }
    public Counter<long> Frames { get; }
    public Counter<long> Lags { get; }
    public Counter<long> Failures { get; }
    public Histogram<double> CanaryMs { get; }
    public UpDownCounter<long> Screens { get; }
}
