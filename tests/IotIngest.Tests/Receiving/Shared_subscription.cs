using System.Collections.Concurrent;
using CommandCenter.Grains.Contracts;
using IotIngest.Hosting;
using IotIngest.Tests.Brokering;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Protocol;
using Running;

namespace IotIngest.Tests.Receiving;

/// <summary>Two ingest nodes behind one MQTT 5 shared subscription, where a format's messages build on each other.</summary>
public sealed class Shared_subscription
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_nodes_hear_every_birth_of_a_sparkplug_node_and_none_asks_for_another()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        void Use(BrokerOptions options) => (options.Mode, options.Host, options.Port, options.ShareGroup) = (BrokerMode.External, "127.0.0.1", mosquitto.Port, "ingest");
        var pump = FakeCity.Device("pump-1", quantities: new DeviceQuantity { Name = new("water_depth"), From = "Level", Unit = "mm" }) with { Source = new("sparkplug-b", "Pumps/Station 7/P1") };
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 0, 1, 0, TimeSpan.Zero));
        var (left, right) = (new FakeCity(pump, FakeCity.Device("wl-1")), new FakeCity(pump, FakeCity.Device("wl-1")));
        await using var first = await TestNode.StartAsync(left, broker: Use, time: time);
        await using var second = await TestNode.StartAsync(right, broker: Use, time: time);
        await FakeCity.UntilAsync(() => first.Node.IsReady && second.Node.IsReady, "both nodes are connected");

        using var edge = new MqttClientFactory().CreateMqttClient();
        var asked = new ConcurrentQueue<string>();
        edge.ApplicationMessageReceivedAsync += received =>
        {
            asked.Enqueue(received.ApplicationMessage.Topic);
            return Task.CompletedTask;
        };
        await edge.ConnectAsync(Embedded_broker.Options(mosquitto.Port).Build(), Cancellation);
        await edge.SubscribeAsync("spBv1.0/+/NCMD/#", MqttQualityOfServiceLevel.AtLeastOnce, Cancellation);

        await PublishAsync(edge, "spBv1.0/Pumps/NBIRTH/Station 7", "nbirth");
        await PublishAsync(edge, "spBv1.0/Pumps/DBIRTH/Station 7/P1", "dbirth");
        await PublishAsync(edge, "spBv1.0/Pumps/DDATA/Station 7/P1", "ddata_by_alias");

        // Data by alias means something only to a node that has heard the births. What both deliver has the same device, quantity and time: it is kept once.
        await FakeCity.UntilAsync(() => HasLevel(left) && HasLevel(right), "both nodes understand data by alias");
        Assert.Empty(asked);

        // Formats whose messages stand alone are still divided.
        const int count = 100;
        await Task.WhenAll(Enumerable.Range(0, count).Select(i =>
            Embedded_broker.PublishAsync(edge, "city/v1/320404002/wl-1/readings", $$$"""{"values":{"water_depth":{{{i}}}}}""", MqttQualityOfServiceLevel.AtLeastOnce)));
        await FakeCity.UntilAsync(() => Own(left) + Own(right) >= count, "every message is taken");
        Assert.Equal(count, Own(left) + Own(right));
    }

    private static bool HasLevel(FakeCity city) => city.Readings.Any(reading => reading.Device.Value == "pump-1" && reading.Value == 250);

    private static int Own(FakeCity city) => city.Readings.Count(reading => reading.Device.Value == "wl-1");

    private static async Task PublishAsync(IMqttClient edge, string topic, string payload) => await Embedded_broker.PublishAsync(
        edge, topic, await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Decoding", "Golden", "sparkplug-b", payload + ".payload"), Cancellation), MqttQualityOfServiceLevel.AtLeastOnce);
}
