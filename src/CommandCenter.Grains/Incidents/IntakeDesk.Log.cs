using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Incidents;

internal sealed partial class IntakeDesk
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Incident {Incident} cannot be read, so it takes no further source; the source goes to another incident")]
    private static partial void LogBroken(ILogger logger, IncidentId incident, Exception failure);
}
