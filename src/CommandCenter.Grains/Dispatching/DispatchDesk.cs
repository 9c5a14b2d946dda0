using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Dispatching;

/// <summary>Brings together what a dispatch needs (plans, units, cameras) and hands it to the pure part.</summary>
/// <param name="listPlans">The newest documents of the plan book.</param>
internal sealed class DispatchDesk(IUnitStore units, IRegistryStore registry, DispatchingOptions options, Func<Task<ImmutableArray<string>>> listPlans)
{
    private const int PageLimit = 1_000;

    public async Task<Outcome<DispatchPreview>> PreviewAsync(IncidentDesk desk, PlanId? plan, DateTimeOffset now)
    {
        if (desk.State is not { } state)
        {
            return Outcome.Refused<DispatchPreview>(Refusal.NotFound);
        }

        var cameras = state.View is { Longitude: not null, Latitude: not null } ? await CamerasAsync() : [];
        return DispatchDeciding.Preview(state, plan, await PlansAsync(), await RosterAsync(desk.Setting), cameras, now);
    }

    public async Task<Outcome<DispatchAnswer>> DispatchAsync(IncidentDesk desk, DispatchOrder order, Actor actor, DateTimeOffset now)
    {
        var plans = await PlansAsync();
        // Who is free is asked anew at each attempt: another incident may have taken a unit in between.
        var committed = await desk.CommitAsync(
            async state => state is null ? Decision.Refused(Refusal.NotFound) : DispatchDeciding.Dispatch(state, order, plans, await RosterAsync(desk.Setting), actor, now),
            actor, now, "incident.dispatch");
        if (committed.Value is not { } after)
        {
            return new Outcome<DispatchAnswer> { Refusal = committed.Refusal, Detail = committed.Detail, Errors = committed.Errors };
        }

        var memo = Find(after, order);
        return Outcome.Of(
            new DispatchAnswer(memo.Id, after.View.Id, committed.Repeated, [.. after.View.Tasks.Where(task => memo.Tasks.Contains(task.Id))], memo.Notices),
            committed.Repeated);
    }

    public async Task<Outcome<TaskView>> OrderAsync(IncidentDesk desk, FreeOrder order, Actor actor, DateTimeOffset now)
    {
        var committed = await desk.CommitAsync(
            async state => state is null ? Decision.Refused(Refusal.NotFound) : DispatchDeciding.Order(state, order, await RosterAsync(desk.Setting), actor, now),
            actor, now, "incident.order");
        if (committed.Value is not { } after)
        {
            return new Outcome<TaskView> { Refusal = committed.Refusal, Detail = committed.Detail, Errors = committed.Errors };
        }

        var keyHash = DispatchDeciding.KeyHash(order.IdempotencyKey);
        var memo = (keyHash is null ? null : after.Dispatches.FirstOrDefault(same => same.KeyHash == keyHash)) ?? after.Dispatches[^1];
        return Outcome.Of(after.FindTask(memo.Tasks[0])!, committed.Repeated);
    }

    /// <summary>The order that a plan gives by itself at this colour; null when none does or the work is in hand.</summary>
    public async Task<DispatchOrder?> AutomaticOrderAsync(IncidentDesk desk)
    {
        if (!options.AutomaticDispatch || desk.State is not { } state || state.View.State != IncidentState.Filed || state.View.Suspended || !state.View.IsOpen || state.Dispatches.Length > 0)
        {
            return null;
        }

        var match = PlanMatching.Match(state, await PlansAsync()).FirstOrDefault();
        return match is null || match.Plan.ConfirmFor(state.View.Colour) != Confirmation.Auto
            ? null
            : new DispatchOrder
            {
                Plan = match.Plan.Id,
                PlanVersion = match.Plan.Version,
                ResponseLevel = match.Plan.LevelFor(state.View.Colour),
                Reason = $"预案 {match.Plan.Id} 对{(state.View.Colour is { } colour ? Words.Of(colour) : string.Empty)}色预警自动下发。",
            };
    }

    private static DispatchMemo Find(Incident state, DispatchOrder order)
    {
        var keyHash = DispatchDeciding.KeyHash(order.IdempotencyKey);
        return (keyHash is null ? null : state.Dispatches.FirstOrDefault(known => known.KeyHash == keyHash))
            ?? state.Dispatches.LastOrDefault(known => known.Plan == order.Plan && known.ResponseLevel == order.ResponseLevel)
            ?? state.Dispatches.LastOrDefault(known => known.Plan == order.Plan)
            ?? new DispatchMemo(new DispatchId($"{state.View.Id}-nothing"), order.Plan, order.PlanVersion, order.ResponseLevel, state.Round, null, string.Empty, [], 0);
    }

    private async Task<ImmutableArray<Plan>> PlansAsync() => [.. (await listPlans()).Select(PlanDocuments.ParseStored)];

    private async Task<UnitRoster> RosterAsync(IncidentSetting setting) =>
        new(await units.LoadAllAsync(), await units.LoadBindingTasksAsync(), setting.District);

    private async Task<ImmutableArray<DeviceRegistration>> CamerasAsync()
    {
        var cameras = ImmutableArray.CreateBuilder<DeviceRegistration>();
        string? cursor = null;
        do
        {
            var page = await registry.ListAsync(new DeviceQuery { Kinds = ["camera"], Limit = PageLimit, Cursor = cursor }, Actor.System);
            cameras.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null && cameras.Count < options.CamerasMax);
        return cameras.ToImmutable();
    }
}
