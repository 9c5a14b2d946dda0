using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Registry;

/// <summary>The registry of devices: decide, store, tell the streets, tell every ingest node, and only then answer, so that an accepted device's next message counts.</summary>
internal sealed partial class RegistryGrain(
    AreaMap map, IRegistryStore store, ILedgerStore ledger, DomainClock clock, TimeProvider timers, IOptions<RegistryOptions> options, ILogger<RegistryGrain> log)
    : Grain, IRegistryGrain
{
    private readonly RegistryOptions limits = options.Value;
    private readonly Dictionary<IRegistryObserver, DateTimeOffset> followers = [];

    // Devices that the streets and nodes were told of by this activation. A registration whose telling failed is told again when its document comes again.
    private readonly HashSet<DeviceId> told = [];
    private RegistryState state = RegistryState.Empty;
    private long sequence;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        state = RegistryState.From(await store.LoadAllAsync(cancellationToken));
        // Counting from the clock makes every activation begin above whatever the last one told, so a node never takes an old number for the present one.
        sequence = timers.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        LogLoaded(state.Devices.Count);
    }

    public async Task<Outcome<DeviceRegistration>> PutAsync(DeviceRegistration device, Actor actor) => (await PutManyAsync([device], actor))[0];

    public async Task<ImmutableArray<Outcome<DeviceRegistration>>> PutManyAsync(ImmutableArray<DeviceRegistration> devices, Actor actor)
    {
        if (devices.IsDefaultOrEmpty)
        {
            return [];
        }

        var now = clock.Now;
        var decision = Registering.Decide(state, devices, actor, map, limits.DevicesCountMax);
        if (decision.Changes.Length > 0)
        {
            await SaveAsync(decision.Changes, actor, now);
            state = decision.After;
            foreach (var change in decision.Changes)
            {
                told.Remove(change.New.Id);
            }
        }

        var untold = decision.Changes.Concat(RepeatedUntold(decision)).ToList();
        return untold.Count == 0 || await TellAsync(untold)
            ? decision.Answers
            : decision.Answers.Select(answer => answer.Succeeded
                ? Outcome.Refused<DeviceRegistration>(Refusal.Unavailable, "The device is stored, but its street does not answer; send it again.")
                : answer).ToImmutableArray();
    }

    public Task<DeviceRegistration?> GetAsync(DeviceId id, Actor actor) => Task.FromResult(
        id.Value is not null && state.Devices.TryGetValue(id, out var device) && Registering.MaySee(actor, device) ? device : null);

    public Task<RegistrySnapshot?> FollowAsync(IRegistryObserver node, long knownSequence)
    {
        var now = timers.GetUtcNow();
        DropSilent(now);
        if (followers.ContainsKey(node) || followers.Count < limits.FollowersCountMax)
        {
            followers[node] = now;
        }
        else
        {
            LogTooManyFollowers(limits.FollowersCountMax);
        }

        return Task.FromResult(knownSequence == sequence ? null : new RegistrySnapshot(sequence, [.. state.Devices.Values]));
    }

    public Task<ImmutableArray<DeviceSource>> SelectUnknownAsync(ImmutableArray<DeviceSource> sources) =>
        Task.FromResult(sources.Where(source => !state.Knows(source)).ToImmutableArray());

    private async Task SaveAsync(ImmutableArray<RegistryChange> changes, Actor actor, DateTimeOffset now)
    {
        var by = actor.ToBy();
        try
        {
            await store.SaveAsync(
                [.. changes.Select(change => change.New)],
                [.. changes.Select(change => new AuditRow(now, by, change.Old is null ? "device_registered" : "device_changed", change.New.Id.Value, $"version {change.New.Version}"))]);
            foreach (var (old, device) in changes)
            {
                if (old is null || old.Source != device.Source)
                {
                    await ledger.ForgetUnregisteredAsync(device.Source?.Format ?? PayloadFormats.Canonical, device.Source?.Key ?? device.Id.Value);
                }
            }
        }
        catch (Exception)
        {
            // What the store holds now is not known here, so the next call loads it again.
            DeactivateOnIdle();
            throw;
        }
    }

    private IEnumerable<RegistryChange> RepeatedUntold(RegistryDecision decision) =>
        decision.Answers.Where(answer => answer is { Succeeded: true, Repeated: true } && !told.Contains(answer.Value!.Id)).Select(answer => new RegistryChange(null, answer.Value!));

    // A device that moves is first in its new street, then known to the nodes as being there, and only then gone from the old street: no message in between finds it nowhere.
    private async Task<bool> TellAsync(List<RegistryChange> changes)
    {
        var held = await TellStreetsAsync(changes.Select(change => (change.New.Street, change.New.Id)).Distinct(), leave: false);
        // The numbers are given before the first wait, so the order of telling is the order of deciding.
        var numbered = changes.Select(change => new DeviceChange(++sequence, change.New.Id, change.New)).ToList();
        await Task.WhenAll(followers.Keys.ToList().Select(node => TellNodeAsync(node, numbered)));
        var left = await TellStreetsAsync(
            changes.Where(change => change.Old is { } old && old.Street != change.New.Street).Select(change => (change.Old!.Street, change.New.Id)).Distinct(), leave: true);
        if (held && left)
        {
            told.UnionWith(changes.Select(change => change.New.Id));
        }

        return held && left;
    }

    private async Task<bool> TellStreetsAsync(IEnumerable<(AreaId Street, DeviceId Device)> devices, bool leave)
    {
        var calls = devices.GroupBy(entry => entry.Street, entry => entry.Device).Select(async street =>
        {
            try
            {
                var grain = GrainFactory.GetGrain<IStreetGrain>(street.Key.Value);
                await (leave
                    // One document may move a device and the next move it back; the last word counts.
                    ? grain.ApplyDevicesAsync([], [.. street.Where(id => state.Devices[id].Street != street.Key)])
                    : grain.ApplyDevicesAsync([.. street.Select(id => state.Devices[id]).Where(device => device.Street == street.Key)], []));
                return true;
            }
            catch (Exception failure)
            {
                LogStreetNotTold(failure, street.Key.Value);
                return false;
            }
        });
        return (await Task.WhenAll(calls)).All(answered => answered);
    }

    private async Task TellNodeAsync(IRegistryObserver node, List<DeviceChange> changes)
    {
        try
        {
            foreach (var change in changes)
            {
                await node.ApplyAsync(change).WaitAsync(TimeSpan.FromSeconds(limits.FollowerAnswerSeconds), timers);
            }
        }
        catch (Exception failure)
        {
            // A node that is gone, or too slow, loads everything when it follows again.
            followers.Remove(node);
            LogNodeDropped(failure);
        }
    }

    private void DropSilent(DateTimeOffset now)
    {
        foreach (var node in followers.Where(follower => now - follower.Value > TimeSpan.FromSeconds(limits.FollowerLifeSeconds)).Select(follower => follower.Key).ToList())
        {
            followers.Remove(node);
        }
    }
}
