using System.Globalization;
using System.Text;
using CommandCenter.Grains.Contracts;
using IotIngest.Hosting;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace CommandCenter.Web.Hosting;

// A device of the platform itself: every 10 s it publishes the machine's time through the real broker, and the feed measures how long it took to come
// back as a frame. When it stays away, the walls say so.
internal sealed partial class Canary(
    IClusterClient cluster, IngestNode ingest, BrokerOptions broker, DomainClock clock, TimeProvider machine, IHostApplicationLifetime lifetime, ILogger<Canary> log) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private static readonly AreaId Street = new("320404001");

    private static readonly DeviceRegistration Device = new()
    {
        Id = new DeviceId("canary"),
        Name = "回环报文",
        Kind = "other",
        Street = Street,
        IntervalSeconds = (int)Interval.TotalSeconds,
        Quantities = [new DeviceQuantity { Name = QuantityKinds.CanaryPublished, Unit = "ms" }],
        Internal = true,
    };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.WaitForStartedAsync(stoppingToken);
        await ingest.Opened.WaitAsync(stoppingToken);
        using var client = new MqttClientFactory().CreateMqttClient();
        using var timer = new PeriodicTimer(Interval, machine);
        var registered = false;
        do
        {
            try
            {
                registered = registered || await RegisterAsync();
                if (!client.IsConnected)
                {
                    await ConnectAsync(client, stoppingToken);
                }

                var payload = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{{\"at\":\"{ContractJson.Format(clock.Now)}\",\"values\":{{\"{QuantityKinds.CanaryPublished}\":{machine.GetUtcNow().ToUnixTimeMilliseconds()}}}}}");
                await client.PublishAsync(
                    new MqttApplicationMessageBuilder()
                        .WithTopic($"city/v1/{Street}/{Device.Id}/readings")
                        .WithPayload(Encoding.UTF8.GetBytes(payload))
                        .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                        .Build(),
                    stoppingToken);
            }
            catch (Exception failure) when (failure is MqttCommunicationException or MqttProtocolViolationException or IOException or InvalidOperationException or TimeoutException or Orleans.Runtime.OrleansException)
            {
                if (lifetime.ApplicationStopping.IsCancellationRequested)
                {
                    return;
                }

                // The next beat tries again; until then the walls show that the canary is away.
                PublishFailed(log, failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<bool> RegisterAsync()
    {
        var outcome = await cluster.GetGrain<IRegistryGrain>(0).PutAsync(Device, Actor.System);
        return outcome.Succeeded ? true : throw new InvalidOperationException($"The registry refused the canary: {outcome.Detail}");
    }

    private async Task ConnectAsync(IMqttClient client, CancellationToken cancellation)
    {
        var (host, port) = Ingesting.BrokerOf(ingest, broker);
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer(host, port)
            .WithClientId($"canary-{ingest.Name}")
            .WithTimeout(TimeSpan.FromSeconds(5));
        if (Ingesting.AccountOf(ingest, broker) is { } account)
        {
            options = options.WithCredentials(account.Name, account.Password);
        }

        if (broker.Mode == BrokerMode.External && broker.UseTls)
        {
            options = options.WithTlsOptions(tls => tls.UseTls());
        }

        var result = await client.ConnectAsync(options.Build(), cancellation);
        if (result.ResultCode != MqttClientConnectResultCode.Success)
        {
            throw new InvalidOperationException($"The broker answered {result.ResultCode}.");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The canary could not be published")]
    private static partial void PublishFailed(ILogger log, Exception failure);
}
