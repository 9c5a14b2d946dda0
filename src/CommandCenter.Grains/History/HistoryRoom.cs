using CommandCenter.Grains.History.Influx;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.History;

/// <summary>Wires the room.</summary>
internal static class HistoryRoom
{
    public static IServiceCollection AddHistory(this IServiceCollection services)
    {
        services.AddOptions<HistoryOptions>()
            .BindConfiguration("History")
            .Validate(options => options.Provider != HistoryProvider.InfluxDb || Uri.TryCreate(options.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https", "History:Url must be an http or https address when History:Provider is InfluxDb.")
            .Validate(options => !string.IsNullOrWhiteSpace(options.Database), "History:Database must not be empty.")
            .Validate(options => options.ArrivalDays is >= 1 and <= 3650, "History:ArrivalDays must be 1 to 3650.")
            .Validate(options => options.ArrivalPartLength is >= 1_000 and <= 60_000, "History:ArrivalPartLength must be 1000 to 60000.")
            .Validate(options => options.WritesAtOnceMax is >= 1 and <= 16, "History:WritesAtOnceMax must be 1 to 16.")
            .Validate(options => options.RequestTimeoutSeconds is >= 1 and <= 300, "History:RequestTimeoutSeconds must be 1 to 300.")
            .Validate(options => options.AppendWaitSeconds is >= 1 and <= 25, "History:AppendWaitSeconds must be 1 to 25.")
            .Validate(options => options.RetryFirstMs >= 10 && options.RetryLongestMs >= options.RetryFirstMs && options.RetryLongestMs <= 60_000, "History:RetryFirstMs and History:RetryLongestMs must be 10 to 60000, the longest not below the first.")
            .Validate(options => options.RetentionDays is >= 1 and <= 3650, "History:RetentionDays must be 1 to 3650.")
            .Validate(options => options.QueuedWritesMax is >= 1 and <= 65_536, "History:QueuedWritesMax must be 1 to 65536.")
            .Validate(options => options.CommitRowsMax is >= 1 and <= 1_000_000, "History:CommitRowsMax must be 1 to 1000000.")
            .Validate(options => options.CommitLingerMs is >= 0 and <= 1000, "History:CommitLingerMs must be 0 to 1000.")
            .Validate(options => options.NewestKnownMax is >= 0 and <= 10_000_000, "History:NewestKnownMax must be 0 to 10000000.")
            .Validate(options => options.SortRows is >= 1_000 and <= 100_000_000, "History:SortRows must be 1000 to 100000000.")
            .Validate(options => options.MemoryLimitMb is >= 64 and <= 65_536, "History:MemoryLimitMb must be 64 to 65536.")
            .Validate(options => options.ConcurrentReadsMax is >= 1 and <= 64, "History:ConcurrentReadsMax must be 1 to 64.")
            .Validate(options => options.UpkeepMinutes is >= 1 and <= 1440, "History:UpkeepMinutes must be 1 to 1440.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IReadingHistory>(provider => provider.GetRequiredService<IOptions<HistoryOptions>>().Value.Provider switch
        {
            HistoryProvider.InfluxDb => ActivatorUtilities.CreateInstance<InfluxHistory>(provider),
            _ => ActivatorUtilities.CreateInstance<DuckDbHistory>(provider),
        });
        return services;
    }
}
