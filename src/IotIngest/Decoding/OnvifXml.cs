namespace IotIngest.Decoding;

/// <summary>ONVIF as XML: a metadata stream with events and frames, or one notification.</summary>
internal static class OnvifXml
{
    public static void Add(in Tree.Part root, string key, string? otherKey, in DecodeInput input, DecodedMessage into)
    {
        if (root.Is("NotificationMessage"))
        {
            AddNotification(root, key, otherKey, input, into);
            return;
        }

        if (root.Is("Frame"))
        {
            OnvifFrames.Add(root, key, otherKey, input, into);
            return;
        }

        // tt:MetadataStream holds Event and VideoAnalytics; a pull answer wraps them once more.
        foreach (var member in root.Members)
        {
            if (member.Is("NotificationMessage"))
            {
                AddNotification(member, key, otherKey, input, into);
            }
            else if (member.Is("Frame"))
            {
                OnvifFrames.Add(member, key, otherKey, input, into);
            }
            else if (member.Is("Event") || member.Is("VideoAnalytics") || member.Is("Body") || member.Is("PullMessagesResponse") || member.Is("Notify"))
            {
                Add(member, key, otherKey, input, into);
            }
        }
    }

    private static void AddNotification(in Tree.Part notification, string key, string? otherKey, in DecodeInput input, DecodedMessage into)
    {
        var message = notification["Message"] is { HasMembers: true } outer && outer["Message"].Exists ? outer["Message"] : notification["Message"];
        var levels = OnvifTopics.LevelsOf(notification["Topic"].Text.Trim());
        key = key.Length > 0 ? key : ProducerOf(notification);
        OnvifNotifications.Add(
            new(levels, $"{string.Join('/', levels)}/{OnvifNotifications.TextOf(message["Source"])}/{OnvifNotifications.TextOf(message["Key"])}", OnvifDecoder.UtcTime(message["UtcTime"].Text),
                message["PropertyOperation"].Text, message["Source"], message["Data"]),
            key, otherKey, input, into);
    }

    /// <summary>Without a topic the address of the producer, uri://{id}/…, is all that names the device.</summary>
    private static string ProducerOf(in Tree.Part notification)
    {
        var address = notification["ProducerReference"]["Address"].Text;
        var start = address.IndexOf("//", StringComparison.Ordinal);
        if (start < 0)
        {
            return address;
        }

        var rest = address[(start + 2)..];
        var end = rest.IndexOf('/', StringComparison.Ordinal);
        return end < 0 ? rest : rest[..end];
    }
}
