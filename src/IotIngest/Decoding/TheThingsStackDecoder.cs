using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// The Things Stack 3: v3/{application}[@{tenant}]/devices/{device}/{up|join|down/…|location/solved|service/data}. What the device says stands in decoded_payload, as its payload formatter made it,
// or in normalized_payload with fixed names and units. The key is the dev_eui; the device_id is taken too.
internal static class TheThingsStackDecoder
{
    public static void Decode(in DecodeInput input, DecodedMessage into) => JsonDocuments.Decode(input, into, DecodeRoot);

    private static void DecodeRoot(JsonElement root, in DecodeInput input, DecodedMessage into)
    {
        // The storage integration and the event stream wrap the message.
        var message = root.ObjectField("result") ?? (root.ObjectField("data") is { } data && data.Field("end_device_ids") is not null ? data : root);
        if (message.ObjectField("end_device_ids") is not { } identity)
        {
            if (root.Field("downlinks") is null)
            {
                into.Refuse(RejectionReason.Malformed, "there are no end_device_ids");
            }

            return;
        }

        var devEui = identity.TextField("dev_eui");
        var deviceId = identity.TextField("device_id");
        if (!ForeignReadings.IsKey(devEui ?? deviceId, "end_device_ids has neither dev_eui nor device_id", into))
        {
            return;
        }

        var like = new DecodedItem { Key = (devEui ?? deviceId).AsMemory(), OtherKey = devEui is null ? default : deviceId.AsMemory() };
        if (message.ObjectField("uplink_message") is { } uplink)
        {
            ReadTime(message, uplink, ref like);
            DecodeUplink(uplink, like, input, into);
        }
        else if (message.ObjectField("uplink_normalized") is { } normalized)
        {
            ReadTime(message, normalized, ref like);
            AddNormalized(normalized.Field("normalized_payload"), like, into);
        }
        else if (message.ObjectField("location_solved") is { } solved)
        {
            ReadTime(message, solved, ref like);
            if (solved.ObjectField("location") is not { } location || !AddLocation(location, like, into))
            {
                into.Refuse(RejectionReason.Malformed, "the solved location has no longitude and latitude");
            }
        }

        // Joins, downlinks, acknowledgements and service data carry nothing for the city.
    }

    private static void ReadTime(JsonElement message, JsonElement inner, ref DecodedItem like)
    {
        if (ForeignTimes.Read(message, "received_at", TimeZoneInfo.Utc, ref like) || ForeignTimes.Read(inner, "received_at", TimeZoneInfo.Utc, ref like)
            || (inner.ObjectField("settings") is { } settings && ForeignTimes.Read(settings, "time", TimeZoneInfo.Utc, ref like)))
        {
            return;
        }

        if (inner.Field("rx_metadata") is { ValueKind: JsonValueKind.Array } gateways)
        {
            foreach (var gateway in gateways.EnumerateArray())
            {
                if (ForeignTimes.Read(gateway, "received_at", TimeZoneInfo.Utc, ref like) || ForeignTimes.Read(gateway, "time", TimeZoneInfo.Utc, ref like))
                {
                    return;
                }
            }
        }
    }

    private static void DecodeUplink(JsonElement uplink, in DecodedItem like, in DecodeInput input, DecodedMessage into)
    {
        var decoded = uplink.ObjectField("decoded_payload");
        if (decoded is { } values)
        {
            ForeignReadings.Open(like, into);
            if (!FlatValues.TryAdd(values, string.Empty, into)
                || (uplink.ObjectField("last_battery_percentage")?.NumberField("value") is { } battery && !into.AddValue("last_battery_percentage", battery, null, "%")))
            {
                ForeignReadings.TooMany(into);
                return;
            }

            ForeignReadings.Close(into);
        }
        else if (uplink.Field("normalized_payload") is { } normalized)
        {
            AddNormalized(normalized, like, into);
        }
        else if (uplink.TextField("frm_payload") is not null)
        {
            into.Refuse(RejectionReason.Unsupported, "the uplink holds raw bytes only; its device needs a payload formatter that makes a \"decoded_payload\"");
        }

        AddLocations(uplink, decoded, like, into);
        if (decoded is { } report)
        {
            AlarmFlags.Add(report, like, input, into);
        }
    }

    private static void AddNormalized(JsonElement? payload, in DecodedItem like, DecodedMessage into)
    {
        if (payload is { ValueKind: JsonValueKind.Array } several)
        {
            foreach (var one in several.EnumerateArray())
            {
                if (into.IsFull)
                {
                    return;
                }

                AddMeasurement(one, like, into);
            }
        }
        else if (payload is { ValueKind: JsonValueKind.Object } single)
        {
            AddMeasurement(single, like, into);
        }
    }

    private static void AddMeasurement(JsonElement measurement, DecodedItem like, DecodedMessage into)
    {
        if (measurement.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        // A measurement that the device took earlier and kept has a time of its own.
        ForeignTimes.Read(measurement, "time", TimeZoneInfo.Utc, ref like);
        ForeignReadings.Open(like, into);
        foreach (var member in measurement.EnumerateObject())
        {
            if (member.Name != "time" && !FlatValues.TryAdd(member.Value, member.Name, into, NormalizedUnitOf))
            {
                ForeignReadings.TooMany(into);
                return;
            }
        }

        ForeignReadings.Close(into);
    }

    /// <summary>The units that the stack's documentation fixes for normalized payloads.</summary>
    private static (string? Unit, string? UsualUnit) NormalizedUnitOf(string name) => name switch
    {
        "air.temperature" or "soil.temperature" or "water.temperature.min" or "water.temperature.max" or "water.temperature.avg" or "water.temperature.current" => ("Cel", null),
        "air.relativeHumidity" or "soil.moisture" => ("%", null),
        "air.pressure" => ("hPa", null),
        "air.co2" => ("ppm", null),
        "air.lightIntensity" => ("lx", null),
        "wind.speed" => ("m/s", null),
        "wind.direction" => ("deg", null),
        "rain.intensity" => ("mm/h", null),
        "rain.cumulative" => ("mm", null),
        "battery" => ("V", null),
        _ => default,
    };

    /// <summary>Places that the uplink itself tells; the registry's, where someone once set the device on a map, is no fix. Of several the most exact counts.</summary>
    private static void AddLocations(JsonElement uplink, JsonElement? decoded, in DecodedItem like, DecodedMessage into)
    {
        var added = false;
        if (uplink.ObjectField("locations") is { } locations)
        {
            foreach (var name in (ReadOnlySpan<string>)["frm-payload", "gps"])
            {
                added |= !added && locations.ObjectField(name) is { } location && AddLocation(location, like, into);
            }

            foreach (var location in locations.EnumerateObject())
            {
                added |= !added && location.Value.TextField("source") is { } source && source.Contains("GPS", StringComparison.Ordinal) && AddLocation(location.Value, like, into);
            }
        }

        if (!added && decoded is { } values)
        {
            ChirpStackDecoder.AddTrackerPosition(values, like, into);
        }
    }

    private static bool AddLocation(JsonElement location, in DecodedItem like, DecodedMessage into)
    {
        if (location.NumberField("longitude") is not { } longitude || location.NumberField("latitude") is not { } latitude)
        {
            return false;
        }

        ForeignReadings.AddPosition(like, longitude, latitude, null, null, into);
        return true;
    }
}
