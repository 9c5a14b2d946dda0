using Microsoft.Extensions.Logging;

namespace IotIngest.Receiving;

internal sealed partial class ExternalBroker
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to the broker at {Host}:{Port}")]
    private partial void LogConnected(string host, int port);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker at {Host}:{Port} cannot be reached; it is tried again until it can")]
    private partial void LogCannotConnect(Exception failure, string host, int port);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection to the broker at {Host}:{Port} is lost")]
    private partial void LogConnectionLost(Exception? cause, string host, int port);

    [LoggerMessage(Level = LogLevel.Error, Message = "Another process speaks to the broker as {ClientId}; this node steps back. Give each node a data folder of its own")]
    private partial void LogTakenOver(string clientId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "An acknowledgement could not be sent; the broker will send the message again")]
    private partial void LogNotAcknowledged(Exception cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The state of this host could not be published under {Topic}")]
    private partial void LogStateNotTold(Exception failure, string topic);
}
