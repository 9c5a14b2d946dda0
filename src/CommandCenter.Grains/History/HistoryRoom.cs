using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.History;

/// <summary>Wires the room.</summary>
internal static class HistoryRoom
{
    public static IServiceCollection AddHistory(this IServiceCollection services)
    {
        return services;
    }
}
