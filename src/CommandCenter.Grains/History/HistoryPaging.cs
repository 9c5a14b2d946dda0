using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.History;

/// <summary>Pages, cursors and borders, alike for every engine. A cursor is the time of the last item.</summary>
internal static class HistoryPaging
{
    public const int LimitMax = 1000;

    public static int CheckedLimit(int limit) =>
        limit is >= 1 and <= LimitMax ? limit : throw new ArgumentOutOfRangeException(nameof(limit), limit, "A page holds 1 to 1000 items.");

    public static void CheckInterval(TimeSpan every)
    {
        if (every < TimeSpan.FromSeconds(1) || every > TimeSpan.FromDays(31))
        {
            throw new ArgumentOutOfRangeException(nameof(every), every, "An interval is 1 s to 31 d.");
        }
    }

    public static long ParseCursor(string cursor) =>
        long.TryParse(cursor, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ms)
            ? ms
            : throw new ArgumentException("The cursor is not one that this list gave.", nameof(cursor));

    /// <summary>The page of the items, of which one more than <paramref name="take"/> may have been read to know whether there are more.</summary>
    public static Page<T> Cut<T>(ImmutableArray<T>.Builder items, int take, Func<T, long> cursorOf)
    {
        if (items.Count <= take)
        {
            return new(items.ToImmutable(), null);
        }

        items.Count = take;
        return new(items.ToImmutable(), cursorOf(items[take - 1]).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Stored times are whole milliseconds, so a border between two of them moves to the later one.</summary>
    public static long CeilingMs(DateTimeOffset at)
    {
        var ms = at.ToUnixTimeMilliseconds();
        return DateTimeOffset.FromUnixTimeMilliseconds(ms) < at ? ms + 1 : ms;
    }
}
