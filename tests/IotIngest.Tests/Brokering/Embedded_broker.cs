using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CommandCenter.Grains.Contracts;
using IotIngest.Receiving;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace IotIngest.Tests.Brokering;

public sealed class Embedded_broker
{
    private const string Topic = "city/v1/320404002/wl-1/readings";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MqttQualityOfServiceLevel.AtMostOnce, MqttProtocolVersion.V311)]
    [InlineData(MqttQualityOfServiceLevel.AtLeastOnce, MqttProtocolVersion.V311)]
    [InlineData(MqttQualityOfServiceLevel.ExactlyOnce, MqttProtocolVersion.V311)]
    [InlineData(MqttQualityOfServiceLevel.AtMostOnce, MqttProtocolVersion.V500)]
    [InlineData(MqttQualityOfServiceLevel.AtLeastOnce, MqttProtocolVersion.V500)]
    [InlineData(MqttQualityOfServiceLevel.ExactlyOnce, MqttProtocolVersion.V500)]
    public async Task A_reading_reaches_street_and_history_at_every_quality_of_service(MqttQualityOfServiceLevel qos, MqttProtocolVersion version)
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city);
        using var client = await ConnectAsync(node, version: version);

        var answer = await PublishAsync(client, Topic, """{"values":{"water_depth":152}}""", qos);

        Assert.True(answer.IsSuccess);
        await FakeCity.UntilAsync(() => city.Readings.Length == 1 && city.History.Batches.Count == 1, "one reading at both");
        var reading = city.Readings[0];
        Assert.Equal((new DeviceId("wl-1"), new QuantityId("water_depth"), 152, Quality.Good), (reading.Device, reading.Quantity, reading.Value, reading.Quality));
    }

    [Fact]
    public async Task An_acknowledgement_waits_for_the_commit_and_the_connection_is_read_meanwhile()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var journal = new HeldJournal();
        await using var node = await TestNode.StartAsync(city, journal: journal, broker: options => options.CommitStallMs = 30_000);
        using var client = await ConnectAsync(node);

        var first = PublishAsync(client, Topic, """{"values":{"water_depth":1}}""", MqttQualityOfServiceLevel.AtLeastOnce);
        var second = PublishAsync(client, Topic, """{"values":{"water_depth":2}}""", MqttQualityOfServiceLevel.ExactlyOnce);
        await FakeCity.UntilAsync(() => city.Readings.Length == 2, "both readings delivered");
        Assert.False(first.IsCompleted);
        Assert.False(second.IsCompleted);

        journal.Batches[0].Complete();
        await first;
        Assert.False(second.IsCompleted);
        journal.Batches[1].Complete();
        await second;
    }

    [Fact]
    public async Task A_stalled_commit_closes_the_connection_unacknowledged()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var journal = new HeldJournal();
        await using var node = await TestNode.StartAsync(city, journal: journal, broker: options => options.CommitStallMs = 200);
        using var client = await ConnectAsync(node);

        await Assert.ThrowsAnyAsync<Exception>(() => PublishAsync(client, Topic, """{"values":{"water_depth":1}}""", MqttQualityOfServiceLevel.AtLeastOnce));

        await FakeCity.UntilAsync(() => !client.IsConnected, "the connection is closed");
        Assert.Equal(1, node.Metrics.StalledCloses);
    }

    [Fact]
    public async Task At_most_256_publishes_of_one_connection_are_read_ahead_of_their_commit()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var journal = new HeldJournal();
        await using var node = await TestNode.StartAsync(city, journal: journal, broker: options => options.CommitStallMs = 30_000);
        using var client = await ConnectAsync(node);
        using var other = await ConnectAsync(node);

        var publishes = Enumerable.Range(0, 300).Select(i => PublishAsync(client, Topic, "{\"at\":" + (1_790_000_000_000 + i) + ",\"values\":{\"water_depth\":1}}", MqttQualityOfServiceLevel.AtLeastOnce)).ToArray();
        await FakeCity.UntilAsync(() => journal.Batches.Count >= 256, "256 publishes are read");

        // Another connection is served all the while, and its publish comes after everything that the first one may still have.
        var elsewhere = PublishAsync(other, Topic, """{"values":{"water_depth":7}}""", MqttQualityOfServiceLevel.AtLeastOnce);
        await FakeCity.UntilAsync(() => city.Readings.Any(reading => reading.Value == 7), "the other connection is read");
        Assert.Equal(257, journal.Batches.Count);

        journal.CompleteAll();
        await Task.WhenAll(publishes);
        await elsewhere;
    }

    [Fact]
    public async Task Other_subscribers_still_get_messages_and_a_retained_status_is_kept()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city);
        using var publisher = await ConnectAsync(node);
        await publisher.PublishAsync(new MqttApplicationMessageBuilder().WithTopic("city/v1/320404002/wl-1/status").WithPayload("""{"online":true}""")
            .WithRetainFlag().WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), Cancellation);

        using var listener = new MqttClientFactory().CreateMqttClient();
        var heard = new System.Collections.Concurrent.ConcurrentQueue<string>();
        listener.ApplicationMessageReceivedAsync += received =>
        {
            heard.Enqueue(received.ApplicationMessage.ConvertPayloadToString());
            return Task.CompletedTask;
        };
        await listener.ConnectAsync(Options(node).Build(), Cancellation);
        await listener.SubscribeAsync("city/v1/#", cancellationToken: Cancellation);
        await PublishAsync(publisher, Topic, """{"values":{"water_depth":3}}""", MqttQualityOfServiceLevel.AtMostOnce);

        await FakeCity.UntilAsync(() => heard.Count == 2, "the retained status and the reading are heard");
        Assert.Equal("""{"online":true}""", heard.First());
        await FakeCity.UntilAsync(() => city.Batches.Any(batch => batch.Statuses is [{ Online: true }]), "the status reached the street");
    }

    [Fact]
    public async Task Nothing_but_the_status_of_a_registered_device_is_kept_for_later_subscribers()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city);
        using var publisher = await ConnectAsync(node);
        foreach (var topic in new[] { Topic, "city/v1/320404002/stranger/status", "city/v1/x/wl-1/status", "some/topic", "city/v1/320404002/wl-1/status" })
        {
            await publisher.PublishAsync(
                new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload("{}").WithRetainFlag().WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), Cancellation);
        }

        using var listener = new MqttClientFactory().CreateMqttClient();
        var heard = new System.Collections.Concurrent.ConcurrentQueue<string>();
        listener.ApplicationMessageReceivedAsync += received =>
        {
            heard.Enqueue(received.ApplicationMessage.Topic);
            return Task.CompletedTask;
        };
        await listener.ConnectAsync(Options(node).Build(), Cancellation);
        await listener.SubscribeAsync("#", cancellationToken: Cancellation);
        await PublishAsync(publisher, "last", "{}", MqttQualityOfServiceLevel.AtLeastOnce);

        await FakeCity.UntilAsync(() => heard.Contains("last"), "the message behind the kept ones is heard");
        Assert.Equal(["city/v1/320404002/wl-1/status", "last"], heard.Where(topic => topic != "spBv1.0/STATE/city"));
    }

    [Fact]
    public async Task A_packet_far_beyond_the_limit_ends_its_connection_and_no_other()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city);
        using var client = await ConnectAsync(node);
        using var other = await ConnectAsync(node);

        await Assert.ThrowsAnyAsync<Exception>(() => PublishAsync(client, Topic, new byte[3 << 20], MqttQualityOfServiceLevel.AtLeastOnce));

        await FakeCity.UntilAsync(() => !client.IsConnected, "the connection is closed");
        Assert.True((await PublishAsync(other, Topic, """{"values":{"water_depth":1}}""", MqttQualityOfServiceLevel.AtLeastOnce)).IsSuccess);
    }

    [Theory]
    [InlineData(new byte[] { 0x30 }, null)]
    [InlineData(new byte[] { 0x30, 0x80 }, null)]
    [InlineData(new byte[] { 0x30, 0x7F }, 127L)]
    [InlineData(new byte[] { 0x30, 0x80, 0x01, 0xFF }, 128L)]
    [InlineData(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0x7F }, 268_435_455L)]
    public void The_length_of_a_packet_is_read_from_its_header(byte[] bytes, long? length) =>
        Assert.Equal(length, IotIngest.Brokering.LimitedTransport.AnnouncedLength(new(bytes)));

    [Fact]
    public async Task A_last_will_of_quality_1_is_taken_although_its_connection_is_gone()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city);
        using (var client = new MqttClientFactory().CreateMqttClient())
        {
            await client.ConnectAsync(
                Options(node).WithWillTopic("city/v1/320404002/wl-1/status").WithWillPayload("""{"online":false}""").WithWillRetain()
                    .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(),
                Cancellation);
        }

        await FakeCity.UntilAsync(() => city.Batches.Any(batch => batch.Statuses is [{ Online: false }]), "the street hears the last will");
    }

    [Fact]
    public async Task A_last_will_that_a_full_journal_does_not_take_in_time_is_told_all_the_same_and_counted()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city, journal: new FullJournal(), broker: options => options.CommitStallMs = 100);
        using (var client = new MqttClientFactory().CreateMqttClient())
        {
            await client.ConnectAsync(
                Options(node).WithWillTopic("city/v1/320404002/wl-1/status").WithWillPayload("""{"online":false}""").WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), Cancellation);
        }

        await FakeCity.UntilAsync(() => city.Batches.Any(batch => batch.Statuses is [{ Online: false }]), "the street hears the last will");
        Assert.Equal(1, node.Metrics.LastWillsPassing);
    }

    [Fact]
    public async Task Only_the_account_may_connect_where_anonymous_access_is_off()
    {
        await using var node = await TestNode.StartAsync(new FakeCity(), broker: options => (options.Anonymous, options.Username, options.Password) = (false, "device", "secret"));

        using var anonymous = new MqttClientFactory().CreateMqttClient();
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, (await anonymous.ConnectAsync(Options(node).Build(), Cancellation)).ResultCode);
        using var wrong = new MqttClientFactory().CreateMqttClient();
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, (await wrong.ConnectAsync(Options(node).WithCredentials("device", "Secret").Build(), Cancellation)).ResultCode);
        using var right = new MqttClientFactory().CreateMqttClient();
        Assert.Equal(MqttClientConnectResultCode.Success, (await right.ConnectAsync(Options(node).WithCredentials("device", "secret").Build(), Cancellation)).ResultCode);
    }

    [Fact]
    public async Task The_second_port_speaks_tls()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var file = Path.Combine(Directory.CreateTempSubdirectory("ingest-test-").FullName, "broker.pem");
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem(), Cancellation);
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city, broker: options => (options.TlsPort, options.CertificateFile) = (0, file));
        using var client = new MqttClientFactory().CreateMqttClient();

        await client.ConnectAsync(
            Options(node.Node.BrokerTlsPort)
                .WithTlsOptions(tls => tls.UseTls().WithCertificateValidationHandler(seen => seen.Certificate.GetCertHashString() == certificate.GetCertHashString()))
                .Build(),
            Cancellation);
        await PublishAsync(client, Topic, """{"values":{"water_depth":5}}""", MqttQualityOfServiceLevel.AtLeastOnce);

        await FakeCity.UntilAsync(() => city.Readings.Length == 1, "the reading came over TLS");
        Assert.NotEqual(node.Node.BrokerPort, node.Node.BrokerTlsPort);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    internal static MqttClientOptionsBuilder Options(TestNode node) => Options(node.Node.BrokerPort);

    internal static MqttClientOptionsBuilder Options(int port) =>
        new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithProtocolVersion(MqttProtocolVersion.V500).WithTimeout(TimeSpan.FromSeconds(20));

    internal static async Task<IMqttClient> ConnectAsync(TestNode node, MqttProtocolVersion version = MqttProtocolVersion.V500)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(Options(node).WithProtocolVersion(version).Build(), Cancellation);
        return client;
    }

    internal static Task<MqttClientPublishResult> PublishAsync(IMqttClient client, string topic, string payload, MqttQualityOfServiceLevel qos) =>
        PublishAsync(client, topic, Encoding.UTF8.GetBytes(payload), qos);

    internal static Task<MqttClientPublishResult> PublishAsync(IMqttClient client, string topic, byte[] payload, MqttQualityOfServiceLevel qos) =>
        client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(qos).Build(), Cancellation);

    /// <summary>A journal that never has room.</summary>
    private sealed class FullJournal : IIngestJournal
    {
        public ValueTask<JournalBatch> AppendAsync(string topic, ReadOnlyMemory<byte> payload, DateTimeOffset receivedAt, byte qos, CancellationToken cancellation) => new(WaitAsync(cancellation));

        private static async Task<JournalBatch> WaitAsync(CancellationToken cancellation)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            throw new InvalidOperationException("There is never room.");
        }
    }

    /// <summary>A journal whose commits the test decides; each message is a commit of its own.</summary>
    private sealed class HeldJournal : IIngestJournal
    {
        private readonly Lock gate = new();
        private readonly List<JournalBatch> batches = [];
        private bool open;

        public IReadOnlyList<JournalBatch> Batches
        {
            get
            {
                lock (gate)
                {
                    return [.. batches];
                }
            }
        }

        public ValueTask<JournalBatch> AppendAsync(string topic, ReadOnlyMemory<byte> payload, DateTimeOffset receivedAt, byte qos, CancellationToken cancellation)
        {
            var batch = new JournalBatch(_ => { });
            batch.Append(topic, payload.Span, receivedAt, qos);
            lock (gate)
            {
                batches.Add(batch);
                if (open)
                {
                    batch.Complete();
                }
            }

            return new(batch);
        }

        public void CompleteAll()
        {
            lock (gate)
            {
                open = true;
                batches.ForEach(batch => batch.Complete());
            }
        }
    }
}
