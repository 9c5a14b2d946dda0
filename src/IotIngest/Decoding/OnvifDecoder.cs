using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// ONVIF Profile M over MQTT: {prefix}/onvif-ej/{topic}[/&source…] for events, {prefix}/onvif-mj/… for metadata. Property events are retained, and a message without bytes takes one back.
// https://www.onvif.org/specs/core/ONVIF-Core-Specification.pdf, "Event broker".
internal static class OnvifDecoder
{
    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        var (key, topic) = Split(input.Topic);
        var levels = OnvifTopics.LevelsOf(topic);
        if (input.Payload.IsEmpty)
        {
            DecodeCleared(key, levels, topic, input, into);
            return;
        }

        if (Tree.Read(input.Payload, out var why) is not { } tree)
        {
            into.Refuse(RejectionReason.Malformed, why);
            return;
        }

        var root = tree.Root;
        if (!root.HasMembers)
        {
            into.Refuse(RejectionReason.Malformed, "the message is no object with members");
            return;
        }

        if (Tree.LooksLikeXml(input.Payload))
        {
            OnvifXml.Add(root, key, null, input, into);
            return;
        }

        var hasFrame = false;
        foreach (var member in root.Members)
        {
            if (member.Is("Frame"))
            {
                OnvifFrames.Add(member, key, null, input, into);
                hasFrame = true;
            }
        }

        if (!hasFrame && !root["VideoAnalytics"].Exists)
        {
            DecodeEvent(root, key, levels, topic, input, into);
        }
        else
        {
            foreach (var frame in root["VideoAnalytics"].Members)
            {
                if (frame.Is("Frame"))
                {
                    OnvifFrames.Add(frame, key, null, input, into);
                }
            }
        }
    }

    /// <summary>What is called UTC is UTC, also where a device leaves out the Z.</summary>
    public static DeviceTime UtcTime(string text) => DeviceTimes.Read(text, TimeZoneInfo.Utc);

    private static (string Key, string Topic) Split(string topic)
    {
        foreach (var mark in (ReadOnlySpan<string>)["/onvif-ej/", "/onvif-mj/"])
        {
            var at = topic.IndexOf(mark, StringComparison.Ordinal);
            if (at > 0)
            {
                return (topic[..at], topic[(at + mark.Length)..]);
            }
        }

        return (string.Empty, topic);
    }

    private static void DecodeEvent(in Tree.Part root, string key, string[] levels, string topic, in DecodeInput input, DecodedMessage into)
    {
        // Some wrap the message as the XML does, and the metadata form puts it under the name of its topic.
        var body = root["Message"] is { HasMembers: true } wrapped ? wrapped["Message"] is { HasMembers: true } inner ? inner : wrapped
            : root["SensorData"] is { HasMembers: true } sensor ? sensor
            : root["Event"] is { HasMembers: true } happened ? happened : root;
        levels = root["Topic"].Text is { Length: > 0 } own ? OnvifTopics.LevelsOf(own) : levels;
        var data = body["Data"] is { Exists: true } named ? named : body;
        var source = body["Source"];
        if (!body["UtcTime"].Exists && !body["Data"].Exists && !source.Exists)
        {
            into.Refuse(RejectionReason.Malformed, "there is neither UtcTime nor Source nor Data");
            return;
        }

        var rule = topic.Length > 0 ? topic : OnvifNotifications.TextOf(source);
        OnvifNotifications.Add(new(levels, rule, UtcTime(body["UtcTime"].Text), body["PropertyOperation"].Text, source, data), key, null, input, into);
    }

    /// <summary>The property is gone, and with it what it told.</summary>
    private static void DecodeCleared(string key, string[] levels, string topic, in DecodeInput input, DecodedMessage into)
    {
        var meaning = OnvifTopics.MeaningOf(levels);
        if (meaning.Type is { } type && key.Length > 0)
        {
            CameraEvents.TryAdd(new(key, type, topic, DeviceTime.None, Phase.Inactive, Holds: true), input, into);
        }
    }
}
