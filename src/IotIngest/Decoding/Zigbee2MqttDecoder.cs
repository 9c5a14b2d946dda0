using System.Text;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// Zigbee2MQTT: zigbee2mqtt/{friendly name}[/availability|/set|/get], where the friendly name may hold slashes; zigbee2mqtt/bridge/… is the program speaking of itself. With its output set to
// attributes, each value comes alone on zigbee2mqtt/{friendly name}/{value}.
internal static class Zigbee2MqttDecoder
{
    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        const string usual = "zigbee2mqtt/";
        // The base topic can be set; a filter for another one has one level of it here.
        var start = input.Topic.StartsWith(usual, StringComparison.Ordinal) ? usual.Length : input.Topic.IndexOf('/', StringComparison.Ordinal) + 1;
        var name = input.Topic[start..];
        if (input.Payload.IsEmpty || name is "bridge" || name.StartsWith("bridge/", StringComparison.Ordinal) || IsCommand(name))
        {
            return;
        }

        const string availability = "/availability";
        if (name.EndsWith(availability, StringComparison.Ordinal))
        {
            DecodeAvailability(input, name[..^availability.Length], into);
        }
        else
        {
            JsonDocuments.Decode(input, into, (JsonElement root, in DecodeInput message, DecodedMessage result) => DecodeState(root, name, message, result), TextAsJson);
        }
    }

    private static bool IsCommand(string name) =>
        name.EndsWith("/set", StringComparison.Ordinal) || name.EndsWith("/get", StringComparison.Ordinal)
        || name.Contains("/set/", StringComparison.Ordinal) || name.Contains("/get/", StringComparison.Ordinal);

    /// <summary>Alone on its topic a text comes without quotes.</summary>
    private static string? TextAsJson(string text) => text.Length <= 100 && !text.StartsWith('{') && !text.StartsWith('[') ? JsonSerializer.Serialize(text, BareTextJson.Default.String) : null;

    private static void DecodeAvailability(in DecodeInput input, string name, DecodedMessage into)
    {
        if (!ForeignReadings.IsKey(name, "the topic names no device", into))
        {
            return;
        }

        var like = new DecodedItem { Key = name.AsMemory() };
        JsonDocuments.Decode(input, into, (JsonElement root, in DecodeInput message, DecodedMessage result) =>
        {
            // Up to 1.17 the bare word, since then {"state":"online"}.
            var word = root.ValueKind == JsonValueKind.String ? root.GetString() : root.TextField("state");
            if (word is "online" or "offline")
            {
                ForeignReadings.AddStatus(like, word is "online", result);
            }
            else
            {
                result.Refuse(RejectionReason.Malformed, "the availability is neither online nor offline");
            }
        }, TextAsJson);
    }

    private static void DecodeState(JsonElement root, string name, in DecodeInput input, DecodedMessage into)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            DecodeAttribute(root, name, into);
            return;
        }

        var device = root.ObjectField("device");
        var key = name.Length > 0 ? name : device?.TextField("friendlyName") ?? device?.TextField("friendly_name") ?? root.TextField("friendly_name");
        if (!ForeignReadings.IsKey(key, "the topic names no device", into))
        {
            return;
        }

        var like = new DecodedItem { Key = key.AsMemory(), OtherKey = (device?.TextField("ieeeAddr") ?? device?.TextField("ieee_address")).AsMemory() };
        ForeignTimes.Read(root, "last_seen", input.Zone, ref like);
        ForeignReadings.Open(like, into);
        foreach (var member in root.EnumerateObject())
        {
            // Null stands for what the device has never told.
            if (!IsNoValue(member.Name) && member.Value.ValueKind != JsonValueKind.Null && !FlatValues.TryAdd(member.Value, member.Name, into, flat => (null, UsualUnitOf(flat, root))))
            {
                ForeignReadings.TooMany(into);
                return;
            }
        }

        ForeignReadings.Close(into);
        AlarmFlags.Add(root, like, input, into);
        if (root.TextField("action") is "emergency" or "panic" or "sos")
        {
            ForeignReadings.AddEvent(like, "sos", "action", Phase.Pulse, input, into);
        }
    }

    private static void DecodeAttribute(JsonElement value, string name, DecodedMessage into)
    {
        var last = name.LastIndexOf('/');
        if (last <= 0 || value.ValueKind == JsonValueKind.Array)
        {
            into.Refuse(RejectionReason.Malformed, "expected an object");
            return;
        }

        if (IsNoValue(name[(last + 1)..]) || !double.IsFinite(FlatValues.NumberOf(value)))
        {
            // A word such as the last action or the mode of a thermostat.
            return;
        }

        ForeignReadings.Open(new DecodedItem { Key = name.AsMemory(0, last) }, into);
        var member = name[(last + 1)..];
        into.AddValue(member, FlatValues.NumberOf(value), null, UsualUnitOf(member, default));
    }

    private static bool IsNoValue(string member) => member is "last_seen" or "elapsed" or "device" or "update" or "update_available" or "action" or "color_options" or "friendly_name";

    /// <summary>The units of the program's own documentation. A battery is measured in mV, the mains in V, under one name.</summary>
    private static string? UsualUnitOf(string name, JsonElement report) => name switch
    {
        "temperature" or "device_temperature" or "local_temperature" or "soil_temperature" or "cpu_temperature" => "Cel",
        "humidity" or "battery" or "soil_moisture" or "position" => "%",
        "pressure" => "hPa",
        "illuminance" or "illuminance_lux" => "lx",
        "co2" => "ppm",
        "voc" => "ppb",
        "pm25" or "pm10" or "pm1" or "formaldehyd" => "ug/m3",
        "power" => "W",
        "energy" => "kW.h",
        "current" => "A",
        "voltage" => report.NumberField("voltage") >= 1000 ? "mV" : "V",
        "ac_frequency" => "Hz",
        "noise" => "dB",
        _ => null,
    };
}
