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
}
