using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>The payload formats that a device may speak, in the order in which operators see them. Ingest owns their decoders.</summary>
public static class PayloadFormatNames
{
    /// <summary>The platform's own format; a device without a source speaks it, and its key is the device's id.</summary>
    public const string Canonical = "canonical";

    /// <summary>Every format of others that <c>source.format</c> may name.</summary>
    public static ImmutableArray<string> Foreign { get; } =
    [
        "chirpstack", "the-things-stack", "sparkplug-b", "frigate", "onvif", "axis", "zigbee2mqtt", "tasmota", "shelly", "senml", "sensorthings", "ngsi",
        "owntracks", "traccar", "hikvision", "dahua", "gb28181",
    ];
}
