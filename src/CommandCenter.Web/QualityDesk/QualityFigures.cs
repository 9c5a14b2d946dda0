using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Localization;

namespace CommandCenter.Web.QualityDesk;

/// <summary>One large figure: its value, how it stands against the standard, and which records are behind it; null: none.</summary>
public sealed record QualityFigure(string Key, string Value, string Unit, string Band, QualityMeasure? Measure);

/// <summary>One bar of the priority split.</summary>
public sealed record QualityShare(string Key, int Count, double Share, double Target, QualityMeasure Measure);

/// <summary>The page's figures from a report. Plain functions, tested without rendering.</summary>
public static class QualityFigures
{
    /// <summary>What is defined at the foot of the page, in its order.</summary>
    public static ImmutableArray<string> Definitions { get; } = ["rate", "flood", "chattering", "standing", "top", "priority", "false", "counts"];

    public static ImmutableArray<QualityFigure> Of(QualityReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var limits = report.Limits;
        var (wrong, handled) = (report.FalseAlarms.Sum(source => source.False), report.FalseAlarms.Sum(source => source.Handled));
        return
        [
            new("per_hour", Number(report.PerHour), "per_hour", Band(report.PerHour, limits.AcceptablePerHour, limits.ManageablePerHour), QualityMeasure.Raised),
            new("busiest", report.BusiestHour.ToString(CultureInfo.InvariantCulture), "in_hour", Band(report.BusiestHour, limits.ManageablePerHour, 30), null),
            new("flood", Number(report.FloodShare * 100), "percent", Band(report.FloodShare, limits.FloodShare, limits.FloodShare * 5), QualityMeasure.Flood),
            new("chattering", report.ChatteringSources.ToString(CultureInfo.InvariantCulture), "sources", Band(report.ChatteringSources, 0, 5), QualityMeasure.Chattering),
            new("standing", report.StandingCount.ToString(CultureInfo.InvariantCulture), "items", Band(report.StandingCount, limits.Standing - 1, limits.Standing * 4), QualityMeasure.Standing),
            new("top", Number(report.Top10Share * 100), "percent", Band(report.Top10Share, limits.Top10Share, 0.2), QualityMeasure.Top),
            new("false", handled == 0 ? "—" : Number(100.0 * wrong / handled), "percent", handled == 0 ? "unknown" : Band((double)wrong / handled, 0.1, 0.3), QualityMeasure.False),
        ];
    }

    public static ImmutableArray<QualityShare> Split(QualityReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        double Share(int count) => report.Raised == 0 ? 0 : (double)count / report.Raised;
        return
        [
            new("red", report.Red, Share(report.Red), report.Limits.HighShare, QualityMeasure.Red),
            new("orange", report.Orange, Share(report.Orange), report.Limits.MediumShare, QualityMeasure.Orange),
            new("yellow", report.Yellow, Share(report.Yellow), report.Limits.LowShare / 2, QualityMeasure.Yellow),
            new("blue", report.Blue, Share(report.Blue), report.Limits.LowShare / 2, QualityMeasure.Blue),
        ];
    }

    public static string Number(double value) => value.ToString(value is 0 or >= 100 ? "0" : value < 10 ? "0.##" : "0.#", CultureInfo.InvariantCulture);

    private static string Band(double value, double good, double attention) => value <= good ? "good" : value <= attention ? "attention" : "bad";

    /// <summary>A refusal in the reader's language.</summary>
    public static string Say(IStringLocalizer<QualityWords> words, Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(words);
        return words[$"refused.{System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(refusal.ToString())}"] is { ResourceNotFound: false } text ? text.Value : words["refused.other"].Value;
    }
}
