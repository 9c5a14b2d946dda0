using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CommandCenter.Grains.Contracts;
using MQTTnet;
using MQTTnet.Protocol;

namespace IotIngest.Tests.Brokering;

public sealed class Limits(ITestOutputHelper output)
{
    private const string Topic = "city/v1/320404002/wl-1/readings";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_that_opens_ten_thousand_connections_gets_nothing_and_harms_nobody()
    {
        const int wanted = 10_000;
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var secret = await city.Registry.IssueAsync("wl-1");
        await using var node = await Accounts.StartAsync(city);
        using var device = await Accounts.ConnectAsync(node, "wl-1", secret);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var publishing = PublishUntilAsync(device, over.Token);
        var sockets = new List<Socket>();
        try
        {
            // The first two thousand are opened while the device publishes, the rest as fast as one thread can.
            var mostOpen = 0;
            while (sockets.Count < wanted)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, node.Node.BrokerPort, Cancellation);
                mostOpen = Math.Max(mostOpen, node.Metrics.OpenConnections);
            }

            await FakeCity.UntilAsync(() => node.Metrics.RefusedConnections >= wanted - 501, "all but 500 are closed");
            await FakeCity.UntilAsync(() => node.Metrics.OpenConnections <= 501, "what is left are the device and 500 that are silent");
            Assert.InRange(mostOpen, 1, 1_502);
            Assert.True(device.IsConnected);
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.TooManyOpenSockets)
        {
            Assert.Skip(string.Create(CultureInfo.InvariantCulture, $"This machine allows only {sockets.Count} open sockets; {wanted} are needed."));
        }
        finally
        {
            await over.CancelAsync();
            sockets.ForEach(socket => socket.Dispose());
        }

        var (published, refusedPublishes) = await publishing;
        output.WriteLine($"{sockets.Count} connections opened, {node.Metrics.RefusedConnections} closed; the device published {published} meanwhile, {refusedPublishes} failed");
        Assert.Equal(0, refusedPublishes);
        Assert.True(published > 0);
        await FakeCity.UntilAsync(() => city.Readings.Length == published, "each acknowledged reading is delivered");
    }

    [Fact]
    public async Task Silent_connections_make_room_for_one_that_says_who_it_is()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var secret = await city.Registry.IssueAsync("wl-1");
        await using var node = await Accounts.StartAsync(city, options => (options.UnnamedPerAddressMax, options.ConnectsPerSecondMax) = (20, 100_000));
        var silent = new List<TcpClient>();
        for (var i = 0; i < 60; i++)
        {
            var client = new TcpClient();
            silent.Add(client);
            await client.ConnectAsync(IPAddress.Loopback, node.Node.BrokerPort, Cancellation);
        }

        using var device = await Accounts.ConnectAsync(node, "wl-1", secret);
        Assert.True((await Embedded_broker.PublishAsync(device, Topic, """{"values":{"water_depth":1}}""", MqttQualityOfServiceLevel.AtLeastOnce)).IsSuccess);
        Assert.Equal(0, await ReadAsync(silent[0]));
        silent.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_connection_that_does_not_say_connect_in_time_is_closed()
    {
        await using var node = await Accounts.StartAsync(new FakeCity(), options => options.ConnectSecondsMax = 1);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, node.Node.BrokerPort, Cancellation);

        Assert.Equal(0, await ReadAsync(client));
        await FakeCity.UntilAsync(() => node.Metrics.OpenConnections == 0, "the connection is gone");
    }

    [Fact]
    public async Task An_address_has_as_many_connections_as_it_may_and_gets_the_place_back_that_it_gives_up()
    {
        await using var node = await TestNode.StartAsync(new FakeCity(), broker: options => options.ConnectionsPerAddressMax = 3);
        var clients = new List<IMqttClient>();
        for (var i = 0; i < 3; i++)
        {
            clients.Add(await Embedded_broker.ConnectAsync(node));
        }

        await Assert.ThrowsAnyAsync<Exception>(() => Embedded_broker.ConnectAsync(node));
        await clients[0].DisconnectAsync(cancellationToken: Cancellation);
        await FakeCity.UntilAsync(() => node.Metrics.OpenConnections == 2, "the place is free");
        using var late = await Embedded_broker.ConnectAsync(node);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_device_has_few_connections_and_a_gateway_more()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"), FakeCity.Device("gw-1"));
        var device = await city.Registry.IssueAsync("wl-1");
        var gateway = await city.Registry.IssueAsync("gw-1", new GatewayRights { Devices = [new("wl-1")] });
        await using var node = await Accounts.StartAsync(city, options => (options.ConnectionsPerDeviceMax, options.ConnectionsPerGatewayMax) = (2, 4));
        foreach (var (name, secret, max) in new[] { ("wl-1", device, 2), ("gw-1", gateway, 4) })
        {
            var clients = new List<IMqttClient>();
            for (var i = 0; i < max; i++)
            {
                clients.Add(await Accounts.ConnectAsync(node, name, secret));
            }

            Assert.Equal(MqttClientConnectResultCode.ServerUnavailable, (await Accounts.TryConnectAsync(node, name, secret)).Code);
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task A_device_that_publishes_too_fast_is_read_more_slowly_and_loses_nothing()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var secret = await city.Registry.IssueAsync("wl-1");
        await using var node = await Accounts.StartAsync(city, options => options.DevicePublishesPerSecondMax = 40);
        using var device = await Accounts.ConnectAsync(node, "wl-1", secret);

        var publishes = Enumerable.Range(0, 100).Select(i => Embedded_broker.PublishAsync(device, Topic, $$$"""{"values":{"water_depth":{{{i}}}}}""", MqttQualityOfServiceLevel.AtLeastOnce));
        Assert.All(await Task.WhenAll(publishes), answer => Assert.True(answer.IsSuccess));

        Assert.InRange(node.Metrics.Paced, 1, 3);
        await FakeCity.UntilAsync(() => city.Readings.Length == 100, "every reading is delivered");
    }

    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("::1", "::1")]
    public void Of_ipv6_the_network_counts_as_one_address(string address, string network) =>
        Assert.Equal(IPAddress.Parse(network), IotIngest.Brokering.ConnectionGate.NetworkOf(new IPEndPoint(IPAddress.Parse(address), 4711)));

    private static async Task<(int Published, int Failed)> PublishUntilAsync(IMqttClient device, CancellationToken over)
    {
        var startedMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 3_600_000;
        var (published, failed) = (0, 0);
        while (!over.IsCancellationRequested)
        {
            var answer = await device.PublishAsync(
                new MqttApplicationMessageBuilder().WithTopic(Topic).WithPayload($$$"""{"at":{{{startedMs + published}}},"values":{"water_depth":1}}""")
                    .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(),
                CancellationToken.None);
            published += answer.IsSuccess ? 1 : 0;
            failed += answer.IsSuccess ? 0 : 1;
        }

        return (published, failed);
    }

    private static async Task<int> ReadAsync(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[16], Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        }
        catch (IOException)
        {
            // Reset instead of closed: nothing was got either way.
            return 0;
        }
    }
}
