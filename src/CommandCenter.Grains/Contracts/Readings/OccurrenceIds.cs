using System.Globalization;

namespace CommandCenter.Grains.Contracts;

/// <summary>Ids of events of devices that give none: the condition's fingerprint and when the occurrence began. The end of an occurrence does not name its beginning, and who reads
/// it may have started since or may be another process; its id then carries its own time, and still ends what began before under the same fingerprint.</summary>
public static class OccurrenceIds
{
    private const string Prefix = "x-";
    private const int StemLength = 18;

    /// <param name="fingerprint">8 bytes that start and end of a condition share.</param>
    /// <param name="startMs">When the occurrence began, milliseconds since 1970.</param>
    public static string Of(ReadOnlySpan<byte> fingerprint, long startMs) => string.Create(CultureInfo.InvariantCulture, $"{StemOf(fingerprint)}-{startMs:x}");

    public static string StemOf(ReadOnlySpan<byte> fingerprint) => Prefix + Convert.ToHexStringLower(fingerprint[..8]);

    /// <summary>Whether an end under the second id ends what is open under the first: the same id, or the same condition that began no later.</summary>
    public static bool Ends(string open, string end)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(end);
        return open == end
            || (TryRead(open, out var openMs) && TryRead(end, out var endMs) && openMs <= endMs && open.AsSpan(0, StemLength).SequenceEqual(end.AsSpan(0, StemLength)));
    }

    private static bool TryRead(string id, out long startMs)
    {
        startMs = 0;
        return id.Length > StemLength + 1 && id.StartsWith(Prefix, StringComparison.Ordinal) && id[StemLength] == '-'
            && long.TryParse(id.AsSpan(StemLength + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out startMs);
    }
}
