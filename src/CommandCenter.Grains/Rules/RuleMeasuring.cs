namespace CommandCenter.Grains.Rules;

/// <summary>Which of a condition's measures a level judges.</summary>
internal static class RuleMeasuring
{
    public static int ViewOf(RuleCondition condition, int level) =>
        condition.Own is WindowParameters window && level < window.ViewOfLevel.Length ? window.ViewOfLevel[level] : 0;
}
