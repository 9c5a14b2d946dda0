using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Rules;

internal static partial class RulePack
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Stored rule {Rule} version {Version} cannot be read and does not judge; a shipped rule of this name stands in: {Errors}")]
    private static partial void LogUnreadable(ILogger logger, string rule, int version, string errors);
}
