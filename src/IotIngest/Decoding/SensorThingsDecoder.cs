using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// OGC SensorThings 1.0 and 1.1: an Observation on v1.1/Datastreams(1)/Observations, or anywhere with its Datastream inside. Its value is called "result": result, result.temperature, result.0.
// The key is the Datastream as the topic writes it, Datastreams(1).
internal static class SensorThingsDecoder
{
    public static void Decode(in DecodeInput input, DecodedMessage into) => JsonDocuments.Decode(input, into, DecodeRoot);

    private static void DecodeRoot(JsonElement root, in DecodeInput input, DecodedMessage into)
    {
        var list = root.ValueKind == JsonValueKind.Array ? root : root.Field("value") is { ValueKind: JsonValueKind.Array } value ? value : default;
        if (list.ValueKind != JsonValueKind.Array)
        {
            DecodeOne(root, input, into);
            return;
        }

        foreach (var one in list.EnumerateArray())
        {
            if (into.IsFull)
            {
                return;
            }

            DecodeOne(one, input, into);
        }
    }

    private static void DecodeOne(JsonElement one, in DecodeInput input, DecodedMessage into)
    {
        if (one.ValueKind != JsonValueKind.Object)
        {
            into.Refuse(RejectionReason.Malformed, "expected an object");
            return;
        }

        if (one.Field("dataArray") is { ValueKind: JsonValueKind.Array } rows)
        {
            DecodeDataArray(one, rows, input, into);
        }
        else if (one.TryGetProperty("result", out var result))
        {
            DecodeObservation(one, result, input, into);
        }
        else if (input.Topic.EndsWith("/Observations", StringComparison.Ordinal) || HasTime(one))
        {
            into.Refuse(RejectionReason.Malformed, "the observation has no result");
        }

        // Things, Sensors, Datastreams and places describe and measure nothing.
    }

    private static bool HasTime(JsonElement one) => one.Field("phenomenonTime") is not null && one.Field("unitOfMeasurement") is null && one.Field("observationType") is null
        && one.Field("unitOfMeasurements") is null;

    private static void DecodeObservation(JsonElement one, JsonElement result, in DecodeInput input, DecodedMessage into)
    {
        if (!TryIdentify(one, input.Topic, into, out var like, out var stream))
        {
            return;
        }

        foreach (var name in (ReadOnlySpan<string>)["phenomenonTime", "phenonmenonTime", "phenomenontime", "PhenomenonTime", "resultTime"])
        {
            // OGC's own report misspells the name, and devices copied it.
            if (ForeignTimes.Read(one, name, input.Zone, ref like))
            {
                break;
            }
        }

        ForeignReadings.Open(like, into);
        if (!FlatValues.TryAdd(result, "result", into, name => (UnitOf(stream, name), null)))
        {
            ForeignReadings.TooMany(into);
            return;
        }

        ForeignReadings.Close(into);
    }

    /// <summary>Many observations of one Datastream as a table.</summary>
    private static void DecodeDataArray(JsonElement one, JsonElement rows, in DecodeInput input, DecodedMessage into)
    {
        if (!TryIdentify(one, input.Topic, into, out var like, out var stream))
        {
            return;
        }

        var names = one.Field("components") is { ValueKind: JsonValueKind.Array } components ? components.EnumerateArray().Select(name => name.ToString()).ToArray() : [];
        var result = Array.IndexOf(names, "result");
        var time = Array.IndexOf(names, "phenomenonTime") is >= 0 and var found ? found : Array.IndexOf(names, "resultTime");
        foreach (var row in rows.EnumerateArray())
        {
            if (into.IsFull)
            {
                return;
            }

            if (row.ValueKind != JsonValueKind.Array || result < 0 || row.GetArrayLength() <= result)
            {
                into.Refuse(RejectionReason.Malformed, "a row of the table has no result");
                continue;
            }

            var item = like;
            if (time >= 0 && row.GetArrayLength() > time && row[time].ValueKind != JsonValueKind.Null)
            {
                ForeignTimes.Read(row[time], input.Zone, ref item);
            }

            ForeignReadings.Open(item, into);
            if (!FlatValues.TryAdd(row[result], "result", into, name => (UnitOf(stream, name), null)))
            {
                ForeignReadings.TooMany(into);
                return;
            }

            ForeignReadings.Close(into);
        }
    }

    private static bool TryIdentify(JsonElement one, string topic, DecodedMessage into, out DecodedItem like, out JsonElement? stream)
    {
        var single = one.ObjectField("Datastream");
        var multiple = one.ObjectField("MultiDatastream");
        stream = single ?? multiple;
        var key = OfTopic(topic);
        if (key is null && stream is { } inside && inside.Field("@iot.id") is { } id && JsonFields.IdOf(id) is { } text)
        {
            key = (multiple is null ? "Datastreams(" : "MultiDatastreams(") + (id.ValueKind == JsonValueKind.String ? $"'{text}'" : text) + ")";
        }

        key ??= OfTopic(stream?.TextField("@iot.selfLink") ?? one.TextField("Datastream@iot.navigationLink") ?? one.TextField("MultiDatastream@iot.navigationLink") ?? string.Empty);
        like = default;
        if (!ForeignReadings.IsKey(key, "neither the topic nor the observation names its Datastream", into))
        {
            return false;
        }

        // A text as identity stands in quotes in an address; whoever registers the device may leave them out, or keep them.
        like = new DecodedItem
        {
            Key = key.AsMemory(),
            OtherKey = (key!.Contains("('", StringComparison.Ordinal) ? key.Replace("'", string.Empty, StringComparison.Ordinal) : key.Replace("(", "('", StringComparison.Ordinal).Replace(")", "')", StringComparison.Ordinal)).AsMemory(),
        };
        return true;
    }

    /// <summary>Also the topic of OGC's own report, whose closing parenthesis is missing: v1.0/Datastreams(1/Observations.</summary>
    private static string? OfTopic(string topic)
    {
        var start = topic.LastIndexOf("Datastreams(", StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        start = start >= 5 && topic.AsSpan(start - 5).StartsWith("Multi", StringComparison.Ordinal) ? start - 5 : start;
        var end = topic.IndexOf('/', start);
        var text = end < 0 ? topic[start..] : topic[start..end];
        return text.EndsWith(')') ? text : text + ")";
    }

    private static string? UnitOf(JsonElement? stream, string name)
    {
        if (stream?.ObjectField("unitOfMeasurement") is { } unit)
        {
            return unit.TextField("symbol");
        }

        return stream?.Field("unitOfMeasurements") is { ValueKind: JsonValueKind.Array } units
            && int.TryParse(name.AsSpan(name.LastIndexOf('.') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < units.GetArrayLength()
            ? units[index].TextField("symbol") : null;
    }
}
