using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Storing;
using CommandCenter.Grains.Warnings;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace CommandCenter.Grains.Districts;

/// <summary>The district's own call to itself: a turn of its own for what finished outside its turns.</summary>
[Alias("IDistrictSettling")]
internal interface IDistrictSettling : IGrainWithStringKey
{
    [Alias("SettleDistrict"), OneWay]
    Task SettleAsync();
}

// How the district's own warnings are kept: stored in the turn that changed them, handed to the incident room outside it, and found again after a restart.
internal sealed partial class DistrictGrain
{
    private readonly List<AuditRow> _audit = [];
    private readonly Dictionary<WarningId, WarningView> _toSubmit = [];
    private readonly Dictionary<WarningId, WarningView> _toNote = [];
    private readonly HashSet<WarningId> _underway = [];
    private readonly List<(WarningId Warning, IncidentId Incident)> _linked = [];
    private ImmutableHashSet<RuleId> _unreadable = [];
    private Task? _snapshotting;
    private long _snapshotAt;
    private bool _handOverDue;

    // A district that never came up stores nothing.
    private bool _up;

    private string SnapshotKey => "district/" + _area.Value;

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (!_up)
        {
            return;
        }

        await StoreAsync();
        await (_snapshotting ?? Task.CompletedTask);
        await _snapshots.SaveAsync(SnapshotKey, _clock.Now, _judgement.WriteSnapshot(), cancellationToken);
    }

    // Stored warnings, then the snapshot; what stands in the streets they tell by themselves.
    private async Task RebuildAsync(CancellationToken cancellation)
    {
        var now = _clock.Now;
        var book = _judgement.Warnings;
        await LoadRulesAsync(now);
        await LoadWindowsAsync(now);
        foreach (var warning in await _warnings.LoadOpenAsync(_area, cancellation))
        {
            book.Load(warning);
        }

        foreach (var cleared in await _warnings.LoadClearedAsync(_area, now.AddMinutes(-_warningOptions.CoolDownMinutes), now, cancellation))
        {
            book.Remember(cleared);
        }

        if (await _snapshots.LoadAsync(SnapshotKey, cancellation) is { } snapshot && !_judgement.ReadSnapshot(snapshot.State))
        {
            LogSnapshotUnread(_logger, _area.Value);
        }

        _judgement.ForgetEndedOfficials(now);
        foreach (var life in _judgement.Rules.AllLives())
        {
            if (book.Find(life.Life.Rule.Id, life.Subject.Id) is null)
            {
                AreaRuleEngine.Forget(life);
            }
        }

        foreach (var warning in book.Open.ToArray())
        {
            if (!_unreadable.Contains(warning.Rule))
            {
                _judgement.TakeBack(warning, now);
            }

            NoteAgain(warning);
            QueueForIncident(warning);
        }

        _snapshotAt = TimeProvider.System.GetTimestamp();
        _up = true;
    }

    private async Task LoadRulesAsync(DateTimeOffset now)
    {
        var loaded = await RulePack.LoadNewestAsync(_rules, _logger);
        _unreadable = [.. loaded.Unreadable.Select(document => new RuleId(document.Id))];
        _judgement.PutRules(loaded.Rules, now);
    }

    private async Task LoadWindowsAsync(DateTimeOffset now) =>
        _judgement.Warnings.Windows = [.. MaintenanceBook.Read(await _maintenance.LoadNewestAsync()).Where(window => window.EndsAt > now.AddHours(-1))];

    private async Task CompleteTurnAsync()
    {
        try
        {
            // Whatever changed a warning in this turn: nothing is stored before it is known whether it calls.
            _judgement.Warnings.Settle(_clock.Now);
            await TakeUpLinksAsync();
            await StoreAsync();
            if (_handOverDue)
            {
                _handOverDue = false;
                HandOver();
            }
        }
        finally
        {
            // What is judged is shown even when it cannot be stored; the caller learns of the failure and tries again.
            Offer();
        }
    }

    private async Task StoreAsync()
    {
        var book = _judgement.Warnings;
        if (book.Unsaved.Count == 0 && book.DroppedUnsaved.Count == 0)
        {
            return;
        }

        var asked = book.NewlyRaised.ToArray();
        var unlinked = asked.Select(id => book.Unsaved.GetValueOrDefault(id)).OfType<WarningView>().Where(warning => warning.Previous is null).ToArray();
        if (unlinked.Length > 0)
        {
            foreach (var (id, previous) in await _warnings.FindPreviousAsync(unlinked))
            {
                book.Replace(book.Unsaved[id] with { Previous = previous });
            }
        }

        book.NewlyRaised.ExceptWith(asked);
        var changed = book.Unsaved.Values.ToArray();
        var dropped = book.DroppedUnsaved.ToArray();
        var audit = _audit.ToArray();
        var climbed = book.Climbed.ToArray();
        await _warnings.CommitAsync(new()
        {
            Changed = changed, DroppedPendings = dropped, Audit = audit, ClocksFired = EscalationNotices.ClocksOf(climbed),
            Outbox = [.. EscalationNotices.For(climbed, AreaName, _clock.Now, _warningOptions.EscalationNoticesMax)],
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

    private void QueueForIncident(WarningView warning)
    {
        if (WarningDeciding.WantsIncident(warning, _judgement.FindRule(warning.Rule)))
        {
            _toSubmit[warning.Id] = warning;
        }
        else
        {
            _toSubmit.Remove(warning.Id);
        }
    }

    private void NoteAgain(WarningView warning)
    {
        if (warning is { Incident: not null, State: not WarningState.Pending })
        {
            _toNote[warning.Id] = warning;
        }
    }

    private void HandOver()
    {
        foreach (var warning in _toSubmit.Values.ToArray())
        {
            if (_underway.Count >= _options.HandOversMax)
            {
                return;
            }

            if (!_judgement.Warnings.Unsaved.ContainsKey(warning.Id) && _underway.Add(warning.Id))
            {
                SubmitAsync(_judgement.Warnings.Find(warning.Id) ?? warning).Ignore();
            }
        }

        foreach (var warning in _toNote.Values.ToArray())
        {
            if (_underway.Count >= _options.HandOversMax)
            {
                return;
            }

            if (_underway.Add(warning.Id))
            {
                _toNote.Remove(warning.Id);
                NoteAsync(warning).Ignore();
            }
        }
    }

    private async Task SubmitAsync(WarningView warning)
    {
        try
        {
            var group = ClassGroup.Of(warning.Class ?? ClassGroup.Unnamed);
            var outcome = await GrainFactory.GetGrain<IIntakeGrain>(group).SubmitWarningAsync(warning);
            if (outcome.Succeeded)
            {
                _toSubmit.Remove(warning.Id);
                _linked.Add((warning.Id, outcome.Value));
                this.AsReference<IDistrictSettling>().SettleAsync().Ignore();
            }
            else
            {
                LogHandOverRefused(_logger, _area.Value, warning.Id.Value, outcome.Refusal.ToString()!, outcome.Detail);
                if (warning.State == WarningState.Cleared && outcome.Refusal is (Refusal.Invalid or Refusal.NotAllowed))
                {
                    // It will not change any more, so neither would the answer.
                    _toSubmit.Remove(warning.Id);
                }
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The tick tries again: the warning still waits.
            LogHandOverFailed(_logger, failure, _area.Value, warning.Id.Value);
        }
        finally
        {
            _underway.Remove(warning.Id);
        }
    }

    private async Task NoteAsync(WarningView warning)
    {
        try
        {
            await GrainFactory.GetGrain<IIncidentGrain>(warning.Incident!.Value.Value).NoteWarningAsync(warning);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogHandOverFailed(_logger, failure, _area.Value, warning.Id.Value);
            _toNote.TryAdd(warning.Id, warning);
        }
        finally
        {
            _underway.Remove(warning.Id);
        }
    }

    private async Task TakeUpLinksAsync()
    {
        while (_linked.Count > 0)
        {
            var link = _linked[^1];
            var (id, incident) = link;
            var book = _judgement.Warnings;
            var warning = book.Find(id) ?? book.Unsaved.GetValueOrDefault(id) ?? await _warnings.FindAsync(id);
            if (warning is not null && warning.Incident != incident)
            {
                book.Change(warning with { Incident = incident, Version = warning.Version + 1 });
            }

            _linked.Remove(link);
        }
    }

    private void TakeSnapshotWhenDue()
    {
        var due = TimeProvider.System.GetElapsedTime(_snapshotAt) >= TimeSpan.FromSeconds(_options.SnapshotSeconds);
        if (due && _snapshotting is not { IsCompleted: false })
        {
            _snapshotAt = TimeProvider.System.GetTimestamp();
            _snapshotting = SaveSnapshotAsync(_judgement.WriteSnapshot(), _clock.Now);
        }
    }

    private async Task SaveSnapshotAsync(byte[] state, DateTimeOffset at)
    {
        try
        {
            await _snapshots.SaveAsync(SnapshotKey, at, state);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogSnapshotFailed(_logger, failure, _area.Value);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The snapshot of district {Area} is of a form that this program does not read; the streets tell what stands")]
    private static partial void LogSnapshotUnread(ILogger logger, string area);

    [LoggerMessage(Level = LogLevel.Error, Message = "District {Area} could not store its snapshot; it will try again")]
    private static partial void LogSnapshotFailed(ILogger logger, Exception failure, string area);

    [LoggerMessage(Level = LogLevel.Warning, Message = "District {Area} could not hand warning {Warning} to the incident room; it will try again")]
    private static partial void LogHandOverFailed(ILogger logger, Exception? failure, string area, string warning);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The incident room refused warning {Warning} of district {Area}: {Refusal} {Detail}")]
    private static partial void LogHandOverRefused(ILogger logger, string area, string warning, string refusal, string? detail);
}
