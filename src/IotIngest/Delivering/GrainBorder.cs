using CommandCenter.Grains.Contracts;

namespace IotIngest.Delivering;

/// <summary>The grains that ingest calls. The only border to the cluster, so that a test needs no silo.</summary>
/// <param name="Refer">Makes the reference under which the registry can call this node.</param>
/// <param name="Health">Null: nobody is told how the node is.</param>
internal sealed record GrainBorder(
    Func<AreaId, IStreetGrain> Street,
    Func<IReadingHistoryGrain> History,
    Func<IIngestLedgerGrain> Ledger,
    Func<IRegistryGrain> Registry,
    Func<IRegistryObserver, IRegistryObserver> Refer,
    Func<IIngestHealthGrain>? Health = null)
{
    public static GrainBorder Of(IGrainFactory grains) => new(
        street => grains.GetGrain<IStreetGrain>(street.Value),
        () => grains.GetGrain<IReadingHistoryGrain>(0),
        () => grains.GetGrain<IIngestLedgerGrain>(0),
        () => grains.GetGrain<IRegistryGrain>(0),
        grains.CreateObjectReference<IRegistryObserver>,
        () => grains.GetGrain<IIngestHealthGrain>(0));
}
