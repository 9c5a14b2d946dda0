using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Pushing;

/// <summary>Wires the room.</summary>
internal static class PushingRoom
{
    public static IServiceCollection AddPushing(this IServiceCollection services)
    {
        return services;
    }
}
