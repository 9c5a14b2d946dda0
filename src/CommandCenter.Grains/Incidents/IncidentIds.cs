using System.Globalization;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Incidents;

/// <summary>Identities and numbers of incidents, derived and never random: a repeated message comes to the same one.</summary>
internal static class IncidentIds
{
    /// <summary>China has had one time without daylight saving since 1991; a fixed offset needs no time zone files on the machine.</summary>
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    /// <summary>The incident that its first source opens.</summary>
    public static IncidentId From(string source) => new($"inc-{EventLog.ShortHash(source)}");

    public static DateOnly DayOf(DateTimeOffset now) => DateOnly.FromDateTime(now.ToOffset(Beijing).DateTime);

    /// <summary>Drills count by themselves and cannot be taken for a real case.</summary>
    public static string Number(DateOnly day, int running, bool drill) =>
        string.Create(CultureInfo.InvariantCulture, $"{(drill ? "YL" : "ZL")}{day:yyyyMMdd}-{running:0000}");

    public static string SourceOf(WarningId warning) => $"warning:{warning}";

    public static string SourceOf(IncidentReport report)
    {
        var drill = report.Drill ? "drill-" : string.Empty;
        return string.IsNullOrEmpty(report.ExternalId) ? $"{drill}report-key:{report.Key}" : $"{drill}report:{report.Source}:{report.ExternalId}";
    }

    public static string Clock(DateTimeOffset at) => at.ToOffset(Beijing).ToString("HH:mm", CultureInfo.InvariantCulture);
}
