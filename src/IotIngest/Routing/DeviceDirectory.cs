using System.Collections.Concurrent;
using CommandCenter.Grains.Contracts;
using IotIngest.Decoding;
using IotIngest.Delivering;
using IotIngest.Hosting;
using Microsoft.Extensions.Logging;

namespace IotIngest.Routing;

/// <summary>This node's copy of the registry. The registry tells each change before it answers the one who made it, so the next message already finds it;
/// the copy is compared every few seconds and loaded again after a gap.</summary>
internal sealed partial class DeviceDirectory : IRegistryObserver, IDisposable
{
    private readonly ConcurrentDictionary<string, DeviceEntry> byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DeviceEntry> bySource = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, AccountEntry> accounts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DeviceEntry>.AlternateLookup<ReadOnlySpan<char>> byIdText;
    private readonly ConcurrentDictionary<string, DeviceEntry>.AlternateLookup<ReadOnlySpan<char>> bySourceText;
    private readonly Lock changing = new();
    private readonly GrainBorder grains;
    private readonly IngestOptions options;
    private readonly TimeProvider timers;
    private readonly ILogger<DeviceDirectory> log;
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim gap = new(0, 1);
    private IRegistryObserver? reference;
    private Task following = Task.CompletedTask;
    private long sequence = -1;

    public DeviceDirectory(GrainBorder grains, IngestOptions options, TimeProvider timers, ILogger<DeviceDirectory> log)
    {
        (this.grains, this.options, this.timers, this.log) = (grains, options, timers, log);
        byIdText = byId.GetAlternateLookup<ReadOnlySpan<char>>();
        bySourceText = bySource.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count => byId.Count;

    /// <summary>Called with the account as it was and as it is now, after it counts; must not block.</summary>
    public Action<AccountEntry?, AccountEntry>? AccountChanged { get; set; }

    /// <summary>The broker account of that name; null: there is none.</summary>
    public AccountEntry? FindAccount(string name) => accounts.GetValueOrDefault(name);

    /// <summary>Finds a device by its identity inside a format. The canonical identity is the device's own id.</summary>
    public DeviceEntry? Find(string format, ReadOnlySpan<char> key)
    {
        if (ReferenceEquals(format, Decoders.Canonical) || format == Decoders.Canonical)
        {
            return byIdText.TryGetValue(key, out var device) ? device : null;
        }

        Span<char> text = stackalloc char[256];
        if (format.Length + 1 + key.Length > text.Length)
        {
            return null;
        }

        format.CopyTo(text);
        text[format.Length] = '\n';
        key.CopyTo(text[(format.Length + 1)..]);
        return bySourceText.TryGetValue(text[..(format.Length + 1 + key.Length)], out var found) ? found : null;
    }

    /// <summary>The device that an item speaks of, by the first of its identities that is registered.</summary>
    public DeviceEntry? Find(string format, in DecodedItem item) =>
        Find(format, item.Key.Span) ?? (item.OtherKey.IsEmpty ? null : Find(format, item.OtherKey.Span));

    /// <summary>Loads everything, however long the registry takes to answer, and goes on following it.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        reference = grains.Refer(this);
        while (!await TryFollowAsync().ConfigureAwait(false))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(options.RetryFirstMs), timers, cancellation).ConfigureAwait(false);
        }

        LogLoaded(Count);
        following = FollowAsync();
    }

    public async Task StopAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await following.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task ApplyAsync(DeviceChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (changing)
        {
            if (change.Sequence <= sequence)
            {
                return Task.CompletedTask;
            }

            Put(change.Id, change.Device);
            if (change.Account is { } account)
            {
                Put(account);
            }

            if (change.Sequence == sequence + 1)
            {
                sequence = change.Sequence;
                return Task.CompletedTask;
            }
        }

        // Changes are missing in between: this one counts already, and the rest is fetched at once.
        if (gap.CurrentCount == 0)
        {
            gap.Release();
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        stopping.Dispose();
        gap.Dispose();
    }

    private async Task FollowAsync()
    {
        try
        {
            while (true)
            {
                // A gap ends the wait early.
                await gap.WaitAsync(TimeSpan.FromSeconds(options.FollowSeconds), stopping.Token).ConfigureAwait(false);
                await TryFollowAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private async Task<bool> TryFollowAsync()
    {
        try
        {
            long known;
            lock (changing)
            {
                known = sequence;
            }

            var snapshot = await grains.Registry().FollowAsync(reference!, known).ConfigureAwait(false);
            if (snapshot is not null)
            {
                Load(snapshot);
            }

            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogNotFollowing(failure);
            return false;
        }
    }

    private void Load(RegistrySnapshot snapshot)
    {
        lock (changing)
        {
            if (snapshot.Sequence < sequence)
            {
                // A registry that started again counts from its own start; what it holds is the truth.
                LogSequenceFell(sequence, snapshot.Sequence);
            }

            sequence = snapshot.Sequence;
            var present = new HashSet<string>(snapshot.Devices.Length, StringComparer.Ordinal);
            foreach (var device in snapshot.Devices)
            {
                present.Add(device.Id.Value);
                if (!byId.TryGetValue(device.Id.Value, out var held) || !held.Registration.Equals(device))
                {
                    Put(device.Id, device);
                }
            }

            foreach (var id in byId.Keys.Where(id => !present.Contains(id)).ToArray())
            {
                Put(new DeviceId(id), null);
            }

            foreach (var account in snapshot.Accounts)
            {
                Put(account);
            }
        }
    }

    private void Put(BrokerAccount account)
    {
        // A version that differs counts, also a lower one: what the registry holds is the truth.
        var old = accounts.GetValueOrDefault(account.Device.Value);
        if (old is null || old.Account.Version != account.Version || old.Account.IssuedAt != account.IssuedAt)
        {
            var entry = new AccountEntry(account);
            accounts[account.Device.Value] = entry;
            AccountChanged?.Invoke(old, entry);
        }
    }

    private void Put(DeviceId id, DeviceRegistration? device)
    {
        // The new entry stands before the old one goes, or a message in between would find no device.
        byId.TryGetValue(id.Value, out var old);
        if (device is null)
        {
            byId.TryRemove(id.Value, out _);
        }
        else
        {
            var entry = new DeviceEntry(device);
            byId[id.Value] = entry;
            if (device.Source is { } source)
            {
                bySource[SourceText(source)] = entry;
            }
        }

        // Removes only the old entry itself: under the same key the new one has replaced it already.
        if (old?.Registration.Source is { } left)
        {
            bySource.TryRemove(new KeyValuePair<string, DeviceEntry>(SourceText(left), old));
        }
    }

    /// <summary>People write hardware addresses with colons, dashes or neither; the decoders of cameras with colons.</summary>
    private static string SourceText(DeviceSource source) =>
        source.Format + "\n" + (source.Format is "hikvision" or "dahua" ? CameraKeys.Mac(source.Key) ?? source.Key : source.Key);
}
