namespace CommandCenter.Grains.Warnings;

/// <summary>Whether a seat is in a flood (ISA-18.2, EEMUA 191). It begins above the upper bound and ends below the lower one, so that it does not flicker. Pure.</summary>
internal static class FloodDeciding
{
    /// <param name="raised">Raised within the window that ends now.</param>
    public static bool Next(bool flood, int raised, WarningsOptions options) => flood ? raised >= options.FloodBelow : raised > options.FloodAbove;

    /// <summary>The floods within a span, from the times at which warnings were raised, in order. What was raised up to a window before <paramref name="from"/>
    /// must be among them. The same machine that runs live, driven by the moments at which something enters or leaves the window.</summary>
    public static List<(DateTimeOffset From, DateTimeOffset To)> Spans(IReadOnlyList<DateTimeOffset> raised, DateTimeOffset from, DateTimeOffset to, WarningsOptions options)
    {
        var window = TimeSpan.FromMinutes(options.FloodWindowMinutes);
        var spans = new List<(DateTimeOffset, DateTimeOffset)>();
        var (entering, leaving, flood, since) = (0, 0, false, from);
        while (entering < raised.Count || leaving < entering)
        {
            // A warning is within the window until exactly its length later; at equal times the leaving one goes first.
            var leaves = leaving < entering && (entering == raised.Count || raised[leaving] + window <= raised[entering]);
            var at = leaves ? raised[leaving++] + window : raised[entering++];
            if (at >= to)
            {
                break;
            }

            var next = Next(flood, entering - leaving, options);
            if (next && !flood)
            {
                since = at;
            }
            else if (!next && flood && at > from)
            {
                spans.Add((since < from ? from : since, at));
            }

            flood = next;
        }

        if (flood)
        {
            spans.Add((since < from ? from : since, to));
        }

        return spans;
    }
}
