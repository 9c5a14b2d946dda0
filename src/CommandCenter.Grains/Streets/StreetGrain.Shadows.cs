using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Storing;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Streets;

// New versions of rules that run beside those in force, on the same readings.
internal sealed partial class StreetGrain
{
    public async Task ApplyShadowsAsync()
    {
        var now = _clock.Now;
        await LoadShadowsAsync(now);

        // Only of a state whose warnings are stored.
        await CompleteTurnAsync();

        // What was begun is not lost with the next crash: from here on the replay belongs to it too.
        await (_snapshotting ?? Task.CompletedTask);
        await SaveSnapshotAsync(_shadows.Append(_judgement.WriteSnapshot()), SnapshotTime());
    }

    public Task<ShadowPart?> GetShadowAsync(string id) => Task.FromResult(_shadows.Tell(id));

    public Task<ImmutableDictionary<string, string>> GetShadowFaultsAsync() => Task.FromResult(_shadows.Faults());

    private async Task LoadShadowsAsync(DateTimeOffset now) =>
        _shadows.PutOrders([.. (await _book.LoadNewestAsync(RuleShelf.Shadows)).Select(document => Documents.Read<StoredShadow>(document.Json).Shadow).Where(shadow => shadow.State == ShadowState.Running)], now);
}
