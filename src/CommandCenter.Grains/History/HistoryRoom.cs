using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CommandCenter.Grains.History;

/// <summary>Wires the room.</summary>
internal static class HistoryRoom
{
    public static IServiceCollection AddHistory(this IServiceCollection services)
    {
        services.AddOptions<HistoryOptions>()
            .Validate(options => options.Provider == HistoryProvider.DuckDb, "History:Provider: InfluxDb is not built yet; use DuckDb.")
            .Validate(options => options.RetentionDays is >= 1 and <= 3650, "History:RetentionDays must be 1 to 3650.")
            .Validate(options => options.QueuedWritesMax is >= 1 and <= 65_536, "History:QueuedWritesMax must be 1 to 65536.")
            .Validate(options => options.CommitRowsMax is >= 1 and <= 1_000_000, "History:CommitRowsMax must be 1 to 1000000.")
            .Validate(options => options.CommitLingerMs is >= 0 and <= 1000, "History:CommitLingerMs must be 0 to 1000.")
            .Validate(options => options.NewestKnownMax is >= 0 and <= 10_000_000, "History:NewestKnownMax must be 0 to 10000000.")
            .Validate(options => options.MemoryLimitMb is >= 64 and <= 65_536, "History:MemoryLimitMb must be 64 to 65536.")
            .Validate(options => options.ConcurrentReadsMax is >= 1 and <= 64, "History:ConcurrentReadsMax must be 1 to 64.")
            .Validate(options => options.UpkeepMinutes is >= 1 and <= 1440, "History:UpkeepMinutes must be 1 to 1440.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IReadingHistory, DuckDbHistory>();
        return services;
    }
}
