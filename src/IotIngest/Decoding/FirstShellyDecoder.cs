using System.Text;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// Shelly of the first generation: shellies/{id}/{what}, each value bare on its own topic, some as a JSON report. The dotted name is the rest of the topic: relay.0.power, sensor.temperature.
internal static class FirstShellyDecoder
{
    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        var parts = input.Topic.Split('/');
        if (parts.Length < 3 || parts[1] is "command")
        {
            // shellies/announce and shellies/command: a device introduces itself, or we speak to all.
            return;
        }

        var key = parts[1];
        var name = string.Join('.', parts[2..]);
        if (!ForeignReadings.IsKey(key, "the topic names no device", into) || parts[^1] is "command" or "set" || parts[2] is "announce" or "rpc" or "color" or "white" && parts[^1] is "set")
        {
            return;
        }

        var like = new DecodedItem { Key = key.AsMemory() };
        if (input.Payload.IndexOfAny((byte)'{', (byte)'[') == 0)
        {
            JsonDocuments.Decode(input, into, (JsonElement root, in DecodeInput _, DecodedMessage result) => DecodeReport(root, name, like, result));
            return;
        }

        var text = Encoding.UTF8.GetString(input.Payload[..Math.Min(input.Payload.Length, 64)]).Trim();
        if (name is "online")
        {
            if (FlatValues.NumberOf(text) is var online && double.IsFinite(online))
            {
                ForeignReadings.AddStatus(like, online > 0, into);
            }
            else
            {
                into.Refuse(RejectionReason.Malformed, "online is neither true nor false");
            }

            return;
        }

        DecodeValue(text, name, like, input, into);
    }

    private static void DecodeReport(JsonElement root, string name, in DecodedItem like, DecodedMessage into)
    {
        // Buttons: {"event":"S","event_cnt":2}; "info" and "settings" repeat everything at once.
        if (name.StartsWith("input_event.", StringComparison.Ordinal) || name is "settings" or "announce")
        {
            return;
        }

        ForeignReadings.Open(like, into);
        var complete = name is "info" ? FlatValues.TryAdd(root, string.Empty, into, UnitsOf) : FlatValues.TryAdd(root, name, into, UnitsOf);
        if (complete)
        {
            ForeignReadings.Close(into);
        }
        else
        {
            ForeignReadings.TooMany(into);
        }
    }

    private static void DecodeValue(string text, string name, in DecodedItem like, in DecodeInput input, DecodedMessage into)
    {
        // The gas sensor tells in words how much, and a window contact whether it is open.
        var number = (name, text) switch
        {
            ("sensor.gas", "none" or "test" or "unknown") or ("sensor.state", "close" or "closed") => 0,
            ("sensor.gas", "mild" or "heavy") or ("sensor.state", "open") => 1,
            _ => FlatValues.NumberOf(text),
        };
        if (!double.IsFinite(number))
        {
            // A word that says how the device works: a mode, a cause, a self test.
            return;
        }

        ForeignReadings.Open(like, into);
        var (unit, usualUnit) = UnitsOf(name);
        into.AddValue(name, number, unit, usualUnit);
        var type = name switch
        {
            "sensor.smoke" => "smoke",
            "sensor.flood" => "water_leak",
            "sensor.gas" => "gas_leak",
            "overtemperature" => "high_temperature",
            _ => null,
        };
        if (type is not null)
        {
            ForeignReadings.AddEvent(like, type, name, number > 0 ? Phase.Active : Phase.Inactive, input, into);
        }
    }

    private static (string? Unit, string? UsualUnit) UnitsOf(string name) => name[(name.LastIndexOf('.') + 1)..] switch
    {
        "temperature" or "temperature_c" or "tC" => (null, "Cel"),
        "temperature_f" or "tF" => ("[degF]", null),
        "humidity" or "battery" => (null, "%"),
        "power" => (null, "W"),
        "voltage" => (null, "V"),
        "current" => (null, "A"),
        "energy" => (null, "W.min"),
        "total" when name.StartsWith("emeter.", StringComparison.Ordinal) => (null, "W.h"),
        "lux" => (null, "lx"),
        "concentration" => (null, "ppm"),
        _ => default,
    };
}
