using Microsoft.Extensions.Logging;

namespace IotIngest.Routing;

internal sealed partial class DeviceDirectory
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The device directory holds {Count} devices")]
    private partial void LogLoaded(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The registry does not answer; this node goes on with the copy it has")]
    private partial void LogNotFollowing(Exception failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "The registry counts from {Sequence} again, this node knew {Known}")]
    private partial void LogSequenceFell(long known, long sequence);
}
