using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Pushing;

/// <summary>Wires the room.</summary>
internal static class PushingRoom
{
    public static IServiceCollection AddPushing(this IServiceCollection services)
    {
        services.AddOptions<PushingOptions>().BindConfiguration("Pushing").Validate(
            options => options is { FrameEveryMsMin: >= 1 and <= 1000, FramesAtOnceMax: >= 1 and <= 1000, FrameEveryMsMax: >= 10 and <= 1000, FrameCostShare: >= 0.01 and <= 1, LeaseSeconds: >= 5 and <= 120, ObserversMax: >= 1 and <= 1000, FramesWaitingMax: >= 1 and <= 10_000, SnapshotPartDevices: >= 1 },
            "Pushing: a value is out of its range").ValidateOnStart();
        return services;
    }
}
