using Microsoft.Extensions.Logging;

namespace IotIngest.Brokering;

internal sealed partial class EmbeddedBroker
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The broker listens on {Host}:{Port}, {Access}")]
    private partial void LogListening(string host, int port, string access);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection of {ClientId} from {Address} was refused: wrong name or password")]
    private partial void LogRefusedConnection(string clientId, string? address);

    [LoggerMessage(Level = LogLevel.Information, Message = "The connection of {ClientId} is cut: its account has a new secret or was withdrawn")]
    private partial void LogCut(string clientId);

    [LoggerMessage(Level = LogLevel.Error, Message = "A publish of {ClientId} was not durable after {Seconds} s; its connection is closed unacknowledged")]
    private partial void LogStalled(string clientId, double seconds);
}
