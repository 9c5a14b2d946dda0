using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Storing;

internal sealed partial class OperationsDatabase
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The operations store takes {Count} migrations, the last is {Last}.")]
        public static partial void Migrating(ILogger logger, int count, string last);
    }
}
