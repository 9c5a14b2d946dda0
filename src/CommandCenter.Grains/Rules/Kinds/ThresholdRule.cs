using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>A quantity at or beyond a level, in up to four colours. The newest reading is all that it measures.</summary>
internal static class ThresholdRule
{
    public static RuleKindEntry Entry { get; } = new("threshold", RuleKind.Threshold, new("阈值", "Threshold"), true);
}
