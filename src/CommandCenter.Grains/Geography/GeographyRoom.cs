using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Geography;

/// <summary>Wires the room.</summary>
internal static class GeographyRoom
{
    public static IServiceCollection AddGeography(this IServiceCollection services)
    {
        return services;
    }
}
