using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Officials;

// Writes one of our own warnings as CAP 1.2 with the identifier of the national profile: 14 digits of the sender, the time, a number. The same state of the same
// warning is the same document, so whoever fetches twice has one alert.
internal static class CapWriting
{
    private const string Cap12 = "urn:oasis:names:tc:emergency:cap:1.2";
    private static readonly TimeSpan China = TimeSpan.FromHours(8);

    public static string Write(WarningView warning, string senderCode)
    {
        var text = new StringBuilder();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, OmitXmlDeclaration = true }))
        {
            var raisedAt = warning.RaisedAt ?? warning.OnsetAt;
            var cleared = warning.State == WarningState.Cleared;
            // Each colour is a document of its own, that follows the one before.
            var sentBefore = warning.Changes.Where(change => change.Kind is WarningChangeKind.Raised or WarningChangeKind.Upgraded or WarningChangeKind.Lowered)
                .Select(change => change.At).Append(raisedAt).Where(at => at >= raisedAt).Distinct().Order().ToArray();
            var sent = cleared ? warning.ClearedAt ?? raisedAt : sentBefore[^1];
            var follows = cleared ? sentBefore[^1] : sentBefore.Length > 1 ? sentBefore[^2] : (DateTimeOffset?)null;
            writer.WriteStartElement("alert", Cap12);
            Element(writer, "identifier", Identifier(senderCode, warning.Id, sent));
            Element(writer, "sender", senderCode);
            Element(writer, "sent", Time(sent));
            Element(writer, "status", warning.Drill ? "Exercise" : "Actual");
            Element(writer, "msgType", cleared ? "Cancel" : follows is null ? "Alert" : "Update");
            Element(writer, "scope", "Public");
            if (follows is { } earlier)
            {
                Element(writer, "references", $"{senderCode},{Identifier(senderCode, warning.Id, earlier)},{Time(earlier)}");
            }

            WriteInfo(writer, warning, sent);
            writer.WriteEndElement();
        }

        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + text;
    }

    private static void WriteInfo(XmlWriter writer, WarningView warning, DateTimeOffset sent)
    {
        var name = warning.RuleName?.Zh ?? warning.Rule.Value;
        var colour = warning.Colour switch { Colour.Red => "红色", Colour.Orange => "橙色", Colour.Yellow => "黄色", _ => "蓝色" };
        writer.WriteStartElement("info", Cap12);
        Element(writer, "language", "zh-CN");
        Element(writer, "category", CategoryOf(warning.Class));
        Element(writer, "event", name);
        Element(writer, "responseType", warning.State == WarningState.Cleared ? "AllClear" : "Monitor");
        Element(writer, "urgency", warning.State == WarningState.Cleared ? "Past" : "Immediate");
        Element(writer, "severity", warning.Colour switch { Colour.Red => "Extreme", Colour.Orange => "Severe", Colour.Yellow => "Moderate", _ => "Minor" });
        Element(writer, "certainty", "Observed");
        if (warning.Class is { } code)
        {
            Pair(writer, "eventCode", "SJ", code.Value);
        }

        Element(writer, "effective", Time(sent));
        Element(writer, "onset", Time(warning.OnsetAt));
        Element(writer, "expires", Time(warning.ExpiresAt is { } ends && ends > sent ? ends : sent.AddHours(24)));
        Element(writer, "senderName", "常州市钟楼区城市运行管理指挥中心");
        Element(writer, "headline", $"{warning.SubjectName ?? warning.Subject}{name}{colour}预警{(warning.State == WarningState.Cleared ? "解除" : string.Empty)}");
        Element(writer, "description", warning.Reason.Length > 0 ? warning.Reason : name);
        Pair(writer, "parameter", "ColorCode", warning.Colour.ToString().ToUpperInvariant());
        Pair(writer, "parameter", "Rule", string.Create(CultureInfo.InvariantCulture, $"{warning.Rule.Value} v{warning.RuleVersion}"));
        WriteArea(writer, warning);
        writer.WriteEndElement();
    }

    private static void WriteArea(XmlWriter writer, WarningView warning)
    {
        writer.WriteStartElement("area", Cap12);
        Element(writer, "areaDesc", warning.SubjectName ?? warning.Subject);
        foreach (var ring in warning.Rings)
        {
            // Ours are longitude first, CAP's latitude first.
            Element(writer, "polygon", string.Join(' ', Enumerable.Range(0, ring.Length / 2).Select(i => Point(ring[(2 * i) + 1], ring[2 * i]))));
        }

        if (warning.Rings.IsEmpty && warning is { Longitude: { } longitude, Latitude: { } latitude })
        {
            Element(writer, "circle", Point(latitude, longitude) + " 0.1");
        }

        Pair(writer, "geocode", "GB/T 2260", warning.Area.Value);
        writer.WriteEndElement();
    }

    /// <summary>The category of CAP for a class of the 数字城管 dictionary.</summary>
    private static string CategoryOf(ClassCode? code) => code?.Value switch
    {
        "SJ-21-02" => "Fire",
        "SJ-21-01" or "SJ-21-09" or "SJ-21-12" => "CBRNE",
        "SJ-21-08" or "SJ-21-17" or "SJ-21-20" or "SJ-04-06" or "SJ-04-07" => "Met",
        "SJ-21-10" or "SJ-21-11" or "SJ-21-27" or "SJ-03-02" => "Env",
        "SJ-21-04" or "SJ-21-18" => "Health",
        "SJ-21-03" => "Rescue",
        "SJ-21-16" => "Security",
        "SJ-04-02" or "SJ-04-03" or "SJ-04-04" or "SJ-04-05" or "SJ-04-08" or "SJ-21-07" or "SJ-21-13" or "SJ-21-14" or "SJ-21-15" or "SJ-21-19" or "SJ-21-21" or "SJ-21-23" => "Infra",
        "SJ-04-01" or "SJ-05-05" or "SJ-21-25" => "Transport",
        "SJ-21-05" or "SJ-21-06" or "SJ-21-22" or "SJ-21-24" or "SJ-21-26" => "Safety",
        _ => "Other",
    };

    private static string Identifier(string senderCode, WarningId warning, DateTimeOffset sent)
    {
        // Nine digits of the warning's identity tell apart what is sent in one second.
        var number = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(warning.Value))) % 1_000_000_000;
        return string.Create(CultureInfo.InvariantCulture, $"{senderCode}_{sent.ToOffset(China):yyyyMMddHHmmss}_{number}");
    }

    private static string Time(DateTimeOffset at) => at.ToOffset(China).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    private static string Point(double latitude, double longitude) => string.Create(CultureInfo.InvariantCulture, $"{latitude:0.######},{longitude:0.######}");

    private static void Element(XmlWriter writer, string name, string value) => writer.WriteElementString(name, Cap12, Clean(value) is { Length: > 0 } clean ? clean : "–");

    private static void Pair(XmlWriter writer, string element, string name, string value)
    {
        writer.WriteStartElement(element, Cap12);
        Element(writer, "valueName", name);
        Element(writer, "value", value);
        writer.WriteEndElement();
    }

    /// <summary>Names may hold characters that XML has not.</summary>
    private static string Clean(string text) =>
        string.Concat(text.EnumerateRunes().Where(rune => rune.Value > 0xFFFF || XmlConvert.IsXmlChar((char)rune.Value)).Select(rune => rune.ToString()));
}
