using System.Globalization;
using System.Text;

namespace IotIngest.Decoding;

/// <summary>A time as a message gives it: read, unreadable, or none.</summary>
internal readonly record struct DeviceTime(DateTimeOffset? At, string? Bad)
{
    public static readonly DeviceTime None = new(null, null);
}

// What cameras and platforms write besides RFC 3339: slashes, single digits, offsets like +8:00, compact digits, and epochs in seconds, milliseconds or microseconds.
internal static class DeviceTimes
{
    private const double MillisecondsFrom = 1e11;
    private const double MicrosecondsFrom = 1e14;

    public static DeviceTime Read(string text, TimeZoneInfo zone)
    {
        text = text.Trim();
        if (text.Length == 0)
        {
            return DeviceTime.None;
        }

        if (text.Length > 64)
        {
            return new(null, text[..64]);
        }

        if (LocalTimes.TryParse(Encoding.UTF8.GetBytes(text), zone, out var at))
        {
            return new(at, null);
        }

        if (text.Length == 14 && text.All(char.IsAsciiDigit))
        {
            text = $"{text[..4]}-{text[4..6]}-{text[6..8]}T{text[8..10]}:{text[10..12]}:{text[12..]}";
        }
        else if (Numbers.Parse(text) is { } number)
        {
            return FromEpoch(number) is { } found ? new(found, null) : new(null, text);
        }

        return LocalTimes.TryParse(Encoding.UTF8.GetBytes(Tidy(text)), zone, out at) ? new(at, null) : new(null, text);
    }

    /// <summary>Null when the number is no time. A zero is what a device without a clock writes.</summary>
    public static DateTimeOffset? FromEpoch(double number)
    {
        var milliseconds = number >= MicrosecondsFrom ? number / 1000 : number >= MillisecondsFrom ? number : number * 1000;
        return number > 0 && LocalTimes.TryFromEpochMs(Math.Round(milliseconds, 3), out var at) ? at : null;
    }

    /// <summary>Writes <c>2021/1/3 8:05:00 +8:00</c> as RFC 3339 has it; what it cannot tidy is returned as it was.</summary>
    private static string Tidy(string text)
    {
        var parts = text.Split(['T', 't', ' '], 3, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2)
        {
            return text;
        }

        var day = parts[0].Split(['-', '/', '.']);
        var clock = parts[1] + (parts.Length == 3 ? parts[2] : string.Empty);
        var sign = clock.AsSpan().LastIndexOfAny('+', '-');
        var offset = sign > 0 ? clock[sign..] : clock.EndsWith('Z') || clock.EndsWith('z') ? "Z" : string.Empty;
        var time = clock[..(clock.Length - offset.Length)].Split(':');
        if (day.Length != 3 || time.Length is < 2 or > 3)
        {
            return text;
        }

        if (offset.Length > 1 && offset.IndexOf(':', StringComparison.Ordinal) == 2)
        {
            offset = string.Create(CultureInfo.InvariantCulture, $"{offset[0]}0{offset[1..]}");
        }

        return $"{day[0]}-{day[1].PadLeft(2, '0')}-{day[2].PadLeft(2, '0')}T{time[0].PadLeft(2, '0')}:{time[1].PadLeft(2, '0')}:{(time.Length == 3 ? time[2].PadLeft(2, '0') : "00")}{offset}";
    }
}
