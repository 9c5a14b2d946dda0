using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Districts;

/// <summary>Wires the room.</summary>
internal static class DistrictsRoom
{
    public static IServiceCollection AddDistricts(this IServiceCollection services)
    {
        services.AddOptions<DistrictsOptions>().BindConfiguration("Districts")
            .Validate(options => options.ClocksPerTick is >= 1 and <= 10_000, "Districts:ClocksPerTick must be from 1 to 10000").ValidateOnStart();
        services.AddHostedService<Ticker>();
        return services;
    }
}
