namespace IotIngest.Receiving;

/// <summary>A message that came with a named format keeps it in the journal in front of its topic; no MQTT topic can hold a NUL.</summary>
internal static class JournalTopic
{
    public static string Of(string format, string topic) => "\0" + format + "\0" + topic;

    public static (string? Format, string Topic) Read(string journaled)
    {
        if (journaled.Length == 0 || journaled[0] != '\0')
        {
            return (null, journaled);
        }

        var end = journaled.IndexOf('\0', 1);
        return end < 0 ? (null, journaled) : (journaled[1..end], journaled[(end + 1)..]);
    }
}
