using CitySimulator;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using IotIngest.Hosting;

namespace CommandCenter.Web.Hosting;

/// <summary>The pretended city inside this process: registers its devices and publishes over the real broker, as strangers would.</summary>
internal sealed partial class DemoCity(
    IClusterClient cluster, SituationFeed feed, IngestNode ingest, BrokerOptions broker, StartSettings settings, DomainClock clock, TimeProvider machine,
    IHostApplicationLifetime lifetime, ILogger<DemoCity> log) : BackgroundService
{
    private const int RegisteredAtOnce = 500;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.WaitForStartedAsync(stoppingToken);
        await feed.Ready.WaitAsync(stoppingToken);
        var streets = feed.Areas
            .Where(area => area.Kind == AreaKind.Street)
            .Select(area => new StreetOutline(area.Id.Value, area.Name.Zh, area.Longitude, area.Latitude))
            .ToArray();
        var devices = CityPlan.Make(settings.Demo.Devices, settings.Demo.Seed, streets);
        await RegisterAsync(devices, stoppingToken);
        await ingest.Opened.WaitAsync(stoppingToken);
        var (host, port) = Ingesting.BrokerOf(ingest, broker);
        var account = Ingesting.AccountOf(ingest, broker);

        // The broker closes before the services stop; the city falls silent first, so that it does not look for it again.
        using var playing = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await SimulatedCity.RunAsync(
            new CityOptions
            {
                Host = host,
                Port = port,
                Username = account?.Name,
                Password = account?.Password,
                Seed = settings.Demo.Seed,
                Scenario = settings.Demo.Scenario,
                Speed = clock.Speed,
                Timers = machine,
                Report = line => CityReports(log, line),
            },
            devices,
            clock.Provider,
            playing.Token);
    }

    private async Task RegisterAsync(IReadOnlyList<SimulatedDevice> devices, CancellationToken cancellation)
    {
        foreach (var chunk in devices.Chunk(RegisteredAtOnce))
        {
            while (true)
            {
                try
                {
                    var outcomes = await cluster.GetGrain<IRegistryGrain>(0).PutManyAsync([.. chunk.Select(ToRegistration)], Actor.System);
                    foreach (var refused in outcomes.Where(outcome => !outcome.Succeeded))
                    {
                        DeviceRefused(log, refused.Detail ?? refused.Refusal.ToString()!);
                    }

                    break;
                }
                catch (Exception failure) when (failure is TimeoutException or Orleans.Runtime.OrleansException)
                {
                    RegistryFailed(log, failure);
                    await Task.Delay(TimeSpan.FromSeconds(1), machine, cancellation);
                }
            }
        }
    }

    private static DeviceRegistration ToRegistration(SimulatedDevice device) => new()
    {
        Id = new DeviceId(device.Id),
        Name = device.Name,
        Kind = device.Kind,
        Street = new AreaId(device.Street),
        Longitude = device.Longitude,
        Latitude = device.Latitude,
        Domain = Enum.Parse<GovernanceDomain>(device.Domain, ignoreCase: true),
        IntervalSeconds = device.IntervalSeconds,
        Tags = [.. device.Tags],
        Areas = [.. device.Areas.Select(area => new AreaId(area))],
        Quantities = [.. device.Quantities.Select(quantity => new DeviceQuantity { Name = new QuantityId(quantity.Name), Unit = quantity.Unit })],
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Pretended city: {Line}")]
    private static partial void CityReports(ILogger log, string line);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A pretended device was refused: {Why}")]
    private static partial void DeviceRefused(ILogger log, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The registry did not take the pretended devices")]
    private static partial void RegistryFailed(ILogger log, Exception failure);
}
