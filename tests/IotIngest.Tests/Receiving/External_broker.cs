using System.Security.Cryptography.X509Certificates;
using IotIngest.Hosting;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Running;

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
        var first = await TestNode.StartAsync(held, folder, External(mosquitto.Port));
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
        await using (var second = await TestNode.StartAsync(city, folder, External(mosquitto.Port)))
        {
            await FakeCity.UntilAsync(() => city.Readings.Length >= 20, "the second node gets every message");
            Assert.Equal(Enumerable.Range(0, 20).Select(i => (double)i), city.Readings.Select(reading => reading.Value).Distinct().Order());
        }

        gate.SetResult();
        await first.DisposeAsync();

        // Everything is acknowledged now, so a third start gets nothing.
        var quiet = new FakeCity(FakeCity.Device("wl-1"));
        await using (var third = await TestNode.StartAsync(quiet, folder, External(mosquitto.Port)))
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
        var port = FreePorts.Next();
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

    [Fact]
    public async Task Two_nodes_share_one_broker_over_tls_with_a_password_and_each_message_is_taken_once()
    {
        await using var mosquitto = await Mosquitto.StartAsync(account: ("ingest", "geheim"), tls: true);
        void Use(BrokerOptions options)
        {
            External(mosquitto.Port)(options);
            (options.Host, options.UseTls, options.CaFile, options.Username, options.Password, options.ShareGroup) = ("localhost", true, mosquitto.CaFile, "ingest", "geheim", "ingest");
        }

        var (left, right) = (new FakeCity(FakeCity.Device("wl-1")), new FakeCity(FakeCity.Device("wl-1")));
        await using var first = await TestNode.StartAsync(left, broker: Use);
        await using var second = await TestNode.StartAsync(right, broker: Use);
        await FakeCity.UntilAsync(() => first.Node.IsReady && second.Node.IsReady, "both nodes are connected");

        using var stranger = new MqttClientFactory().CreateMqttClient();
        using var authority = X509CertificateLoader.LoadCertificateFromFile(mosquitto.CaFile!);
        MqttClientOptionsBuilder Tls() => new MqttClientOptionsBuilder().WithTcpServer("localhost", mosquitto.Port).WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTlsOptions(tls => tls.UseTls().WithTrustChain([authority]).WithRevocationMode(X509RevocationMode.NoCheck));
        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, (await stranger.ConnectAsync(Tls().WithCredentials("ingest", "falsch").Build(), Cancellation)).ResultCode);

        using var device = new MqttClientFactory().CreateMqttClient();
        await device.ConnectAsync(Tls().WithCredentials("ingest", "geheim").Build(), Cancellation);
        const int count = 400;
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => Brokering.Embedded_broker.PublishAsync(
            device, "city/v1/320404002/wl-1/readings", $$$"""{"values":{"water_depth":{{{i}}}}}""", MqttQualityOfServiceLevel.AtLeastOnce)));

        await FakeCity.UntilAsync(() => left.Readings.Length + right.Readings.Length >= count, "every message is taken");
        Assert.Equal(Enumerable.Range(0, count).Select(i => (double)i), left.Readings.Concat(right.Readings).Select(reading => reading.Value).Order());
        Assert.Equal(count, first.Metrics.Messages + second.Metrics.Messages);
        Assert.True(left.Readings.Length > 0 && right.Readings.Length > 0, "both nodes work");
    }

    [Fact]
    public async Task A_wrong_authority_or_password_is_never_connected_to()
    {
        await using var mosquitto = await Mosquitto.StartAsync(account: ("ingest", "geheim"), tls: true);
        await using var other = await Mosquitto.StartAsync(tls: true);
        foreach (var (authority, password) in new[] { (other.CaFile, "geheim"), (mosquitto.CaFile, "falsch") })
        {
            var tries = new Tries();
            await using var node = await TestNode.StartAsync(new FakeCity(), broker: options =>
            {
                External(mosquitto.Port)(options);
                (options.Host, options.UseTls, options.CaFile, options.Username, options.Password) = ("localhost", true, authority, "ingest", password);
            }, loggers: tries);
            await FakeCity.UntilAsync(() => tries.Failures > 0, "the node has tried");
            Assert.False(node.Node.IsReady);
        }
    }

    [Fact]
    public async Task What_came_while_the_node_was_away_is_delivered_also_when_mosquitto_restarted_in_between()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        var folder = Directory.CreateTempSubdirectory("ingest-test-").FullName;
        await using (var before = await TestNode.StartAsync(new FakeCity(FakeCity.Device("wl-1")), folder, External(mosquitto.Port)))
        {
            await FakeCity.UntilAsync(() => before.Node.IsReady, "the session is made");
        }

        for (var i = 0; i < 2; i++)
        {
            using var device = new MqttClientFactory().CreateMqttClient();
            await device.ConnectAsync(Brokering.Embedded_broker.Options(mosquitto.Port).Build(), Cancellation);
            await Brokering.Embedded_broker.PublishAsync(device, "city/v1/320404002/wl-1/readings", $$$"""{"values":{"water_depth":{{{i}}}}}""", MqttQualityOfServiceLevel.AtLeastOnce);
            await mosquitto.StopAsync();
            await mosquitto.StartAgainAsync();
        }

        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using (var node = await TestNode.StartAsync(city, folder, External(mosquitto.Port)))
        {
            await FakeCity.UntilAsync(() => city.Readings.Length == 2, "both messages are delivered");
            Assert.Equal([0.0, 1.0], city.Readings.Select(reading => reading.Value).Order());

            // A restart under a connected node: it finds the broker again, and the session with it.
            await mosquitto.StopAsync();
            await FakeCity.UntilAsync(() => !node.Node.IsReady, "the node sees that the broker is gone");
            await mosquitto.StartAgainAsync();
            await FakeCity.UntilAsync(() => node.Node.IsReady, "the node is connected again");
            using var device = new MqttClientFactory().CreateMqttClient();
            await device.ConnectAsync(Brokering.Embedded_broker.Options(mosquitto.Port).Build(), Cancellation);
            await Brokering.Embedded_broker.PublishAsync(device, "city/v1/320404002/wl-1/readings", """{"values":{"water_depth":2}}""", MqttQualityOfServiceLevel.AtLeastOnce);
            await FakeCity.UntilAsync(() => city.Readings.Length == 3, "the new message is delivered");
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_retained_absence_that_the_broker_kept_over_its_restart_counts_and_a_retained_presence_does_not()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        using (var device = new MqttClientFactory().CreateMqttClient())
        {
            await device.ConnectAsync(Brokering.Embedded_broker.Options(mosquitto.Port).Build(), Cancellation);
            foreach (var (id, online) in new[] { ("wl-1", "true"), ("wl-2", "false") })
            {
                await device.PublishAsync(
                    new MqttApplicationMessageBuilder().WithTopic($"city/v1/320404002/{id}/status").WithPayload($$"""{"online":{{online}}}""").WithRetainFlag()
                        .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(),
                    Cancellation);
            }
        }

        await mosquitto.StopAsync();
        await mosquitto.StartAgainAsync();
        var city = new FakeCity(FakeCity.Device("wl-1"), FakeCity.Device("wl-2"));
        await using var node = await TestNode.StartAsync(city, broker: External(mosquitto.Port));

        await FakeCity.UntilAsync(() => node.Metrics.Messages == 2 && city.Batches.Any(batch => batch.Statuses.Length > 0), "both kept messages came");
        var status = Assert.Single(city.Batches.SelectMany(batch => batch.Statuses));
        Assert.Equal(("wl-2", false), (status.Device.Value, status.Online));
    }

    private static Action<BrokerOptions> External(int port) => options => (options.Mode, options.Host, options.Port) = (BrokerMode.External, "127.0.0.1", port);

    /// <summary>Counts what the node says of connections that failed.</summary>
    private sealed class Tries : ILoggerFactory, ILogger
    {
        private int failures;

        public int Failures => Volatile.Read(ref failures);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains("cannot be reached", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref failures);
            }
        }

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
