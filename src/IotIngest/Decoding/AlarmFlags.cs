using System.Collections.Frozen;
using System.Text.Json;

namespace IotIngest.Decoding;

/// <summary>Members of a sensor's report that are alarms by name, such as <c>"smoke":true</c>. They stay readings, and are events besides, because a duty officer waits for an event:
/// true starts one, false ends it where one began. What merely describes a room (a contact, a presence) is a reading only.</summary>
internal static class AlarmFlags
{
    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["smoke"] = "smoke", ["smoke_alarm"] = "smoke", ["smokeAlarm"] = "smoke", ["smoke_detected"] = "smoke", ["smoke_alarm_state"] = "smoke",
        ["gas"] = "gas_leak", ["gas_alarm"] = "gas_leak", ["gasAlarm"] = "gas_leak", ["gas_leak"] = "gas_leak", ["carbon_monoxide"] = "gas_leak", ["co_alarm"] = "gas_leak",
        ["water_leak"] = "water_leak", ["waterLeak"] = "water_leak", ["leak"] = "water_leak", ["leakage"] = "water_leak", ["flood"] = "water_leak",
        ["tamper"] = "tamper", ["tamper_alarm"] = "tamper", ["tamperAlarm"] = "tamper", ["tampered"] = "tamper",
        ["sos"] = "sos", ["sos_alarm"] = "sos", ["panic"] = "sos", ["emergency"] = "sos", ["fall"] = "fall", ["fall_alarm"] = "fall",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds the events of the report, those that end before those that begin: the newest word about a device should be the alarm.</summary>
    public static void Add(JsonElement report, in DecodedItem like, in DecodeInput input, DecodedMessage into)
    {
        foreach (var wanted in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (var member in report.EnumerateObject())
            {
                if (JsonFields.BoolOf(member.Value) == wanted && Types.TryGetValue(member.Name, out var type))
                {
                    ForeignReadings.AddEvent(like, type, member.Name, wanted ? Phase.Active : Phase.Inactive, input, into);
                }
            }
        }
    }
}
