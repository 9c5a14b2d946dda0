using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// The Alert of the smart data models: category and subCategory say what, dateIssued when, alertSource who noticed it, which may be a registered device.
internal static class NgsiAlert
{
    public static void Decode(JsonElement attributes, string id, DecodedItem like, in DecodeInput input, DecodedMessage into)
    {
        foreach (var name in (ReadOnlySpan<string>)["dateIssued", "validFrom"])
        {
            if (attributes.Field(name) is { } attribute && NgsiAttribute.ValueOf(attribute) is { ValueKind: JsonValueKind.String } time)
            {
                (like.At, like.BadTime) = (null, null);
                ForeignTimes.Read(time, input.Zone, ref like);
                break;
            }
        }

        var category = NgsiEntity.TextOf(attributes, "category");
        var kind = NgsiEntity.TextOf(attributes, "subCategory") ?? category;
        if (kind is null)
        {
            into.Refuse(RejectionReason.Malformed, "the alert has neither category nor subCategory");
            return;
        }

        like.OtherKey = NgsiEntity.TextOf(attributes, "alertSource") is { Length: <= ForeignReadings.KeyLengthMax } source ? source.AsMemory() : default;
        ref var item = ref into.AddItem(ItemKind.Event, like.Key);
        (item.OtherKey, item.At, item.BadTime, item.EventType) = (like.OtherKey, like.At, like.BadTime, TypeOf(kind));

        // Some platforms keep one entity per source and issue it anew: the time belongs to the identity.
        var at = like.At ?? input.ReceivedAt;
        item.EventId = string.Create(CultureInfo.InvariantCulture, $"{(id.Length > 90 ? id[^90..] : id)}@{at:yyyy-MM-ddTHH:mm:ss.fffZ}");
        var state = NgsiEntity.TextOf(attributes, "status") ?? NgsiEntity.TextOf(attributes, "alertStatus");
        item.EventState = state?.ToUpperInvariant() is "CLOSED" or "RESOLVED" or "CLEARED" or "INACTIVE" or "ENDED" or "CANCELLED" ? EventState.End : EventState.Start;
        if (attributes.Field("data") is { } data && NgsiAttribute.ValueOf(data) is { ValueKind: JsonValueKind.Object } details)
        {
            item.Clip = details.TextField("videoURL");
            item.Snapshot = details.TextField("imageURL") ?? details.TextField("snapshot");
        }
    }

    private static string TypeOf(string kind) => kind switch
    {
        "fallenPatient" or "fallDetected" => "fall",
        "buildingFire" or "forestFire" or "fire" => "fire_smoke",
        "carWrongDirection" => "wrong_way",
        "assault" => "fight",
        "flood" or "flooding" => "waterlogging",
        "illegalParking" => "illegal_parking",
        "gasLeak" => "gas_leak",
        _ => CameraEvents.OwnWord(kind),
    };
}
