using System.Collections.Concurrent;
using CommandCenter.Grains.Contracts;
using IotIngest.Delivering;
using IotIngest.Hosting;
using IotIngest.Routing;
using Microsoft.Extensions.Logging;

namespace IotIngest.Batching;

/// <summary>The lanes of all streets, each with its own delivery, made when the first device of a street speaks.</summary>
internal sealed class StreetLanes
{
    private readonly ConcurrentDictionary<AreaId, Lazy<(StreetLane Lane, StreetDelivery Delivery)>> lanes = new();
    private readonly Func<AreaId, (StreetLane, StreetDelivery)> make;
    private readonly int historyBytesMax;

    public StreetLanes(GrainBorder grains, BatchNumbers numbers, IngestOptions options, IngestMetrics metrics, DomainClock clock, TimeProvider timers, ILogger<StreetDelivery> log)
    {
        historyBytesMax = options.HistoryBytesMax;
        make = street =>
        {
            var lane = new StreetLane(street, options, metrics);
            var delivery = new StreetDelivery(lane, grains, numbers, Postponed, options, metrics, clock, timers, log);
            delivery.Start();
            return (lane, delivery);
        };
        metrics.HistoryBytes = () => lanes.Values.Sum(entry => entry.Value.Delivery.HistoryBytes);
        metrics.HistoryOwed = () => Postponed.ItemCount;
        metrics.QueueDepth = () => lanes.Values.Sum(entry => (long)entry.Value.Lane.Depth);
    }

    /// <summary>What history must still get from the journal.</summary>
    public Postponed Postponed { get; } = new();

    /// <summary>Little waits for history in memory.</summary>
    public bool HistoryKeepsUp => lanes.Values.All(entry => entry.Value.Delivery.HistoryBytes <= historyBytesMax / 4);

    public StreetLane Of(DeviceEntry device) => device.Lane ??= Of(device.Street);

    public StreetLane Of(AreaId street) => lanes.GetOrAdd(street, key => new(() => make(key))).Value.Lane;

    /// <summary>Delivers what waits, then ends; what cannot be delivered before the deadline stays in the journal or with the external broker.</summary>
    public async Task StopAsync(CancellationToken deadline)
    {
        await Task.WhenAll(lanes.Values.Select(entry => entry.Value.Delivery.StopAsync(deadline))).ConfigureAwait(false);
        foreach (var entry in lanes.Values)
        {
            entry.Value.Delivery.Dispose();
        }
    }
}
