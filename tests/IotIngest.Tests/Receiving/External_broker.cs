using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CommandCenter.Grains.Contracts;
using IotIngest.Hosting;
using MQTTnet;
using MQTTnet.Protocol;

namespace IotIngest.Tests.Receiving;

/// <summary>Against a real mosquitto, where the machine has one.</summary>
public sealed class External_broker
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_acknowledged_to_mosquitto_only_after_delivery_and_comes_again_when_the_node_died()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        var folder = Directory.CreateTempSubdirectory("ingest-test-").FullName;
        var held = new FakeCity(FakeCity.Device("wl-1"));
        var gate = new TaskCompletionSource();
        held.BeforeStreet = _ => gate.Task;
        var first = await TestNode.StartAsync(held, folder, mosquitto.Use);
        await FakeCity.UntilAsync(() => first.Node.IsReady, "the first node is connected");

        using var device = new MqttClientFactory().CreateMqttClient();
        await device.ConnectAsync(Brokering.Embedded_broker.Options(mosquitto.Port).Build(), Cancellation);
        for (var i = 0; i < 20; i++)
        {
            await Brokering.Embedded_broker.PublishAsync(device, "city/v1/320404002/wl-1/readings", $$$"""{"values":{"water_depth":{{{i}}}}}""", MqttQualityOfServiceLevel.AtLeastOnce);
        }

        await FakeCity.UntilAsync(() => first.Metrics.Readings == 20, "the first node has taken all, and the street is held");

        // A second connection of the same node takes the session over, as after a kill: what was not acknowledged comes again.
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using (var second = await TestNode.StartAsync(city, folder, mosquitto.Use))
        {
            await FakeCity.UntilAsync(() => city.Readings.Length >= 20, "the second node gets every message");
            Assert.Equal(Enumerable.Range(0, 20).Select(i => (double)i), city.Readings.Select(reading => reading.Value).Distinct().Order());
        }

        gate.SetResult();
        await first.DisposeAsync();

        // Everything is acknowledged now, so a third start gets nothing.
        var quiet = new FakeCity(FakeCity.Device("wl-1"));
        await using (var third = await TestNode.StartAsync(quiet, folder, mosquitto.Use))
        {
            await FakeCity.UntilAsync(() => third.Node.IsReady, "the third node is connected");
            await Brokering.Embedded_broker.PublishAsync(device, "city/v1/320404002/wl-1/readings", """{"values":{"water_depth":77}}""", MqttQualityOfServiceLevel.AtLeastOnce);
            await FakeCity.UntilAsync(() => quiet.Readings.Length >= 1, "the new message is delivered");
            Assert.Equal([77.0], quiet.Readings.Select(reading => reading.Value));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_broker_that_comes_late_or_goes_away_is_found_again()
    {
        var port = Mosquitto.FreePort();
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city, broker: options => (options.Mode, options.Host, options.Port) = (BrokerMode.External, "127.0.0.1", port));
        Assert.False(node.Node.IsReady);

        for (var i = 1; i <= 2; i++)
        {
            await using var mosquitto = await Mosquitto.StartAsync(port);
            await FakeCity.UntilAsync(() => node.Node.IsReady, "the node is connected");
            using var device = new MqttClientFactory().CreateMqttClient();
            await device.ConnectAsync(Brokering.Embedded_broker.Options(port).Build(), Cancellation);

            // The subscription is renewed a moment after the connection; until then mosquitto has nobody to hand a message to.
            await FakeCity.UntilAsync(() =>
            {
                Brokering.Embedded_broker.PublishAsync(device, "city/v1/320404002/wl-1/readings", $$$"""{"values":{"water_depth":{{{i}}}}}""", MqttQualityOfServiceLevel.AtMostOnce).GetAwaiter().GetResult();
                return city.Readings.Any(reading => reading.Value == i);
            }, "the message passes");
        }
    }

    /// <summary>One mosquitto on a free port of the loopback, ended by its own process.</summary>
    private sealed class Mosquitto : IAsyncDisposable
    {
        private static readonly string[] Places = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"];

        private readonly Process process;
        private readonly string folder;

        private Mosquitto(Process process, string folder, int port) => (this.process, this.folder, Port) = (process, folder, port);

        public int Port { get; }

        public void Use(BrokerOptions options) => (options.Mode, options.Host, options.Port) = (BrokerMode.External, "127.0.0.1", Port);

        public static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        public static async Task<Mosquitto> StartAsync(int? at = null)
        {
            var program = Array.Find(Places, File.Exists);
            Assert.SkipWhen(program is null, "this test needs mosquitto, which is not installed");
            var port = at ?? FreePort();
            var folder = Directory.CreateTempSubdirectory("mosquitto-test-").FullName;
            var configuration = Path.Combine(folder, "m.conf");
            await File.WriteAllTextAsync(
                configuration,
                string.Create(CultureInfo.InvariantCulture, $"listener {port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\nmax_queued_messages 0\nset_tcp_nodelay true\n"),
                Cancellation);
            var process = Process.Start(new ProcessStartInfo(program!, ["-c", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            await FakeCity.UntilAsync(() => Listens(port), "mosquitto listens");
            return new Mosquitto(process, folder, port);
        }

        public async ValueTask DisposeAsync()
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
            Directory.Delete(folder, recursive: true);
        }

        private static bool Listens(int port)
        {
            try
            {
                using var probe = new TcpClient();
                probe.Connect(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
