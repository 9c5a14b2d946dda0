namespace CommandCenter.Grains.Streets;

internal sealed partial class StreetGrain
{
    private void TakeSnapshotWhenDue()
    {
        var due = TimeProvider.System.GetElapsedTime(_snapshotAt) >= TimeSpan.FromSeconds(_options.SnapshotSeconds);
        if (due && _snapshotting is not { IsCompleted: false })
        {
            _snapshotAt = TimeProvider.System.GetTimestamp();
            _snapshotting = SaveSnapshotAsync(_judgement.WriteSnapshot());
        }
    }

    // Written outside the turn: ingest does not wait for it. The bytes are already taken.
    private async Task SaveSnapshotAsync(byte[] state)
    {
        try
        {
            await _snapshots.SaveAsync(SnapshotKey, _clock.Now, state);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogSnapshotFailed(_logger, failure, _area.Value);
        }
    }
}
