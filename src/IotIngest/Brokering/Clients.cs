using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using IotIngest.Hosting;

namespace IotIngest.Brokering;

/// <summary>A connected client: under which account and version of it, and how fast it may publish.</summary>
internal sealed class Client(string id, string? account, long version, bool speaksMqtt5, EndPoint? remote, int publishesPerSecondMax)
{
    private long windowStart = Stopwatch.GetTimestamp();
    private int published;

    public string Id { get; } = id;

    /// <summary>Null: it needed none.</summary>
    public string? Account { get; } = account;
    public long Version { get; } = version;
    public bool SpeaksMqtt5 { get; } = speaksMqtt5;

    /// <summary>What tells this connection from another of the same name.</summary>
    public EndPoint? Remote { get; } = remote;

    /// <summary>How long the connection is not to be read before this publish counts; nearly always zero. Called by one publish at a time.</summary>
    public TimeSpan Pace()
    {
        // The clock is looked at only when the second's share is used up.
        if (++published <= publishesPerSecondMax)
        {
            return TimeSpan.Zero;
        }

        var since = Stopwatch.GetElapsedTime(windowStart);
        var pause = since < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) - since : TimeSpan.Zero;
        windowStart = Stopwatch.GetTimestamp() + (long)(pause.TotalSeconds * Stopwatch.Frequency);
        published = 1;
        return pause;
    }
}

/// <summary>The clients that are let in, by identifier, and how many of them each account has.</summary>
internal sealed class Clients(BrokerOptions options)
{
    private readonly ConcurrentDictionary<string, Client> byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, HashSet<string>> byAccount = new(StringComparer.Ordinal);

    public int Count => byId.Count;

    public Client? Find(string id) => byId.GetValueOrDefault(id);

    /// <summary>An account's identifiers begin with its name, so that no client can take over another account's session by calling itself alike.</summary>
    public static string IdOf(string? account, string id) =>
        string.IsNullOrEmpty(account) || id.StartsWith(account + "/", StringComparison.Ordinal) ? id : account + "/" + id;

    /// <summary>False: the account has as many connections as it may.</summary>
    public bool TryAdd(string id, string? account, long version, bool isGateway, bool speaksMqtt5, EndPoint? remote = null)
    {
        var ordinary = account is not null && version > 0 && !isGateway;
        if (account is not null && version > 0)
        {
            var of = byAccount.GetOrAdd(account, _ => new(StringComparer.Ordinal));
            lock (of)
            {
                if (!of.Contains(id) && of.Count >= (ordinary ? options.ConnectionsPerDeviceMax : options.ConnectionsPerGatewayMax))
                {
                    return false;
                }

                of.Add(id);
            }
        }

        byId[id] = new Client(id, account, version, speaksMqtt5, remote, ordinary ? options.DevicePublishesPerSecondMax : options.PublishesPerSecondMax);
        return true;
    }

    /// <summary>Forgets the client, unless another connection of the same name has come in between.</summary>
    public void Remove(Client client)
    {
        if (byId.TryRemove(KeyValuePair.Create(client.Id, client)) && client.Account is not null && byAccount.TryGetValue(client.Account, out var of))
        {
            lock (of)
            {
                of.Remove(client.Id);
            }
        }
    }

    public string[] Of(string account)
    {
        if (!byAccount.TryGetValue(account, out var of))
        {
            return [];
        }

        lock (of)
        {
            return [.. of];
        }
    }
}
