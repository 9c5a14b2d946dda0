using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Dispatching;

/// <summary>Wires the room.</summary>
internal static class DispatchingRoom
{
    public static IServiceCollection AddDispatching(this IServiceCollection services)
    {
        return services;
    }
}
