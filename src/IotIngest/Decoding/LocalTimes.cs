namespace IotIngest.Decoding;

/// <summary>Reads the times that devices write: RFC 3339 with an offset, the same without one in the configured zone, or epoch milliseconds.</summary>
internal static class LocalTimes
{
    private static readonly long MinMs = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long MaxMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>Null when the machine does not know the zone. Shanghai is known everywhere: it has been eight hours ahead, without summer time, since 1992.</summary>
    public static TimeZoneInfo? FindZone(string id)
    {
        if (TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone))
        {
            return zone;
        }

        return id == "Asia/Shanghai" ? TimeZoneInfo.CreateCustomTimeZone(id, TimeSpan.FromHours(8), id, id) : null;
    }

    public static bool TryFromEpochMs(double milliseconds, out DateTimeOffset at)
    {
        at = default;
        if (!double.IsFinite(milliseconds) || milliseconds < MinMs || milliseconds > MaxMs)
        {
            return false;
        }

        at = DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Floor(milliseconds));
        return true;
    }

    /// <summary>Accepts <c>YYYY-MM-DD[T| ]hh:mm[:ss[.f…]][Z|±hh[:]mm]</c>; the result is UTC in whole milliseconds, cut and not rounded.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, TimeZoneInfo zone, out DateTimeOffset at)
    {
        at = default;
        if (text.Length < 16 || text[4] != '-' || text[7] != '-' || (text[10] | 0x20) is not ('t' or ' ') || text[13] != ':'
            || !TryDigits(text[..4], out var year) || !TryDigits(text[5..7], out var month) || !TryDigits(text[8..10], out var day)
            || !TryDigits(text[11..13], out var hour) || !TryDigits(text[14..16], out var minute))
        {
            return false;
        }

        var rest = text[16..];
        var second = 0;
        var millisecond = 0;
        if (rest.Length >= 3 && rest[0] == ':')
        {
            if (!TryDigits(rest[1..3], out second))
            {
                return false;
            }

            rest = rest[3..];
            if (rest.Length > 0 && rest[0] is (byte)'.' or (byte)',')
            {
                var digits = 1;
                while (digits < rest.Length && rest[digits] is >= (byte)'0' and <= (byte)'9')
                {
                    millisecond = digits <= 3 ? (millisecond * 10) + rest[digits] - '0' : millisecond;
                    digits++;
                }

                if (digits == 1)
                {
                    return false;
                }

                for (var i = digits; i <= 3; i++)
                {
                    millisecond *= 10;
                }

                rest = rest[digits..];
            }
        }

        // A leap second is the first moment of the next minute.
        var leap = second == 60 ? 1 : 0;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second - leap > 59)
        {
            return false;
        }

        var local = new DateTime(year, month, day, hour, minute, second - leap, millisecond, DateTimeKind.Unspecified);
        if (!TryOffset(rest, zone, local, out var offset))
        {
            return false;
        }

        var ticks = local.Ticks - offset.Ticks + (leap * TimeSpan.TicksPerSecond);
        if (ticks < DateTimeOffset.MinValue.Ticks || ticks > DateTimeOffset.MaxValue.Ticks)
        {
            return false;
        }

        at = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, TimeZoneInfo zone, DateTime local, out TimeSpan offset)
    {
        offset = default;
        if (text.IsEmpty)
        {
            offset = zone.GetUtcOffset(local);
            return true;
        }

        if (text.Length == 1 && (text[0] | 0x20) == 'z')
        {
            return true;
        }

        if (text[0] is not ((byte)'+' or (byte)'-') || text.Length is not (3 or 5 or 6) || !TryDigits(text[1..3], out var hours))
        {
            return false;
        }

        var minutes = 0;
        if ((text.Length == 6 && (text[3] != ':' || !TryDigits(text[4..6], out minutes))) || (text.Length == 5 && !TryDigits(text[3..5], out minutes))
            || hours > 14 || minutes > 59)
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0);
        offset = text[0] == '-' ? -offset : offset;
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            number = (number * 10) + digit - '0';
        }

        return true;
    }
}
