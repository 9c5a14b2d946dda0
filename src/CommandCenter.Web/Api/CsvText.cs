using System.Text;

namespace CommandCenter.Web.Api;

/// <summary>The text of a CSV file: by its byte order mark, else UTF-8, else GB18030, in which Chinese Excel writes (it holds GBK and GB2312 whole).</summary>
internal static class CsvText
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Registered nowhere: only files are read so, never what a client claims.
    private static readonly Encoding Gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!;

    public static string Decode(ReadOnlySpan<byte> bytes) => Decode(bytes, out _);

    /// <param name="encoding">Name of what it was read as, to be shown.</param>
    public static string Decode(ReadOnlySpan<byte> bytes, out string encoding)
    {
        if (bytes is [0xFF, 0xFE, ..])
        {
            encoding = "UTF-16";
            return Encoding.Unicode.GetString(bytes[2..]);
        }

        if (bytes is [0xFE, 0xFF, ..])
        {
            encoding = "UTF-16";
            return Encoding.BigEndianUnicode.GetString(bytes[2..]);
        }

        try
        {
            encoding = "UTF-8";
            return StrictUtf8.GetString(bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes[3..] : bytes);
        }
        catch (DecoderFallbackException)
        {
            encoding = "GB18030";
            return Gb18030.GetString(bytes);
        }
    }
}
