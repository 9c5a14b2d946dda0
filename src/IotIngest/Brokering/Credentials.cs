using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using CommandCenter.Grains.Contracts;
using IotIngest.Hosting;
using IotIngest.Routing;

namespace IotIngest.Brokering;

/// <summary>How a connection may go on.</summary>
internal enum Admission
{
    /// <summary>Everything is allowed: the platform itself, or anyone where no account is needed.</summary>
    Platform,
    /// <summary>An account of the registry, with its rights.</summary>
    Account,
    Refused,
    /// <summary>Too many wrong secrets came before; this one was not looked at.</summary>
    Throttled,
}

/// <summary>Who connects. A secret that was right is remembered as a keyed digest, so a reconnection costs microseconds; one that is new costs a hash, on the pool and few at a time.</summary>
internal sealed class Credentials(BrokerOptions options, DeviceDirectory directory, FailureThrottle failures) : IDisposable
{
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, (long Version, byte[] Digest)> proven = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim hashing = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>The account of the platform's own clients inside this process; made anew at each start when none is configured, with a sign in front that no device id has.</summary>
    public (string Name, string Password) Platform { get; } =
        string.IsNullOrEmpty(options.Username) ? ("$platform-" + DeviceSecrets.Make()[..8], DeviceSecrets.Make()) : (options.Username, options.Password ?? string.Empty);

    public bool IsPlatform(string? name) => string.IsNullOrEmpty(name) ? options.Anonymous : string.Equals(name, Platform.Name, StringComparison.Ordinal);

    /// <summary>Decides on a connection, and answers the version of the account it was decided on.</summary>
    public async ValueTask<(Admission Admission, long Version)> AdmitAsync(string? name, byte[]? secret, string address, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(name))
        {
            return (options.Anonymous ? Admission.Platform : Admission.Refused, 0);
        }

        if (IsPlatform(name))
        {
            if (CryptographicOperations.FixedTimeEquals(SHA256.HashData(secret ?? []), SHA256.HashData(Encoding.UTF8.GetBytes(Platform.Password))))
            {
                return (Admission.Platform, 0);
            }
        }
        else if (directory.FindAccount(name) is { } entry)
        {
            var digest = HMACSHA256.HashData(key, secret ?? []);
            if (proven.TryGetValue(name, out var known) && known.Version == entry.Account.Version && CryptographicOperations.FixedTimeEquals(known.Digest, digest))
            {
                return (Admission.Account, entry.Account.Version);
            }

            if (failures.IsNameClosed(address, name))
            {
                return (Admission.Throttled, 0);
            }

            if (await VerifyAsync(entry.Account, secret ?? [], cancellation).ConfigureAwait(false))
            {
                proven[name] = (entry.Account.Version, digest);
                return (Admission.Account, entry.Account.Version);
            }
        }

        // That a name is unknown shows in the time of the answer; names are device ids and stand in every topic, so they are no secret.
        var throttled = failures.IsClosed(address, name);
        failures.Count(address, name);
        return (throttled ? Admission.Throttled : Admission.Refused, 0);
    }

    public void Dispose() => hashing.Dispose();

    private async Task<bool> VerifyAsync(BrokerAccount account, byte[] secret, CancellationToken cancellation)
    {
        await hashing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => DeviceSecrets.Verify(account, secret), cancellation).ConfigureAwait(false);
        }
        finally
        {
            hashing.Release();
        }
    }
}
