using System.Collections.Immutable;
using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace CommandCenter.Grains.Officials;

// Reads OASIS CAP 1.1 and 1.2 strictly, and the exchange form of the national early-warning platform (国家突发事件预警信息发布系统) as it is found: no namespace, <sendTime> for <sent>,
// <eventType> for <event>, a colour as severity, times with a blank, "Cancle" for a cancellation. No DTD and no entity is ever resolved.
internal static class CapReading
{
    private const string Cap12 = "urn:oasis:names:tc:emergency:cap:1.2";
    private const string Cap11 = "urn:oasis:names:tc:emergency:cap:1.1";
    private const string Atom = "http://www.w3.org/2005/Atom";
    private const int CharactersMax = 1 << 20;
    private static readonly TimeSpan China = TimeSpan.FromHours(8);

    private static readonly string[] Categories = ["Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"];
    private static readonly string[] Urgencies = ["Immediate", "Expected", "Future", "Past", "Unknown"];
    private static readonly string[] Severities = ["Extreme", "Severe", "Moderate", "Minor", "Unknown"];
    private static readonly string[] Certainties = ["Observed", "Likely", "Possible", "Unlikely", "Unknown"];

    public static CapReadResult Read(ReadOnlySpan<byte> bytes)
    {
        var faults = new CapFaults();
        XElement root;
        try
        {
            using var reader = XmlReader.Create(
                new MemoryStream(bytes.ToArray()),
                new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = CharactersMax, IgnoreComments = true, IgnoreProcessingInstructions = true });
            root = XElement.Load(reader);
        }
        catch (Exception broken) when (broken is XmlException or InvalidOperationException or ArgumentException or NotSupportedException)
        {
            // A DTD ends here too: the message of the reader says so.
            return faults.Refuse("document", broken.Message);
        }

        if (root.Name.LocalName != "alert")
        {
            return faults.Refuse("document", root.Name.NamespaceName == Atom
                ? "is an Atom feed; send the alert that an entry links to"
                : $"the root element is <{Short(root.Name.LocalName)}>, expected is <alert>");
        }

        var national = root.Name.NamespaceName.Length == 0;
        if (!national && root.Name.NamespaceName is not (Cap12 or Cap11))
        {
            return faults.Refuse("alert", $"the namespace \"{Short(root.Name.NamespaceName)}\" is neither CAP 1.1 nor CAP 1.2");
        }

        var alert = new CapElement(root, national, faults);
        var sentName = national && alert.Has("sendTime") ? "sendTime" : "sent";
        var status = alert.Word("status", ["Actual", "Exercise", "System", "Test", "Draft"]);
        var type = alert.Word("msgType", ["Alert", "Update", "Cancel", "Ack", "Error", "Cancle"]);
        alert.Word("scope", ["Public", "Restricted", "Private"]);
        var references = References(alert);
        var result = new CapAlert
        {
            Identifier = alert.Required("identifier"),
            Sender = national && alert.Text("senderCode") is { } code ? code : alert.Required("sender"),
            Sent = alert.RequiredTime(sentName) ?? default,
            Status = Enum.TryParse<CapStatus>(status, out var parsedStatus) ? parsedStatus : default,
            MessageType = type == "Cancle" ? CapMessageType.Cancel : Enum.TryParse<CapMessageType>(type, out var parsedType) ? parsedType : default,
            References = references,
            Infos = [.. alert.Children("info").Select(info => ReadInfo(info, national))],
        };

        CheckName(result.Identifier, "identifier", faults);
        // The national form takes back by sender and event where it names nothing.
        if (!national && references.IsEmpty && (type is "Update" or "Cancel" or "Cancle"))
        {
            faults.Add("references", $"a message of type {type} must name the one that it follows");
        }

        return faults.IsEmpty ? new(result, faults.ToImmutable()) : new(null, faults.ToImmutable());
    }

    private static CapInfo ReadInfo(CapElement info, bool national)
    {
        var severity = national && info.Text("severity") is { } word && CapColours.OfWord(word) is not null ? word : info.Word("severity", Severities);
        if (!national)
        {
            foreach (var category in info.Children("category"))
            {
                category.Own(Categories);
            }

            info.NeedsChild("category");
        }

        info.Word("urgency", Urgencies);
        info.Word("certainty", info.Document == "1.1" ? [.. Certainties, "Very Likely"] : Certainties);
        var codes = info.Children("eventCode").Select(code => code.RequiredPair()).ToArray();
        var parameters = info.Children("parameter").Select(parameter => parameter.RequiredPair()).ToArray();
        var eventType = national ? info.Text("eventType") : null;
        var happening = national && info.Text("event") is null && eventType is not null ? CapEventCodes.NameOf(eventType) ?? eventType : info.Required("event");
        return new()
        {
            Language = info.Text("language") ?? "en-US",
            Code = eventType ?? codes.Select(pair => pair.Value).FirstOrDefault(code => CapEventCodes.NameOf(code) is not null) ?? codes.Select(pair => pair.Value).FirstOrDefault(),
            Event = happening,
            Severity = severity,
            Headline = info.Text("headline"),
            Description = info.Text("description"),
            Instruction = info.Text("instruction"),
            SenderName = info.Text("senderName"),
            Effective = info.Time("effective"),
            Onset = info.Time("onset"),
            Expires = info.Time("expires"),
            ColourWord = parameters.FirstOrDefault(pair => pair.Name.Contains("colo", StringComparison.OrdinalIgnoreCase) || pair.Name.Contains("颜色", StringComparison.Ordinal)).Value,
            Areas = [.. info.Children("area").Select(ReadArea)],
        };
    }

    private static CapArea ReadArea(CapElement area) => new(
        area.Required("areaDesc"),
        [.. area.Children("polygon").Where(polygon => !polygon.IsBlank).Select(polygon => ReadPolygon(polygon))],
        [.. area.Children("circle").Where(circle => !circle.IsBlank).Select(ReadCircle)],
        [.. area.Children("geocode").SelectMany(ReadGeocode)]);

    // The national form writes plain codes, several with commas.
    private static IEnumerable<string> ReadGeocode(CapElement geocode) =>
        geocode.HasElements ? [geocode.RequiredPair().Value] : geocode.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static ImmutableArray<(double Latitude, double Longitude)> ReadPolygon(CapElement polygon)
    {
        var points = polygon.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(pair => ReadPoint(pair, polygon)).ToImmutableArray();
        if (points.Length < 4 || points[0] != points[^1])
        {
            polygon.Refuse("needs at least four points, the last equal to the first");
        }

        return points;
    }

    private static (double Latitude, double Longitude) ReadPoint(string text, CapElement owner)
    {
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        if (comma > 0 && double.TryParse(text.AsSpan(0, comma), NumberStyles.Float, CultureInfo.InvariantCulture, out var latitude)
            && double.TryParse(text.AsSpan(comma + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var longitude)
            && latitude is >= -90 and <= 90 && longitude is >= -180 and <= 180)
        {
            return (latitude, longitude);
        }

        owner.Refuse($"\"{Short(text)}\" is not latitude,longitude in degrees");
        return default;
    }

    private static (double Latitude, double Longitude, double RadiusKm) ReadCircle(CapElement circle)
    {
        var parts = circle.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 2 && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var radius) && radius is >= 0 and <= 20_100)
        {
            var (latitude, longitude) = ReadPoint(parts[0], circle);
            return (latitude, longitude, radius);
        }

        circle.Refuse("is not \"latitude,longitude radius\" with the radius in kilometres");
        return default;
    }

    /// <summary>OASIS writes sender,identifier,sent; the national form the identifier alone.</summary>
    private static ImmutableArray<string> References(CapElement alert)
    {
        if (!alert.Has("references"))
        {
            return [];
        }

        var text = alert.Text("references");
        if (text is null)
        {
            if (!alert.National)
            {
                alert.Refuse("references", "is empty; leave the element out");
            }

            return [];
        }

        return [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(reference => reference.Split(',') is { Length: >= 2 } parts ? parts[1] : reference)];
    }

    private static void CheckName(string text, string element, CapFaults faults)
    {
        if (text.Length > 200 || text.AsSpan().IndexOfAny(' ', '<', '&') >= 0 || text.Contains(',', StringComparison.Ordinal))
        {
            faults.Add(element, "must be at most 200 characters without blanks, commas, < and &");
        }
    }

    /// <summary>CAP writes an offset, never Z; what others send is taken where it is clear. A time without an offset is Beijing's.</summary>
    internal static DateTimeOffset? ParseTime(string text, bool national)
    {
        text = text.Trim();
        if (DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var exact))
        {
            return exact;
        }

        if (DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var utc))
        {
            return utc;
        }

        if (!national)
        {
            return null;
        }

        if (DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd HH:mm:sszzz"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var blank))
        {
            return blank;
        }

        return DateTime.TryParseExact(text, ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            ? new DateTimeOffset(local, China)
            : null;
    }

    internal static string Short(string text) => text.Length <= 80 ? text : text[..80];
}
