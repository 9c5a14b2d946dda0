using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Warnings;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Streets;

// The way from the street to the incident room. It is walked outside the street's turns, because the incident room calls back to show the incident;
// what must not be lost is kept on the warning itself: it reached a colour whose policy is open, and has no incident yet.
internal sealed partial class StreetGrain
{
    private void HandOver()
    {
        JoinConsequences();
        foreach (var warning in _toSubmit.Values.ToArray())
        {
            if (_underway.Count >= _options.HandOversMax)
            {
                return;
            }

            if (!_judgement.Warnings.Unsaved.ContainsKey(warning.Id) && _underway.Add(warning.Id))
            {
                // The open form may hold newer evidence than the stored one.
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

    /// <summary>A stored warning waits for its incident from the moment it reached the colour, also when it is lower or over by now.</summary>
    private void QueueForIncident(WarningView warning)
    {
        if (WarningDeciding.WantsIncident(warning, _judgement.Rules.FindRule(warning.Rule)))
        {
            _toSubmit[warning.Id] = warning;
        }
        else
        {
            _toSubmit.Remove(warning.Id);
        }
    }

    /// <summary>True when the incident holds an open warning that does not say so yet: a person opened it, or the answer to the hand-over was lost.</summary>
    private bool TakeLinksOf(IncidentView incident)
    {
        if (!incident.IsOpen)
        {
            return false;
        }

        var found = false;
        foreach (var id in incident.Warnings)
        {
            if (_judgement.Warnings.Find(id) is { Incident: null } && !_linked.Contains((id, incident.Id)))
            {
                _linked.Add((id, incident.Id));
                found = true;
            }
        }

        return found;
    }

    private async Task SubmitAsync(WarningView warning)
    {
        try
        {
            var group = warning.Class is { } code ? ClassGroup.Of(code) : ClassGroup.Of(ClassGroup.Unnamed);
            var outcome = await GrainFactory.GetGrain<IIntakeGrain>(group).SubmitWarningAsync(warning);
            if (outcome.Succeeded)
            {
                _toSubmit.Remove(warning.Id);
                _linked.Add((warning.Id, outcome.Value));
                this.AsReference<IStreetSettling>().SettleAsync().Ignore();
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
                book.Change((warning with { Incident = incident, Version = warning.Version + 1 }).Noted(WarningChangeKind.IncidentLinked, _clock.Now, text: incident.Value));
            }

            // Only now: when the look-up fails, the next turn finds the link again, also for a warning that is over and that nobody submits twice.
            _linked.Remove(link);
        }
    }
}
