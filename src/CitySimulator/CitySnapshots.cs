using System.Reflection;

namespace CitySimulator;

/// <summary>Drawn pictures that stand for what a camera of the pretended city saw. The web host serves them as <c>/demo/snapshots/{type}.svg</c>.</summary>
public static class CitySnapshots
{
    private const string Prefix = "snapshot.";
    private const string Suffix = ".svg";
    private static readonly Assembly Owner = typeof(CitySnapshots).Assembly;

    /// <summary>Event types that have a picture.</summary>
    public static IReadOnlySet<string> Types { get; } = Owner.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => name[Prefix.Length..^Suffix.Length])
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>The address that events carry.</summary>
    public static string AddressOf(string type) => $"/demo/snapshots/{type}.svg";

    /// <summary>The picture as SVG (<c>image/svg+xml</c>); null when the type has none.</summary>
    public static byte[]? Find(string type)
    {
        if (!Types.Contains(type))
        {
            return null;
        }

        using var stream = Owner.GetManifestResourceStream(Prefix + type + Suffix)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
