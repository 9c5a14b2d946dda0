using CommandCenter.Grains.Storing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Notices;

/// <summary>Wires the room. The channels are the ordered list below.</summary>
internal static class NoticesRoom
{
    public static IServiceCollection AddNotices(this IServiceCollection services)
    {
        services.AddOptions<NoticesOptions>()
            .BindConfiguration("Notices")
            .Validate(options => options.BatchMax is >= 1 and <= 10_000, "Notices:BatchMax must be 1 to 10000.")
            .Validate(options => options.AttemptsMax is >= 1 and <= 100, "Notices:AttemptsMax must be 1 to 100.")
            .Validate(options => options.RetrySeconds is >= 1 and <= 3_600, "Notices:RetrySeconds must be 1 to 3600.")
            .Validate(options => options.RetrySecondsMax is >= 1 and <= 86_400, "Notices:RetrySecondsMax must be 1 to 86400.")
            .ValidateOnStart();
        return services
            .AddSingleton<INoticeChannel, InAppChannel>()
            .AddSingleton<INoticeChannel>(provider => new RecorderChannel(provider.GetRequiredService<IOptions<StoringOptions>>().Value.DataDirectory))
            .AddHostedService<NoticesTicker>();
    }
}
