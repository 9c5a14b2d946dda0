namespace CommandCenter.Grains.Streets;

internal sealed partial class StreetGrain
{
    private void TakeSnapshotWhenDue()
    {
        var due = TimeProvider.System.GetElapsedTime(_snapshotAt) >= TimeSpan.FromSeconds(_options.SnapshotSeconds);
        if (due && _snapshotting is not { IsCompleted: false })
        {
            _snapshotAt = TimeProvider.System.GetTimestamp();
            _snapshotting = SaveSnapshotAsync(_shadows.Append(_judgement.WriteSnapshot()), SnapshotTime());
        }
    }

    // What was received later than this may not be in the state: with deliveries that lag, the clock would promise too much.
    private DateTimeOffset SnapshotTime()
    {
        var applied = _judgement.NewestReceivedAt;
        if (applied > _appliedTo)
        {
            var now = _clock.Now;
            _appliedTo = applied < now ? applied : now;
        }

        return _appliedTo;
    }

    // Written outside the turn: ingest does not wait for it. The bytes are already taken.
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
}
