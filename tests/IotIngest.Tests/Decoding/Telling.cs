using System.Globalization;
using System.Text;
using CommandCenter.Grains.Contracts;
using IotIngest.Decoding;
using IotIngest.Hosting;

namespace IotIngest.Tests.Decoding;

/// <summary>One decoder memory, and what messages become in it, one line for each item: kind, key, then what it says; a refusal is its reason.</summary>
internal sealed class Telling
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 0, 5, 0, TimeSpan.Zero);

    private readonly Decoders decoders = new(new IngestOptions());
    private readonly DecodedMessage decoded = new();

    public DecodedMessage Decoded => decoded;

    public DateTimeOffset At { get; set; } = Now;

    public string[] Tell(string topic, string payload, bool isTrial = false) => Tell(topic, Encoding.UTF8.GetBytes(payload), isTrial);

    public string[] Tell(string topic, byte[] payload, bool isTrial = false)
    {
        decoders.Decode(topic, payload, null, decoded, At, isTrial);
        var lines = new List<string>();
        foreach (var item in decoded.Items)
        {
            lines.Add(Line(item));
        }

        lines.AddRange(decoded.Refusals.Select(refusal => "refused " + refusal.Reason));
        return [.. lines];
    }

    /// <summary>The ids of the events of the newest message.</summary>
    public string[] Ids()
    {
        var ids = new List<string>();
        foreach (var item in decoded.Items)
        {
            ids.Add(item.EventId ?? string.Empty);
        }

        return [.. ids];
    }

    private string Line(in DecodedItem item)
    {
        var text = new StringBuilder();
        text.Append(item.IsQuiet ? "quiet " : string.Empty).Append(item.Kind.ToString().ToLowerInvariant()).Append(' ').Append(item.Key.Span);
        switch (item.Kind)
        {
            case ItemKind.Event:
                text.Append(' ').Append(item.EventType).Append(' ').Append(item.EventState.ToString().ToLowerInvariant());
                text.Append(item.Confidence is { } confidence ? Say($" {confidence}") : string.Empty);
                text.Append(item.Box.IsDefaultOrEmpty ? string.Empty : " [" + string.Join(' ', item.Box.Select(side => Say($"{side}"))) + "]");
                break;
            case ItemKind.Position:
                text.Append(Say($" {item.Longitude} {item.Latitude} {item.SpeedKmh} {item.HeadingDeg}"));
                break;
            case ItemKind.Status:
                text.Append(item.Online ? " online" : " offline");
                break;
            default:
                foreach (var value in decoded.Values.Slice(item.ValuesStart, item.ValuesCount))
                {
                    text.Append(Say($" {decoded.StringOf(value.Name)}={value.Number}{value.Unit}"));
                }

                break;
        }

        return text.Append(item.BadTime is not null ? " badtime" : item.At is { } at ? " " + ContractJson.Format(at) : string.Empty).ToString();
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
