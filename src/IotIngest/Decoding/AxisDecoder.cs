using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// Axis: the JSON of the device's own MQTT client under {prefix}/event/…, and the XML of its ONVIF metadata stream, passed on by a gateway.
// https://developer.axis.com/vapix/network-video/mqtt-client-api
internal static class AxisDecoder
{
    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        var (key, otherKey) = KeysOf(input.Topic);
        if (input.Payload.IsEmpty)
        {
            return;
        }

        if (Tree.Read(input.Payload, out var why) is not { } tree)
        {
            into.Refuse(RejectionReason.Malformed, why);
            return;
        }

        var root = tree.Root;
        if (Tree.LooksLikeXml(input.Payload))
        {
            OnvifXml.Add(root, key, otherKey, input, into);
            return;
        }

        if (IsLastWill(root, input.Topic))
        {
            return;
        }

        var message = root["message"];
        if (root["topic"].Text.Length == 0 || (!message.HasMembers && message.Text.Length > 0) || !message.Exists)
        {
            into.Refuse(RejectionReason.Malformed, "there is no topic and no message");
            return;
        }

        var levels = OnvifTopics.LevelsOf(root["topic"].Text);
        var serial = root.TextOf("serial", "serialNumber");
        (key, otherKey) = key.Length == 0 ? (serial, null) : (key, serial.Length > 0 ? serial : otherKey);
        var rule = $"{string.Join('/', levels)}/{OnvifNotifications.TextOf(message["source"])}/{OnvifNotifications.TextOf(message["key"])}";
        OnvifNotifications.Add(
            new(levels, rule, TimeOf(root, input.Zone), message["propertyOperation"].Text is { Length: > 0 } said ? said : ImpliedOperation(message["data"]), message["source"], message["data"]),
            key, otherKey, input, into);
    }

    private static DeviceTime TimeOf(in Tree.Part root, TimeZoneInfo zone) => DeviceTimes.Read(root.TextOf("timestamp", "UtcTime", "time"), zone);

    /// <summary>The JSON does not say whether a state has changed or is only told again; a state that does not hold is taken as told again.</summary>
    private static string ImpliedOperation(in Tree.Part data) => data.HasMembers ? "Initialized" : string.Empty;

    /// <summary>Connect and disconnect messages of the client carry a text of their own.</summary>
    private static bool IsLastWill(in Tree.Part root, string topic) =>
        !root["topic"].Exists && (root["connected"].Exists || root["online"].Exists || topic.EndsWith("/connection", StringComparison.Ordinal) || topic.EndsWith("/status", StringComparison.Ordinal));

    /// <summary>The prefix in front of "event"; its last level, mostly the serial number, counts as a second key.</summary>
    private static (string Key, string? OtherKey) KeysOf(string topic)
    {
        if (!topic.Contains('/', StringComparison.Ordinal))
        {
            return (topic, null);
        }

        var end = topic.IndexOf("/event/", StringComparison.Ordinal);
        end = end >= 0 ? end : topic.EndsWith("/event", StringComparison.Ordinal) ? topic.Length - "/event".Length : EndOfSecondLevel(topic);
        var key = topic[..end];
        var last = key.LastIndexOf('/');
        return (key, last < 0 ? null : key[(last + 1)..]);
    }

    private static int EndOfSecondLevel(string topic)
    {
        var first = topic.IndexOf('/', StringComparison.Ordinal);
        var second = topic.IndexOf('/', first + 1);
        return second < 0 ? topic.Length : second;
    }
}
