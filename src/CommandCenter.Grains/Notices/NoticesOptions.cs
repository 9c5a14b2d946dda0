namespace CommandCenter.Grains.Notices;

/// <summary>The notice room (configuration section <c>Notices</c>).</summary>
public sealed class NoticesOptions
{
    /// <summary>Most notices sent in one tick, default 200; the rest goes with the next.</summary>
    public int BatchMax { get; set; } = 200;

    /// <summary>How often one notice is tried, default 6; then it is failed and the desk shows the telephone instead.</summary>
    public int AttemptsMax { get; set; } = 6;

    /// <summary>Wait after the first failure, seconds, default 2; it doubles with each further one.</summary>
    public int RetrySeconds { get; set; } = 2;

    /// <summary>Longest wait between two tries, seconds, default 300.</summary>
    public int RetrySecondsMax { get; set; } = 300;
}
