using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Pushing;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Storing;
using CommandCenter.Grains.Warnings;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace CommandCenter.Grains.Streets;

/// <summary>The street's own call to itself: a turn of its own for what finished outside its turns.</summary>
[Alias("IStreetSettling")]
internal interface IStreetSettling : IGrainWithStringKey
{
    [Alias("Settle"), OneWay]
    Task SettleAsync();
}

/// <summary>The live state of one street: a thin shell around <see cref="StreetJudgement"/>. In each turn: apply → store what changed → hand over → show.</summary>
internal sealed partial class StreetGrain : Grain, IStreetGrain, IStreetSettling, IStreetShadowing
{
    private readonly IRegistryStore _registry;
    private readonly IRuleStore _rules;
    private readonly IWarningStore _warnings;
    private readonly ISnapshotStore _snapshots;
    private readonly IIncidentStore _incidents;
    private readonly IMaintenanceStore _maintenance;
    private readonly IQualityStore _quality;
    private readonly IRuleBookStore _book;
    private readonly DomainClock _clock;
    private readonly StreetsOptions _options;
    private readonly WarningsOptions _warningOptions;
    private readonly ILogger<StreetGrain> _logger;
    private readonly AreaId _area;
    private readonly string _district;
    private readonly StreetJudgement _judgement;
    private readonly StreetShadows _shadows;
    private readonly StreetPicture _picture;
    private readonly SeatWatch _seat;
    private readonly AreaPublisher _publisher;
    private readonly List<AuditRow> _audit = [];

    // Consequences on their way into the incident of their cause; links that have come back from the incident room.
    private readonly HashSet<WarningId> _underway = [];
    private readonly HashSet<(WarningId Warning, IncidentId Incident)> _linked = [];

    // Open warnings of the store while the street rebuilds itself; null afterwards. Not null from the start: a street that never came up stores nothing.
    private HashSet<WarningId>? _rebuilding = [];

    // Rules whose stored document this program cannot read: their standing warnings are left as they are.
    private ImmutableHashSet<RuleId> _unreadable = [];

    // The newest receipt that the state holds; the replay begins a margin before it.
    private DateTimeOffset _appliedTo;
    private bool _handOverDue;
    private IGrainTimer? _frameTimer;
    private Task? _snapshotting;
    private long _snapshotAt;
    private long _tickedAt = long.MinValue;

    public StreetGrain(
        IRegistryStore registry, IRuleStore rules, IWarningStore warnings, ISnapshotStore snapshots, IIncidentStore incidents, IMaintenanceStore maintenance, IQualityStore quality, IRuleBookStore book, DomainClock clock,
        IOptions<StreetsOptions> options, IOptions<RulesOptions> ruleOptions, IOptions<WarningsOptions> warningOptions, IOptions<PushingOptions> pushing,
        IOptions<GeographyOptions> geography, AreaFences fences, AreaMap areas, ILogger<StreetGrain> logger)
    {
        _registry = registry;
        _rules = rules;
        _warnings = warnings;
        _snapshots = snapshots;
        _incidents = incidents;
        _maintenance = maintenance;
        _quality = quality;
        _book = book;
        _clock = clock;
        _options = options.Value;
        _warningOptions = warningOptions.Value;
        _logger = logger;
        _district = geography.Value.District;
        _area = new(this.GetPrimaryKeyString());
        _judgement = new(_area, _warningOptions, fences);
        _shadows = new(_area, _judgement, fences, ruleOptions.Value.ShadowWarningsMax, (id, failure) => LogShadowStopped(_logger, failure, _area.Value, id));
        _seat = new(_warningOptions, clock.Speed);
        _picture = new(_judgement, clock);
        _judgement.Inhibitor.AwaitForeign();
        AreaName = _area.Value;
        if (areas.Find(_area) is { } description)
        {
            AreaName = description.Name.Zh;
            _judgement.City.Self = new() { Id = _area.Value, Name = description.Name.Zh, Street = _area, Longitude = description.Longitude, Latitude = description.Latitude };
        }

        _publisher = new(_area, Epochs.Next(), _picture, TimeProvider.System, pushing.Value, new FramePumps(pushing.Value.FramesWaitingMax).Send);
    }

    private string SnapshotKey => "street/" + _area.Value;

    private string AreaName { get; }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var now = _clock.Now;
        _judgement.PutDevices(await _registry.LoadByStreetAsync(_area, cancellationToken), [], now);
        await LoadRulesAsync(now);
        foreach (var warning in await _warnings.LoadOpenAsync(_area, cancellationToken))
        {
            _judgement.Warnings.Load(warning);
            _rebuilding!.Add(warning.Id);
        }

        foreach (var cleared in await _warnings.LoadClearedAsync(_area, now.AddMinutes(-_warningOptions.CoolDownMinutes), now, cancellationToken))
        {
            _judgement.Warnings.Remember(cleared);
        }

        await LoadWindowsAsync(now);

        // While nobody listened nobody was absent: silence counts from now on, for the replayed arrivals too.
        _judgement.Rules.ListeningSince = now.ToUnixTimeMilliseconds();

        var snapshot = await _snapshots.LoadAsync(SnapshotKey, cancellationToken);
        var taken = snapshot is { } stored && _judgement.ReadSnapshot(stored.State) ? stored.At : (DateTimeOffset?)null;
        var replayFrom = taken is { } at ? at.AddSeconds(-_options.ReplayMarginSeconds) : now.AddMinutes(-_options.ReplayWithoutSnapshotMinutes);
        _appliedTo = taken ?? replayFrom;
        if (taken is not null)
        {
            _shadows.Restore(snapshot!.Value.State);
        }

        await LoadShadowsAsync(now);
        var batches = await ReplayAsync(replayFrom);
        await ReconcileAsync(now, cancellationToken);
        foreach (var incident in await _incidents.LoadOpenByAreaAsync(_area, cancellationToken))
        {
            _picture.Show(incident);
            TakeLinksOf(incident);
        }

        await RebuildSeatAsync(now, cancellationToken);
        _snapshotAt = TimeProvider.System.GetTimestamp();
        _frameTimer = this.RegisterGrainTimer(ShowDueAsync, new GrainTimerCreationOptions { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan });
        try
        {
            await StoreAsync();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Better seen than stored: the changes stay unsaved, the next turn tries again, and identities follow from what was observed.
            LogStoreFailed(_logger, failure, _area.Value);
        }

        LogUp(_logger, _area.Value, _judgement.State.SlotEnd, _judgement.Warnings.OpenCount, taken, batches);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_rebuilding is null)
        {
            await StoreAsync();
            await (_snapshotting ?? Task.CompletedTask);
            await _snapshots.SaveAsync(SnapshotKey, SnapshotTime(), _shadows.Append(_judgement.WriteSnapshot()), cancellationToken);
        }
    }

    public async Task IngestAsync(IngestBatch batch)
    {
        var now = _clock.Now;
        _judgement.Apply(batch);
        _judgement.AdvanceHolds(now);
        _shadows.Take(batch, now);
        await CompleteTurnAsync();
    }

    public async Task TickAsync()
    {
        // Every silo ticks every street; one tick a second is enough.
        if (_tickedAt != long.MinValue && TimeProvider.System.GetElapsedTime(_tickedAt) < TimeSpan.FromMilliseconds(500))
        {
            return;
        }

        _tickedAt = TimeProvider.System.GetTimestamp();
        var now = _clock.Now;
        _judgement.Advance(now);
        _shadows.Advance(now);
        _picture.RemoveClosed();
        WatchSeat(now);
        _handOverDue = true;
        _toSubmit.Resume();
        _toNote.Resume();
        try
        {
            await CompleteTurnAsync();

            // Only of a state whose warnings are stored: a life without its warning would be forgotten on the way back.
            TakeSnapshotWhenDue();
        }
        finally
        {
            // A store that fails must not make the wall grey: the street lives and sees.
            _publisher.Heartbeat();
            Report();
            ReportConditions();
        }
    }

    public async Task ApplyDevicesAsync(ImmutableArray<DeviceRegistration> devices, ImmutableArray<DeviceId> removed)
    {
        var now = _clock.Now;
        _judgement.PutDevices(devices, removed, now);
        _shadows.PutDevices(devices, removed, now);
        await CompleteTurnAsync();
    }

    public async Task ApplyRulesAsync()
    {
        await LoadRulesAsync(_clock.Now);
        await CompleteTurnAsync();
    }

    public Task<ImmutableArray<DeviceCondition>> GetDevicesAsync(ImmutableArray<DeviceId> ids)
    {
        var now = _clock.Now.ToUnixTimeMilliseconds();
        var conditions = ImmutableArray.CreateBuilder<DeviceCondition>(ids.Length);
        foreach (var id in ids)
        {
            var slot = _judgement.State.Find(id.Value);
            if (slot >= 0)
            {
                if (_judgement.State.Refresh(slot, now))
                {
                    _judgement.ChangedSlots.Add(slot);
                }

                conditions.Add(_judgement.State.Condition(id)!);
            }
        }

        return Task.FromResult(conditions.ToImmutable());
    }

    public Task ShowIncidentAsync(IncidentView incident)
    {
        if (TakeLinksOf(incident))
        {
            this.AsReference<IStreetSettling>().SettleAsync().Ignore();
        }

        if (_picture.Show(incident))
        {
            Offer();
        }

        return Task.CompletedTask;
    }

    public Task<ImmutableArray<AreaSnapshotPart>> SubscribeAsync(IAreaObserver observer, string? knownEpoch, long knownSeq) =>
        Task.FromResult(_publisher.Subscribe(observer, knownEpoch, knownSeq));

    public Task UnsubscribeAsync(IAreaObserver observer)
    {
        _publisher.Unsubscribe(observer);
        return Task.CompletedTask;
    }

    public Task SettleAsync()
    {
        _judgement.Inhibitor.Settle(_clock.Now);
        _handOverDue = true;
        return CompleteTurnAsync();
    }

    private async Task CompleteTurnAsync()
    {
        try
        {
            // Whatever changed a warning in this turn: nothing is stored before it is known whether it calls.
            _judgement.Warnings.Settle(_clock.Now);
            WatchSeatWhenChanged();
            await TakeUpLinksAsync();
            await StoreAsync();
            if (_handOverDue)
            {
                _handOverDue = false;
                HandOver();
            }

            if (_judgement.Feed.HasNews)
            {
                ReportConditions();
            }
        }
        finally
        {
            // What is judged is shown even when it cannot be stored; the caller learns of the failure and tries again.
            Offer();
        }
    }

    private async Task LoadRulesAsync(DateTimeOffset now)
    {
        var loaded = await RulePack.LoadNewestAsync(_rules, _logger);
        _unreadable = [.. loaded.Unreadable.Select(document => new RuleId(document.Id))];
        _judgement.PutRules(loaded.Rules, now);
        _shadows.PutRules(loaded.Rules, now);
    }

    private async Task LoadWindowsAsync(DateTimeOffset now)
    {
        // What ended within the cool-down may still be asked for by what is replayed.
        var windows = MaintenanceBook.Read(await _maintenance.LoadNewestAsync()).Where(window => window.EndsAt > now.AddHours(-1));
        _judgement.PutWindows([.. windows], now);
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

    /// <summary>Stores every changed warning. When it fails the changes stay unsaved and the caller is told, so that the batch comes again and with it the try.</summary>
    private async Task StoreAsync()
    {
        var book = _judgement.Warnings;
        if (book.Unsaved.Count == 0 && book.DroppedUnsaved.Count == 0)
        {
            return;
        }

        await LinkPreviousAsync();
        var changed = book.Unsaved.Values.ToArray();
        var dropped = book.DroppedUnsaved.ToArray();
        var audit = _audit.ToArray();
        var climbed = book.Climbed.ToArray();
        var at = _clock.Now;
        await _warnings.CommitAsync(new()
        {
            Changed = changed, DroppedPendings = dropped, Audit = audit,
            ClocksFired = EscalationNotices.ClocksOf(climbed),
            Outbox = [.. EscalationNotices.For(climbed, AreaName, at, _warningOptions.EscalationNoticesMax)],
        });
        book.Climbed.RemoveRange(0, climbed.Length);
        _handOverDue = true;
        foreach (var warning in changed)
        {
            if (book.Unsaved.TryGetValue(warning.Id, out var newest) && newest.Version == warning.Version)
            {
                book.Unsaved.Remove(warning.Id);
            }

            NoteAgain(warning);
            QueueForIncident(warning);
        }

        book.DroppedUnsaved.ExceptWith(dropped);
        _audit.RemoveRange(0, audit.Length);
    }

    // What returned soon is linked already; the others ask the store, all with one question.
    private async Task LinkPreviousAsync()
    {
        var book = _judgement.Warnings;
        var asked = book.NewlyRaised.ToArray();
        if (asked.Length == 0)
        {
            return;
        }

        var unlinked = asked.Select(id => book.Unsaved.GetValueOrDefault(id)).OfType<WarningView>().Where(warning => warning.Previous is null).ToArray();
        if (unlinked.Length > 0)
        {
            foreach (var (id, previous) in await _warnings.FindPreviousAsync(unlinked))
            {
                book.Replace(book.Unsaved[id] with { Previous = previous });
            }
        }

        book.NewlyRaised.ExceptWith(asked);
    }
}
