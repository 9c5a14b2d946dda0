using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Hosting;

/// <summary>What the ingest nodes of the cluster last said of themselves, for the walls and for <c>/metrics</c>: the nodes that run as processes of their own have no address to be asked at.</summary>
internal sealed class IngestWatch : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly IClusterClient cluster;
    private readonly IHostApplicationLifetime lifetime;
    private readonly TimeProvider machine;
    private readonly DomainClock clock;
    private readonly Meter meter = new("CommandCenter.IngestNodes");
    private ImmutableArray<IngestNodeHealth> nodes = [];

    public IngestWatch(IClusterClient cluster, IHostApplicationLifetime lifetime, TimeProvider machine, DomainClock clock)
    {
        (this.cluster, this.lifetime, this.machine, this.clock) = (cluster, lifetime, machine, clock);
        meter.CreateObservableGauge("ingest_node.ready", () => Measure(node => node.Ready ? 1 : 0), description: "1: the node takes messages.");
        meter.CreateObservableGauge("ingest_node.age", () => Measure(node => (clock.Now - node.At).TotalSeconds), "s", "Since the node's last word.");
        meter.CreateObservableCounter("ingest_node.messages", () => Measure(node => node.Messages), description: "Messages taken.");
        meter.CreateObservableCounter("ingest_node.delivered", () => Measure(node => node.Delivered), description: "Readings and events that street and history have taken.");
        meter.CreateObservableCounter("ingest_node.refused", () => Measure(node => node.Refused), description: "Refused messages and values.");
        meter.CreateObservableCounter("ingest_node.coalesced", () => Measure(node => node.Coalesced), description: "QoS 0 readings replaced by a later one while a queue was full.");
        meter.CreateObservableGauge("ingest_node.queue_depth", () => Measure(node => node.QueueDepth), description: "Readings and events that wait for delivery.");
        meter.CreateObservableGauge("ingest_node.journal_lag", () => Measure(node => node.JournalLagMs), "ms", "Age of the oldest message that waits for its commit.");
        meter.CreateObservableGauge("ingest_node.journal_bytes", () => Measure(node => node.JournalBytes), "By", "Bytes in the journal that are not delivered.");
        meter.CreateObservableGauge("ingest_node.free_disk", () => Measure(node => node.FreeDiskBytes ?? -1), "By", "Free on the journal's disk; -1: not known.");
    }

    /// <summary>The last word of each node, by name; empty before the first.</summary>
    public ImmutableArray<IngestNodeHealth> Nodes => nodes;

    public override void Dispose()
    {
        meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.WaitForStartedAsync(stoppingToken);
        using var timer = new PeriodicTimer(Every, machine);
        do
        {
            try
            {
                nodes = await cluster.GetGrain<IIngestHealthGrain>(0).ListAsync().WaitAsync(Every, machine, stoppingToken);
            }
            catch (Exception failure) when (failure is TimeoutException or Orleans.Runtime.OrleansException)
            {
                // What is shown grows old, and says so.
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private IEnumerable<Measurement<double>> Measure(Func<IngestNodeHealth, double> value) =>
        nodes.Select(node => new Measurement<double>(value(node), new KeyValuePair<string, object?>("node", node.Node)));
}
