using System.Globalization;
using System.Text.Json;

namespace IotIngest.Decoding;

/// <summary>One attribute of an entity that may be a value, with its unit and its own time where it has them.</summary>
internal sealed record NgsiAttribute(string Name, JsonElement Value, string? Unit, DateTimeOffset? At, string? BadTime)
{
    /// <summary>The value of an attribute in any notation: bare, {"value":…}, {"@value":…}, one inside the other, or what a relation points at. Default: it has none.</summary>
    public static JsonElement ValueOf(JsonElement attribute)
    {
        for (var depth = 0; depth < 4 && attribute.ValueKind == JsonValueKind.Object; depth++)
        {
            if (!attribute.TryGetProperty("value", out var inner) && !attribute.TryGetProperty("@value", out inner) && !attribute.TryGetProperty("json", out inner)
                && !attribute.TryGetProperty("object", out inner))
            {
                break;
            }

            attribute = inner;
        }

        return attribute;
    }

    /// <summary>False when there are too many.</summary>
    public static bool TryRead(JsonProperty member, in DecodedItem like, TimeZoneInfo zone, List<NgsiAttribute> into)
    {
        var attribute = member.Value;
        if (attribute.ValueKind == JsonValueKind.Array && attribute.GetArrayLength() > 0 && attribute[0].ValueKind == JsonValueKind.Object && attribute[0].TryGetProperty("value", out _))
        {
            // LD: several instances of one attribute, told apart by datasetId; the one without is the main one.
            var index = 0;
            foreach (var instance in attribute.EnumerateArray())
            {
                var name = instance.Field("datasetId") is null ? member.Name : string.Create(CultureInfo.InvariantCulture, $"{member.Name}.{index}");
                index++;
                if (!TryReadOne(name, instance, like, zone, into))
                {
                    return false;
                }
            }

            return true;
        }

        return TryReadOne(member.Name, attribute, like, zone, into);
    }

    private static bool TryReadOne(string name, JsonElement attribute, in DecodedItem like, TimeZoneInfo zone, List<NgsiAttribute> into)
    {
        var kind = attribute.TextField("type");
        if (kind is "Relationship" or "GeoProperty" or "geo:json" or "geo:point" or "LanguageProperty" or "VocabProperty" or "DateTime" or "PostalAddress" or "Point" or "Polygon")
        {
            return true;
        }

        var value = ValueOf(attribute);
        var wasObject = attribute.ValueKind == JsonValueKind.Object && (attribute.TryGetProperty("value", out _) || attribute.TryGetProperty("@value", out _));
        if (!IsValue(name, value, wasObject, zone))
        {
            return true;
        }

        var metadata = attribute.ObjectField("metadata");
        var unit = TextIn(attribute, "unitCode") ?? (metadata is { } about ? TextIn(about, "unitCode") ?? TextIn(about, "unit") : null);
        var item = like;
        foreach (var owner in (ReadOnlySpan<JsonElement?>)[attribute, metadata])
        {
            foreach (var time in (ReadOnlySpan<string>)["observedAt", "TimeInstant", "timestamp", "dateObserved"])
            {
                if (owner is { } holder && wasObject && holder.Field(time) is { } own && ValueOf(own) is { ValueKind: JsonValueKind.String or JsonValueKind.Number } at)
                {
                    (item.At, item.BadTime) = (null, null);
                    ForeignTimes.Read(at, zone, ref item);
                    goto timed;
                }
            }
        }

    timed:
        if (into.Count == DecodedMessage.ValuesMax)
        {
            return false;
        }

        into.Add(new(name, value, unit, item.At, item.BadTime));
        return true;
    }

    /// <summary>Numbers, switches, and texts that stand where a number might; no identities, times, addresses, lists of words and texts that a person wrote.</summary>
    private static bool IsValue(string name, JsonElement value, bool wasObject, TimeZoneInfo zone) => value.ValueKind switch
    {
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
        JsonValueKind.Null => true,
        JsonValueKind.String => value.GetString() is { Length: > 0 and <= 64 } text && !name.StartsWith("ref", StringComparison.Ordinal) && !text.Contains(':', StringComparison.Ordinal)
            && !ForeignDates(text, zone),
        JsonValueKind.Object => HasNumber(value, 0),
        JsonValueKind.Array => value.GetArrayLength() > 0 && HasNumber(value, 0),
        _ => wasObject && false,
    };

    private static bool ForeignDates(string text, TimeZoneInfo zone) => text.Length >= 10 && text[4] == '-' && ForeignTimes.TryParse(text, zone, out _);

    private static bool HasNumber(JsonElement value, int depth) => depth < 8 && value.ValueKind switch
    {
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
        JsonValueKind.Object => value.EnumerateObject().Any(member => HasNumber(member.Value, depth + 1)),
        JsonValueKind.Array => value.EnumerateArray().Any(part => HasNumber(part, depth + 1)),
        _ => false,
    };

    private static string? TextIn(JsonElement owner, string name) => owner.Field(name) is { } field && ValueOf(field) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
