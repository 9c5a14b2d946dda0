using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Logging;

namespace IotIngest.Delivering;

internal sealed partial class StreetDelivery
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery to the {Where} of {Street} failed; it is tried again until it succeeds")]
    private partial void LogFailed(Exception failure, string where, AreaId street);

    [LoggerMessage(Level = LogLevel.Information, Message = "Delivery to the {Where} of {Street} works again after {Attempts} attempts")]
    private partial void LogRecovered(string where, AreaId street, int attempts);

    [LoggerMessage(Level = LogLevel.Warning, Message = "History is more than {Bytes} bytes behind {Street}; until it catches up QoS 0 is missing there and the rest waits in the journal")]
    private partial void LogBehind(AreaId street, int bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The node stops with {Count} items of {Street} undelivered; what was acknowledged is in the journal")]
    private partial void LogLeft(AreaId street, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The node stops with {Count} batches of {Street} that history has not taken; what was acknowledged is in the journal")]
    private partial void LogLeftHistory(AreaId street, int count);
}
