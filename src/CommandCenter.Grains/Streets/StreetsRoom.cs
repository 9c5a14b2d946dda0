using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Streets;

/// <summary>Wires the room.</summary>
internal static class StreetsRoom
{
    public static IServiceCollection AddStreets(this IServiceCollection services)
    {
        services.AddOptions<StreetsOptions>().BindConfiguration("Streets").Validate(
            options => options is { SnapshotSeconds: >= 5 and <= 600, ReplayMarginSeconds: >= 0 and <= 3600, ReplayWithoutSnapshotMinutes: >= 0 and <= 1440, HandOversMax: >= 1 and <= 1000, HandOverWarningsMax: >= 1 and <= 1000 },
            "Streets: a value is out of its range").ValidateOnStart();
        return services;
    }
}
