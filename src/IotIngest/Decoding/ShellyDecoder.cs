using System.Text;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// Shelly. Second generation and later: {prefix}/events/rpc with NotifyStatus, NotifyFullStatus and NotifyEvent, {prefix}/status/{component}, {prefix}/online; the prefix is the device's id unless
// someone set another. First generation: shellies/{id}/… with one value on each topic. The key is the source id where the message names it, else the prefix.
internal static class ShellyDecoder
{
    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        if (input.Payload.IsEmpty)
        {
            return;
        }

        var topic = input.Topic;
        if (topic.StartsWith("shellies/", StringComparison.Ordinal))
        {
            FirstShellyDecoder.Decode(input, into);
        }
        else if (CutPrefix(topic, "/online") is { } device)
        {
            DecodeOnline(input.Payload, device, into);
        }
        else if (topic.LastIndexOf("/status/", StringComparison.Ordinal) is > 0 and var at)
        {
            var (prefix, component) = (topic[..at], topic[(at + "/status/".Length)..]);
            JsonDocuments.Decode(input, into, (JsonElement root, in DecodeInput _, DecodedMessage result) => DecodeComponent(root, prefix, component, result));
        }
        else
        {
            var prefix = CutPrefix(topic, "/events/rpc") ?? CutPrefix(topic, "/rpc");
            JsonDocuments.Decode(input, into, (JsonElement root, in DecodeInput message, DecodedMessage result) => DecodeFrame(root, prefix, message, result));
        }
    }

    private static string? CutPrefix(string topic, string end) => topic.Length > end.Length && topic.EndsWith(end, StringComparison.Ordinal) ? topic[..^end.Length] : null;

    private static void DecodeOnline(ReadOnlySpan<byte> payload, string device, DecodedMessage into)
    {
        var online = FlatValues.NumberOf(Encoding.UTF8.GetString(payload[..Math.Min(payload.Length, 16)]));
        if (!double.IsFinite(online))
        {
            into.Refuse(RejectionReason.Malformed, "online is neither true nor false");
        }
        else if (ForeignReadings.IsKey(device, "the topic names no device", into))
        {
            ForeignReadings.AddStatus(new DecodedItem { Key = device.AsMemory() }, online > 0, into);
        }
    }

    private static void DecodeFrame(JsonElement root, string? prefix, in DecodeInput input, DecodedMessage into)
    {
        var source = root.TextField("src");
        if (!ForeignReadings.IsKey(source ?? prefix, "neither src nor the topic names the device", into))
        {
            return;
        }

        var like = new DecodedItem { Key = (source ?? prefix).AsMemory(), OtherKey = source is null ? default : prefix.AsMemory() };
        var parameters = root.ObjectField("params");
        switch (root.TextField("method"))
        {
            case "NotifyStatus" or "NotifyFullStatus" when parameters is { } status:
                ReadTime(status, input, ref like);
                AddComponents(status, like, input, into);
                break;
            case "NotifyEvent" when parameters is { } happened:
                ReadTime(happened, input, ref like);
                DecodeEvents(happened, like, input, into);
                break;
            case "NotifyStatus" or "NotifyFullStatus" or "NotifyEvent":
                into.Refuse(RejectionReason.Malformed, "the notification has no params");
                break;
            case null when root.Field("result") is null && root.Field("error") is null:
                into.Refuse(RejectionReason.Malformed, "there is no method");
                break;
            default:
                // Calls and their answers carry nothing for the city.
                break;
        }
    }

    private static void ReadTime(JsonElement parameters, in DecodeInput input, ref DecodedItem like)
    {
        ForeignTimes.Read(parameters, "ts", input.Zone, ref like);
        ForeignTimes.DropUnset(ref like);
    }

    private static void AddComponents(JsonElement status, in DecodedItem like, in DecodeInput input, DecodedMessage into)
    {
        ForeignReadings.Open(like, into);
        foreach (var component in status.EnumerateObject())
        {
            if (component.Value.ValueKind == JsonValueKind.Object && !TryAddComponent(component.Value, component.Name, into))
            {
                ForeignReadings.TooMany(into);
                return;
            }
        }

        ForeignReadings.Close(into);
        foreach (var component in status.EnumerateObject())
        {
            if (component.Value.BoolField("alarm") is { } alarm && TypeOf(component.Name) is { } type)
            {
                ForeignReadings.AddEvent(like, type, component.Name, alarm ? Phase.Active : Phase.Inactive, input, into);
            }
        }
    }

    private static void DecodeComponent(JsonElement component, string prefix, string name, DecodedMessage into)
    {
        if (component.ValueKind != JsonValueKind.Object)
        {
            into.Refuse(RejectionReason.Malformed, "expected an object");
            return;
        }

        if (!ForeignReadings.IsKey(prefix, "the topic names no device", into))
        {
            return;
        }

        ForeignReadings.Open(new DecodedItem { Key = prefix.AsMemory() }, into);
        if (TryAddComponent(component, name, into))
        {
            ForeignReadings.Close(into);
        }
        else
        {
            ForeignReadings.TooMany(into);
        }
    }

    private static bool TryAddComponent(JsonElement component, string name, DecodedMessage into)
    {
        // The address of the cloud, of the network and of the broker are settings and not readings.
        if (name is "cloud" or "mqtt" or "ws" or "ble" or "matter" or "knx" or "ui" or "script" || name.StartsWith("script:", StringComparison.Ordinal))
        {
            return true;
        }

        foreach (var member in component.EnumerateObject())
        {
            // Texts are names, addresses and causes; a fault stands in "errors", and what it spoils is null.
            if (member.Name is "id" or "errors" or "minute_ts" or "unixtime" or "last_sync_ts" or "available_updates" || member.Value.ValueKind == JsonValueKind.String)
            {
                continue;
            }

            if (!FlatValues.TryAdd(member.Value, name + "." + member.Name, into, UnitsOf))
            {
                return false;
            }
        }

        return true;
    }

    private static void DecodeEvents(JsonElement parameters, in DecodedItem like, in DecodeInput input, DecodedMessage into)
    {
        if (parameters.Field("events") is not { ValueKind: JsonValueKind.Array } events)
        {
            into.Refuse(RejectionReason.Malformed, "the notification has no events");
            return;
        }

        foreach (var happened in events.EnumerateArray())
        {
            var item = like;
            ReadTime(happened, input, ref item);
            item.At ??= like.At;
            var component = happened.TextField("component") ?? string.Empty;
            var word = happened.TextField("event");
            var type = word switch
            {
                "single_push" or "double_push" or "triple_push" or "long_push" => "input",
                "alarm" or "alarm_off" or "alarm_cleared" => TypeOf(component),
                "smoke" or "flood" or "tamper" or "motion" => word is "flood" ? "water_leak" : word,
                "overtemp" or "overtemperature" => "high_temperature",
                // Keys pressed and let go, settings changed, updates: nothing for the city.
                _ => null,
            };
            if (type is not null)
            {
                var phase = word is "alarm" ? Phase.Active : word is "alarm_off" or "alarm_cleared" ? Phase.Ended : Phase.Pulse;
                ForeignReadings.AddEvent(item, type, component, phase, input, into);
            }
        }
    }

    private static string? TypeOf(string component) => component.Split(':')[0] switch
    {
        "smoke" => "smoke",
        "flood" => "water_leak",
        "gas" => "gas_leak",
        "tamper" => "tamper",
        _ => null,
    };

    private static (string? Unit, string? UsualUnit) UnitsOf(string name) => name[(name.LastIndexOf('.') + 1)..] switch
    {
        "tC" => ("Cel", null),
        "tF" => ("[degF]", null),
        "rh" or "percent" or "current_pos" or "target_pos" => (null, "%"),
        "apower" or "act_power" or "total_act_power" => (null, "W"),
        "voltage" or "V" => (null, "V"),
        "current" or "total_current" => (null, "A"),
        "freq" => (null, "Hz"),
        "lux" => (null, "lx"),
        "rssi" => (null, "dB{1mW}"),
        "total" or "total_act" or "total_act_ret" => (null, "W.h"),
        _ => default,
    };
}
