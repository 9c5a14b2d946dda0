using IotIngest.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace IotIngest.Tests.Hosting;

public sealed class Configuration
{
    [Theory]
    [InlineData("Broker:Port", "70000")]
    [InlineData("Broker:Port", "mqtt")]
    [InlineData("Broker:Mode", "Mosquitto")]
    [InlineData("Broker:MaxPayloadBytes", "0")]
    [InlineData("Broker:Host", "not an address")]
    [InlineData("Broker:TlsPort", "8883", "Broker:CertificateFile")]
    [InlineData("Broker:Username", "device", "Broker:Password")]
    [InlineData("Ingest:TimeZone", "Mars/Olympus")]
    [InlineData("Ingest:LingerMs", "-1")]
    [InlineData("Ingest:Topics:chirpstack:0", "a/#/b")]
    [InlineData("Ingest:Topics:carrier-pigeon:0", "a/b", "Ingest:Topics:carrier-pigeon")]
    public void A_wrong_value_is_refused_in_one_line_that_names_the_key(string key, string value, string? named = null)
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Read(true, (key, value)));

        Assert.StartsWith((named ?? key) + ": ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Theory]
    [InlineData(true, "localhost", true)]
    [InlineData(true, "*", false)]
    [InlineData(false, "localhost", false)]
    public void Anonymous_access_is_the_default_only_in_development_on_loopback(bool development, string host, bool anonymous) =>
        Assert.Equal(anonymous, Read(development, ("Broker:Host", host)).Anonymous);

    [Theory]
    [InlineData(true, "*")]
    [InlineData(false, "localhost")]
    public void Anonymous_access_anywhere_else_stops_the_start(bool development, string host)
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Read(development, ("Broker:Host", host), ("Broker:Anonymous", "true")));

        Assert.StartsWith("Broker:Anonymous: ", refusal.Message, StringComparison.Ordinal);
    }

    private static BrokerOptions Read(bool development, params (string Key, string Value)[] values)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(pair => pair.Key, pair => (string?)pair.Value)).Build();
        IngestConfiguration.ReadIngest(configuration);
        return IngestConfiguration.ReadBroker(configuration, development);
    }
}
