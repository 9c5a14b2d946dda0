using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Incidents;

/// <summary>Wires the room.</summary>
internal static class IncidentsRoom
{
    public static IServiceCollection AddIncidents(this IServiceCollection services)
    {
        return services;
    }
}
