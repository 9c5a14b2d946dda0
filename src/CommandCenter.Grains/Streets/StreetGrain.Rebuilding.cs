using CommandCenter.Grains.Contracts;

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
                batches++;
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // A street without its last half minute is better than none; ingest sends again whatever was not acknowledged.
            LogReplayFailed(_logger, failure, _area.Value);
        }

        return batches;
    }

    private async Task ReconcileAsync(CancellationToken cancellation)
    {
        var book = _judgement.Warnings;

        // A replayed life may have ended before: then the store knows its warning, and knows it better.
        foreach (var warning in book.Unsaved.Values.Where(warning => !_rebuilding!.Contains(warning.Id)).ToArray())
        {
            if (await _warnings.FindAsync(warning.Id, cancellation) is { } stored && stored.Transition >= warning.Transition)
            {
                book.Discard(warning);
                NoteAgain(stored);
            }
        }

        // A warning whose rule does not live any more, because the snapshot is lost, is made to live again from its evidence.
        foreach (var warning in book.Open.ToArray())
        {
            if (_judgement.Rules.FindLife(warning.Rule, warning.Subject) is null)
            {
                _judgement.Rules.Revive(warning);
            }

            NoteAgain(warning);
        }

        foreach (var life in _judgement.Rules.AllLives())
        {
            if (book.Find(life.Rule.Id, life.Subject) is null)
            {
                _judgement.Rules.Forget(life);
            }
        }

        _rebuilding = null;
    }

    // The end may have come between the change and its note; the incident recognises by the version what it knows.
    private void NoteAgain(WarningView warning)
    {
        if (warning is { Incident: not null, State: not WarningState.Pending })
        {
            _toNote[warning.Id] = warning;
        }
    }
}
