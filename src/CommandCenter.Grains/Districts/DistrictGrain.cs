using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Pushing;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Storing;
using CommandCenter.Grains.Streets;
using CommandCenter.Grains.Warnings;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Districts;

/// <summary>The streets rolled up, and the rules over several of them. A street that falls silent keeps the time of its own last heartbeat, so its age shows.</summary>
internal sealed partial class DistrictGrain : Grain, IDistrictGrain, IDistrictJudging, IDistrictSettling
{
    private readonly AreaId _area;
    private readonly IRuleStore _rules;
    private readonly IWarningStore _warnings;
    private readonly ISnapshotStore _snapshots;
    private readonly IMaintenanceStore _maintenance;
    private readonly DomainClock _clock;
    private readonly DistrictsOptions _options;
    private readonly WarningsOptions _warningOptions;
    private readonly ILogger<DistrictGrain> _logger;
    private readonly DistrictJudgement _judgement;
    private readonly DistrictPicture _picture;
    private readonly AreaPublisher _publisher;
    private IGrainTimer? _frameTimer;
    private long _tickedAt = long.MinValue;

    public DistrictGrain(
        AreaMap areas, IRuleStore rules, IWarningStore warnings, ISnapshotStore snapshots, IMaintenanceStore maintenance, DomainClock clock, IOptions<DistrictsOptions> options,
        IOptions<WarningsOptions> warningOptions, IOptions<PushingOptions> pushing, ILogger<DistrictGrain> logger)
    {
        _area = new(this.GetPrimaryKeyString());
        _rules = rules;
        _warnings = warnings;
        _snapshots = snapshots;
        _maintenance = maintenance;
        _clock = clock;
        _options = options.Value;
        _warningOptions = warningOptions.Value;
        _logger = logger;
        _judgement = new(_area, areas.Areas, new(warningOptions.Value), options.Value, TimeProvider.System.GetUtcNow());
        _judgement.Inhibitor.AwaitForeign();
        _seats = new(_area, areas.Areas.Where(area => area.Kind == AreaKind.Overlay).Select(area => area.Id), warningOptions.Value, clock.Speed);
        AreaName = areas.District.Name.Zh;
        _picture = new(clock, areas.Streets.Select(street => street.Id), _judgement.Warnings);
        _publisher = new(_area, Epochs.Next(), _picture, TimeProvider.System, pushing.Value, new FramePumps(pushing.Value.FramesWaitingMax).Send);
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await RebuildAsync(cancellationToken);
        await RestoreSeatsAsync(cancellationToken);
        _frameTimer = this.RegisterGrainTimer(ShowDueAsync, new GrainTimerCreationOptions { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan });
    }

    public Task ReportAsync(StreetSummary summary)
    {
        _picture.Take(summary.Situation);
        _seats.Take(summary.Situation.Area, summary.Seats);
        WatchSeats();
        Offer();
        return Task.CompletedTask;
    }

    public async Task<AreaReportTaken> ReportConditionsAsync(AreaReport report)
    {
        var now = _clock.Now;
        var machine = TimeProvider.System.GetUtcNow();
        var taken = _judgement.Take(report, machine);
        _judgement.Advance(now, machine);
        await CompleteTurnAsync();

        // Read after judging: what began just now holds back at once.
        return taken with { Causes = _judgement.CausesBeside(report.Street), CausesKnown = _judgement.HasBegun };
    }

    public async Task TickAsync()
    {
        // Every silo ticks the district; one tick a second is enough.
        if (_tickedAt != long.MinValue && TimeProvider.System.GetElapsedTime(_tickedAt) < TimeSpan.FromMilliseconds(500))
        {
            return;
        }

        _tickedAt = TimeProvider.System.GetTimestamp();
        _judgement.Advance(_clock.Now, TimeProvider.System.GetUtcNow());
        WatchSeats();
        _handOverDue = true;
        try
        {
            await CompleteTurnAsync();
            TakeSnapshotWhenDue();
        }
        finally
        {
            // A store that fails must not make the wall grey.
            _publisher.Heartbeat();
        }
    }

    public async Task ApplyMaintenanceAsync()
    {
        await LoadWindowsAsync(_clock.Now);
        _judgement.Advance(_clock.Now, TimeProvider.System.GetUtcNow());
        await CompleteTurnAsync();
    }

    public async Task ApplyRulesAsync()
    {
        await LoadRulesAsync(_clock.Now);
        await CompleteTurnAsync();
    }

    public async Task<WarningView?> GetWarningAsync(WarningId id, Actor actor)
    {
        var warning = _judgement.Warnings.Find(id) ?? await _warnings.FindAsync(id);
        return warning is not null && actor.MaySee(warning.Area, warning.Areas) ? warning : null;
    }

    public async Task<Outcome<WarningView>> ExecuteAsync(WarningId id, WarningCommand command, Actor actor)
    {
        var now = _clock.Now;
        _judgement.Advance(now, TimeProvider.System.GetUtcNow());
        var warning = _judgement.Warnings.Find(id) ?? await _warnings.FindAsync(id);
        if (warning is null || warning.Area != _area)
        {
            return Outcome.Refused<WarningView>(Refusal.NotFound);
        }

        var outcome = WarningDeciding.Execute(warning, command, actor, now, _warningOptions);
        if (outcome is { Succeeded: true, Repeated: false, Value: { } after })
        {
            _judgement.Warnings.Change(after);
            _judgement.Warnings.Settle(now);
            _audit.Add(WarningAudit.Row(after, command, actor, now));
        }

        await CompleteTurnAsync();
        return outcome;
    }

    public Task<SituationView> GetSituationAsync() =>
        Task.FromResult(SituationView.From(_area, _publisher.Epoch, _publisher.Seq, _picture.Now, _picture.Counts()));

    public Task<ImmutableArray<AreaSnapshotPart>> SubscribeAsync(IAreaObserver observer, string? knownEpoch, long knownSeq) =>
        Task.FromResult(_publisher.Subscribe(observer, knownEpoch, knownSeq));

    public Task SettleAsync()
    {
        _handOverDue = true;
        return CompleteTurnAsync();
    }

    private void Offer()
    {
        if (_publisher.Offer(_picture.HasUrgent) is { } due)
        {
            _frameTimer?.Change(due < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : due, Timeout.InfiniteTimeSpan);
        }
    }

    private Task ShowDueAsync(CancellationToken cancellation)
    {
        Offer();
        return Task.CompletedTask;
    }
}
