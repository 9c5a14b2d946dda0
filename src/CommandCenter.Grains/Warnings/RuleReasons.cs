using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Warnings;

/// <summary>What the measured conditions of a rule say in words: what is measured, its value, and from where on the colour is reached.</summary>
internal static class RuleReasons
{
    /// <summary>The unit of the value that warnings of the rule tell; null: it has none.</summary>
    public static string? UnitOf(RuleDefinition rule) => rule.Conditions.IsEmpty ? UnitOf(rule.Quantity) : UnitOf(rule.Conditions[0]);

    /// <summary>All conditions that reach the level, the rule's own first.</summary>
    public static string Of(WarningView warning, RuleDefinition rule, RuleLevel level)
    {
        var index = rule.Levels.IndexOf(level);
        var parts = new List<string>();
        for (var i = 0; i < rule.Conditions.Length; i++)
        {
            var condition = rule.Conditions[i];
            if (condition.Escalates > 0)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Name(condition)} ≥ {condition.Values[0]:0.###} {UnitOf(condition)} 时升 {condition.Escalates} 级"));
            }
            else if (Threshold(warning, rule, condition, i, index) is { } threshold && !double.IsNaN(threshold))
            {
                parts.Add(Condition(i == 0 || condition.Outside ? warning.Value : null, condition, threshold));
            }
        }

        var guards = string.Concat(rule.Guards.Select(guard =>
            string.Create(CultureInfo.InvariantCulture, $"，且{QuantityName(guard.Quantity)} {Sign(guard.Direction, guard.Strict)} {guard.Value:0.###} {UnitOf(guard.Quantity)}")));
        return string.Join(" 或 ", parts) + guards;
    }

    private static string Condition(double? value, RuleCondition condition, double threshold)
    {
        var unit = condition.Relative is RelativeTo.Percent or RelativeTo.Deviation ? "%" : condition.Relative == RelativeTo.Share ? string.Empty : UnitOf(condition);
        var sign = Sign(condition.Direction, condition.Strict);
        var limit = Reference(condition) is { } reference
            ? string.Create(CultureInfo.InvariantCulture, $"{reference} {sign} {threshold:0.###} {unit}")
            : string.Create(CultureInfo.InvariantCulture, $"{sign} {threshold:0.###} {unit}");
        if (value is not { } measured)
        {
            return $"{Name(condition)} {limit}".TrimEnd();
        }

        // A value that is not beyond the level now (it recovers, or another condition reached it) is told as it is, without a sign that would be wrong.
        var beyond = condition.Relative == RelativeTo.None && condition.Direction switch
        {
            RuleDirection.Below => condition.Strict ? measured < threshold : measured <= threshold,
            _ => condition.Strict ? measured > threshold : measured >= threshold,
        };
        var told = string.Create(CultureInfo.InvariantCulture, $"{Name(condition)} {measured:0.###} {UnitOf(condition)}").TrimEnd();
        return beyond ? $"{told} {limit}".TrimEnd() : $"{told}（条件 {limit.TrimEnd()}）";
    }

    private static double? Threshold(WarningView warning, RuleDefinition rule, RuleCondition condition, int place, int level)
    {
        if (level < 0 || level >= condition.Values.Length)
        {
            return null;
        }

        var own = place == 0 ? rule.Overrides.GetValueOrDefault(warning.Subject) : null;
        return own is not null && own.Values.TryGetValue(rule.Levels[level].Colour, out var value) ? value : condition.Values[level];
    }

    private static string? UnitOf(RuleCondition condition) => condition.Own switch
    {
        RateParameters { Percent: true } rate => "%/" + Span(rate.PeriodMs),
        RateParameters rate => $"{UnitOf(condition.Quantity)}/{Span(rate.PeriodMs)}",
        WindowParameters { Aggregate: Aggregate.Count } => "1",
        StuckParameters => "s",
        BaselineParameters baseline => baseline.Sigma ? "σ" : "%",
        GeofenceParameters => "m",
        _ => UnitOf(condition.Quantity),
    };

    private static string Name(RuleCondition condition) => condition.Own switch
    {
        RateParameters rate => QuantityName(condition.Quantity) + rate.Direction switch { RateDirection.Fall => "下降", RateDirection.Either => "变化", _ => "上升" },
        WindowParameters { Types.IsEmpty: false } counted => string.Join('/', counted.Types.Select(type => EventTypes.Find(new EventTypeId(type))?.Name.Zh ?? type)) + " " + Span(counted.ViewsMs[0]) + "内次数",
        WindowParameters window => QuantityName(condition.Quantity) + " " + Span(window.ViewsMs[0]) + (window.ViewsMs.Length > 1 ? "内" : string.Empty) + window.Aggregate switch
        {
            Aggregate.Sum => "累计", Aggregate.Mean => "均值", Aggregate.Max => "最大值", Aggregate.Min => "最小值", Aggregate.Range => "变幅", Aggregate.Count => "次数",
            Aggregate.LAeq => "等效声级", _ => string.Create(CultureInfo.InvariantCulture, $"第 {window.Percent} 百分位"),
        },
        StuckParameters => QuantityName(condition.Quantity) + "不变",
        BaselineParameters => QuantityName(condition.Quantity) + "偏离同时段基线",
        GeofenceParameters { Side: FenceSide.Outside } => "在围栏外或偏离路线",
        GeofenceParameters { Side: FenceSide.Enter } => "进入围栏",
        GeofenceParameters { Side: FenceSide.Exit } => "离开围栏",
        GeofenceParameters => "在围栏内",
        _ => QuantityName(condition.Quantity),
    };

    private static string? Reference(RuleCondition condition) => condition.Relative switch
    {
        RelativeTo.Difference => "与基准值之差",
        RelativeTo.Share => "与基准值之比",
        RelativeTo.Percent => "占基准值",
        RelativeTo.Deviation => "对基准值偏差",
        _ => null,
    };

    private static string Sign(RuleDirection direction, bool strict) => direction == RuleDirection.Below ? strict ? "<" : "≤" : strict ? ">" : "≥";

    private static string QuantityName(QuantityId? quantity) => quantity is { } id ? QuantityKinds.Find(id)?.Name.Zh ?? id.Value : string.Empty;

    private static string? UnitOf(QuantityId? quantity) => quantity is { } id ? QuantityKinds.Find(id)?.Unit : null;

    private static string Span(long milliseconds) => milliseconds switch
    {
        _ when milliseconds % 86_400_000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 86_400_000}d"),
        _ when milliseconds % 3_600_000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 3_600_000}h"),
        _ when milliseconds % 60_000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 60_000}min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000.0:0.###}s"),
    };
}
