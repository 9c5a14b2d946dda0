using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Registry;

internal sealed partial class Telling
{
    [LoggerMessage(2, LogLevel.Warning, "An ingest node did not take a change of the registry and is dropped until it follows again")]
    private partial void LogNodeDropped(Exception failure);

    [LoggerMessage(3, LogLevel.Error, "Street {Street} did not take a change of the registry")]
    private partial void LogStreetNotTold(Exception failure, string street);

    [LoggerMessage(4, LogLevel.Warning, "More than {Most} ingest nodes follow the registry; another one is not kept")]
    private partial void LogTooManyFollowers(int most);
}
