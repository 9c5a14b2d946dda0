using CommandCenter.Grains.Contracts;
using IotIngest.Delivering;
using IotIngest.Receiving;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IotIngest.Hosting;

/// <summary>Adds ingest to a host.</summary>
public static class IotIngestServices
{
    /// <summary>Adds one ingest node that starts and stops with the host. Call it after Orleans has been added, because hosted services start in the order in which they were added:
    /// <see cref="IngestNode"/>, <see cref="IngestPipeline"/> and <see cref="IngestMetrics"/> can then be asked for. The embedded broker opens its own port; the web server needs no setting for it.
    /// A <see cref="DomainClock"/> that was added before is used. A wrong value throws <see cref="Microsoft.Extensions.Options.OptionsValidationException"/> with one line that names the key.</summary>
    public static IServiceCollection AddIotIngest(this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(environment);
        var broker = IngestConfiguration.ReadBroker(configuration, environment.IsDevelopment());
        var options = IngestConfiguration.ReadIngest(configuration, environment.ContentRootPath);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new DomainClock(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IngestMetrics>();
        services.AddSingleton(broker);
        services.AddSingleton(options);
        services.AddSingleton(_ => FolderLock.Take(options.DataDirectory));
        services.AddSingleton(provider => new IngestNode(
            broker,
            options,
            GrainBorder.Of(provider.GetRequiredService<IGrainFactory>()),
            provider.GetRequiredService<IngestMetrics>(),
            provider.GetRequiredService<DomainClock>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>(),
            giveUp: () => provider.GetRequiredService<IHostApplicationLifetime>().StopApplication(),
            folder: provider.GetRequiredService<FolderLock>()));
        services.AddSingleton(provider => provider.GetRequiredService<IngestNode>().Pipeline);
        services.AddSingleton(provider => provider.GetRequiredService<IngestNode>().Again);
        services.AddHostedService(provider => provider.GetRequiredService<IngestNode>());
        return services;
    }
}
