using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Districts;

/// <summary>Wires the room.</summary>
internal static class DistrictsRoom
{
    public static IServiceCollection AddDistricts(this IServiceCollection services)
    {
        services.AddOptions<DistrictsOptions>().BindConfiguration("Districts")
            .Validate(options => options.ClocksPerTick is >= 1 and <= 10_000, "Districts:ClocksPerTick must be from 1 to 10000")
            .Validate(options => options.SilentSeconds is >= 2 and <= 300, "Districts:SilentSeconds must be from 2 to 300")
            .Validate(options => options.SnapshotSeconds is >= 5 and <= 600, "Districts:SnapshotSeconds must be from 5 to 600")
            .Validate(options => options.HandOversMax is >= 1 and <= 1000, "Districts:HandOversMax must be from 1 to 1000").ValidateOnStart();
        services.AddHostedService<Ticker>();
        return services;
    }
}
