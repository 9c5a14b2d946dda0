using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Registry;

/// <summary>Applies devices to a street, and takes devices from it.</summary>
internal delegate Task ApplyToStreet(AreaId street, ImmutableArray<DeviceRegistration> devices, ImmutableArray<DeviceId> removed);

/// <summary>Tells streets and ingest nodes of what the registry has decided, and keeps the list of nodes that follow. Called from one turn at a time.</summary>
internal sealed partial class Telling(ApplyToStreet apply, RegistryOptions limits, TimeProvider timers, ILogger log)
{
    private readonly Dictionary<IRegistryObserver, DateTimeOffset> followers = [];

    // Devices that everyone was told of. A registration whose telling failed is told again when its document comes again.
    private readonly HashSet<DeviceId> told = [];

    // Streets that a device has left and that have not been told yet: tried again with every later change.
    private readonly HashSet<(AreaId Street, DeviceId Device)> leaving = [];

    /// <summary>Number of the newest change. Counting from the clock makes every activation begin above whatever the last one told, so a node never takes
    /// an old number for the present one.</summary>
    public long Sequence { get; private set; } = timers.GetUtcNow().ToUnixTimeMilliseconds() * 1000;

    public int FollowersCount => followers.Count;

    /// <summary>Whether everyone holds the device as it is.</summary>
    public bool HasTold(DeviceId device) => told.Contains(device);

    /// <summary>Keeps the node for a while. A node beyond the limit is served but not kept.</summary>
    public void Follow(IRegistryObserver node)
    {
        var now = timers.GetUtcNow();
        foreach (var silent in followers.Where(follower => now - follower.Value > TimeSpan.FromSeconds(limits.FollowerLifeSeconds)).Select(follower => follower.Key).ToList())
        {
            followers.Remove(silent);
        }

        if (followers.ContainsKey(node) || followers.Count < limits.FollowersCountMax)
        {
            followers[node] = now;
        }
        else
        {
            LogTooManyFollowers(limits.FollowersCountMax);
        }
    }

    /// <summary>Returns when every street and every live node hold the changes; false when a street does not answer.
    /// A device that moves is first in its new street, then known to the nodes as being there, and only then gone from the old street: no message in between finds it nowhere.</summary>
    public async Task<bool> TellAsync(IReadOnlyList<RegistryChange> changes)
    {
        told.ExceptWith(changes.Select(change => change.New.Id));
        // One call may change a device twice; the streets need its last form only.
        var last = changes.GroupBy(change => change.New.Id).ToDictionary(ofDevice => ofDevice.Key, ofDevice => ofDevice.Last().New);
        var entered = await ApplyAsync(last.Values.GroupBy(device => device.Street), street => apply(street.Key, [.. street], []));

        var numbered = changes.Select(change => new DeviceChange(++Sequence, change.New.Id, change.New)).ToList();
        await Task.WhenAll(followers.Keys.ToList().Select(node => TellNodeAsync(node, numbered)));

        leaving.UnionWith(changes.SelectMany(change => new[] { change.Old, change.New }).OfType<DeviceRegistration>().Select(device => (device.Street, device.Id)));
        leaving.RemoveWhere(place => last.TryGetValue(place.Device, out var device) && device.Street == place.Street);
        await ApplyAsync(leaving.GroupBy(place => place.Street, place => place.Device), async street =>
        {
            var devices = street.ToList();
            await apply(street.Key, [], [.. devices]);
            leaving.ExceptWith(devices.Select(device => (street.Key, device)));
        });

        var left = !leaving.Any(place => last.ContainsKey(place.Device));
        if (entered && left)
        {
            told.UnionWith(last.Keys);
        }

        return entered && left;
    }

    /// <summary>Returns when every live node knows the account. Streets have nothing to do with it.</summary>
    public Task TellAsync(DeviceRegistration device, BrokerAccount account)
    {
        List<DeviceChange> change = [new(++Sequence, device.Id, device) { Account = account }];
        return Task.WhenAll(followers.Keys.ToList().Select(node => TellNodeAsync(node, change)));
    }

    private async Task<bool> ApplyAsync<T>(IEnumerable<IGrouping<AreaId, T>> streets, Func<IGrouping<AreaId, T>, Task> call)
    {
        var answers = await Task.WhenAll(streets.ToList().Select(async street =>
        {
            try
            {
                await call(street);
                return true;
            }
            catch (Exception failure)
            {
                LogStreetNotTold(failure, street.Key.Value);
                return false;
            }
        }));
        return answers.All(answered => answered);
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
}
