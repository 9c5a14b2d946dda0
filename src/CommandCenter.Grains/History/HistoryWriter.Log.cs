using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.History;

internal static partial class HistoryLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Error, Message = "A commit of {Writes} appends to the reading history failed; none of them is stored and their callers try again.")]
    public static partial void CommitFailed(this ILogger log, Exception failure, int writes);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "The reading history did not close cleanly; the next start reads its write-ahead log.")]
    public static partial void CloseFailed(this ILogger log, Exception failure);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Information, Message = "Retention dropped {Rows} rows of {Table}.")]
    public static partial void OldRowsDropped(this ILogger log, string table, int rows);

    [LoggerMessage(EventId = 3010, Level = LogLevel.Information, Message = "InfluxDB {Version} at {Server} takes readings on {Path} and keeps them {Days} days.")]
    public static partial void InfluxReady(this ILogger log, string server, string version, string path, int days);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Warning, Message = "The account at InfluxDB {Server} may not manage it; its retention policies must have been made by an administrator.")]
    public static partial void InfluxNotOurs(this ILogger log, Exception refusal, string server);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Error, Message = "InfluxDB at {Server} takes no readings; they wait where they are and are sent again.")]
    public static partial void InfluxAway(this ILogger log, Exception failure, string server);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Information, Message = "InfluxDB at {Server} takes readings again after {Seconds:F1} s.")]
    public static partial void InfluxBack(this ILogger log, string server, double seconds);

    [LoggerMessage(EventId = 3014, Level = LogLevel.Error, Message = "{Lines} rows were refused by InfluxDB at {Server} for good and are missing in the history: {Reason}")]
    public static partial void InfluxRefused(this ILogger log, long lines, string server, string reason);

    [LoggerMessage(EventId = 3015, Level = LogLevel.Warning, Message = "Batch {Sequence} of {Node} is not whole in InfluxDB and is left out of the replay.")]
    public static partial void ArrivalIncomplete(this ILogger log, string node, long sequence);

    [LoggerMessage(EventId = 3016, Level = LogLevel.Error, Message = "Batch {Sequence} of {Node} cannot be read and is left out of the replay.")]
    public static partial void ArrivalUnreadable(this ILogger log, Exception failure, string node, long sequence);

    [LoggerMessage(EventId = 3020, Level = LogLevel.Information, Message = "{Rows} readings were sorted by device in {Milliseconds:F0} ms.")]
    public static partial void RowsSorted(this ILogger log, long rows, double milliseconds);

    [LoggerMessage(EventId = 3021, Level = LogLevel.Error, Message = "Readings could not be sorted by device; they stay as they are and are slower to read until it goes well.")]
    public static partial void SortFailed(this ILogger log, Exception failure);
}
