using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Warnings;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Streets;

// The way from the street to the incident room. It is walked outside the street's turns, because the incident room calls back to show the incident;
// what must not be lost is kept on the warning itself: it reached a colour whose policy is open, and has no incident yet.
internal sealed partial class StreetGrain
{
    // Stored warnings that reached a colour whose policy is open and have no incident yet, before the doors of their class groups; changed ones before their incidents.
    private readonly HandOverQueue _toSubmit = new();
    private readonly HandOverQueue _toNote = new();

    // Version of a warning that its incident knows already, because it was handed over with it.
    private readonly Dictionary<WarningId, long> _told = [];

    private void HandOver()
    {
        JoinConsequences();
        while (_toSubmit.Take(_options.HandOversMax, _options.HandOverWarningsMax, IsStored) is { } submitted)
        {
            // The open form may hold newer evidence than the stored one.
            SubmitAsync(submitted.Door, [.. submitted.Warnings.Select(warning => _judgement.Warnings.Find(warning.Id) ?? warning)]).Ignore();
        }

        while (_toNote.Take(_options.HandOversMax, _options.HandOverWarningsMax, _ => true) is { } noted)
        {
            NoteAsync(noted.Door, noted.Warnings).Ignore();
        }
    }

    private bool IsStored(WarningView warning) => !_judgement.Warnings.Unsaved.ContainsKey(warning.Id);

    /// <summary>A stored warning waits for its incident from the moment it reached the colour, also when it is lower or over by now.</summary>
    private void QueueForIncident(WarningView warning)
    {
        if (WarningDeciding.WantsIncident(warning, _judgement.Rules.FindRule(warning.Rule)))
        {
            _toSubmit.Put(ClassGroup.Of(warning.Class ?? ClassGroup.Unnamed), warning);
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
            found |= _judgement.Warnings.Find(id) is { Incident: null } && _linked.Add((id, incident.Id));
        }

        return found;
    }

    private async Task SubmitAsync(string group, ImmutableArray<WarningView> warnings)
    {
        try
        {
            var outcomes = await GrainFactory.GetGrain<IIntakeGrain>(group).SubmitWarningsAsync(warnings);
            for (var i = 0; i < warnings.Length; i++)
            {
                Take(warnings[i], outcomes[i]);
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The tick tries again: the warnings still wait.
            _toSubmit.Rest(group);
            LogHandOverFailed(_logger, failure, _area.Value, warnings[0].Id.Value);
        }

        _toSubmit.Finish(group, warnings, delivered: false);
        GoOn();
    }

    // Who has its incident waits no more; one that is refused waits for the next tick.
    private void Take(WarningView warning, Outcome<IncidentId> outcome)
    {
        if (outcome.Succeeded)
        {
            _toSubmit.Remove(warning.Id);
            if (_linked.Add((warning.Id, outcome.Value)) && !outcome.Repeated)
            {
                _told[warning.Id] = warning.Version;
            }

            return;
        }

        _toSubmit.Rest(warning.Id);
        LogHandOverRefused(_logger, _area.Value, warning.Id.Value, outcome.Refusal.ToString()!, outcome.Detail);
        if (warning.State == WarningState.Cleared && outcome.Refusal is (Refusal.Invalid or Refusal.NotAllowed))
        {
            // It will not change any more, so neither would the answer.
            _toSubmit.Remove(warning.Id);
        }
    }

    private async Task NoteAsync(string incident, ImmutableArray<WarningView> warnings)
    {
        var noted = false;
        try
        {
            await GrainFactory.GetGrain<IIncidentGrain>(incident).NoteWarningsAsync(warnings);
            noted = true;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _toNote.Rest(incident);
            LogHandOverFailed(_logger, failure, _area.Value, warnings[0].Id.Value);
        }

        _toNote.Finish(incident, warnings, noted);
        GoOn();
    }

    // Links to take up, and what waited meanwhile, ask for a turn of their own.
    private void GoOn()
    {
        if (_linked.Count > 0 || _toSubmit.Count > 0 || _toNote.Count > 0)
        {
            this.AsReference<IStreetSettling>().SettleAsync().Ignore();
        }
    }

    private async Task TakeUpLinksAsync()
    {
        while (_linked.Count > 0)
        {
            var links = _linked.ToArray();
            var book = _judgement.Warnings;
            var over = links.Select(link => link.Warning).Where(id => book.Find(id) is null && !book.Unsaved.ContainsKey(id)).ToArray();
            var stored = over.Length == 0 ? [] : (await _warnings.FindManyAsync(over)).ToDictionary(warning => warning.Id);
            foreach (var (id, incident) in links)
            {
                TakeUp(book.Find(id) ?? book.Unsaved.GetValueOrDefault(id) ?? stored.GetValueOrDefault(id), incident);

                // Only now: when the look-up fails, the next turn finds the link again, also for a warning that is over and that nobody submits twice.
                _linked.Remove((id, incident));
            }
        }
    }

    private void TakeUp(WarningView? warning, IncidentId incident)
    {
        if (warning is null)
        {
            return;
        }

        var known = _told.Remove(warning.Id, out var version) && version == warning.Version;
        if (warning.Incident == incident)
        {
            return;
        }

        var after = (warning with { Incident = incident, Version = warning.Version + 1 }).Noted(WarningChangeKind.IncidentLinked, _clock.Now, text: incident.Value);
        _judgement.Warnings.Change(after);
        if (known)
        {
            // The incident took it as it is; the link itself is no news to it.
            _told[warning.Id] = after.Version;
        }
    }
}
