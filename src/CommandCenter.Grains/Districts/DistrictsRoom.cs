using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Districts;

/// <summary>Wires the room.</summary>
internal static class DistrictsRoom
{
    public static IServiceCollection AddDistricts(this IServiceCollection services)
    {
        return services;
    }
}
