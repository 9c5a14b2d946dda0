using CommandCenter.Grains.Contracts;
using IotIngest.Hosting;

namespace IotIngest.Decoding;

/// <summary>What a decoder sees of a message.</summary>
internal readonly ref struct DecodeInput
{
    public required string Topic { get; init; }
    public required ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The zone of times without an offset.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>When the message came; a message from the journal keeps its own.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>What earlier messages said, for formats whose messages cannot be understood alone.</summary>
    public required DecodingMemory Memory { get; init; }

    /// <summary>The message is only tried: the memory is read and never changed.</summary>
    public required bool IsTrial { get; init; }
}

/// <summary>Turns the bytes of one format into items. Adds refusals for what it cannot understand; never throws on any bytes.</summary>
internal delegate void Decode(in DecodeInput input, DecodedMessage into);

/// <summary>A payload format: its name, the topic filters it owns by default, and its decoder.</summary>
/// <param name="Decode">Null: known but not built; its messages are refused as unsupported.</param>
internal sealed record PayloadFormat(string Name, string[] Filters, Decode? Decode);

/// <summary>The ordered list of formats: the first whose filter matches the topic decodes the message. To add one, add a line and a file.</summary>
internal sealed class Decoders
{
    public const string Canonical = "canonical";

    private static readonly PayloadFormat[] Formats =
    [
        new(Canonical, ["city/v1/#"], CanonicalDecoder.Decode),
        new("chirpstack", ["application/+/device/+/event/+"], ChirpStackDecoder.Decode),
        new("the-things-stack", ["v3/+/devices/+/+"], TheThingsStackDecoder.Decode),
        new("sparkplug-b", ["spBv1.0/#"], SparkplugDecoder.Decode),
        new("frigate", ["frigate/#"], FrigateDecoder.Decode),
        new("onvif", ["+/onvif-ej/#", "+/onvif-mj/#"], OnvifDecoder.Decode),
        new("axis", ["axis/#"], AxisDecoder.Decode),
        new("zigbee2mqtt", ["zigbee2mqtt/#"], Zigbee2MqttDecoder.Decode),
        new("tasmota", ["tele/+/+", "stat/+/+"], TasmotaDecoder.Decode),
        new("shelly", ["+/events/rpc", "+/status/+", "shellies/#"], ShellyDecoder.Decode),
        new("senml", ["senml/#"], SenMlDecoder.Decode),
        new("sensorthings", ["v1.0/+/Observations", "v1.1/+/Observations"], SensorThingsDecoder.Decode),
        new("ngsi", ["ngsi/#"], NgsiDecoder.Decode),
        new("owntracks", ["owntracks/+/+"], OwnTracksDecoder.Decode),
        new("traccar", ["traccar/#"], TraccarDecoder.Decode),
        new("hikvision", ["hikvision/#"], HikvisionDecoder.Decode),
        new("dahua", ["dahua/#"], DahuaDecoder.Decode),
        new("gb28181", ["gb28181/#"], Gb28181Decoder.Decode),
    ];

    private readonly (string Filter, PayloadFormat Format)[] filters;
    private readonly TimeZoneInfo zone;
    private readonly DecodingMemory memory = new();

    public Decoders(IngestOptions options)
    {
        zone = LocalTimes.FindZone(options.TimeZone)!;
        filters = [.. Formats.Skip(1).SelectMany(format => (options.Topics.GetValueOrDefault(format.Name) ?? format.Filters).Select(filter => (filter, format)))];
    }

    public static IEnumerable<string> FormatNames => Formats.Select(format => format.Name);

    /// <summary>Every filter that an external broker must be asked for.</summary>
    public IEnumerable<string> Filters => filters.Select(entry => entry.Filter).Prepend(Formats[0].Filters[0]).Distinct(StringComparer.Ordinal);

    /// <summary>The filters among them whose messages can be understood only by a node that hears all of them.</summary>
    public IEnumerable<string> SessionFilters => filters.Where(entry => entry.Format.Name == "sparkplug-b").Select(entry => entry.Filter);

    public static bool IsFormat(string name) => Find(name) is not null;

    /// <summary>Decodes by the given format, or by the topic when it is null. <paramref name="into"/> is cleared first.</summary>
    public void Decode(string topic, ReadOnlySpan<byte> payload, string? formatName, DecodedMessage into, DateTimeOffset receivedAt = default, bool isTrial = false)
    {
        into.Clear();
        var format = formatName is null ? FindByTopic(topic) : Find(formatName);
        if (format is null)
        {
            into.Refuse(RejectionReason.UnknownFormat, formatName is null ? "no format is configured for this topic" : $"\"{formatName}\" is not a known format");
            return;
        }

        into.Format = format.Name;
        if (format.Decode is null)
        {
            into.Refuse(RejectionReason.Unsupported, $"the format {format.Name} is known, but this version has no decoder for it");
            return;
        }

        format.Decode(new DecodeInput { Topic = topic, Payload = payload, Zone = zone, ReceivedAt = receivedAt, Memory = memory, IsTrial = isTrial }, into);
    }

    private static PayloadFormat? Find(string name) => Array.Find(Formats, format => string.Equals(format.Name, name, StringComparison.OrdinalIgnoreCase));

    private PayloadFormat? FindByTopic(string topic)
    {
        if (topic.StartsWith("city/v1/", StringComparison.Ordinal))
        {
            return Formats[0];
        }

        foreach (var (filter, format) in filters)
        {
            if (TopicFilter.Matches(filter, topic))
            {
                return format;
            }
        }

        return null;
    }
}
