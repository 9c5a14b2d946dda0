using System.Collections.Concurrent;
using System.Text;
using IotIngest.Hosting;
using MQTTnet;
using MQTTnet.Protocol;
using Running;

namespace IotIngest.Tests.Brokering;

/// <summary>What Sparkplug nodes hear from this host application, through the embedded broker and through a real mosquitto.</summary>
public sealed class Sparkplug_host
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_embedded_broker_holds_the_state_of_the_host_and_asks_an_unknown_node_for_its_birth()
    {
        await using var node = await TestNode.StartAsync(new FakeCity(FakeCity.Device("wl-1")));
        using var edge = new MqttClientFactory().CreateMqttClient();
        await AskIsHeardAsync(edge, node.Node.BrokerPort);
    }

    [Fact]
    public async Task Through_mosquitto_the_host_is_on_line_while_it_listens_and_off_line_when_it_goes()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        using var edge = new MqttClientFactory().CreateMqttClient();
        ConcurrentQueue<(string Topic, string Text)> heard;
        await using (var node = await TestNode.StartAsync(new FakeCity(FakeCity.Device("wl-1")), broker: options => (options.Mode, options.Host, options.Port) = (BrokerMode.External, "127.0.0.1", mosquitto.Port)))
        {
            await FakeCity.UntilAsync(() => node.Node.IsReady, "the node is connected");
            heard = await AskIsHeardAsync(edge, mosquitto.Port);
        }

        await FakeCity.UntilAsync(() => heard.Any(message => message.Topic == "spBv1.0/STATE/city" && message.Text.StartsWith("{\"online\":false,\"timestamp\":", StringComparison.Ordinal)), "the host says that it goes");
    }

    private static async Task<ConcurrentQueue<(string Topic, string Text)>> AskIsHeardAsync(IMqttClient edge, int port)
    {
        var heard = new ConcurrentQueue<(string Topic, string Text)>();
        edge.ApplicationMessageReceivedAsync += received =>
        {
            heard.Enqueue((received.ApplicationMessage.Topic, Encoding.UTF8.GetString(received.ApplicationMessage.Payload)));
            return Task.CompletedTask;
        };
        await edge.ConnectAsync(Embedded_broker.Options(port).Build(), Cancellation);
        await edge.SubscribeAsync("spBv1.0/STATE/city", MqttQualityOfServiceLevel.AtLeastOnce, Cancellation);
        await edge.SubscribeAsync("spBv1.0/+/NCMD/#", MqttQualityOfServiceLevel.AtMostOnce, Cancellation);
        await FakeCity.UntilAsync(() => heard.Any(message => message.Text.StartsWith("{\"online\":true,\"timestamp\":", StringComparison.Ordinal)), "the host is on line");

        var data = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Decoding", "Golden", "sparkplug-b", "ddata_by_alias.payload"), Cancellation);
        await edge.PublishAsync(new MqttApplicationMessage { Topic = "spBv1.0/Pumps/DDATA/Station 7/P1", PayloadSegment = data }, Cancellation);
        await FakeCity.UntilAsync(() => heard.Any(message => message.Topic == "spBv1.0/Pumps/NCMD/Station 7" && message.Text.Contains("Node Control/Rebirth", StringComparison.Ordinal)), "the node is asked for its birth");
        return heard;
    }
}
