using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Streets;

// How a street comes back: stored open warnings, snapshot, then the arrivals since, through the same code as live ones.
internal sealed partial class StreetGrain
{
    private async Task<int> ReplayAsync(DateTimeOffset from)
    {
        var batches = 0;
        try
        {
            await foreach (var batch in GrainFactory.GetGrain<IReadingHistoryGrain>(0).ReadArrivalsAsync(_area, from))
            {
                _judgement.Apply(batch);

                // As in the live course: what was due by then is judged before what came later.
                _judgement.AdvanceHolds(_judgement.NewestReceivedAt);
                _shadows.Take(batch, _judgement.NewestReceivedAt);
                batches++;
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // What was acknowledged before the end is in the history alone, nobody sends it again: the street comes up whole or is tried again.
            LogReplayFailed(_logger, failure, _area.Value);
            throw;
        }

        return batches;
    }

    private async Task ReconcileAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var book = _judgement.Warnings;

        // A replayed life may have ended before: then the store knows its warning, and knows it better.
        var replayed = book.Unsaved.Values.Where(warning => !_rebuilding!.Contains(warning.Id)).ToArray();
        var known = (await _warnings.FindManyAsync([.. replayed.Select(warning => warning.Id)], cancellation)).ToDictionary(warning => warning.Id);
        foreach (var warning in replayed)
        {
            if (known.TryGetValue(warning.Id, out var stored) && stored.Transition >= warning.Transition)
            {
                book.Discard(warning);
                NoteAgain(stored);
                QueueForIncident(stored);
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

        foreach (var life in _judgement.Rules.AllLives())
        {
            if (!AreaParsing.IsInner(life.Rule.Id) && book.Find(life.Rule.Id, life.Subject) is null)
            {
                _judgement.Rules.Forget(life);
            }
        }

        foreach (var life in _judgement.AreaRules.AllLives())
        {
            if (book.Find(life.Life.Rule.Id, life.Subject.Id) is null)
            {
                AreaRuleEngine.Forget(life);
            }
        }

        _judgement.SynchronizeAreas(now);

        _rebuilding = null;
    }

    // The end may have come between the change and its note; the incident recognises by the version what it knows.
    private void NoteAgain(WarningView warning)
    {
        var told = _told.Remove(warning.Id, out var version) && version == warning.Version;
        if (!told && warning is { Incident: { } incident, State: not WarningState.Pending })
        {
            _toNote.Put(incident.Value, warning);
        }
    }
}
