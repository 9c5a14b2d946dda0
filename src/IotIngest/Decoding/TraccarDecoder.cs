using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// Traccar: forwarded positions {"position":{…},"device":{…}} and events {"event":{…},"position":{…},"device":{…}}, plain positions, lists of either as its API gives them, and the reports of its
// client app {"location":{"coords":{…}},"device_id":…}. Speed is in knots, except from the app.
internal static class TraccarDecoder
{
    private const double KmhPerKnot = 1.852;
    private const double KmhPerMps = 3.6;

    public static void Decode(in DecodeInput input, DecodedMessage into) => JsonDocuments.Decode(input, into, DecodeRoot);

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

                DecodeOne(one, default, input, into);
            }
        }
        else if (root.Field("positions") is { ValueKind: JsonValueKind.Array } positions)
        {
            // The web socket of the server, and forwarders that gather.
            foreach (var one in positions.EnumerateArray())
            {
                if (into.IsFull)
                {
                    return;
                }

                DecodeOne(one, root.ObjectField("device") ?? default, input, into);
            }
        }
        else
        {
            DecodeOne(root, default, input, into);
        }
    }

    private static void DecodeOne(JsonElement one, JsonElement device, in DecodeInput input, DecodedMessage into)
    {
        if (one.ValueKind != JsonValueKind.Object)
        {
            into.Refuse(RejectionReason.Malformed, "expected an object");
            return;
        }

        if (one.ObjectField("location") is { } location && location.ObjectField("coords") is { } coords)
        {
            DecodeApp(one, location, coords, input, into);
            return;
        }

        var happened = one.ObjectField("event");
        var position = one.ObjectField("position") ?? (happened is null && LooksLikePosition(one) ? one : null);
        device = one.ObjectField("device") ?? device;
        if (position is null && happened is null)
        {
            if (one.TextField("type") is not null && one.Field("eventTime") is not null)
            {
                happened = one;
            }
            else if (one.TextField("uniqueId") is null && one.Field("devices") is null && one.Field("events") is null)
            {
                into.Refuse(RejectionReason.Malformed, "there is neither a position nor an event");
                return;
            }
            else
            {
                // The description of a device.
                return;
            }
        }

        var number = position?.IdField("deviceId") ?? happened?.IdField("deviceId") ?? device.IdField("id");
        var unique = device.TextField("uniqueId") ?? position?.TextField("uniqueId") ?? one.TextField("uniqueId");
        if (!ForeignReadings.IsKey(number ?? unique, "neither deviceId nor uniqueId names the device", into))
        {
            return;
        }

        var like = new DecodedItem { Key = (number ?? unique).AsMemory(), OtherKey = number is null ? default : unique.AsMemory() };
        if (position is { } fix)
        {
            DecodePosition(fix, like, input, into);
        }

        if (happened is { } occurrence)
        {
            DecodeEvent(occurrence, position, like, input, into);
        }
    }

    private static bool LooksLikePosition(JsonElement one) => one.Field("latitude") is not null || one.Field("longitude") is not null || one.Field("fixTime") is not null
        || (one.Field("deviceId") is not null && one.Field("type") is null && one.Field("attributes") is not null);

    private static void DecodePosition(JsonElement fix, DecodedItem like, in DecodeInput input, DecodedMessage into)
    {
        var attributes = fix.ObjectField("attributes");
        // Without a valid fix the server repeats the last known place: no one may be sent there.
        var believed = fix.BoolField("valid") != false && fix.BoolField("outdated") != true;
        if (believed)
        {
            if (fix.NumberField("longitude") is not { } longitude || fix.NumberField("latitude") is not { } latitude)
            {
                into.Refuse(RejectionReason.Malformed, "the position has no latitude and longitude");
                return;
            }

            var at = like;
            _ = ForeignTimes.Read(fix, "fixTime", input.Zone, ref at) || ForeignTimes.Read(fix, "deviceTime", input.Zone, ref at) || ForeignTimes.Read(fix, "serverTime", input.Zone, ref at);
            ForeignReadings.AddPosition(at, longitude, latitude, fix.NumberField("speed") * KmhPerKnot, fix.NumberField("course"), into);
        }

        _ = ForeignTimes.Read(fix, "deviceTime", input.Zone, ref like) || ForeignTimes.Read(fix, "fixTime", input.Zone, ref like) || ForeignTimes.Read(fix, "serverTime", input.Zone, ref like);
        if (attributes is not { } values)
        {
            return;
        }

        ForeignReadings.Open(like, into);
        foreach (var member in values.EnumerateObject())
        {
            // What happened is an event and no value.
            if (member.Name is not ("alarm" or "event") && !FlatValues.TryAdd(member.Value, member.Name, into, name => UnitsOf(values, name)))
            {
                ForeignReadings.TooMany(into);
                return;
            }
        }

        ForeignReadings.Close(into);
        if (values.TextField("alarm") is { } alarms)
        {
            // Several at once are separated by commas.
            foreach (var alarm in alarms.Split(',', 16, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                ForeignReadings.AddEvent(like, TypeOfAlarm(alarm), string.Empty, Phase.Pulse, input, into);
            }
        }
    }

    private static void DecodeEvent(JsonElement happened, JsonElement? position, DecodedItem like, in DecodeInput input, DecodedMessage into)
    {
        _ = ForeignTimes.Read(happened, "eventTime", input.Zone, ref like) || ForeignTimes.Read(happened, "serverTime", input.Zone, ref like);
        var word = happened.TextField("type");
        var alarm = happened.ObjectField("attributes")?.TextField("alarm");
        switch (word)
        {
            case "deviceOnline":
                ForeignReadings.AddStatus(like, true, into);
                return;
            case "deviceOffline" or "deviceInactive":
                ForeignReadings.AddStatus(like, false, into);
                return;
            case null:
                into.Refuse(RejectionReason.Malformed, "the event has no type");
                return;
            case "alarm" when position?.ObjectField("attributes")?.TextField("alarm") is not null:
                // The position that comes with it has told of it already, under the same alarm.
                return;
            case "deviceUnknown" or "deviceMoving" or "deviceStopped" or "ignitionOn" or "ignitionOff" or "commandResult" or "queuedCommandSent" or "textMessage" or "driverChanged" or "media":
                return;
        }

        var type = word == "alarm" ? TypeOfAlarm(alarm ?? "other") : TypeOfEvent(word);
        ForeignReadings.AddEvent(like, type, happened.IdField("geofenceId") is { } fence and not "0" ? fence : string.Empty, Phase.Pulse, input, into);
    }

    private static void DecodeApp(JsonElement one, JsonElement location, JsonElement coords, in DecodeInput input, DecodedMessage into)
    {
        var key = one.IdField("device_id") ?? one.IdField("deviceId");
        if (!ForeignReadings.IsKey(key, "no device_id names the device", into))
        {
            return;
        }

        var like = new DecodedItem { Key = key.AsMemory() };
        ForeignTimes.Read(location, "timestamp", input.Zone, ref like);
        if (coords.NumberField("longitude") is not { } longitude || coords.NumberField("latitude") is not { } latitude)
        {
            into.Refuse(RejectionReason.Malformed, "the position has no latitude and longitude");
            return;
        }

        ForeignReadings.AddPosition(like, longitude, latitude, coords.NumberField("speed") is { } speed and >= 0 ? speed * KmhPerMps : null, coords.NumberField("heading"), into);
        if (location.ObjectField("battery")?.NumberField("level") is { } level and >= 0)
        {
            ForeignReadings.Open(like, into);
            into.AddValue("battery.level", level);
        }

        if (location.TextField("event") is "sos" || one.TextField("alarm") is "sos")
        {
            ForeignReadings.AddEvent(like, "sos", string.Empty, Phase.Pulse, input, into);
        }
    }

    /// <summary>The server's own documentation of its attributes. Old decoders wrote a percentage as text where newer ones write volts.</summary>
    private static (string? Unit, string? UsualUnit) UnitsOf(JsonElement attributes, string name) => name switch
    {
        "battery" => (null, attributes.Field("battery") is { ValueKind: JsonValueKind.String } ? "%" : "V"),
        "power" => (null, "V"),
        "batteryLevel" or "fuelLevel" or "humidity" => (null, "%"),
        "distance" or "totalDistance" or "odometer" => (null, "m"),
        "hours" => (null, "ms"),
        "obdSpeed" => (null, "km/h"),
        _ => default,
    };

    private static string TypeOfAlarm(string word) => word switch
    {
        "sos" => "sos",
        "fallDown" => "fall",
        "tampering" or "removing" => "tamper",
        "movement" => "motion",
        "lowBattery" or "lowPower" => "low_battery",
        "door" => "door_open",
        "fault" => "device_fault",
        "geofenceEnter" => "region_entrance",
        "geofenceExit" => "region_exit",
        "general" => "other",
        _ => CameraEvents.OwnWord(word),
    };

    private static string TypeOfEvent(string word) => word switch
    {
        "geofenceEnter" => "region_entrance",
        "geofenceExit" => "region_exit",
        _ => CameraEvents.OwnWord(word),
    };
}
