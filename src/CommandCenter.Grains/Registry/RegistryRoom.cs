using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Registry;

/// <summary>Wires the room.</summary>
internal static class RegistryRoom
{
    public static IServiceCollection AddRegistry(this IServiceCollection services)
    {
        return services;
    }
}
