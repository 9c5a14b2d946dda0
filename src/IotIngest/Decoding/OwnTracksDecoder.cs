using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// OwnTracks: owntracks/{user}/{device}[/event|/waypoint|…]. The key is user/device; over HTTP, without a topic, the "topic" inside the report tells it. Times are epoch seconds, speed is km/h.
internal static class OwnTracksDecoder
{
    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        // A retained message that is taken back.
        if (!input.Payload.IsEmpty)
        {
            JsonDocuments.Decode(input, into, DecodeRoot);
        }
    }

    private static void DecodeRoot(JsonElement root, in DecodeInput input, DecodedMessage into)
    {
        if (root.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in root.EnumerateArray())
            {
                if (into.IsFull)
                {
                    return;
                }

                DecodeOne(one, input, into);
            }
        }
        else
        {
            DecodeOne(root, input, into);
        }
    }

    private static void DecodeOne(JsonElement report, in DecodeInput input, DecodedMessage into)
    {
        var kind = report.TextField("_type");
        switch (kind)
        {
            case "location" or "transition" or "lwt":
                break;
            case "encrypted":
                into.Refuse(RejectionReason.Unsupported, "the report is encrypted, and the key is not known here");
                return;
            case null:
                into.Refuse(RejectionReason.Malformed, "there is no _type");
                return;
            default:
                // Waypoints, cards, settings, commands, steps and beacons carry nothing for the city.
                return;
        }

        var key = KeyOf(input.Topic.Length > 0 ? input.Topic : report.TextField("topic") ?? string.Empty);
        if (!ForeignReadings.IsKey(key, "the topic does not name user and device", into))
        {
            return;
        }

        var like = new DecodedItem { Key = key.AsMemory() };
        if (kind == "lwt")
        {
            // Its time is when the connection began, not when it ended.
            ForeignReadings.AddStatus(like, false, into);
            return;
        }

        ForeignTimes.Read(report, "tst", input.Zone, ref like);
        var longitude = report.NumberField("lon");
        var latitude = report.NumberField("lat");
        if (longitude is not null && latitude is not null)
        {
            ForeignReadings.AddPosition(like, longitude.Value, latitude.Value, report.NumberField("vel"), report.NumberField("cog"), into);
        }
        else if (kind == "location")
        {
            into.Refuse(RejectionReason.Malformed, "the location has no lat and lon");
            return;
        }

        if (kind == "transition")
        {
            var type = report.TextField("event") switch { "enter" => "region_entrance", "leave" => "region_exit", _ => null };
            if (type is null)
            {
                into.Refuse(RejectionReason.Malformed, "the transition is neither enter nor leave");
                return;
            }

            ForeignReadings.AddEvent(like, type, report.TextField("desc") ?? string.Empty, Phase.Pulse, input, into);
            return;
        }

        AddValues(report, like, into);
    }

    /// <summary>Phones tell their battery, trackers in vehicles also ignition, voltages and temperatures.</summary>
    private static void AddValues(JsonElement report, in DecodedItem like, DecodedMessage into)
    {
        ForeignReadings.Open(like, into);
        foreach (var member in report.EnumerateObject())
        {
            if (!IsNoValue(member.Name) && !FlatValues.TryAdd(member.Value, member.Name, into, UnitsOf, numbersOnly: true))
            {
                ForeignReadings.TooMany(into);
                return;
            }
        }

        ForeignReadings.Close(into);
    }

    private static bool IsNoValue(string name) => name is "lat" or "lon" or "vel" or "cog" or "tst" or "created_at" or "sent" or "m" or "rad" or "doze" or "inregions" or "inrids" or "_id";

    private static (string? Unit, string? UsualUnit) UnitsOf(string name) => name switch
    {
        "batt" or "flvl" => (null, "%"),
        "acc" or "alt" or "vac" or "dist" or "trip" => (null, "m"),
        "p" => (null, "kPa"),
        "ubatt" or "uext" or "aiv" => (null, "V"),
        "odometer" => (null, "km"),
        _ => default,
    };

    private static string? KeyOf(string topic)
    {
        var parts = topic.Split('/', 8);
        var start = Array.IndexOf(parts, "owntracks") + 1;
        return parts.Length >= start + 2 && parts[start].Length > 0 && parts[start + 1].Length > 0 ? parts[start] + "/" + parts[start + 1] : null;
    }
}
