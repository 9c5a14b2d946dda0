using System.Diagnostics.Metrics;

namespace CommandCenter.Grains.History;

/// <summary>What the history tells of itself at <c>/metrics</c>.</summary>
internal static class HistoryInstruments
{
    private static readonly Meter Meter = new("CommandCenter.History");

    /// <summary>Readings, events, positions and statuses stored.</summary>
    public static readonly Counter<long> Kept = Meter.CreateCounter<long>("history.kept", "{item}");

    /// <summary>Those that were stored before and were left out; a whole batch that is repeated is not counted item by item.</summary>
    public static readonly Counter<long> Repeated = Meter.CreateCounter<long>("history.repeated", "{item}");

    /// <summary>Commits that stored nothing; their callers try again.</summary>
    public static readonly Counter<long> FailedCommits = Meter.CreateCounter<long>("history.failed_commits", "{commit}");

    /// <summary>Time of a commit from its first row to its end.</summary>
    public static readonly Histogram<double> CommitMs = Meter.CreateHistogram<double>("history.commit", "ms");

    /// <summary>Rows that were left out for good, by reason: <c>retention</c> (older than what is kept), <c>server</c> (refused by InfluxDB).</summary>
    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("history.refused", "{row}");

    /// <summary>Requests to InfluxDB that failed and are sent again after a pause.</summary>
    public static readonly Counter<long> Retries = Meter.CreateCounter<long>("history.retries", "{request}");

    /// <summary>Time of rewriting a run of readings sorted by device.</summary>
    public static readonly Histogram<double> SortMs = Meter.CreateHistogram<double>("history.sort", "ms");

    /// <summary>Rewrites that failed; the rows stay as they are and it is tried again.</summary>
    public static readonly Counter<long> FailedSorts = Meter.CreateCounter<long>("history.failed_sorts", "{run}");
}
