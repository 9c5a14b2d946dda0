namespace IotIngest.Decoding;

/// <summary>An MQTT topic filter with <c>+</c> and <c>#</c>.</summary>
internal static class TopicFilter
{
    public static bool IsValid(string filter)
    {
        if (string.IsNullOrEmpty(filter) || filter.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        var levels = filter.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            var last = i == levels.Length - 1;
            if ((levels[i].Contains('#', StringComparison.Ordinal) && !(levels[i] == "#" && last)) || (levels[i].Contains('+', StringComparison.Ordinal) && levels[i] != "+"))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Topics that begin with <c>$</c> match no filter that begins with a wildcard.</summary>
    public static bool Matches(string filter, string topic)
    {
        if (topic.Length == 0 || (topic[0] == '$' && filter[0] is '+' or '#'))
        {
            return false;
        }

        int f = 0, t = 0;
        while (true)
        {
            if (f < filter.Length && filter[f] == '#')
            {
                return true;
            }

            var filterEnd = EndOfLevel(filter, f);
            var topicEnd = EndOfLevel(topic, t);
            if (!(filterEnd - f == 1 && filter[f] == '+') && !filter.AsSpan(f, filterEnd - f).SequenceEqual(topic.AsSpan(t, topicEnd - t)))
            {
                return false;
            }

            var filterDone = filterEnd == filter.Length;
            var topicDone = topicEnd == topic.Length;
            if (filterDone || topicDone)
            {
                // The filter "a/#" also matches its parent "a".
                return filterDone == topicDone || (topicDone && filter.AsSpan(filterEnd).SequenceEqual("/#"));
            }

            f = filterEnd + 1;
            t = topicEnd + 1;
        }
    }

    private static int EndOfLevel(string text, int start)
    {
        var end = text.IndexOf('/', start);
        return end < 0 ? text.Length : end;
    }
}
