using IotIngest.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace IotIngest.Tests.Hosting;

public sealed class Metrics_endpoint
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_of_its_own_shows_its_counts_and_whether_it_is_ready()
    {
        await using var node = await TestNode.StartAsync(new FakeCity(FakeCity.Device("wl-1")));
        var ready = false;
        await using var endpoint = new MetricsEndpoint(0, () => Volatile.Read(ref ready), NullLoggerFactory.Instance);
        await endpoint.StartAsync(Cancellation);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{endpoint.Port}") };

        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, (await http.GetAsync("healthz/ready", Cancellation)).StatusCode);
        Volatile.Write(ref ready, true);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await http.GetAsync("healthz/ready", Cancellation)).StatusCode);
        await node.Pipeline.AcceptAsync("canonical", "city/v1/320404002/wl-1/readings", """{"values":{"water_depth":1}}"""u8.ToArray(), Cancellation);
        var text = await http.GetStringAsync("metrics", Cancellation);
        await endpoint.StopAsync(Cancellation);

        foreach (var name in new[] { "ingest_messages_total", "ingest_readings_total", "ingest_delivered_total", "ingest_queue_depth", "ingest_journal_lag_milliseconds", "ingest_history_owed" })
        {
            Assert.Contains(name, text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("0", 0)]
    [InlineData("9464", 9464)]
    public void The_port_is_read_from_the_configuration(string? text, int? port) => Assert.Equal(port, IngestConfiguration.ReadMetricsPort(Of(text)));

    [Theory]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("yes")]
    public void A_wrong_port_is_refused_by_name(string text) =>
        Assert.Contains("Metrics:Port", Assert.Throws<OptionsValidationException>(() => IngestConfiguration.ReadMetricsPort(Of(text))).Message, StringComparison.Ordinal);

    private static IConfiguration Of(string? port) => new ConfigurationBuilder().AddInMemoryCollection([new("Metrics:Port", port)]).Build();
}
