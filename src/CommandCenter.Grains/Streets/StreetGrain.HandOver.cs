using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Streets;

// The way from the street to the incident room. It is walked outside the street's turns, because the incident room calls back to show the incident;
// what must not be lost is kept on the warning itself: raised, policy open, no incident yet.
internal sealed partial class StreetGrain
{
    private void HandOver()
    {
        foreach (var warning in _judgement.Warnings.Open)
        {
            if (_underway.Count >= _options.HandOversMax)
            {
                return;
            }

            if (warning is { State: WarningState.Raised, IncidentPolicy: IncidentPolicy.Open, Incident: null }
                && !_judgement.Warnings.Unsaved.ContainsKey(warning.Id) && _underway.Add(warning.Id))
            {
                SubmitAsync(warning).Ignore();
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
            var group = warning.Class is { } code ? ClassGroup.Of(code) : ClassGroup.Of(ClassGroup.Unnamed);
            var outcome = await GrainFactory.GetGrain<IIntakeGrain>(group).SubmitWarningAsync(warning);
            if (outcome.Succeeded)
            {
                _linked.Add((warning.Id, outcome.Value));
                this.AsReference<IStreetSettling>().SettleAsync().Ignore();
            }
            else
            {
                LogHandOverRefused(_logger, _area.Value, warning.Id.Value, outcome.Refusal.ToString()!, outcome.Detail);
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The tick tries again: the warning still says that it has no incident.
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
            var (id, incident) = _linked[^1];
            _linked.RemoveAt(_linked.Count - 1);
            var book = _judgement.Warnings;
            var warning = book.Find(id) ?? book.Unsaved.GetValueOrDefault(id) ?? await _warnings.FindAsync(id);
            if (warning is not null && warning.Incident != incident)
            {
                book.Change(warning with { Incident = incident, Version = warning.Version + 1 });
            }
        }
    }
}
