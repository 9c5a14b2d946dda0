using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CommandCenter.Grains.Registry;

/// <summary>Wires the room.</summary>
internal static class RegistryRoom
{
    public static IServiceCollection AddRegistry(this IServiceCollection services)
    {
        services.AddOptions<RegistryOptions>()
            .Validate(options => options is { DevicesCountMax: >= 1, FollowerLifeSeconds: >= 1, FollowerAnswerSeconds: >= 1, FollowersCountMax: >= 1 }, "Registry: every limit must be at least 1.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        return services;
    }
}
