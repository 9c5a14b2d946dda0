using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Notices;

internal sealed partial class NoticePump
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Notice {Key} could not be sent over {Channel}, attempt {Attempts}")]
    private static partial void LogSendFailed(ILogger logger, string key, string channel, int attempts, Exception failure);
}
