using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>The kinds of rule. A kind that is not built is accepted in documents only while the rule is not enabled.</summary>
internal sealed record RuleKindEntry(string Word, RuleKind Kind, Label Name, bool Built);

/// <summary>The ordered list of rule kinds.</summary>
internal static class RuleKinds
{
    public static ImmutableArray<RuleKindEntry> All { get; } =
    [
        ThresholdRule.Entry,
        EventRule.Entry,
        AbsenceRule.Entry,
        new("rate", RuleKind.Rate, new("变化率", "Rate of change"), false),
        new("window", RuleKind.Window, new("滑动窗口", "Sliding window"), false),
        new("stuck", RuleKind.Stuck, new("恒值", "Stuck value"), false),
        new("geofence", RuleKind.Geofence, new("电子围栏", "Geofence"), false),
        new("baseline", RuleKind.Baseline, new("基线偏离", "Baseline deviation"), false),
        new("count", RuleKind.Count, new("区域计数", "Area count"), false),
        new("composite", RuleKind.Composite, new("组合", "Composite"), false),
    ];

    public static RuleKindEntry? Find(string word) => All.FirstOrDefault(entry => entry.Word == word);
}
