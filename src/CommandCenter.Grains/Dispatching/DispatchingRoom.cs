using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Dispatching;

/// <summary>Wires the room.</summary>
internal static class DispatchingRoom
{
    public static IServiceCollection AddDispatching(this IServiceCollection services)
    {
        services.AddOptions<DispatchingOptions>()
            .BindConfiguration("Dispatching")
            .Validate(options => options.CamerasMax is >= 1 and <= 100_000, "Dispatching:CamerasMax must be 1 to 100000.")
            .ValidateOnStart();
        return services;
    }
}
