using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Streets;

// What people at desks do to the street's warnings and ask of them.
internal sealed partial class StreetGrain
{
    public async Task<Outcome<WarningView>> ExecuteAsync(WarningId id, WarningCommand command, Actor actor) =>
        (await ExecuteManyAsync([id], command, actor))[0];

    public async Task<ImmutableArray<Outcome<WarningView>>> ExecuteManyAsync(ImmutableArray<WarningId> ids, WarningCommand command, Actor actor)
    {
        var now = _clock.Now;
        var stored = await FindStoredAsync(ids);

        // The command meets the warning as it stands at this moment, not as the last tick left it.
        _judgement.Advance(now);
        var outcomes = ImmutableArray.CreateBuilder<Outcome<WarningView>>(ids.Length);
        foreach (var id in ids)
        {
            var warning = _judgement.Warnings.Find(id) ?? _judgement.Warnings.Unsaved.GetValueOrDefault(id) ?? stored.GetValueOrDefault(id);
            if (warning is null)
            {
                outcomes.Add(Outcome.Refused<WarningView>(Refusal.NotFound));
                continue;
            }

            var outcome = WarningDeciding.Execute(warning, command, actor, now, _warningOptions);
            if (outcome is { Succeeded: true, Repeated: false, Value: { } after })
            {
                _judgement.Warnings.Change(after);
                _judgement.ColourChanged(after.Subject);
                _audit.Add(WarningAudit.Row(after, command, actor, now));
            }

            outcomes.Add(outcome);
        }

        _judgement.Warnings.Settle(now);
        await CompleteTurnAsync();
        return outcomes.ToImmutable();
    }

    public async Task ApplyMaintenanceAsync()
    {
        var now = _clock.Now;
        await LoadWindowsAsync(now);
        _judgement.Advance(now);
        await CompleteTurnAsync();
    }

    public async Task<WarningView?> GetWarningAsync(WarningId id, Actor actor)
    {
        var warning = _judgement.Warnings.Find(id) ?? await _warnings.FindAsync(id);
        return warning is not null && actor.MaySee(warning.Area, warning.Areas) ? warning : null;
    }

    public Task<DeviceExplanation?> ExplainAsync(DeviceId id, Actor actor)
    {
        var slot = _judgement.State.Find(id.Value);
        if (slot < 0 || _judgement.State.Row(slot).Registration is not { } device || !actor.MaySee(device.Street, device.Areas))
        {
            return Task.FromResult<DeviceExplanation?>(null);
        }

        return Task.FromResult<DeviceExplanation?>(Explaining.Of(_judgement, slot, _clock.Now));
    }

    // Only what is over is not in memory; it is looked up before anything is decided, so that the decision is one step.
    private async Task<Dictionary<WarningId, WarningView>> FindStoredAsync(ImmutableArray<WarningId> ids)
    {
        var unknown = ids.Where(id => _judgement.Warnings.Find(id) is null).ToArray();
        return unknown.Length == 0 ? [] : (await _warnings.FindManyAsync(unknown)).ToDictionary(warning => warning.Id);
    }
}
