using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace CommandCenter.Web.DeviceDesk;

/// <summary>Payloads as people read them: JSON and XML with line breaks, other bytes as text or as hexadecimal. Bounded, because a payload may be long.</summary>
public static class PayloadText
{
    private const int ShownMax = 8_000;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>With line breaks where it is whole JSON or XML; a payload that was cut or is neither stays as it is.</summary>
    public static string Pretty(string payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        var text = payload.TrimStart();
        if (text.Length > 0 && text[0] is '{' or '[')
        {
            try
            {
                using var document = JsonDocument.Parse(payload);
                return Cut(JsonSerializer.Serialize(document.RootElement, Indented));
            }
            catch (JsonException)
            {
                return Cut(payload);
            }
        }

        if (text.Length > 0 && text[0] == '<')
        {
            try
            {
                using var reader = XmlReader.Create(new StringReader(payload), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
                return Cut(XDocument.Load(reader).ToString());
            }
            catch (XmlException)
            {
                return Cut(payload);
            }
        }

        return Cut(payload);
    }

    /// <summary>UTF-8 without control signs is text; anything else is shown as hexadecimal first.</summary>
    public static bool IsText(ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            if (one < 0x20 && one is not ((byte)'\t' or (byte)'\n' or (byte)'\r'))
            {
                return false;
            }
        }

        // A sign that was cut at the end is no reason to call a text binary.
        var text = Encoding.UTF8.GetString(bytes);
        return text.AsSpan().TrimEnd('\uFFFD').IndexOf('\uFFFD') < 0;
    }

    /// <summary>Sixteen bytes a line: place, bytes, the signs that can be printed.</summary>
    public static string Hex(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (var line = 0; line < bytes.Length; line += 16)
        {
            var part = bytes.Slice(line, Math.Min(16, bytes.Length - line));
            text.Append(CultureInfo.InvariantCulture, $"{line:x4}  ");
            for (var i = 0; i < 16; i++)
            {
                text.Append(i < part.Length ? string.Create(CultureInfo.InvariantCulture, $"{part[i]:x2} ") : "   ").Append(i == 7 ? " " : string.Empty);
            }

            text.Append(' ');
            foreach (var one in part)
            {
                text.Append(one is >= 0x20 and < 0x7f ? (char)one : '.');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Cut(string text) => text.Length <= ShownMax ? text : text[..ShownMax] + "\n…";
}
