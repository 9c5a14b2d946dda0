using Microsoft.AspNetCore.SignalR;

namespace CommandCenter.Web.Feed;

/// <summary>Wires the feed and its hub.</summary>
internal static class FeedRoom
{
    public static IServiceCollection AddFeed(this IServiceCollection services)
    {
        services.AddOptions<FeedOptions>().BindConfiguration("Feed");
        services.AddSingleton<Instruments>();
        services.AddSingleton<SituationFeed>();
        services.AddSingleton<ISituationFeed>(provider => provider.GetRequiredService<SituationFeed>());
        services.AddHostedService(provider => provider.GetRequiredService<SituationFeed>());
        services.AddHostedService<StreetFollower>();
        services.AddSignalR()
            .AddHubOptions<SituationHub>(options =>
            {
                options.MaximumReceiveMessageSize = 4 * 1024;
                options.KeepAliveInterval = TimeSpan.FromSeconds(5);
                options.ClientTimeoutInterval = TimeSpan.FromSeconds(30);
            })
            .AddMessagePackProtocol(options => options.SerializerOptions = MessagePack.MessagePackSerializerOptions.Standard
                .WithResolver(WireFrameResolver.Instance)
                .WithSecurity(MessagePack.MessagePackSecurity.UntrustedData));
        return services;
    }

    public static void MapFeed(this IEndpointRouteBuilder routes) => routes.MapHub<SituationHub>("/hubs/situation");
}
