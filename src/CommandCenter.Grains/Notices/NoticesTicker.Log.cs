using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Notices;

internal sealed partial class NoticesTicker
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox could not be worked on; it is tried again in a second")]
    private static partial void LogTickFailed(ILogger logger, Exception failure);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The outbox pump has stopped")]
    private static partial void LogStopped(ILogger logger);
}
