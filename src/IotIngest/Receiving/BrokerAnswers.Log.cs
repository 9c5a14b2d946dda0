using Microsoft.Extensions.Logging;

namespace IotIngest.Receiving;

internal sealed partial class BrokerAnswers
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Topic} could not be published; it is asked for again when it is needed")]
    private partial void LogNotPublished(Exception failure, string topic);
}
