using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>The levels of one condition for one device, with the sign turned so that beyond is always ≥.</summary>
/// <param name="Reached">A colour that the device cannot reach is infinite.</param>
/// <param name="Kept">At or beyond it the colour has not recovered.</param>
internal sealed record SignedLevels(double Sign, double[] Reached, double[] Kept)
{
    /// <summary>Nothing below it concerns the condition.</summary>
    public double Lowest { get; } = Reached.Length == 0 ? double.PositiveInfinity : Reached.Min();
}

/// <summary>One rule as the engine uses it: what of it is the same for every device, worked out once.</summary>
internal sealed class RulePlan
{
    private readonly ImmutableArray<SignedLevels> _usual;
    private readonly bool _sameForAll;

    public RulePlan(RuleDefinition rule)
    {
        Rule = rule;
        var entry = RuleKinds.Of(rule.Kind);
        Feed = rule.Conditions is [{ Own: WindowParameters { Types.IsEmpty: false } }, ..] ? RuleFeed.Events : entry.Feed;
        _sameForAll = rule.Overrides.IsEmpty && rule.Levels.All(level => level.Tags.IsEmpty);
        _usual = [.. rule.Conditions.Select(condition => Levels(condition, null, null))];
        Plain = rule.Guards.IsEmpty && rule.Conditions.All(condition =>
            condition is { Kind: RuleKind.Threshold, Relative: RelativeTo.None, Escalates: 0 } && condition.Direction != RuleDirection.Either);
    }

    public RuleDefinition Rule { get; }

    /// <summary>What wakes it.</summary>
    public RuleFeed Feed { get; }

    /// <summary>While nothing of the rule lives for a device, a value below the levels changes nothing and need not be remembered.</summary>
    public bool Plain { get; }

    /// <summary>Whether readings of the quantity may concern the rule.</summary>
    public bool Listens(QuantityId quantity)
    {
        foreach (var condition in Rule.Conditions)
        {
            if (condition.Quantity == quantity)
            {
                return true;
            }
        }

        return Rule.Guards.Any(guard => guard.Quantity == quantity) || Rule.Overrides.Values.Any(own => own.Condition?.Quantity == quantity);
    }

    public SignedLevels LevelsOf(int condition, DeviceRegistration device) => _sameForAll
        ? _usual[condition]
        : Levels(ConditionOf(condition, device), condition == 0 ? Rule.OverrideOf(device) : null, device);

    /// <summary>The condition with the device's own parameters.</summary>
    public RuleCondition ConditionOf(int condition, DeviceRegistration device) =>
        condition == 0 && !Rule.Overrides.IsEmpty ? Rule.OverrideOf(device)?.Condition ?? Rule.Conditions[0] : Rule.Conditions[condition];

    public RuleReference? ReferenceOf(int condition, DeviceRegistration device) =>
        Rule.Conditions[condition].Relative == RelativeTo.None ? null : Rule.OverrideOf(device)?.Reference ?? Rule.Conditions[condition].Reference ?? Rule.Conditions[0].Reference;

    private SignedLevels Levels(RuleCondition condition, RuleOverride? own, DeviceRegistration? device)
    {
        var sign = condition.Direction == RuleDirection.Below ? -1 : 1;
        var reached = new double[Rule.Levels.Length];
        var kept = new double[Rule.Levels.Length];
        for (var i = 0; i < reached.Length; i++)
        {
            var level = Rule.Levels[i];
            var value = own is not null && own.Values.TryGetValue(level.Colour, out var overridden) ? overridden : condition.Values[i];
            if (double.IsNaN(value) || (device is not null && !level.Tags.All(tag => device.Tags.Contains(tag))))
            {
                (reached[i], kept[i]) = (double.PositiveInfinity, double.PositiveInfinity);
                continue;
            }

            var signed = sign * value;
            reached[i] = condition.Strict ? Math.BitIncrement(signed) : signed;
            var deadband = Math.Max(own?.Deadband ?? condition.Deadband, Math.Abs(value) * condition.DeadbandPercent / 100);
            kept[i] = Math.Min(reached[i], Recovered(condition.Recovery, sign) ?? (deadband == 0 ? reached[i] : Decimals.Round(signed - deadband)));
        }

        return new(sign, reached, kept);
    }

    private static double? Recovered(RuleRecovery? recovery, int sign) => recovery is null ? null
        : sign > 0
            ? recovery.Below ?? (recovery.AtMost is { } most ? Math.BitIncrement(most) : null)
            : recovery.Above is { } above ? -above : recovery.AtLeast is { } least ? Math.BitIncrement(-least) : null;
}
