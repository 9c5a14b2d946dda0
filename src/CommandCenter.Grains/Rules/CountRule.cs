using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>How many of the selected devices, or what share of them, meet a condition: of one street, overlay, district, building, switch, or within some metres.</summary>
internal static class CountRule
{
    public static RuleKindEntry Entry { get; } = new("count", RuleKind.Count, new("区域计数", "Area count"), true) { Feed = RuleFeed.Conditions, MinSamples = 1 };
}
