using System.Text;

namespace IotIngest.Decoding;

// Cameras and their gateways write UTF-8, GB 2312, GBK or GB 18030, and what they declare is not always what they write. GB 18030 holds the other two; its trailing bytes
// never look like '<' or '"', so a wrong guess spoils a description and never the structure.
internal static class PayloadTexts
{
    /// <summary>An XML declaration that is longer is none.</summary>
    private const int DeclarationBytesMax = 200;

    private static readonly Encoding Gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!;

    /// <summary>The text of an XML document without its declaration, which may hold what no parser accepts.</summary>
    public static string OfXml(ReadOnlySpan<byte> payload)
    {
        var text = Decode(payload).Trim(' ', '\t', '\r', '\n', '\0', '\uFEFF');
        if (!text.StartsWith("<?xml", StringComparison.Ordinal))
        {
            return text;
        }

        var end = text.IndexOf("?>", StringComparison.Ordinal);
        return end is > 0 and < DeclarationBytesMax ? text[(end + 2)..] : text;
    }

    /// <summary>The same bytes where they are UTF-8, else what they say in GB 18030; without a byte order mark and without the zeros that C programs leave at the end.</summary>
    public static ReadOnlySpan<byte> Utf8(ReadOnlySpan<byte> payload)
    {
        var bytes = (payload.StartsWith("\uFEFF"u8) ? payload[3..] : payload).TrimEnd((byte)0);
        return System.Text.Unicode.Utf8.IsValid(bytes) ? bytes : Encoding.UTF8.GetBytes(Gb18030.GetString(bytes));
    }

    private static string Decode(ReadOnlySpan<byte> payload)
    {
        if (payload.StartsWith("\uFEFF"u8))
        {
            return Encoding.UTF8.GetString(payload[3..]);
        }

        if (payload.Length >= 2 && ((payload[0] == 0xff && payload[1] == 0xfe) || (payload[0] == '<' && payload[1] == 0)))
        {
            return Encoding.Unicode.GetString(payload);
        }

        if (payload.Length >= 2 && ((payload[0] == 0xfe && payload[1] == 0xff) || (payload[0] == 0 && payload[1] == '<')))
        {
            return Encoding.BigEndianUnicode.GetString(payload);
        }

        if (!System.Text.Unicode.Utf8.IsValid(payload))
        {
            return Gb18030.GetString(payload);
        }

        // A few short words of GB 2312 happen to be valid UTF-8; Chinese in UTF-8 takes three bytes a character.
        return DeclaresGb(payload) && payload.IndexOfAnyInRange((byte)0xe3, (byte)0xe9) < 0 ? Gb18030.GetString(payload) : Encoding.UTF8.GetString(payload);
    }

    private static bool DeclaresGb(ReadOnlySpan<byte> payload)
    {
        var head = Encoding.Latin1.GetString(payload[..Math.Min(payload.Length, DeclarationBytesMax)]);
        var encoding = head.IndexOf("encoding", StringComparison.OrdinalIgnoreCase);
        var end = head.IndexOf("?>", StringComparison.Ordinal);
        return encoding > 0 && end > encoding && head.AsSpan(encoding, end - encoding).Contains("gb", StringComparison.OrdinalIgnoreCase);
    }
}
