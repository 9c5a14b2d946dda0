using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Dispatching;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Incidents;

/// <summary>The shell of one incident: scope, decide, commit, show. Its street is told outside the turn, because the street may be waiting for this very turn to end.</summary>
internal sealed partial class IncidentGrain : Grain, IIncidentGrain, IIncidentOpening
{
    private const string MergeUnderway = "事件正在并案,请稍后重试。";

    private static readonly TimeSpan ShowRetryInterval = TimeSpan.FromSeconds(1);

    private readonly IncidentDesk desk;
    private readonly DispatchDesk dispatching;
    private readonly IIncidentStore store;
    private readonly DomainClock clock;
    private readonly ILogger<IncidentGrain> logger;

    /// <summary>The newest version told of each of its warnings: what changed nothing is not in the log, and what is older still must not come after it.</summary>
    private readonly Dictionary<WarningId, long> noted = [];
    private IGrainTimer? showing;
    private long shownVersion;

    /// <summary>It is on its way into another incident, and takes no third one meanwhile.</summary>
    private bool merging;
    private int absorbing;

    public IncidentGrain(
        IIncidentStore store, IUnitStore units, IRegistryStore registry, AreaMap map, DomainClock clock,
        IOptions<IncidentsOptions> options, IOptions<DispatchingOptions> dispatchOptions, ILogger<IncidentGrain> logger)
    {
        desk = new IncidentDesk(new IncidentId(this.GetPrimaryKeyString()), store, IncidentSetting.From(map), options.Value);
        dispatching = new DispatchDesk(units, registry, dispatchOptions.Value, () => GrainFactory.GetGrain<IPlanBookGrain>(0).ListPlansAsync());
        this.store = store;
        this.clock = clock;
        this.logger = logger;
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        showing = this.RegisterGrainTimer(ShowAsync, new GrainTimerCreationOptions
        {
            DueTime = Timeout.InfiniteTimeSpan, Period = ShowRetryInterval, Interleave = true, KeepAlive = true,
        });
        await desk.LoadAsync(cancellationToken);
        Changed();
        if (desk.State is { SplitOff.Count: > 0 })
        {
            // A stop between the split and the opening of what it made is mended here; what is open already answers so.
            await OpenSplitsAsync(Actor.System);
        }
    }

    public Task<IncidentView?> GetAsync(Actor actor) => Task.FromResult(MaySee(actor) ? desk.ViewWithTimeline : null);

    public async Task<Outcome<IncidentView>> ExecuteAsync(IncidentCommand command, Actor actor)
    {
        var now = clock.Now;
        if (!MaySee(actor))
        {
            return Outcome.Refused<IncidentView>(Refusal.NotFound);
        }

        if (command is not MergeIncident merge)
        {
            return await CommitAsync(command, actor, now);
        }

        if (absorbing > 0)
        {
            return Outcome.Refused<IncidentView>(Refusal.Unavailable, MergeUnderway);
        }

        merging = true;
        try
        {
            // The other takes the sources first: were this one to stop in between, asking again finds them there and goes on.
            var trial = IncidentLife.Decide(desk.State!, command, actor, now, desk.Setting);
            if (trial.Refusal is not null)
            {
                return trial.ToRefusal<IncidentView>();
            }

            var absorbed = await GrainFactory.GetGrain<IIncidentOpening>(merge.Into.Value).AbsorbAsync(desk.Id, actor);
            return absorbed.Succeeded ? await CommitAsync(command, actor, now) : absorbed;
        }
        finally
        {
            merging = false;
        }
    }

    private async Task<Outcome<IncidentView>> CommitAsync(IncidentCommand command, Actor actor, DateTimeOffset now)
    {
        var committed = await desk.CommitAsync(
            state => state is null ? Decision.Refused(Refusal.NotFound) : IncidentLife.Decide(state, command, actor, now, desk.Setting),
            actor, now, $"incident.{command.GetType().Name}");
        if (committed.Succeeded && command is SplitIncident && desk.State!.SplitOff.Count > 0)
        {
            await OpenSplitsAsync(actor);
        }

        return Answer(committed);
    }

    public async Task<Outcome<DispatchPreview>> PreviewAsync(PlanId? plan, Actor actor) => MaySee(actor)
        ? await dispatching.PreviewAsync(desk, plan, clock.Now)
        : Outcome.Refused<DispatchPreview>(Refusal.NotFound);

    public async Task<Outcome<DispatchAnswer>> DispatchAsync(DispatchOrder order, Actor actor)
    {
        if (!MaySee(actor))
        {
            return Outcome.Refused<DispatchAnswer>(Refusal.NotFound);
        }

        var answer = await dispatching.DispatchAsync(desk, order, actor, clock.Now);
        Changed();
        return answer;
    }

    public async Task<Outcome<TaskView>> OrderAsync(FreeOrder order, Actor actor)
    {
        if (!MaySee(actor))
        {
            return Outcome.Refused<TaskView>(Refusal.NotFound);
        }

        var answer = await dispatching.OrderAsync(desk, order, actor, clock.Now);
        Changed();
        return answer;
    }

    public async Task<Outcome<TaskView>> ActAsync(TaskId task, TaskCommand command, Actor actor)
    {
        var now = clock.Now;
        if (!MaySee(actor))
        {
            return Outcome.Refused<TaskView>(Refusal.NotFound);
        }

        var committed = await desk.CommitAsync(
            state => state is null ? Decision.Refused(Refusal.NotFound) : IncidentLife.Decide(state, task, command, actor), actor, now, $"task.{command.GetType().Name}");
        Changed();
        return committed.Value is { } after
            ? Outcome.Of(after.FindTask(task)!, committed.Repeated)
            : new Outcome<TaskView> { Refusal = committed.Refusal, Detail = committed.Detail, Errors = committed.Errors };
    }

    public Task NoteWarningAsync(WarningView warning) => NoteWarningsAsync([warning]);

    public async Task NoteWarningsAsync(ImmutableArray<WarningView> warnings)
    {
        if (desk.State is not { } state)
        {
            return;
        }

        if (state.View.MergedInto is { } into)
        {
            await GrainFactory.GetGrain<IIncidentGrain>(into.Value).NoteWarningsAsync(warnings);
            return;
        }

        foreach (var other in warnings.Where(warning => state.SplitOff.ContainsKey(warning.Id.Value)).GroupBy(warning => state.SplitOff[warning.Id.Value]))
        {
            await GrainFactory.GetGrain<IIncidentGrain>(other.Key.Value).NoteWarningsAsync([.. other]);
        }

        // The last of each warning, and none that is older than one that was nothing new.
        var own = warnings.Where(warning => !state.SplitOff.ContainsKey(warning.Id.Value) && warning.Version > noted.GetValueOrDefault(warning.Id))
            .GroupBy(warning => warning.Id).Select(same => same.MaxBy(warning => warning.Version)!).ToArray();
        if (own.Length > 0)
        {
            var facts = own.Select(warning => IncidentSources.FactOf(warning, desk.Setting)).ToImmutableArray();
            MustBeStored(await desk.CommitAsync(known => known is null ? Decision.AlreadySo : IncidentLife.DecideWarnings(known, facts), Actor.System, clock.Now, "incident.note_warning"));
            foreach (var warning in own.Where(warning => desk.State!.Warnings.Any(known => known.Id == warning.Id)))
            {
                noted[warning.Id] = warning.Version;
            }
        }

        await DispatchByPlanAsync();
        Changed();
    }

    public async Task FireClockAsync(string clock, DateTimeOffset dueAt)
    {
        var now = this.clock.Now;
        MustBeStored(await desk.CommitAsync(state => state is null ? Decision.AlreadySo : IncidentLife.DecideClock(state, clock, dueAt, now), Actor.System, now, "incident.clock", firing: clock));
        if (clock == "dispatch")
        {
            await DispatchByPlanAsync();
        }

        Changed();
    }

    public async Task NoteReceiptAsync(TaskId task, Receipt receipt)
    {
        MustBeStored(await desk.CommitAsync(state => state is null ? Decision.AlreadySo : IncidentLife.DecideReceipt(state, task, receipt), Actor.System, clock.Now, "task.receipt"));
        Changed();
    }

    public async Task<Outcome<IncidentView>> OpenAsync(IncidentSource source, Actor actor)
    {
        var now = clock.Now;
        var committed = await desk.CommitAsync(
            state => state is null ? IncidentSources.DecideOpen(desk.Id, source, now, desk.Setting) : Decision.AlreadySo, actor, now, "incident.open", source.Drill);
        if (committed.Succeeded)
        {
            await DispatchByPlanAsync();
        }

        return Answer(committed);
    }

    public async Task<Outcome<IncidentView>> JoinAsync(IncidentSource source, Actor actor)
    {
        var now = clock.Now;
        var committed = await desk.CommitAsync(
            state => state is null ? Decision.Refused(Refusal.NotInThisPhase) : IncidentSources.DecideJoin(state, source, now, desk.Setting), actor, now, "incident.join");
        if (committed.Succeeded && source.Report is null)
        {
            await DispatchByPlanAsync();
        }

        return Answer(committed);
    }

    public async Task<Outcome<IncidentView>> AbsorbAsync(IncidentId other, Actor actor)
    {
        if (!MaySee(actor))
        {
            return Outcome.Invalid<IncidentView>("into", "没有这个事件。");
        }

        if (merging)
        {
            // Two that go into each other would end as two that have both gone away.
            return Outcome.Refused<IncidentView>(Refusal.Unavailable, MergeUnderway);
        }

        absorbing++;
        try
        {
            if (IncidentLife.Replay(EventLog.Decode(other, await store.LoadEventsAsync(other))) is not { } from)
            {
                return Outcome.Refused<IncidentView>(Refusal.NotFound);
            }

            var committed = await desk.CommitAsync(
                state => state is null ? Decision.Refused(Refusal.NotFound)
                    : from.View.Drill != state.View.Drill ? Decision.Invalid("into", "演练与实战事件不能合并。")
                    : IncidentLife.DecideAbsorb(state, from),
                actor, clock.Now, "incident.absorb");
            return Answer(committed);
        }
        finally
        {
            absorbing--;
        }
    }

    public async Task<Outcome<IncidentView>> OpenSplitAsync(IncidentId from, Actor actor)
    {
        if (desk.State is not null)
        {
            return Outcome.Of(desk.State.View, repeated: true);
        }

        var now = clock.Now;
        var events = EventLog.Decode(from, await store.LoadEventsAsync(from));
        var before = events.TakeWhile(stamped => stamped.Event is not IncidentSplit split || split.To != desk.Id).ToImmutableArray();
        if (before.Length == events.Length || IncidentLife.Replay(before) is not { } origin)
        {
            return Outcome.Refused<IncidentView>(Refusal.NotFound);
        }

        var taken = (IncidentSplit)events[before.Length].Event;
        var number = IncidentIds.Number(IncidentIds.DayOf(now), await store.NextNumberAsync(IncidentIds.DayOf(now), origin.View.Drill), origin.View.Drill);
        var committed = await desk.CommitAsync(
            state => state is null
                ? IncidentSources.DecideSplit(
                    desk.Id, number, origin,
                    [.. origin.Reports.Where(report => taken.Reports.Contains(report.Id))], [.. origin.Warnings.Where(warning => taken.Warnings.Contains(warning.Id))])
                : Decision.AlreadySo,
            actor, now, "incident.open_split", origin.View.Drill);
        return Answer(committed);
    }

    private async Task OpenSplitsAsync(Actor actor)
    {
        foreach (var to in desk.State!.SplitOff.Values.Distinct())
        {
            await GrainFactory.GetGrain<IIncidentOpening>(to.Value).OpenSplitAsync(desk.Id, actor);
        }
    }

    /// <summary>Who cannot read an outcome learns by the exception that nothing was stored, and tries again.</summary>
    private void MustBeStored(Outcome<Incident> committed)
    {
        if (committed.Refusal == Refusal.Unavailable)
        {
            throw new InvalidOperationException($"Incident {desk.Id} could not store what happened, because other writers were faster each time.");
        }
    }

    private Outcome<IncidentView> Answer(Outcome<Incident> committed)
    {
        Changed();
        return committed.Succeeded
            ? Outcome.Of(desk.ViewWithTimeline, committed.Repeated)
            : new Outcome<IncidentView> { Refusal = committed.Refusal, Detail = committed.Detail, Errors = committed.Errors };
    }

    /// <summary>In scope by place or by who answers for it; a unit also sees the incident that it was sent to.</summary>
    private bool MaySee(Actor actor) => desk.State is { } state
        && (actor.MaySee(state.View.Area, state.View.Areas.Add(state.View.Owner)) || state.View.Tasks.Any(task => actor.Units.Contains(task.Unit.Id)));

    /// <summary>Issues what a plan issues by itself. A failure leaves the incident waiting for a click; its dispatch clock tries once more.</summary>
    private async Task DispatchByPlanAsync()
    {
        try
        {
            if (await dispatching.AutomaticOrderAsync(desk) is { } order)
            {
                var answer = await dispatching.DispatchAsync(desk, order, Actor.System, clock.Now);
                if (answer.Refusal is { } refusal)
                {
                    LogAutomaticRefused(logger, desk.Id, order.Plan, refusal, answer.Detail);
                }
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogAutomaticFailed(logger, desk.Id, failure);
        }
    }

    private void Changed()
    {
        if (desk.State is { } state && state.View.Version != shownVersion)
        {
            showing?.Change(TimeSpan.Zero, ShowRetryInterval);
        }
    }

    /// <summary>Shows the newest version on the street's picture; the timer calls again each second until the street has taken it.</summary>
    private async Task ShowAsync(CancellationToken cancellation)
    {
        if (desk.State is not { } state)
        {
            return;
        }

        try
        {
            await GrainFactory.GetGrain<IStreetGrain>(state.View.Area.Value).ShowIncidentAsync(state.View);
            shownVersion = state.View.Version;
            if (desk.State?.View.Version == shownVersion)
            {
                showing?.Change(Timeout.InfiniteTimeSpan, ShowRetryInterval);
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogShowFailed(logger, desk.Id, state.View.Area, failure);
        }
    }
}
