namespace IotIngest.Decoding;

/// <summary>Many programs write NaN and Infinity into JSON, which has no such words. Quoted they become texts: the one value is refused as not a number, the rest of the message stands.</summary>
internal static class BareWords
{
    /// <summary>False when the payload holds no such word outside of texts.</summary>
    public static bool TryQuote(ReadOnlySpan<byte> payload, out byte[] quoted)
    {
        quoted = [];
        if (payload.IndexOf("NaN"u8) < 0 && payload.IndexOf("Infinity"u8) < 0 && payload.IndexOf("nan"u8) < 0 && payload.IndexOf("inf"u8) < 0)
        {
            return false;
        }

        var result = new List<byte>(payload.Length + 64);
        var inText = false;
        var found = false;
        for (var i = 0; i < payload.Length; i++)
        {
            var current = payload[i];
            if (inText)
            {
                result.Add(current);
                if (current == '\\' && i + 1 < payload.Length)
                {
                    result.Add(payload[++i]);
                }
                else if (current == '"')
                {
                    inText = false;
                }
            }
            else if (WordAt(payload[i..]) is var length and > 0)
            {
                result.Add((byte)'"');
                result.AddRange(payload.Slice(i, length));
                result.Add((byte)'"');
                i += length - 1;
                found = true;
            }
            else
            {
                inText = current == '"';
                result.Add(current);
            }
        }

        quoted = found ? [.. result] : [];
        return found;
    }

    private static int WordAt(ReadOnlySpan<byte> rest)
    {
        var sign = rest[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        var word = rest[sign..];
        return word.StartsWith("NaN"u8) || word.StartsWith("nan"u8) ? sign + 3
            : word.StartsWith("Infinity"u8) ? sign + 8
            : word.StartsWith("inf"u8) ? sign + 3 : 0;
    }
}
