using System.Globalization;
using System.Text;
using System.Text.Json;

namespace IotIngest.Decoding;

/// <summary>Times as foreign formats write them: RFC 3339 with or without offset, a day alone, an interval (its end, when the value was known), or an epoch in s, ms, µs or ns, told apart by size.</summary>
internal static class ForeignTimes
{
    /// <summary>A clock that was never set begins in 1970 or 2000: such a time says nothing, and the time of receipt counts.</summary>
    private static readonly DateTimeOffset ClockSetAt = new(2000, 1, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads the member of that name into the item; false when there is none. A text that is no time makes the item's readings refused as such.</summary>
    public static bool Read(JsonElement owner, string name, TimeZoneInfo zone, ref DecodedItem item) => owner.Field(name) is { } time && Read(time, zone, ref item);

    public static bool Read(JsonElement time, TimeZoneInfo zone, ref DecodedItem item)
    {
        if (TryRead(time, zone, out var at))
        {
            item.At = at;
        }
        else
        {
            item.BadTime = time.GetRawText() is { Length: > 100 } text ? text[..100] : time.GetRawText().Trim('"');
        }

        return true;
    }

    public static bool TryRead(JsonElement time, TimeZoneInfo zone, out DateTimeOffset at)
    {
        at = default;
        return time.ValueKind switch
        {
            JsonValueKind.Number => time.TryGetDouble(out var number) && TryFromEpoch(number, out at),
            JsonValueKind.String => TryParse(time.GetString()!, zone, out at),
            _ => false,
        };
    }

    public static bool TryParse(string text, TimeZoneInfo zone, out DateTimeOffset at)
    {
        at = default;
        text = text.Trim();
        if (text.Length is 0 or > 200)
        {
            return false;
        }

        if (text.IndexOf('/', StringComparison.Ordinal) is > 8 and var slash)
        {
            text = text[(slash + 1)..];
        }

        if (LocalTimes.TryParse(Encoding.UTF8.GetBytes(text), zone, out at))
        {
            return true;
        }

        return text.Length == 10 && text[4] == '-'
            ? LocalTimes.TryParse(Encoding.UTF8.GetBytes(text + "T00:00:00"), zone, out at)
            : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && TryFromEpoch(number, out at);
    }

    /// <summary>Seconds up to the year 5138, ms from 1973 on: no real time lies in both.</summary>
    public static bool TryFromEpoch(double number, out DateTimeOffset at) =>
        LocalTimes.TryFromEpochMs(number < 1e11 ? Math.Round(number * 1e3) : number < 1e14 ? number : number < 1e17 ? number / 1e3 : number / 1e6, out at);

    /// <summary>Drops the time of a clock that was never set.</summary>
    public static void DropUnset(ref DecodedItem item) => item.At = item.At < ClockSetAt ? null : item.At;
}
