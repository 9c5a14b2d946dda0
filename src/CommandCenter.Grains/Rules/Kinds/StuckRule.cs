using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>What a stuck condition measures.</summary>
/// <param name="MaxGapMs">A longer silence begins the count anew; null: three intervals of the device.</param>
internal sealed record StuckParameters(double Epsilon, long? MaxGapMs);

/// <summary>A value that stays the same while readings arrive. Silence does not count as sameness.</summary>
internal static class StuckRule
{
    public static RuleKindEntry Entry { get; } = new("stuck", RuleKind.Stuck, new("恒值", "Stuck value"), true)
    {
        MinSamples = 1,
        Parameters =
        [
            new("quantity", ParameterType.Quantity, Needed: true),
            new("epsilon", ParameterType.Number, Usual: 0.0),
            RuleParameter.Seconds("maxGapSeconds", min: 1),
        ],
        Read = fields => new StuckParameters(fields.Values.Number("epsilon"), fields.Values.MillisecondsOrNull("maxGapSeconds")),
        Measure = (condition, device) => new StuckMeasure((StuckParameters)condition.Own!, device.IntervalSeconds * 1000L),
    };
}
