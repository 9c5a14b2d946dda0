using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Streets;

/// <summary>Wires the room.</summary>
internal static class StreetsRoom
{
    public static IServiceCollection AddStreets(this IServiceCollection services)
    {
        return services;
    }
}
