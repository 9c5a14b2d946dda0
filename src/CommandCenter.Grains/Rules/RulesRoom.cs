using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Rules;

/// <summary>Wires the room.</summary>
internal static class RulesRoom
{
    public static IServiceCollection AddRules(this IServiceCollection services)
    {
        services.AddSingleton<AreaFences>();
        return services;
    }
}
