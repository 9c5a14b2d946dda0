using System.Collections.Frozen;

namespace CommandCenter.Grains.Registry;

/// <summary>The names of the foreign payload formats that a device's source may name. Ingest owns their decoders.</summary>
internal static class PayloadFormats
{
    public const string Canonical = "canonical";

    public static FrozenSet<string> Foreign { get; } = new[]
    {
        "chirpstack", "the-things-stack", "sparkplug-b", "frigate", "onvif", "axis", "zigbee2mqtt", "tasmota", "shelly", "senml", "sensorthings", "ngsi",
        "owntracks", "traccar", "hikvision", "dahua", "gb28181",
    }.ToFrozenSet(StringComparer.Ordinal);
}
