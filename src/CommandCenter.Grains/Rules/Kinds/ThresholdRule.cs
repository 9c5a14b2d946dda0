using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>A quantity at or beyond a level, in up to four colours.</summary>
internal static class ThresholdRule
{
    public static RuleKindEntry Entry { get; } = new("threshold", RuleKind.Threshold, new("阈值", "Threshold"), true);

    /// <summary>The levels of one device with the sign turned so that beyond is always ≥; a level that the device cannot reach is infinite.</summary>
    public static double[] SignedLevels(RuleDefinition rule, DeviceRegistration device)
    {
        var sign = Sign(rule);
        var own = rule.OverrideOf(device)?.Values;
        var levels = new double[rule.Levels.Length];
        for (var i = 0; i < levels.Length; i++)
        {
            var level = rule.Levels[i];
            var value = own is not null && own.TryGetValue(level.Colour, out var overridden) ? overridden : level.Value;
            levels[i] = level.Tags.All(tag => device.Tags.Contains(tag)) ? sign * value : double.PositiveInfinity;
        }

        return levels;
    }

    public static double Sign(RuleDefinition rule) => rule.Direction == RuleDirection.Above ? 1 : -1;

    /// <summary>Judges a reading for a live rule; the caller has carried out earlier deadlines.</summary>
    public static void Judge(RuleLife life, double[] signedLevels, double value, long at, long frozen)
    {
        var rule = life.Rule;
        var signed = Sign(rule) * value;
        var judges = rule.Judges(at);
        life.JudgedAt = at;
        life.Value = value;
        for (var i = 0; i < signedLevels.Length; i++)
        {
            ref var level = ref life.Levels[i];
            if (judges && signed >= signedLevels[i])
            {
                HoldClock.Hold(ref level, rule.Levels[i], rule.MinSamples, at, frozen);
            }
            else
            {
                HoldClock.Release(ref level, rule, !judges || signed < signedLevels[i] - rule.Deadband, at, frozen);
            }
        }
    }
}
