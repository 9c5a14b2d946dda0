using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using Orleans.Concurrency;

namespace CommandCenter.Grains.Storing;

/// <summary>Reads stored records for screens and the HTTP interface, inside the actor's scope.</summary>
[StatelessWorker]
internal sealed class RecordsGrain(
    AreaMap map, IRegistryStore registry, IWarningStore warnings, IIncidentStore incidents, IAuditStore audit) : Grain, IRecordsGrain
{
    public Task<Page<DeviceRegistration>> ListDevicesAsync(DeviceQuery query, Actor actor) =>
        registry.ListAsync(query with { Areas = Named(query.Areas) }, actor);

    public Task<Page<WarningView>> ListWarningsAsync(WarningQuery query, Actor actor) =>
        warnings.ListAsync(query with { Areas = Named(query.Areas) }, actor);

    public async Task<WarningView?> GetWarningAsync(WarningId id, Actor actor) =>
        await warnings.FindAsync(id) is { } warning && actor.MaySee(warning.Area, warning.Areas) ? warning : null;

    public async Task<ImmutableArray<WarningView>> GetWarningsAsync(ImmutableArray<WarningId> ids, Actor actor) =>
        (await warnings.FindManyAsync(ids)).RemoveAll(warning => !actor.MaySee(warning.Area, warning.Areas));

    public Task<Page<IncidentView>> ListIncidentsAsync(IncidentQuery query, Actor actor) =>
        incidents.ListAsync(query with { Areas = Named(query.Areas) }, actor);

    public Task<Page<TaskView>> ListTasksAsync(TaskQuery query, Actor actor) => incidents.ListTasksAsync(query, actor);

    public Task<TaskView?> GetTaskAsync(TaskId id, Actor actor) => incidents.FindTaskAsync(id, actor);

    public Task<Page<AuditEntry>> ListAuditAsync(int limit, string? cursor, Actor actor) => audit.ListAsync(limit, cursor, actor);

    public Task<ImmutableArray<AreaDescription>> ListAreasAsync() => Task.FromResult(map.Areas);

    public Task<VocabularyDocument> GetVocabularyAsync() => Task.FromResult(VocabularyDocument.Shipped);

    public Task<AreaId> LocateAsync(double longitude, double latitude) => Task.FromResult(map.Locate(longitude, latitude));

    /// <summary>Codes in use elsewhere become ours. Everything lies in the district, so a filter that names it filters nothing.</summary>
    private ImmutableArray<AreaId> Named(ImmutableArray<AreaId> areas)
    {
        if (areas.IsDefaultOrEmpty)
        {
            return [];
        }

        ImmutableArray<AreaId> named = [.. areas.Select(area => map.Find(area)?.Id ?? area)];
        return named.Contains(map.District.Id) ? [] : named;
    }
}
