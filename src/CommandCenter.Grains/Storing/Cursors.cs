using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Storing;

/// <summary>Where a page ended: the sort key of its last row. Its text form is opaque to callers and belongs to one list.</summary>
internal readonly record struct Cursor(long Number, string Text)
{
    public const int LimitMax = 1000;

    /// <summary>The latest time that there is, in Unix milliseconds: a number beyond it was not written here.</summary>
    private static readonly long NumberMax = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary><see cref="Number"/> as a time, for lists by time.</summary>
    public DateTimeOffset At => DateTimeOffset.FromUnixTimeMilliseconds(Number);

    /// <summary>Reads the text form; null for the first page. Throws <see cref="ArgumentException"/> for <c>cursor</c> when it is not one of this list.</summary>
    public static Cursor? Read(string list, string? cursor)
    {
        if (string.IsNullOrEmpty(cursor))
        {
            return null;
        }

        var parts = Decode(cursor)?.Split('\n', 3);
        return parts is [var name, var number, var text] && name == list && !text.Contains('\0', StringComparison.Ordinal)
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= NumberMax
            ? new Cursor(value, text)
            : throw new ArgumentException("is not a cursor that this list gave out", nameof(cursor));
    }

    /// <summary>Cuts the row that was read beyond the limit and makes the cursor of the last one that stays.</summary>
    public static Page<TItem> Cut<TRow, TItem>(string list, List<TRow> rows, int limit, Func<TRow, TItem> item, Func<TRow, Cursor> place) =>
        new([.. rows.Take(limit).Select(item)], rows.Count > limit ? place(rows[limit - 1]).Write(list) : null);

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> for <c>limit</c> unless it is 1 to 1000.</summary>
    public static void CheckLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, LimitMax);
    }

    public string Write(string list) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{list}\n{Number}\n{Text}")));

    private static string? Decode(string cursor)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
