using Microsoft.Extensions.DependencyInjection;

namespace CommandCenter.Grains.Officials;

/// <summary>Wires the room.</summary>
internal static class OfficialsRoom
{
    public static IServiceCollection AddOfficials(this IServiceCollection services)
    {
        services.AddOptions<OfficialsOptions>()
            .BindConfiguration("Officials")
            .Validate(options => options.DefaultHours is >= 1 and <= 720, "Officials:DefaultHours must be 1 to 720.")
            .Validate(options => options.FolderSeconds is >= 1 and <= 3_600, "Officials:FolderSeconds must be 1 to 3600.")
            .Validate(options => options.SenderCode.Length == 14 && options.SenderCode.All(char.IsAsciiDigit), "Officials:SenderCode must be 14 digits.")
            .ValidateOnStart();
        return services.AddHostedService<CapFolder>();
    }
}
