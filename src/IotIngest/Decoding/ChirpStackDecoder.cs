using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// ChirpStack 4: application/{application}/device/{devEui}/event/{up|status|location|join|ack|txack|log|integration}, JSON. What the device says stands in "object", as the codec of its
// device profile decoded it; without a codec there are only raw bytes, which nobody can read here. The JSON comes from Protocol Buffers, which leaves out zeros.
internal static class ChirpStackDecoder
{
    public static void Decode(in DecodeInput input, DecodedMessage into) => JsonDocuments.Decode(input, into, DecodeEvent);

    private static void DecodeEvent(JsonElement root, in DecodeInput input, DecodedMessage into)
    {
        var device = root.ObjectField("deviceInfo");
        var key = device?.TextField("devEui") ?? DevEuiOfVersion3(root);
        if (!ForeignReadings.IsKey(key, "there is no deviceInfo.devEui", into))
        {
            return;
        }

        var like = new DecodedItem { Key = key.AsMemory() };
        // LoRaWAN writes UTC, also where it writes no offset. Version 3 names the time only where a gateway has received it.
        if (!ForeignTimes.Read(root, "time", TimeZoneInfo.Utc, ref like) && !ForeignTimes.Read(root, "publishedAt", TimeZoneInfo.Utc, ref like)
            && root.Field("rxInfo") is { ValueKind: JsonValueKind.Array } received && received.GetArrayLength() > 0)
        {
            ForeignTimes.Read(received[0], "time", TimeZoneInfo.Utc, ref like);
        }

        switch (EventOf(input.Topic, root))
        {
            case "up":
                DecodeUplink(root, like, input, into);
                break;
            case "status":
                DecodeStatus(root, like, into);
                break;
            case "location":
                DecodeLocation(root, like, into);
                break;
            default:
                // Joins, acknowledgements and logs carry nothing for the city.
                break;
        }
    }

    /// <summary>Over HTTP there may be no topic; then the members tell.</summary>
    private static string EventOf(string topic, JsonElement root)
    {
        var last = topic.LastIndexOf('/');
        return topic.Contains("/event/", StringComparison.Ordinal) ? topic[(last + 1)..]
            : root.TryGetProperty("level", out _) && root.TryGetProperty("code", out _) ? "log"
            : root.TryGetProperty("acknowledged", out _) || root.TryGetProperty("gatewayId", out _) ? "ack"
            : root.TryGetProperty("fCnt", out _) || root.TryGetProperty("object", out _) || root.TryGetProperty("data", out _) || root.TryGetProperty("fPort", out _) ? "up"
            : root.TryGetProperty("batteryLevel", out _) || root.TryGetProperty("margin", out _) || root.TryGetProperty("externalPowerSource", out _) ? "status"
            : root.TryGetProperty("location", out _) ? "location" : string.Empty;
    }

    private static void DecodeUplink(JsonElement root, in DecodedItem like, in DecodeInput input, DecodedMessage into)
    {
        if (root.TextField("objectJSON") is { } text)
        {
            // Version 3 wraps what the codec made into a text.
            using var inner = JsonDocument.Parse(text);
            AddValues(inner.RootElement, like, input, into);
        }
        else if (root.ObjectField("object") is { } values)
        {
            AddValues(values, like, input, into);
        }
        else if (root.TextField("data") is not null)
        {
            into.Refuse(RejectionReason.Unsupported, "the uplink holds raw bytes only; its device profile needs a codec that makes an \"object\"");
        }
    }

    private static void AddValues(JsonElement values, in DecodedItem like, in DecodeInput input, DecodedMessage into)
    {
        if (values.ValueKind == JsonValueKind.Object && ForeignReadings.Add(values, like, into))
        {
            AddTrackerPosition(values, like, into);
            AlarmFlags.Add(values, like, input, into);
        }
    }

    /// <summary>Codecs of trackers call the fix latitude and longitude.</summary>
    public static void AddTrackerPosition(JsonElement values, in DecodedItem like, DecodedMessage into)
    {
        if (values.NumberField("latitude") is { } latitude && values.NumberField("longitude") is { } longitude)
        {
            ForeignReadings.AddPosition(like, longitude, latitude, null, null, into);
        }
    }

    private static void DecodeStatus(JsonElement root, in DecodedItem like, DecodedMessage into)
    {
        ForeignReadings.Open(like, into);
        FlatValues.AddMember(root, "batteryLevel", into);
        into.AddValue("margin", root.NumberField("margin") ?? 0);
        if (root.BoolField("externalPowerSource") is { } external)
        {
            into.AddValue("externalPowerSource", external ? 1 : 0);
        }
    }

    private static void DecodeLocation(JsonElement root, in DecodedItem like, DecodedMessage into)
    {
        // A zero is left out: one of the two may be missing, on the equator or at Greenwich.
        if (root.ObjectField("location") is { } location && (location.NumberField("longitude") is not null || location.NumberField("latitude") is not null))
        {
            ForeignReadings.AddPosition(like, location.NumberField("longitude") ?? 0, location.NumberField("latitude") ?? 0, null, null, into);
        }
        else
        {
            into.Refuse(RejectionReason.Malformed, "the location has no longitude and latitude");
        }
    }

    /// <summary>Version 3 keeps the identity at the top, in hexadecimal or in Base64.</summary>
    private static string? DevEuiOfVersion3(JsonElement root)
    {
        var text = root.TextField("devEUI") ?? root.TextField("devEui");
        Span<byte> bytes = stackalloc byte[9];
        return text is { Length: 12 } && Convert.TryFromBase64String(text, bytes, out var count) && count == 8 ? Convert.ToHexStringLower(bytes[..8]) : text;
    }
}
