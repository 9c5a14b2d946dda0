using System.Collections.Concurrent;
using CommandCenter.Grains.Contracts;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace IotIngest.Tests.Brokering;

/// <summary>The embedded broker where nobody comes in without an account.</summary>
public sealed class Accounts
{
    private const string Own = "city/v1/320404002/wl-1/readings";
    private const string Other = "city/v1/320404002/wl-2/readings";
    private const string ChirpStackUplink = """{"deviceInfo":{"devEui":"KEY"},"object":{"water_depth":5}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public async Task A_stranger_gets_nothing(MqttProtocolVersion version)
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await city.Registry.IssueAsync("wl-1");
        await using var node = await StartAsync(city);
        foreach (var (name, secret) in new (string?, string?)[] { (null, null), ("nobody", "x"), ("wl-1", null), ("wl-1", "wrong"), ("wl-2", "x") })
        {
            var (client, code) = await TryConnectAsync(node, name, secret, version);
            Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, code);
            Assert.False(client.IsConnected);
            client.Dispose();
        }

        Assert.Equal(5, node.Metrics.RefusedSignIns);
        Assert.Equal(0, node.Metrics.Messages);
    }

    [Fact]
    public async Task An_impostor_is_told_in_mqtt_5_and_counted_in_every_version()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"), FakeCity.Device("wl-2"));
        var secret = await city.Registry.IssueAsync("wl-1");
        await using var node = await StartAsync(city);
        using var five = await ConnectAsync(node, "wl-1", secret);
        using var three = await ConnectAsync(node, "wl-1", secret, MqttProtocolVersion.V311);
        string[] notMine = [Other, "city/v1/320404002/wl-1/commands", "city/v1/320404002/wl-1/readings/x", "city/v1", "some/topic", "application/1/device/0101010101010101/event/up"];
        foreach (var qos in new[] { MqttQualityOfServiceLevel.AtLeastOnce, MqttQualityOfServiceLevel.ExactlyOnce })
        {
            foreach (var topic in notMine)
            {
                Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await Embedded_broker.PublishAsync(five, topic, """{"values":{"water_depth":9}}""", qos)).ReasonCode);
                Assert.True((await Embedded_broker.PublishAsync(three, topic, """{"values":{"water_depth":9}}""", qos)).IsSuccess);
            }
        }

        await Embedded_broker.PublishAsync(five, Other, """{"values":{"water_depth":9}}""", MqttQualityOfServiceLevel.AtMostOnce);

        // Any street will do: the registry knows where the device stands.
        Assert.True((await Embedded_broker.PublishAsync(five, "city/v1/320404003/wl-1/readings", """{"values":{"water_depth":1}}""", MqttQualityOfServiceLevel.AtLeastOnce)).IsSuccess);
        Assert.True((await Embedded_broker.PublishAsync(three, Own, """{"values":{"water_depth":2}}""", MqttQualityOfServiceLevel.AtLeastOnce)).IsSuccess);

        await FakeCity.UntilAsync(() => city.Readings.Length == 2, "the own readings are delivered");
        Assert.Equal([1.0, 2.0], city.Readings.Select(reading => reading.Value).Order());
        await FakeCity.UntilAsync(() => city.Ledger.Count(RejectionReason.NotAllowed) == 25, "every refusal is in the ledger");
        Assert.All(city.Ledger.Rejections.Where(rejection => rejection.Reason == RejectionReason.NotAllowed), rejection => Assert.Equal("wl-1", rejection.Device));
        Assert.Equal(25, node.Metrics.Rejected(RejectionReason.NotAllowed));
    }

    [Theory]
    [InlineData("#", false)]
    [InlineData("city/v1/#", false)]
    [InlineData("city/v1/+/+/commands", false)]
    [InlineData("city/v1/320404002/wl-2/commands", false)]
    [InlineData("city/v1/320404002/wl-2/readings", false)]
    [InlineData("city/v1/320404002/wl-1/readings", false)]
    [InlineData("$SYS/#", false)]
    [InlineData("city/v1/320404002/wl-1/commands", true)]
    [InlineData("city/v1/+/wl-1/commands", true)]
    [InlineData("city/v1/+/wl-1/commands/#", true)]
    public async Task A_device_hears_its_own_commands_and_nothing_else(string filter, bool allowed)
    {
        var city = new FakeCity(FakeCity.Device("wl-1"), FakeCity.Device("wl-2"));
        var secret = await city.Registry.IssueAsync("wl-1");
        await using var node = await StartAsync(city);
        foreach (var version in new[] { MqttProtocolVersion.V500, MqttProtocolVersion.V311 })
        {
            using var device = await ConnectAsync(node, "wl-1", secret, version);
            var answer = await TrySubscribeAsync(device, filter);
            Assert.Equal(
                allowed ? MqttClientSubscribeResultCode.GrantedQoS1
                    : version == MqttProtocolVersion.V500 ? MqttClientSubscribeResultCode.NotAuthorized : MqttClientSubscribeResultCode.UnspecifiedError,
                answer);
        }

        Assert.Equal(allowed ? 0 : 2, node.Metrics.RefusedSubscriptions);
    }

    [Fact]
    public async Task A_command_of_the_platform_reaches_its_device_alone()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"), FakeCity.Device("wl-2"));
        var (first, second) = (await city.Registry.IssueAsync("wl-1"), await city.Registry.IssueAsync("wl-2"));
        await using var node = await StartAsync(city);
        using var one = await ConnectAsync(node, "wl-1", first);
        using var two = await ConnectAsync(node, "wl-2", second);
        var heard = new ConcurrentQueue<string>();
        foreach (var (client, id) in new[] { (one, "wl-1"), (two, "wl-2") })
        {
            client.ApplicationMessageReceivedAsync += received =>
            {
                heard.Enqueue(id + ":" + received.ApplicationMessage.Topic);
                return Task.CompletedTask;
            };
            await client.SubscribeAsync($"city/v1/+/{id}/commands", MqttQualityOfServiceLevel.AtLeastOnce, Cancellation);
        }

        var (name, password) = node.Node.BrokerAccount!.Value;
        using var platform = await ConnectAsync(node, name, password);
        await Embedded_broker.PublishAsync(platform, "city/v1/320404002/wl-2/commands", "{}", MqttQualityOfServiceLevel.AtLeastOnce);
        await Embedded_broker.PublishAsync(platform, "city/v1/320404002/wl-1/commands", "{}", MqttQualityOfServiceLevel.AtLeastOnce);

        await FakeCity.UntilAsync(() => heard.Count == 2, "both commands are heard");
        Assert.Equal(["wl-1:city/v1/320404002/wl-1/commands", "wl-2:city/v1/320404002/wl-2/commands"], heard.Order());
    }

    [Fact]
    public async Task A_new_secret_cuts_the_old_connection_and_the_old_secret_is_worth_nothing()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var old = await city.Registry.IssueAsync("wl-1");
        await using var node = await StartAsync(city);
        using var first = await ConnectAsync(node, "wl-1", old);

        var fresh = await city.Registry.IssueAsync("wl-1");

        await FakeCity.UntilAsync(() => !first.IsConnected, "the old connection is cut");
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, (await TryConnectAsync(node, "wl-1", old)).Code);
        using var second = await ConnectAsync(node, "wl-1", fresh);
        Assert.True((await Embedded_broker.PublishAsync(second, Own, """{"values":{"water_depth":1}}""", MqttQualityOfServiceLevel.AtLeastOnce)).IsSuccess);

        await city.Registry.WithdrawAsync("wl-1");

        await FakeCity.UntilAsync(() => !second.IsConnected, "the withdrawn account is cut");
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, (await TryConnectAsync(node, "wl-1", fresh)).Code);
    }

    [Fact]
    public async Task A_gateway_publishes_for_its_devices_and_on_its_topics_only()
    {
        var city = new FakeCity(
            FakeCity.Device("gw-1"), FakeCity.Device("wl-1"), FakeCity.Device("wl-2"), FakeCity.Device("wl-3") with { Source = new("chirpstack", "0101010101010101") });
        var secret = await city.Registry.IssueAsync("gw-1", new GatewayRights { Topics = ["application/7/device/+/event/+"], Devices = [new("wl-1")] });
        await using var node = await StartAsync(city);
        using var gateway = await ConnectAsync(node, "gw-1", secret);
        async Task<bool> MayAsync(string topic, string payload) =>
            (await Embedded_broker.PublishAsync(gateway, topic, payload, MqttQualityOfServiceLevel.AtLeastOnce)).IsSuccess;

        Assert.True(await MayAsync(Own, """{"values":{"water_depth":1}}"""));
        Assert.False(await MayAsync(Other, """{"values":{"water_depth":2}}"""));
        Assert.True(await MayAsync("application/7/device/0101010101010101/event/up", ChirpStackUplink.Replace("KEY", "0101010101010101", StringComparison.Ordinal)));
        Assert.False(await MayAsync("application/8/device/0101010101010101/event/up", ChirpStackUplink.Replace("KEY", "0101010101010101", StringComparison.Ordinal)));
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await TrySubscribeAsync(gateway, "city/v1/+/wl-1/commands"));
        Assert.Equal(MqttClientSubscribeResultCode.NotAuthorized, await TrySubscribeAsync(gateway, "application/7/#"));
        await FakeCity.UntilAsync(() => city.Readings.Length == 2, "what was allowed is delivered");
        Assert.Equal(["wl-1", "wl-3"], city.Readings.Select(reading => reading.Device.Value).Order());
    }

    [Fact]
    public async Task A_device_of_a_foreign_format_speaks_under_its_own_key_only()
    {
        var city = new FakeCity(
            FakeCity.Device("wl-1") with { Source = new("chirpstack", "0101010101010101") }, FakeCity.Device("wl-2") with { Source = new("chirpstack", "0202020202020202") });
        var secret = await city.Registry.IssueAsync("wl-1");
        await using var node = await StartAsync(city);
        using var device = await ConnectAsync(node, "wl-1", secret);
        async Task<bool> MayAsync(string topicKey, string payloadKey) => (await Embedded_broker.PublishAsync(
            device, $"application/1/device/{topicKey}/event/up", ChirpStackUplink.Replace("KEY", payloadKey, StringComparison.Ordinal), MqttQualityOfServiceLevel.AtLeastOnce)).IsSuccess;

        Assert.True(await MayAsync("0101010101010101", "0101010101010101"));
        Assert.False(await MayAsync("0202020202020202", "0202020202020202"));
        Assert.False(await MayAsync("0101010101010101", "0202020202020202"));
        Assert.False((await Embedded_broker.PublishAsync(device, "zigbee2mqtt/x", "{}", MqttQualityOfServiceLevel.AtLeastOnce)).IsSuccess);
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await TrySubscribeAsync(device, "application/+/device/0101010101010101/command/+"));
        Assert.Equal(MqttClientSubscribeResultCode.NotAuthorized, await TrySubscribeAsync(device, "application/+/device/0202020202020202/command/+"));
        await FakeCity.UntilAsync(() => city.Readings.Length == 1, "the own reading is delivered");
        Assert.Equal("wl-1", city.Readings[0].Device.Value);
    }

    [Fact]
    public async Task Guessing_is_shut_out_and_does_not_shut_out_the_device_beside_it()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"), FakeCity.Device("wl-2"));
        var (one, two) = (await city.Registry.IssueAsync("wl-1"), await city.Registry.IssueAsync("wl-2"));
        await using var node = await StartAsync(city);
        (await ConnectAsync(node, "wl-1", one)).Dispose();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, (await TryConnectAsync(node, "wl-1", "guess-" + i)).Code);
        }

        // From here on even a right guess would not be looked at; the device that was here before is known.
        Assert.Equal(MqttClientConnectResultCode.ServerUnavailable, (await TryConnectAsync(node, "wl-1", "guess-6")).Code);
        using var again = await ConnectAsync(node, "wl-1", one);
        using var neighbour = await ConnectAsync(node, "wl-2", two);
    }

    [Fact]
    public async Task No_client_takes_over_the_session_of_another_account_by_calling_itself_alike()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"), FakeCity.Device("wl-2"));
        var (one, two) = (await city.Registry.IssueAsync("wl-1"), await city.Registry.IssueAsync("wl-2"));
        await using var node = await StartAsync(city);
        using var device = await ConnectAsync(node, "wl-1", one, id: "the-pump");
        foreach (var id in new[] { "the-pump", "wl-1/the-pump" })
        {
            using var thief = await ConnectAsync(node, "wl-2", two, id: id);
            Assert.True((await Embedded_broker.PublishAsync(device, Own, """{"values":{"water_depth":1}}""", MqttQualityOfServiceLevel.AtLeastOnce)).IsSuccess);
        }

        using var itself = await ConnectAsync(node, "wl-1", one, id: "the-pump");
        await FakeCity.UntilAsync(() => !device.IsConnected, "its own second connection takes the name over");
    }

    [Fact]
    public async Task A_last_will_and_a_retained_status_are_bound_to_the_account_too()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"), FakeCity.Device("wl-2"));
        var secret = await city.Registry.IssueAsync("wl-1");
        await using var node = await StartAsync(city);
        foreach (var id in new[] { "wl-2", "wl-1" })
        {
            using var client = new MqttClientFactory().CreateMqttClient();
            await client.ConnectAsync(
                Embedded_broker.Options(node).WithCredentials("wl-1", secret).WithWillTopic($"city/v1/320404002/{id}/status").WithWillPayload("""{"online":false}""").WithWillRetain()
                    .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(),
                Cancellation);
        }

        await FakeCity.UntilAsync(() => city.Batches.Any(batch => batch.Statuses.Length > 0), "the street hears a last will");
        await FakeCity.UntilAsync(() => node.Metrics.Rejected(RejectionReason.NotAllowed) == 1, "the other one is refused");
        Assert.Equal("wl-1", Assert.Single(city.Batches.SelectMany(batch => batch.Statuses)).Device.Value);

        // What is kept for those who subscribe later is the own status alone.
        var (name, password) = node.Node.BrokerAccount!.Value;
        using var platform = await ConnectAsync(node, name, password);
        var kept = new ConcurrentQueue<string>();
        platform.ApplicationMessageReceivedAsync += received =>
        {
            kept.Enqueue(received.ApplicationMessage.Topic);
            return Task.CompletedTask;
        };
        await platform.SubscribeAsync("#", MqttQualityOfServiceLevel.AtLeastOnce, Cancellation);
        await Embedded_broker.PublishAsync(platform, "last", "{}", MqttQualityOfServiceLevel.AtLeastOnce);
        await FakeCity.UntilAsync(() => kept.Contains("last"), "the message behind the kept ones is heard");
        Assert.Equal(["city/v1/320404002/wl-1/status", "last"], kept.Where(topic => topic != "spBv1.0/STATE/city"));
    }

    internal static Task<TestNode> StartAsync(FakeCity city, Action<IotIngest.Hosting.BrokerOptions>? broker = null) => TestNode.StartAsync(city, broker: options =>
    {
        options.Anonymous = false;
        broker?.Invoke(options);
    });

    internal static async Task<IMqttClient> ConnectAsync(TestNode node, string name, string secret, MqttProtocolVersion version = MqttProtocolVersion.V500, string? id = null)
    {
        var (client, code) = await TryConnectAsync(node, name, secret, version, id);
        Assert.Equal(MqttClientConnectResultCode.Success, code);
        return client;
    }

    internal static async Task<(IMqttClient Client, MqttClientConnectResultCode Code)> TryConnectAsync(
        TestNode node, string? name, string? secret, MqttProtocolVersion version = MqttProtocolVersion.V500, string? id = null)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var options = Embedded_broker.Options(node).WithProtocolVersion(version);
        if (name is not null)
        {
            options = options.WithCredentials(name, secret);
        }

        if (id is not null)
        {
            options = options.WithClientId(id);
        }

        return (client, (await client.ConnectAsync(options.Build(), Cancellation)).ResultCode);
    }

    private static async Task<MqttClientSubscribeResultCode> TrySubscribeAsync(IMqttClient client, string filter) =>
        (await client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce, Cancellation)).Items.Single().ResultCode;
}
