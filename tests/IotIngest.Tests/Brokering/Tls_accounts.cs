using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace IotIngest.Tests.Brokering;

/// <summary>Devices with accounts of their own on the port that speaks TLS.</summary>
public sealed class Tls_accounts : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ingest-test-").FullName;
    private readonly X509Certificate2 certificate;

    public Tls_accounts()
    {
        using var key = RSA.Create(2048);
        certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(folder, "broker.pem"), certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        certificate.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public async Task A_device_speaks_as_itself_over_tls_and_a_stranger_or_an_old_secret_does_not(MqttProtocolVersion version)
    {
        var city = new FakeCity(FakeCity.Device("wl-1"), FakeCity.Device("wl-2"));
        var secret = await city.Registry.IssueAsync("wl-1");
        await using var node = await Accounts.StartAsync(city, options => (options.TlsPort, options.CertificateFile) = (0, Path.Combine(folder, "broker.pem")));
        Assert.NotEqual(node.Node.BrokerPort, node.Node.BrokerTlsPort);

        foreach (var (name, wrong) in new (string?, string?)[] { (null, null), ("wl-1", "wrong"), ("wl-2", secret) })
        {
            Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, (await ConnectAsync(node, name, wrong, version)).Code);
        }

        var (device, code) = await ConnectAsync(node, "wl-1", secret, version);
        using (device)
        {
            Assert.Equal(MqttClientConnectResultCode.Success, code);
            await Embedded_broker.PublishAsync(device, "city/v1/320404002/wl-1/readings", """{"values":{"water_depth":5}}""", MqttQualityOfServiceLevel.AtLeastOnce);
            await Embedded_broker.PublishAsync(device, "city/v1/320404002/wl-2/readings", """{"values":{"water_depth":6}}""", MqttQualityOfServiceLevel.AtLeastOnce);
            await FakeCity.UntilAsync(() => city.Readings.Length == 1, "the own reading came over TLS");

            var renewed = await city.Registry.IssueAsync("wl-1");
            await FakeCity.UntilAsync(() => !device.IsConnected, "the connection under the old secret is cut");
            Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, (await ConnectAsync(node, "wl-1", secret, version)).Code);
            var (again, accepted) = await ConnectAsync(node, "wl-1", renewed, version);
            again.Dispose();
            Assert.Equal(MqttClientConnectResultCode.Success, accepted);
        }

        Assert.Equal(5, Assert.Single(city.Readings).Value);
    }

    [Fact]
    public async Task Who_does_not_finish_the_handshake_gets_nothing_and_the_device_beside_it_is_served()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        var secret = await city.Registry.IssueAsync("wl-1");
        await using var node = await Accounts.StartAsync(city, options => (options.TlsPort, options.CertificateFile) = (0, Path.Combine(folder, "broker.pem")));
        using var plain = new MqttClientFactory().CreateMqttClient();

        await Assert.ThrowsAnyAsync<Exception>(() => plain.ConnectAsync(Embedded_broker.Options(node.Node.BrokerTlsPort).WithCredentials("wl-1", secret).WithTimeout(TimeSpan.FromSeconds(3)).Build(), Cancellation));

        var (device, code) = await ConnectAsync(node, "wl-1", secret, MqttProtocolVersion.V500);
        device.Dispose();
        Assert.Equal(MqttClientConnectResultCode.Success, code);
        Assert.Equal(0, node.Metrics.Messages);
    }

    private async Task<(IMqttClient Client, MqttClientConnectResultCode Code)> ConnectAsync(TestNode node, string? name, string? secret, MqttProtocolVersion version)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var options = Embedded_broker.Options(node.Node.BrokerTlsPort).WithProtocolVersion(version)
            .WithTlsOptions(tls => tls.UseTls().WithCertificateValidationHandler(seen => seen.Certificate.GetCertHashString() == certificate.GetCertHashString()));
        if (name is not null)
        {
            options = options.WithCredentials(name, secret);
        }

        return (client, (await client.ConnectAsync(options.Build(), Cancellation)).ResultCode);
    }
}
