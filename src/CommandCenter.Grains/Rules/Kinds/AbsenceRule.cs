using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>A device is silent for a multiple of its interval. Counts in the time of receipt: silence has no other.</summary>
internal static class AbsenceRule
{
    public static RuleKindEntry Entry { get; } = new("absence", RuleKind.Absence, new("离线", "Absence"), true)
    {
        Feed = RuleFeed.Silence,
        ValueNeeded = false,
        Parameters = [new("multiple", ParameterType.Number, Min: 1, Max: 1000, Usual: 3.0)],
        Apply = (rule, values) => rule with { Multiple = values.Number("multiple") },
    };

    /// <summary>When silence since <paramref name="heardAt"/> becomes absence.</summary>
    public static long AbsentAt(RuleDefinition rule, DeviceRegistration device, long heardAt) =>
        heardAt + (long)(rule.Multiple * device.IntervalSeconds * 1000);

    public static bool CanReach(RuleLevel level, DeviceRegistration device) => level.Tags.All(tag => device.Tags.Contains(tag));

    /// <summary>The device is absent since the time.</summary>
    public static void Begin(RuleLife life, DeviceRegistration device, long at)
    {
        life.JudgedAt = at;
        life.Over = false;
        for (var i = 0; i < life.Levels.Length; i++)
        {
            if (life.Rule.Judges(at) && life.Rule.Levels[i].Schedule?.Covers(at) != false && CanReach(life.Rule.Levels[i], device))
            {
                HoldClock.Hold(ref life.Levels[i], life.Rule.Levels[i], 1, at, 0);
            }
        }
    }

    /// <summary>The device was heard again.</summary>
    public static void End(RuleLife life, long at)
    {
        life.JudgedAt = at;
        life.Over = true;
        foreach (ref var level in life.Levels.AsSpan())
        {
            HoldClock.Release(ref level, life.Rule, recovered: true, at, 0);
        }
    }
}
