using System.Text;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// Tasmota: tele/{topic}/SENSOR|STATE|LWT and stat/{topic}/STATUSn|RESULT|POWERn. The order of prefix and topic can be set, so the prefix is looked for anywhere; what is left is the key.
// Readings stand under the name of their sensor; the message names the units of temperature and pressure. Times come without an offset unless the device is told otherwise.
internal static class TasmotaDecoder
{
    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        if (input.Payload.IsEmpty)
        {
            return;
        }

        var (prefix, key, command) = Split(input.Topic);
        if (prefix is "cmnd" || command is "" or null)
        {
            if (prefix is not "cmnd")
            {
                into.Refuse(RejectionReason.Malformed, "the topic names no device");
            }

            return;
        }

        if (!ForeignReadings.IsKey(key, "the topic names no device", into))
        {
            return;
        }

        var like = new DecodedItem { Key = key.AsMemory() };
        if (command is "LWT")
        {
            DecodeLastWill(input.Payload, like, into);
        }
        else if (IsPower(command))
        {
            DecodePower(input.Payload, command, like, into);
        }
        else if (command is "SENSOR" or "STATE" or "RESULT" or "STATUS" || IsStatus(command))
        {
            JsonDocuments.Decode(input, into, (JsonElement root, in DecodeInput message, DecodedMessage result) => DecodeReport(root, command, like, message, result));
        }

        // INFOn, UPTIME, and what scripts and bridges publish carry nothing for the city.
    }

    private static (string? Prefix, string? Key, string? Command) Split(string topic)
    {
        var parts = topic.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
        {
            return default;
        }

        var prefix = Array.FindIndex(parts, 0, parts.Length - 1, part => part is "tele" or "stat" or "cmnd");
        var name = parts[..^1].Where((_, index) => index != prefix);
        return (prefix < 0 ? null : parts[prefix], string.Join('/', name), parts[^1].ToUpperInvariant());
    }

    private static bool IsPower(string command) => command.StartsWith("POWER", StringComparison.Ordinal) && command.AsSpan(5).IndexOfAnyExceptInRange('0', '9') < 0;

    private static bool IsStatus(string command) => command.StartsWith("STATUS", StringComparison.Ordinal) && command.AsSpan(6).IndexOfAnyExceptInRange('0', '9') < 0;

    private static void DecodeLastWill(ReadOnlySpan<byte> payload, in DecodedItem like, DecodedMessage into)
    {
        var word = Encoding.UTF8.GetString(payload[..Math.Min(payload.Length, 32)]).Trim();
        if (word.Equals("Online", StringComparison.OrdinalIgnoreCase) || word.Equals("Offline", StringComparison.OrdinalIgnoreCase))
        {
            ForeignReadings.AddStatus(like, word.Equals("Online", StringComparison.OrdinalIgnoreCase), into);
        }
        else
        {
            into.Refuse(RejectionReason.Malformed, "the last will is neither Online nor Offline");
        }
    }

    private static void DecodePower(ReadOnlySpan<byte> payload, string command, in DecodedItem like, DecodedMessage into)
    {
        var number = FlatValues.NumberOf(Encoding.UTF8.GetString(payload[..Math.Min(payload.Length, 32)]));
        if (double.IsFinite(number))
        {
            ForeignReadings.Open(like, into);
            into.AddValue(command, number);
        }
        else
        {
            into.Refuse(RejectionReason.Malformed, "the power state is neither ON nor OFF");
        }
    }

    private static void DecodeReport(JsonElement root, string command, in DecodedItem like, in DecodeInput input, DecodedMessage into)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            into.Refuse(RejectionReason.Malformed, "expected an object");
            return;
        }

        if (command is "SENSOR" or "STATE")
        {
            AddReport(root, like, input, into, _ => true);
        }
        else if (command is "RESULT")
        {
            // The answer to a command; only a switch that has switched is worth a reading.
            AddReport(root, like, input, into, name => IsPower(name.ToUpperInvariant()));
        }
        else
        {
            // STATUS8 and 10 repeat the sensors, 11 the state; 0 to 7 are settings.
            foreach (var name in (ReadOnlySpan<string>)["StatusSNS", "StatusSTS"])
            {
                if (root.ObjectField(name) is { } report)
                {
                    AddReport(report, like, input, into, _ => true);
                }
            }
        }
    }

    private static void AddReport(JsonElement report, DecodedItem like, in DecodeInput input, DecodedMessage into, Func<string, bool> wanted)
    {
        // The epoch, where the device gives it, needs no time zone.
        _ = ForeignTimes.Read(report, "Epoch", input.Zone, ref like) || ForeignTimes.Read(report, "Time", input.Zone, ref like);
        ForeignTimes.DropUnset(ref like);
        var units = new Units(TextOfTemperature(report.TextField("TempUnit")), report.TextField("PressureUnit"), report.TextField("SpeedUnit"));
        ForeignReadings.Open(like, into);
        foreach (var member in report.EnumerateObject())
        {
            if (member.Name is "Time" or "Epoch" or "Uptime" or "SleepMode" || member.Name.EndsWith("Unit", StringComparison.Ordinal) || !wanted(member.Name))
            {
                continue;
            }

            if (!FlatValues.TryAdd(member.Value, member.Name, into, name => (units.Of(name), UsualUnitOf(name))))
            {
                ForeignReadings.TooMany(into);
                return;
            }
        }

        ForeignReadings.Close(into);
    }

    private static string? TextOfTemperature(string? word) => word switch { "C" => "Cel", "F" => "[degF]", _ => word };

    /// <summary>With several phases or sensors a value is an array; its elements have the unit of the whole.</summary>
    private static string? UsualUnitOf(string name) => name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') is var bare && bare.EndsWith('.') && !bare.EndsWith("PM2.", StringComparison.Ordinal) ? UsualUnitOfOne(bare[..^1]) : UsualUnitOfOne(name);

    private static string? UsualUnitOfOne(string name) => name[(name.LastIndexOf('.') + 1)..] switch
    {
        "Humidity" or "Battery" or "BatteryPercentage" => "%",
        "Illuminance" => "lx",
        "Power" when name.StartsWith("ENERGY.", StringComparison.Ordinal) => "W",
        "Voltage" when name.StartsWith("ENERGY.", StringComparison.Ordinal) => "V",
        "Current" when name.StartsWith("ENERGY.", StringComparison.Ordinal) => "A",
        "Frequency" when name.StartsWith("ENERGY.", StringComparison.Ordinal) => "Hz",
        "Total" or "Today" or "Yesterday" when name.StartsWith("ENERGY.", StringComparison.Ordinal) => "kW.h",
        "Distance" when name.StartsWith("SR04", StringComparison.Ordinal) => "cm",
        "CarbonDioxide" or "eCO2" => "ppm",
        "TVOC" => "ppb",
        "PM1" or "PM10" => "ug/m3",
        "5" when name.EndsWith("PM2.5", StringComparison.Ordinal) => "ug/m3",
        "RSSI" when name == "Wifi.RSSI" => "%",
        "Signal" => "dB{1mW}",
        "Vcc" => "V",
        _ => null,
    };

    /// <summary>What the message says of its units holds for every sensor in it.</summary>
    private sealed record Units(string? Temperature, string? Pressure, string? Speed)
    {
        public string? Of(string name)
        {
            var last = name.AsSpan(name.LastIndexOf('.') + 1);
            return last.StartsWith("Temperature", StringComparison.Ordinal) || last is "DewPoint" or "HeatIndex" or "ObjTmp" or "AmbTmp" or "FeelsLike" ? Temperature
                : last is "Pressure" or "SeaPressure" ? Pressure
                : last.EndsWith("Speed", StringComparison.Ordinal) || name.Contains(".Speed.", StringComparison.Ordinal) ? Speed : null;
        }
    }
}
