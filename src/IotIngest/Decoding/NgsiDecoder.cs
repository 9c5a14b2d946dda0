using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// NGSI v2 and NGSI-LD: entities alone, in lists, as GeoJSON features or inside notifications; normalized, concise or key-values. NgsiEntity reads one entity, this file finds them.
internal static class NgsiDecoder
{
    private const int WrapDepthMax = 6;

    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        if (!input.Payload.IsEmpty)
        {
            JsonDocuments.Decode(input, into, (JsonElement root, in DecodeInput message, DecodedMessage result) => DecodeAny(root, default, 0, message, result));
        }
    }

    private static void DecodeAny(JsonElement root, JsonElement notifiedAt, int depth, in DecodeInput input, DecodedMessage into)
    {
        if (root.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in root.EnumerateArray())
            {
                if (into.IsFull)
                {
                    return;
                }

                DecodeAny(one, notifiedAt, depth + 1, input, into);
            }
        }
        else if (root.ValueKind != JsonValueKind.Object || depth > WrapDepthMax)
        {
            into.Refuse(RejectionReason.Malformed, "expected an entity");
        }
        else if (root.TryGetProperty("body", out var body) && root.TryGetProperty("metadata", out _))
        {
            // NGSI-LD over MQTT puts the headers of a notification beside it.
            DecodeAny(body, notifiedAt, depth + 1, input, into);
        }
        else if (root.TryGetProperty("data", out var data) && IsNotification(root))
        {
            DecodeAny(data, root.Field("notifiedAt") ?? notifiedAt, depth + 1, input, into);
        }
        else if (root.TryGetProperty("entities", out var entities) && root.TryGetProperty("actionType", out var action))
        {
            if (action.ValueKind != JsonValueKind.String || !action.GetString()!.StartsWith("delete", StringComparison.OrdinalIgnoreCase))
            {
                DecodeAny(entities, notifiedAt, depth + 1, input, into);
            }
        }
        else if (root.TryGetProperty("features", out var features) && root.TextField("type") == "FeatureCollection")
        {
            DecodeAny(features, notifiedAt, depth + 1, input, into);
        }
        else if (root.TryGetProperty("contextResponses", out _) || root.TryGetProperty("contextElements", out _))
        {
            into.Refuse(RejectionReason.Unsupported, "this is NGSI version 1; versions 2 and LD are understood");
        }
        else if (root.TextField("type") is not "Subscription")
        {
            NgsiEntity.Decode(root, notifiedAt, input, into);
        }
    }

    private static bool IsNotification(JsonElement root) =>
        root.TryGetProperty("subscriptionId", out _) || root.TryGetProperty("notifiedAt", out _) || root.TextField("type") is "Notification" || root.TextField("id") is null;
}
