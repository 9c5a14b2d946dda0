using System.Text;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// ChirpStack 4: application/{application}/device/{devEui}/event/{up|status|location|join|ack|txack|log|integration}, JSON. What the device says stands in "object", as the codec of its
// device profile decoded it; without a codec there are only raw bytes, which nobody can read here.
internal static class ChirpStackDecoder
{
    public static void Decode(in DecodeInput input, DecodedMessage into) => JsonDocuments.Decode(input, into, DecodeEvent);

    private static void DecodeEvent(JsonElement root, in DecodeInput input, DecodedMessage into)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("deviceInfo", out var device) || device.ValueKind != JsonValueKind.Object
            || !device.TryGetProperty("devEui", out var devEui) || devEui.ValueKind != JsonValueKind.String || devEui.GetString() is not { Length: > 0 and <= 64 } key)
        {
            into.Refuse(RejectionReason.Malformed, "there is no deviceInfo.devEui");
            return;
        }

        switch (EventOf(input.Topic, root))
        {
            case "up":
                DecodeUplink(root, key, into);
                break;
            case "status":
                ref var status = ref into.AddItem(ItemKind.Reading, key.AsMemory());
                ReadTime(root, ref status);
                FlatValues.AddMember(root, "batteryLevel", into);
                FlatValues.AddMember(root, "margin", into);
                break;
            case "location":
                DecodeLocation(root, key, into);
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
            : root.TryGetProperty("fCnt", out _) || root.TryGetProperty("object", out _) || root.TryGetProperty("data", out _) ? "up"
            : root.TryGetProperty("batteryLevel", out _) ? "status"
            : root.TryGetProperty("location", out _) ? "location" : string.Empty;
    }

    private static void DecodeUplink(JsonElement root, string key, DecodedMessage into)
    {
        if (!root.TryGetProperty("object", out var values) || values.ValueKind != JsonValueKind.Object)
        {
            if (root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.String && data.GetString()!.Length > 0)
            {
                into.Refuse(RejectionReason.Unsupported, "the uplink holds raw bytes only; its device profile needs a codec that makes an \"object\"");
            }

            return;
        }

        ref var item = ref into.AddItem(ItemKind.Reading, key.AsMemory());
        ReadTime(root, ref item);
        if (!FlatValues.TryAdd(values, string.Empty, into))
        {
            into.DropLastItem();
            into.Refuse(RejectionReason.Malformed, $"more than {DecodedMessage.ValuesMax} values in one message");
        }
    }

    private static void DecodeLocation(JsonElement root, string key, DecodedMessage into)
    {
        if (root.TryGetProperty("location", out var location) && location.ValueKind == JsonValueKind.Object
            && location.TryGetProperty("longitude", out var longitude) && longitude.ValueKind == JsonValueKind.Number
            && location.TryGetProperty("latitude", out var latitude) && latitude.ValueKind == JsonValueKind.Number)
        {
            ref var item = ref into.AddItem(ItemKind.Position, key.AsMemory());
            ReadTime(root, ref item);
            (item.Longitude, item.Latitude) = (longitude.GetDouble(), latitude.GetDouble());
        }
        else
        {
            into.Refuse(RejectionReason.Malformed, "the location has no longitude and latitude");
        }
    }

    /// <summary>LoRaWAN writes UTC, also where it writes no offset.</summary>
    private static void ReadTime(JsonElement root, ref DecodedItem item)
    {
        if (!root.TryGetProperty("time", out var time) || time.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        if (time.ValueKind == JsonValueKind.String && LocalTimes.TryParse(Encoding.UTF8.GetBytes(time.GetString()!), TimeZoneInfo.Utc, out var at))
        {
            item.At = at;
        }
        else
        {
            item.BadTime = time.GetRawText() is { Length: > 100 } text ? text[..100] : time.GetRawText();
        }
    }
}
