using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Registry;

internal sealed partial class RegistryGrain
{
    [LoggerMessage(1, LogLevel.Information, "Registry loaded: {Devices} devices")]
    private partial void LogLoaded(int devices);
}
