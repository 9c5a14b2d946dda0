using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Incidents;

/// <summary>Wires the room.</summary>
internal static class IncidentsRoom
{
    public static IServiceCollection AddIncidents(this IServiceCollection services)
    {
        services.AddOptions<IncidentsOptions>()
            .BindConfiguration("Incidents")
            .Validate(options => options.ConflictRetriesMax is >= 1 and <= 100, "Incidents:ConflictRetriesMax must be 1 to 100.")
            .Validate(options => options.MergeDistanceM is >= 0 and <= 10_000, "Incidents:MergeDistanceM must be 0 to 10000.")
            .Validate(options => options.MergeMinutes is >= 0 and <= 1_440, "Incidents:MergeMinutes must be 0 to 1440.")
            .Validate(options => options.MergeLookBackDays is >= 1 and <= 365, "Incidents:MergeLookBackDays must be 1 to 365.")
            .Validate(options => options.SourcesMax is >= 1 and <= 10_000, "Incidents:SourcesMax must be 1 to 10000.")
            .ValidateOnStart();
        return services;
    }
}
