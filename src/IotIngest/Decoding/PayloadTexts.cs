using System.Text;

namespace IotIngest.Decoding;

// Cameras and their gateways write UTF-8, GB 2312, GBK or GB 18030, and what they declare is not always what they write. GB 18030 holds the other two; its trailing bytes
// never look like '<' or '"', so a wrong guess spoils a description and never the structure.
internal static class PayloadTexts
{
    /// <summary>An XML declaration that is longer is none.</summary>
    private const int DeclarationBytesMax = 200;

    /// <summary>Devices cut names in the middle of a character; bytes that are wrong more often are no Chinese, and the decoder would spend memory on every one of them.</summary>
    private const int WrongMax = 16;

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
        return System.Text.Unicode.Utf8.IsValid(bytes) ? bytes : Encoding.UTF8.GetBytes(OfUnknown(bytes));
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
            return OfUnknown(payload);
        }

        // A few short words of GB 2312 happen to be valid UTF-8; Chinese in UTF-8 takes three bytes a character.
        return DeclaresGb(payload) && payload.IndexOfAnyInRange((byte)0xe3, (byte)0xe9) < 0 ? OfUnknown(payload) : Encoding.UTF8.GetString(payload);
    }

    private static string OfUnknown(ReadOnlySpan<byte> bytes) => IsGb18030(bytes) ? Gb18030.GetString(bytes) : Encoding.UTF8.GetString(bytes);

    private static bool IsGb18030(ReadOnlySpan<byte> bytes)
    {
        var wrong = 0;
        for (var i = 0; i < bytes.Length && wrong <= WrongMax;)
        {
            var length = bytes[i] < 0x80 ? 1 : SequenceLength(bytes[i..]);
            wrong += length == 0 ? 1 : 0;
            i += Math.Max(length, 1);
        }

        return wrong <= WrongMax;
    }

    /// <summary>Two bytes, or four where the second is a digit; 0: the bytes are no character.</summary>
    private static int SequenceLength(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [>= 0x81 and <= 0xfe, (>= 0x40 and <= 0x7e) or (>= 0x80 and <= 0xfe), ..] => 2,
        [(>= 0x81 and <= 0x84) or (>= 0x90 and <= 0xe3), >= 0x30 and <= 0x39, >= 0x81 and <= 0xfe, >= 0x30 and <= 0x39, ..] => 4,
        _ => 0,
    };

    private static bool DeclaresGb(ReadOnlySpan<byte> payload)
    {
        var head = Encoding.Latin1.GetString(payload[..Math.Min(payload.Length, DeclarationBytesMax)]);
        var encoding = head.IndexOf("encoding", StringComparison.OrdinalIgnoreCase);
        var end = head.IndexOf("?>", StringComparison.Ordinal);
        return encoding > 0 && end > encoding && head.AsSpan(encoding, end - encoding).Contains("gb", StringComparison.OrdinalIgnoreCase);
    }
}
