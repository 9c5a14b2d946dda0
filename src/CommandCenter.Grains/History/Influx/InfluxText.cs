using System.Buffers;
using System.Globalization;
using System.Text;

namespace CommandCenter.Grains.History.Influx;

/// <summary>The three ways in which a text must be written for InfluxDB: as a tag, as a string field, inside InfluxQL.</summary>
internal static class InfluxText
{
    // A tag can hold neither a line break nor a backslash at its end, and the protocol has no escape for them: they are written as %XX, and % with them.
    private static readonly SearchValues<char> NotInTags = SearchValues.Create([.. Enumerable.Range(0, 32).Select(code => (char)code), '\\', '%', '\u007f']);
    private static readonly SearchValues<char> EscapedInTags = SearchValues.Create(", =");

    /// <summary>The value that a tag holds for this text; never empty, because InfluxDB takes an empty tag for no tag.</summary>
    public static string Tag(string text)
    {
        if (text.Length == 0)
        {
            return "%";
        }

        if (!text.AsSpan().ContainsAny(NotInTags))
        {
            return text;
        }

        var made = new StringBuilder(text.Length + 8);
        foreach (var character in text)
        {
            _ = NotInTags.Contains(character)
                ? made.Append(CultureInfo.InvariantCulture, $"%{(int)character:X2}")
                : made.Append(character);
        }

        return made.ToString();
    }

    /// <summary>The text that the tag stands for.</summary>
    public static string FromTag(string tag)
    {
        if (tag == "%")
        {
            return string.Empty;
        }

        if (!tag.Contains('%', StringComparison.Ordinal))
        {
            return tag;
        }

        var made = new StringBuilder(tag.Length);
        for (var i = 0; i < tag.Length; i++)
        {
            if (tag[i] == '%' && i + 2 < tag.Length && int.TryParse(tag.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                made.Append((char)code);
                i += 2;
            }
            else
            {
                made.Append(tag[i]);
            }
        }

        return made.ToString();
    }

    /// <summary>A tag's value as the line protocol wants it.</summary>
    public static string EscapedTag(string text)
    {
        var tag = Tag(text);
        return tag.AsSpan().ContainsAny(EscapedInTags)
            ? tag.Replace(",", "\\,", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal).Replace(" ", "\\ ", StringComparison.Ordinal)
            : tag;
    }

    /// <summary>A string field as the line protocol wants it. Lines are cut at line breaks when a request is split, so that none may stand in a field.</summary>
    public static string QuotedField(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings(" ") + "\"";

    /// <summary>The tag of this text as a literal of InfluxQL.</summary>
    public static string QuotedTag(string text) => "'" + Tag(text).Replace("'", "\\'", StringComparison.Ordinal) + "'";

    /// <summary>A name of a database, policy or measurement in InfluxQL.</summary>
    public static string QuotedName(string name) => "\"" + name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
