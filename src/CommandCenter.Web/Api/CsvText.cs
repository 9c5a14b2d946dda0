using System.Text;
using System.Text.Unicode;

namespace CommandCenter.Web.Api;

/// <summary>What a CSV file is written in: by its byte order mark, else UTF-8, else GB18030, in which Chinese Excel writes (it holds GBK and GB2312 whole).</summary>
internal static class CsvText
{
    // Registered nowhere: only files are read so, never what a client claims.
    private static readonly Encoding Gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!;

    /// <param name="beginning">The file, or its first bytes, whose last letter may be cut.</param>
    public static Encoding EncodingOf(ReadOnlySpan<byte> beginning)
    {
        switch (beginning)
        {
            case [0xFF, 0xFE, ..]:
                return Encoding.Unicode;
            case [0xFE, 0xFF, ..]:
                return Encoding.BigEndianUnicode;
        }

        for (var cut = 0; cut < Math.Min(4, beginning.Length + 1); cut++)
        {
            if (Utf8.IsValid(beginning[..^cut]))
            {
                return Encoding.UTF8;
            }
        }

        return Gb18030;
    }

    /// <param name="encoding">Name of what it was read as, to be shown.</param>
    public static string Decode(ReadOnlySpan<byte> bytes, out string encoding)
    {
        var read = EncodingOf(bytes);
        encoding = read == Gb18030 ? "GB18030" : read is UTF8Encoding ? "UTF-8" : "UTF-16";
        return read.GetString(bytes).TrimStart('\uFEFF');
    }
}
