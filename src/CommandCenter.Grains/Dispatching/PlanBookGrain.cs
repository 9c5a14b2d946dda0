using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Incidents;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Dispatching;

/// <summary>The book of plans and units. It is asked at a dispatch, never on the way of a reading.</summary>
internal sealed class PlanBookGrain(IPlanStore plans, IUnitStore units, AreaMap map, DomainClock clock) : Grain, IPlanBookGrain
{
    private readonly PlanBook book = new(plans, units, IncidentSetting.From(map));

    public override Task OnActivateAsync(CancellationToken cancellationToken) => book.LoadAsync(clock.Now);

    public Task<Outcome<string>> PutPlanAsync(PlanId id, string document, Actor actor) => book.PutPlanAsync(id, document, actor, clock.Now);

    public Task<string?> GetPlanAsync(PlanId id) => Task.FromResult(book.Find(id));

    public Task<ImmutableArray<string>> ListPlansAsync() => Task.FromResult(book.List());

    public Task<Outcome<ResponseUnit>> PutUnitAsync(ResponseUnit unit, Actor actor) => book.PutUnitAsync(unit, actor, clock.Now);

    public async Task<ResponseUnitView?> GetUnitAsync(ResponseUnitId id, Actor actor) =>
        (await book.ListUnitsAsync(actor)).FirstOrDefault(view => view.Unit.Id == id);

    public Task<ImmutableArray<ResponseUnitView>> ListUnitsAsync(Actor actor) => book.ListUnitsAsync(actor);
}
