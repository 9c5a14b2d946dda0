using System.Diagnostics.Metrics;
using System.Text;

namespace IotIngest.Tests.Hosting;

public sealed class Health
{
    [Fact]
    public async Task A_node_says_how_much_passed_what_was_refused_and_how_old_it_was()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city);
        node.Node.LookAtHealth();
        foreach (var text in new[] { """{"values":{"water_depth":1}}""", """{"values":{"water_depth":1e9}}""", "{" })
        {
            await node.Pipeline.AcceptAsync("canonical", "city/v1/320404002/wl-1/readings", Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);
        }

        await FakeCity.UntilAsync(() => node.Metrics.Delivered == 1, "the good one is delivered");
        var health = node.Node.LookAtHealth();

        Assert.Equal((true, 3, 1, 2, 0), (health.Ready, health.Messages, health.Delivered, health.Refused, health.QueueDepth));
        Assert.True(health is { MessagesPerSecond: > 0, RefusedPerSecond: > 0, FreeDiskBytes: > 0, Trouble: null });
        Assert.True(health.CommitAgeMs > 0 && health.StreetAgeMs >= 0 && health.HistoryAgeMs >= 0);
        Assert.Null(node.Node.LookAtHealth().StreetAgeMs);
    }

    [Fact]
    public async Task Every_figure_that_the_metrics_promise_can_be_collected()
    {
        var city = new FakeCity(FakeCity.Device("wl-1"));
        await using var node = await TestNode.StartAsync(city);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener { InstrumentPublished = (instrument, self) => { if (instrument.Meter.Name == "IotIngest") { self.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => seen.Add(instrument.Name));
        listener.SetMeasurementEventCallback<int>((instrument, _, _, _) => seen.Add(instrument.Name));
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => seen.Add(instrument.Name));
        listener.Start();
        await node.Pipeline.AcceptAsync("canonical", "city/v1/320404002/wl-1/readings", """{"values":{"water_depth":1}}"""u8.ToArray(), TestContext.Current.CancellationToken);
        await FakeCity.UntilAsync(() => node.Metrics.Delivered == 1, "the reading is delivered");
        listener.RecordObservableInstruments();

        Assert.Superset(
            new HashSet<string>
            {
                "ingest.messages", "ingest.delivered", "ingest.rejected", "ingest.coalesced", "ingest.queue_depth", "ingest.age", "ingest.journal_lag", "ingest.journal_bytes", "ingest.free_disk",
                "ingest.late", "ingest.ahead", "ingest.connections",
            },
            seen);
    }
}
