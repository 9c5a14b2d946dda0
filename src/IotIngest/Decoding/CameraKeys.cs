namespace IotIngest.Decoding;

/// <summary>What identifies a camera: its MAC address, else its IP address and channel, else what its topic names.</summary>
internal static class CameraKeys
{
    /// <summary>The key, and a second one for registrations that used the address instead; an empty key when nothing names the device.</summary>
    public static (string Key, string? OtherKey) Of(string mac, string ip, string channel, string topic, string format, string serial = "")
    {
        var place = ip.Length == 0 ? null : channel.Length == 0 ? ip : $"{ip}/{channel}";
        if (Mac(mac) is { } address)
        {
            return (address, place);
        }

        if (place is not null)
        {
            return (place, channel.Length == 0 ? null : ip);
        }

        var level = LevelOf(topic, format);
        if (Mac(level) is { } named)
        {
            return (named, null);
        }

        // A recorder or gateway stands in the topic or gives its serial number, and the channel tells its cameras apart.
        var (whole, one) = level.Length > 0 ? (level, $"{level}/{channel}") : (serial, $"{serial}/{channel}");
        return whole.Length == 0 || channel.Length == 0 ? (whole, null) : System.Net.IPAddress.TryParse(whole, out _) ? (one, whole) : (whole, one);
    }

    /// <summary>Six pairs of hexadecimal digits in lower case with colons; null when the text is no such address.</summary>
    public static string? Mac(string text)
    {
        Span<char> address = stackalloc char[17];
        var digits = 0;
        foreach (var current in text)
        {
            if (char.IsAsciiHexDigit(current) && digits < 12)
            {
                address[digits + (digits / 2)] = char.ToLowerInvariant(current);
                digits++;
            }
            else if (current is not (':' or '-' or '.'))
            {
                return null;
            }
        }

        if (digits != 12)
        {
            return null;
        }

        for (var i = 2; i < 17; i += 3)
        {
            address[i] = ':';
        }

        return address.ToString();
    }

    /// <summary>The topic's level behind the name of the format, or its first level under a topic of another shape.</summary>
    private static string LevelOf(string topic, string format)
    {
        var rest = topic.AsSpan();
        if (rest.StartsWith(format, StringComparison.OrdinalIgnoreCase))
        {
            rest = rest.Length > format.Length ? rest[(format.Length + 1)..] : [];
        }

        var end = rest.IndexOf('/');
        return (end < 0 ? rest : rest[..end]).ToString();
    }
}
