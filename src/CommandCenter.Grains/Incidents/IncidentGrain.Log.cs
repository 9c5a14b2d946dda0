using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Incidents;

internal sealed partial class IncidentGrain
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Incident {Incident} could not be shown on street {Street}; it is tried again each second")]
    private static partial void LogShowFailed(ILogger logger, IncidentId incident, AreaId street, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Incident {Incident}: plan {Plan} could not issue by itself: {Refusal} {Detail}")]
    private static partial void LogAutomaticRefused(ILogger logger, IncidentId incident, PlanId plan, Refusal refusal, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Incident {Incident}: automatic dispatch failed")]
    private static partial void LogAutomaticFailed(ILogger logger, IncidentId incident, Exception failure);
}
