using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Streets;

internal sealed partial class StreetGrain
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Street {Area} is up: {Devices} devices, {Warnings} open warnings, snapshot {Snapshot}, {Batches} batches replayed")]
    private static partial void LogUp(ILogger logger, string area, int devices, int warnings, DateTimeOffset? snapshot, int batches);

    [LoggerMessage(Level = LogLevel.Error, Message = "Street {Area} could not replay its arrivals; it does not come up and is tried again")]
    private static partial void LogReplayFailed(ILogger logger, Exception failure, string area);

    [LoggerMessage(Level = LogLevel.Error, Message = "Street {Area} could not store what changed while it came up; the next turn tries again")]
    private static partial void LogStoreFailed(ILogger logger, Exception failure, string area);

    [LoggerMessage(Level = LogLevel.Error, Message = "Street {Area} could not store its snapshot; it will try again")]
    private static partial void LogSnapshotFailed(ILogger logger, Exception failure, string area);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Street {Area} could not hand warning {Warning} to the incident room; it will try again")]
    private static partial void LogHandOverFailed(ILogger logger, Exception? failure, string area, string warning);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Street {Area} could not tell its district what stands; it will try again each second")]
    private static partial void LogReportFailed(ILogger logger, Exception failure, string area);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The incident room refused warning {Warning} of street {Area}: {Refusal} {Detail}")]
    private static partial void LogHandOverRefused(ILogger logger, string area, string warning, string refusal, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Street {Area} stopped the shadow run {Shadow}: it failed. The rules in force go on")]
    private static partial void LogShadowStopped(ILogger logger, Exception failure, string area, string shadow);
}
