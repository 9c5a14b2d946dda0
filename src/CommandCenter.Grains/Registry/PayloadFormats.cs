using System.Collections.Frozen;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Registry;

/// <summary>The names of the foreign payload formats that a device's source may name. Ingest owns their decoders.</summary>
internal static class PayloadFormats
{
    public const string Canonical = PayloadFormatNames.Canonical;

    public static FrozenSet<string> Foreign { get; } = PayloadFormatNames.Foreign.ToFrozenSet(StringComparer.Ordinal);
}
