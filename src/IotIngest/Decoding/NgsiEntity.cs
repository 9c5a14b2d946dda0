using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// One entity. Its numbers become readings under their attribute's name, each at the time it was observed: an attribute may carry its own, the entity carries one for all. Its point is a position.
// An Alert is an event. What describes the entity (name, address, relations) is left out.
internal static class NgsiEntity
{
    /// <summary>Where the time of the whole entity may stand, best first: the end of the observation, its moment, what brokers and agents add.</summary>
    private static readonly string[] Times =
    [
        "dateObservedTo", "dateObserved", "observationDateTime", "TimeInstant", "observedAt", "timestamp", "dateObservedFrom", "dateModified", "modifiedAt",
    ];

    private static readonly string[] Descriptions =
    [
        "id", "type", "@context", "@id", "@type", "scope", "location", "geometry", "address", "name", "alternateName", "description", "areaServed", "source", "dataProvider", "owner", "seeAlso",
        "createdAt", "dateCreated", "expiresAt", "deletedAt", "operationSpace", "observationSpace", "dateInstalled", "dateLastCalibration",
    ];

    public static void Decode(JsonElement entity, JsonElement notifiedAt, in DecodeInput input, DecodedMessage into)
    {
        var id = entity.TextField("id") ?? entity.TextField("@id");
        if (!ForeignReadings.IsKey(id, "the entity has no id", into))
        {
            return;
        }

        var attributes = entity;
        if (entity.TextField("type") is "Feature" && entity.ObjectField("properties") is { } properties)
        {
            attributes = properties;
        }

        var like = new DecodedItem { Key = id.AsMemory() };
        var isTimed = false;
        foreach (var name in Times)
        {
            if (attributes.Field(name) is { } attribute && NgsiAttribute.ValueOf(attribute) is { ValueKind: not JsonValueKind.Null } time)
            {
                isTimed = ForeignTimes.Read(time, input.Zone, ref like);
                break;
            }
        }

        if (!isTimed && notifiedAt.ValueKind == JsonValueKind.String)
        {
            ForeignTimes.Read(notifiedAt, input.Zone, ref like);
        }

        if (TypeOf(attributes).EndsWith("Alert", StringComparison.Ordinal))
        {
            NgsiAlert.Decode(attributes, id!, like, input, into);
            return;
        }

        like.OtherKey = (TextOf(attributes, "refDevice") ?? TextOf(attributes, "deviceId")).AsMemory();
        AddReadings(attributes, like, input, into);
        AddPosition(entity, attributes, like, into);
    }

    public static string? TextOf(JsonElement attributes, string name) =>
        attributes.Field(name) is { } attribute && NgsiAttribute.ValueOf(attribute) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>The short name: LD may write it as an address, and several in a list.</summary>
    private static string TypeOf(JsonElement attributes)
    {
        var type = attributes.Field("type") ?? attributes.Field("@type") ?? default;
        type = type.ValueKind == JsonValueKind.Array && type.GetArrayLength() > 0 ? type[0] : type;
        var text = type.ValueKind == JsonValueKind.String ? type.GetString()! : string.Empty;
        return text[(text.AsSpan().LastIndexOfAny('/', '#', ':') + 1)..];
    }

    private static void AddReadings(JsonElement attributes, in DecodedItem like, in DecodeInput input, DecodedMessage into)
    {
        var values = new List<NgsiAttribute>();
        foreach (var member in attributes.EnumerateObject())
        {
            if (Array.IndexOf(Descriptions, member.Name) < 0 && Array.IndexOf(Times, member.Name) < 0 && !NgsiAttribute.TryRead(member, like, input.Zone, values))
            {
                into.IsOverfull = true;
                into.Refuse(RejectionReason.Malformed, $"more than {DecodedMessage.ValuesMax} values in one message");
                return;
            }
        }

        foreach (var moment in values.GroupBy(value => (value.At, value.BadTime)))
        {
            var item = like;
            (item.At, item.BadTime) = moment.Key;
            ForeignReadings.Open(item, into);
            foreach (var value in moment)
            {
                if (!FlatValues.TryAdd(value.Value, value.Name, into, _ => (value.Unit, null), numbersOnly: value.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array))
                {
                    ForeignReadings.TooMany(into);
                    return;
                }
            }

            ForeignReadings.Close(into);
        }
    }

    private static void AddPosition(JsonElement entity, JsonElement attributes, DecodedItem like, DecodedMessage into)
    {
        var location = attributes.Field("location") ?? entity.Field("geometry");
        if (location is { } place && NgsiAttribute.ValueOf(place) is { } point && NgsiPoint.TryRead(point, out var longitude, out var latitude))
        {
            var speed = attributes.Field("speed") is { } moving && NgsiAttribute.ValueOf(moving) is { } fast ? FlatValues.NumberOf(fast) : double.NaN;
            var heading = (attributes.Field("heading") ?? attributes.Field("bearing")) is { } turned && NgsiAttribute.ValueOf(turned) is { } direction ? FlatValues.NumberOf(direction) : double.NaN;
            ForeignReadings.AddPosition(like, longitude, latitude, double.IsFinite(speed) ? speed : null, double.IsFinite(heading) ? heading : null, into);
        }
    }
}
