using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Notices;

internal sealed partial class NoticePump
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Notice {Key} could not be sent over {Channel}, attempt {Attempts}")]
    private static partial void LogSendFailed(ILogger logger, string key, string channel, int attempts, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Receipt of notice {Key} could not be noted on task {Task}, attempt {Attempts}")]
    private static partial void LogNoteFailed(ILogger logger, string key, TaskId task, int attempts, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "Notice {Key} could not be saved; it is tried again")]
    private static partial void LogSaveFailed(ILogger logger, string key, Exception failure);
}
