using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Notices;

/// <summary>Wires the room.</summary>
internal static class NoticesRoom
{
    public static IServiceCollection AddNotices(this IServiceCollection services)
    {
        return services;
    }
}
