using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Warnings;

/// <summary>Writes lines into a warning's own timeline. Bounded: the first lines tell how it began, the newest how it stands.</summary>
internal static class WarningTimeline
{
    public const int ChangesMax = 60;
    private const int FirstChanges = 20;

    /// <summary>The warning with one more line, under its present colour. The version is the caller's to raise.</summary>
    public static WarningView Noted(this WarningView warning, WarningChangeKind kind, DateTimeOffset at, By? by = null, string? text = null)
    {
        var line = new WarningChange(at, kind, warning.Colour, by, text);
        var kept = warning.Changes.IsDefault ? [] : warning.Changes;
        return warning with { Changes = kept.Length < ChangesMax ? kept.Add(line) : kept.RemoveAt(FirstChanges).Add(line) };
    }
}
