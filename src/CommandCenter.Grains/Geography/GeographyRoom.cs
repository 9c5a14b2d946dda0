using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Geography;

/// <summary>Wires the room.</summary>
internal static class GeographyRoom
{
    public static IServiceCollection AddGeography(this IServiceCollection services)
    {
        services.AddSingleton(provider => Load(provider.GetRequiredService<IOptions<GeographyOptions>>().Value));
        services.AddHostedService<MapLoading>();
        return services;
    }

    // A bad file is a wrong setting: the host answers it with one line that names the key.
    internal static AreaMap Load(GeographyOptions options)
    {
        try
        {
            return AreaMap.Load(options);
        }
        catch (InvalidDataException refusal)
        {
            throw new OptionsValidationException(nameof(GeographyOptions), typeof(GeographyOptions), [$"Map:Directory: {refusal.Message}"]);
        }
    }

    /// <summary>Loads the map before anything else starts, so that a bad file stops the start and not the first device.</summary>
    private sealed class MapLoading(IServiceProvider provider) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken)
        {
            provider.GetRequiredService<AreaMap>();
            return Task.CompletedTask;
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
