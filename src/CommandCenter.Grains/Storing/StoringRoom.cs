using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Storing;

/// <summary>Wires the room.</summary>
internal static class StoringRoom
{
    public static IServiceCollection AddStoring(this IServiceCollection services)
    {
        return services;
    }
}
