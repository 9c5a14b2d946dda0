using IotIngest.Decoding;

namespace IotIngest.Routing;

// What an account may publish and hear, as far as the topic tells. Binding is by the device's id and not by the street in the topic: a device that moved to
// another street still speaks, and the mismatch is counted where its messages are routed.
internal static class TopicRights
{
    /// <summary>Reads <c>city/v1/{street}/{device}/{channel}</c>; true for every topic below <c>city/v1</c>, with an empty device where it names none.</summary>
    public static bool DeviceOf(string topic, out ReadOnlySpan<char> device, out ReadOnlySpan<char> channel)
    {
        device = channel = default;
        if (!topic.StartsWith("city/v1", StringComparison.Ordinal) || (topic.Length > 7 && topic[7] != '/'))
        {
            return false;
        }

        Span<Range> parts = stackalloc Range[6];
        var text = topic.AsSpan();
        if (text.Split(parts, '/') == 5)
        {
            device = text[parts[3]];
            channel = text[parts[4]];
        }

        return true;
    }

    /// <summary>What devices say themselves; commands are the platform's word.</summary>
    public static bool IsForDevices(ReadOnlySpan<char> channel) => channel is "readings" or "events" or "position" or "status" or "replies";

    public static bool MatchesGateway(AccountEntry account, string topic)
    {
        foreach (var filter in account.Topics)
        {
            if (TopicFilter.Matches(filter, topic))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether what the account publishes may reach subscribers: its canonical topics, Sparkplug, and what a gateway was given by name.</summary>
    public static bool MayBeForwarded(AccountEntry account, string topic) => DeviceOf(topic, out _, out _) || SparkplugKeyOf(topic) is not null || MatchesGateway(account, topic);

    /// <summary>Whether the account may subscribe: only to the commands for the devices it speaks for, in the canonical form or in that of their own format.</summary>
    public static bool MayHear(AccountEntry account, DeviceDirectory directory, string filter)
    {
        if (!TopicFilter.IsValid(filter))
        {
            return false;
        }

        var levels = filter.Split('/');
        if (levels is ["city", "v1", _, _, "commands"] or ["city", "v1", _, _, "commands", "#"])
        {
            // The street is free only as a wildcard: made-up streets would be filters without end.
            return account.SpeaksFor(levels[3]) && (levels[2] == "+" || directory.Find(Decoding.Decoders.Canonical, levels[3])?.Street.Value == levels[2]);
        }

        return account.Devices(directory).Any(entry => entry.Registration.Source is { } source && MayHear(source.Format, source.Key, levels));
    }

    /// <summary>The node and device of <c>spBv1.0/{group}/{type}/{node}[/{device}]</c>, with slashes between; null: another topic.</summary>
    public static string? SparkplugKeyOf(string topic)
    {
        var levels = topic.Split('/', 6);
        return levels is ["spBv1.0", var group, _, var node] ? $"{group}/{node}"
            : levels is ["spBv1.0", var itsGroup, _, var itsNode, var device] ? $"{itsGroup}/{itsNode}/{device}"
            : topic.StartsWith("spBv1.0/", StringComparison.Ordinal) ? string.Empty
            : null;
    }

    /// <summary>An edge node speaks for itself and for the devices behind it, a device behind it for itself only.</summary>
    public static bool CoversSparkplug(string ownKey, string key) =>
        key.Length > 0 && (string.Equals(ownKey, key, StringComparison.OrdinalIgnoreCase)
            || (ownKey.AsSpan().Count('/') == 1 && key.StartsWith(ownKey + "/", StringComparison.OrdinalIgnoreCase)));

    private static bool MayHear(string format, string key, string[] levels) => format switch
    {
        "chirpstack" => levels is ["application", not "#", "device", var device, "command", ..] && Same(device, key),
        "the-things-stack" => levels is ["v3", not "#", "devices", var device, "down", ..] && Same(device, key),
        "sparkplug-b" => key.Split('/') is [var group, var node, ..]
            && (levels is ["spBv1.0", var itsGroup, "NCMD" or "DCMD", var itsNode, ..] ? Same(itsGroup, group) && Same(itsNode, node) : levels is ["spBv1.0", "STATE", ..] or ["STATE", ..]),
        "zigbee2mqtt" => string.Equals(string.Join('/', levels), $"zigbee2mqtt/{key}/set", StringComparison.OrdinalIgnoreCase),
        "tasmota" => levels is ["cmnd", var device, ..] && Same(device, key),
        "shelly" => levels is [var device, "rpc" or "command", ..] && Same(device, key),
        _ => false,
    };

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
