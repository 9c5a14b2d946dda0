using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace CitySimulator;

/// <summary>Plays the city over MQTT: one connection, as of a gateway, for all its devices.</summary>
public static class SimulatedCity
{
    public const string Normal = "normal";
    public const string Storm = "rainstorm";

    /// <summary>What <see cref="CityOptions.Scenario"/> may be.</summary>
    public static IReadOnlyList<string> Scenarios { get; } = [Normal, Storm];

    private const int UnacknowledgedMax = 64;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(15);

    // A longer pause is a sleeping machine or a broker that was away: what it would have said meanwhile is not said afterwards.
    private static readonly TimeSpan CatchUpMax = TimeSpan.FromSeconds(5);

    /// <summary>Publishes until cancelled, then returns. Times in topics and payloads come from <paramref name="clock"/>. A lost connection is made again for ever, at most 15 s apart.</summary>
    public static async Task RunAsync(CityOptions options, IReadOnlyList<SimulatedDevice> devices, TimeProvider clock, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(devices);
        ArgumentNullException.ThrowIfNull(clock);
        var play = new CityPlay(options.Seed, options.Scenario, devices, clock.GetUtcNow());
        var retry = RetryMin;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var client = await ConnectAsync(options, cancellation);
                options.Report?.Invoke($"connected to {options.Host}:{options.Port}, {devices.Count} devices, scenario {options.Scenario}");
                retry = RetryMin;
                await AnnounceAsync(client, devices, cancellation);
                await PlayAsync(client, play, options, clock, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is MqttCommunicationException or MqttProtocolViolationException or OperationCanceledException or IOException or InvalidOperationException)
            {
                options.Report?.Invoke($"no connection to {options.Host}:{options.Port} ({failure.Message}); trying again in {retry.TotalSeconds:0} s");
                try
                {
                    await Task.Delay(retry, options.Timers, cancellation);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                retry = TimeSpan.FromTicks(Math.Min(RetryMax.Ticks, retry.Ticks * 2));
            }
        }
    }

    internal static async Task<IMqttClient> ConnectAsync(CityOptions options, CancellationToken cancellation)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer(options.Host, options.Port)
            .WithClientId("city-simulator-" + options.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(15))
            .WithTimeout(TimeSpan.FromSeconds(10));
        if (options.Username is not null)
        {
            builder = builder.WithCredentials(options.Username, options.Password);
        }

        var client = new MqttClientFactory().CreateMqttClient();
        try
        {
            var result = await client.ConnectAsync(builder.Build(), cancellation);
            return result.ResultCode == MqttClientConnectResultCode.Success
                ? client
                : throw new InvalidOperationException($"the broker answered {result.ResultCode} {result.ReasonString}".TrimEnd());
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    internal static MqttApplicationMessage ToMessage(SimulatedPublish publish) => new MqttApplicationMessageBuilder()
        .WithTopic(publish.Topic)
        .WithPayload(publish.Payload)
        .WithQualityOfServiceLevel(publish.AtLeastOnce ? MqttQualityOfServiceLevel.AtLeastOnce : MqttQualityOfServiceLevel.AtMostOnce)
        .WithRetainFlag(publish.Retain)
        .Build();

    /// <summary>Cameras say that they are on line; the word is retained.</summary>
    private static async Task AnnounceAsync(IMqttClient client, IReadOnlyList<SimulatedDevice> devices, CancellationToken cancellation)
    {
        foreach (var camera in devices.Where(device => device.Kind == "camera"))
        {
            await client.PublishAsync(ToMessage(new(default, $"city/v1/{camera.Street}/{camera.Id}/status", Payloads.Status(true), true, true)), cancellation);
        }
    }

    private static async Task PlayAsync(IMqttClient client, CityPlay play, CityOptions options, TimeProvider clock, CancellationToken cancellation)
    {
        var pending = new List<Task>(UnacknowledgedMax);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var now = clock.GetUtcNow();
            if (now - play.NextAt > CatchUpMax * Math.Max(1, options.Speed))
            {
                play.SkipTo(now);
            }

            foreach (var publish in play.AdvanceTo(now))
            {
                pending.Add(client.PublishAsync(ToMessage(publish), cancellation));
                if (pending.Count >= UnacknowledgedMax)
                {
                    await Task.WhenAll(pending);
                    pending.Clear();
                }
            }

            await Task.WhenAll(pending);
            pending.Clear();
            if (!client.IsConnected)
            {
                throw new MqttCommunicationException("the broker closed the connection");
            }

            await Task.Delay(Round, options.Timers, cancellation);
        }
    }
}
