using System.Globalization;

namespace CommandCenter.Web.Parts;

/// <summary>Times as people at the desk read them. Everything is UTC until here; this is the one place that applies the desk's time zone.</summary>
public static class Times
{
    /// <summary>The district's own time zone.</summary>
    public static TimeZoneInfo Zone { get; } = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    public static DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone);

    /// <summary>14:05:09</summary>
    public static string Clock(DateTimeOffset at) => Local(at).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>14:05, or 11-23 14:05 when it is another day.</summary>
    public static string Moment(DateTimeOffset at, DateTimeOffset now)
    {
        var local = Local(at);
        return local.ToString(local.Date == Local(now).Date ? "HH:mm" : "MM-dd HH:mm", CultureInfo.InvariantCulture);
    }

    /// <summary>2026-11-23 星期一, in the screen's language.</summary>
    public static string Day(DateTimeOffset at) =>
        Local(at).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + " " + CultureInfo.CurrentUICulture.DateTimeFormat.GetDayName(Local(at).DayOfWeek);

    /// <summary>The parts of an age that matter: 42 s, 3 min, 2 h, 5 d. Never negative: a clock that is a little ahead is now.</summary>
    public static (long Number, string UnitKey) Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => (0, "age.seconds"),
        { TotalSeconds: < 60 } => ((long)age.TotalSeconds, "age.seconds"),
        { TotalMinutes: < 60 } => ((long)age.TotalMinutes, "age.minutes"),
        { TotalHours: < 48 } => ((long)age.TotalHours, "age.hours"),
        _ => ((long)age.TotalDays, "age.days"),
    };

    /// <summary>Time left as 12:05 or 1:02:05; with a minus once it has passed.</summary>
    public static string Countdown(TimeSpan left)
    {
        var absolute = left.Duration();
        var text = absolute.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)absolute.TotalHours}:{absolute.Minutes:00}:{absolute.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{absolute.Minutes:00}:{absolute.Seconds:00}");
        return left < TimeSpan.Zero ? "−" + text : text;
    }
}
