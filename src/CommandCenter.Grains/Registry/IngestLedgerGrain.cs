using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Registry;

/// <summary>What ingest refused, over all nodes. The store keeps it; bounds are the store's.</summary>
internal sealed class IngestLedgerGrain(ILedgerStore store) : Grain, IIngestLedgerGrain
{
    private const int LimitMax = 1000;

    public async Task ReportAsync(LedgerReport report)
    {
        if (!report.Unregistered.IsDefaultOrEmpty)
        {
            // A report collects for a while: a device registered meanwhile must not come back to the list.
            var unknown = await GrainFactory.GetGrain<IRegistryGrain>(0)
                .SelectUnknownAsync([.. report.Unregistered.Select(device => new DeviceSource(device.Format, device.Key))]);
            var stays = unknown.ToHashSet();
            report = report with { Unregistered = [.. report.Unregistered.Where(device => stays.Contains(new DeviceSource(device.Format, device.Key)))] };
        }

        await store.AppendAsync(report);
    }

    public Task<RejectionList> ListRejectionsAsync(int limit, string? cursor, Actor actor) =>
        // A refused message belongs to no street, so only those see it who see the whole district.
        actor.SeesWholeDistrict ? store.ListRejectionsAsync(Math.Clamp(limit, 1, LimitMax), cursor) : Task.FromResult(new RejectionList());

    public Task<Page<UnregisteredDevice>> ListUnregisteredAsync(int limit, string? cursor, Actor actor) =>
        actor.SeesWholeDistrict ? store.ListUnregisteredAsync(Math.Clamp(limit, 1, LimitMax), cursor) : Task.FromResult(new Page<UnregisteredDevice>([], null));

    public Task<RejectionList> QueryRejectionsAsync(RejectionQuery query, Actor actor) =>
        actor.SeesWholeDistrict ? store.QueryRejectionsAsync(query with { Limit = Math.Clamp(query.Limit, 1, LimitMax) }) : Task.FromResult(new RejectionList());

    public Task<Page<KeptMessage>> LoadKeptAsync(RejectionQuery query, Actor actor) =>
        actor.SeesWholeDistrict && actor.Has(Role.System)
            ? store.LoadKeptAsync(query with { Limit = Math.Clamp(query.Limit, 1, LimitMax) })
            : Task.FromResult(new Page<KeptMessage>([], null));

    public Task SettleKeptAsync(ImmutableArray<KeptOutcome> outcomes) => store.SettleKeptAsync(outcomes);

    public Task<ImmutableArray<WrongClock>> ListWrongClocksAsync(Actor actor) =>
        actor.SeesWholeDistrict ? store.ListWrongClocksAsync(LimitMax) : Task.FromResult(ImmutableArray<WrongClock>.Empty);
}
