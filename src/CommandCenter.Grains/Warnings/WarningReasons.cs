using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Warnings;

/// <summary>The Chinese sentence that says why a warning stands.</summary>
internal static class WarningReasons
{
    /// <summary>Added to the reason of a warning that ended because nothing judges it any more.</summary>
    public const string Withdrawn = "；规则或设备已撤销";

    private static readonly TimeSpan Shanghai = TimeSpan.FromHours(8);

    public static string Of(WarningView warning, RuleDefinition rule)
    {
        var level = rule.Levels.FirstOrDefault(candidate => candidate.Colour == warning.Colour) ?? rule.Levels[0];
        var since = warning.OnsetAt.ToOffset(Shanghai).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        var hold = level.OnDelayMs == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"，持续 {level.OnDelayMs / 1000.0:0.###} 秒");
        var condition = rule.Kind switch
        {
            RuleKind.Threshold => Threshold(warning, rule, level),
            RuleKind.Event => string.Create(CultureInfo.InvariantCulture, $"识别到{string.Join("/", rule.EventTypes.Select(type => EventTypes.Find(new EventTypeId(type))?.Name.Zh ?? type))}，置信度 {warning.Value ?? 1:0.##} ≥ {level.MinConfidence:0.##}"),
            RuleKind.Absence => string.Create(CultureInfo.InvariantCulture, $"超过 {rule.Multiple:0.##} 个上报周期没有数据"),
            RuleKind.Count => AreaReasons.Count(warning, rule, level),
            RuleKind.Composite => AreaReasons.Composite(rule, level),
            _ => rule.Name.Zh,
        };
        var pending = warning.State == WarningState.Pending ? "（待确认）" : string.Empty;
        return $"{warning.SubjectName ?? warning.Subject}：{condition}，{Word(warning.Colour)}{pending}，自 {since} 起{hold}（{rule.Id.Value} {rule.Name.Zh} 第 {rule.Version} 版）";
    }

    private static string Threshold(WarningView warning, RuleDefinition rule, RuleLevel level)
    {
        var threshold = rule.Overrides.TryGetValue(warning.Subject, out var own) && own.Values.TryGetValue(level.Colour, out var value) ? value : level.Value;
        var quantity = rule.Quantity is { } id ? QuantityKinds.Find(id)?.Name.Zh ?? id.Value : string.Empty;
        // A value below the level during its recovery is told as it is, without a sign that would be wrong.
        var beyond = rule.Direction == RuleDirection.Above ? warning.Value >= threshold : warning.Value <= threshold;
        var sign = rule.Direction == RuleDirection.Above ? "≥" : "≤";
        return beyond
            ? string.Create(CultureInfo.InvariantCulture, $"{quantity} {warning.Value:0.###} {warning.Unit} {sign} {threshold:0.###} {warning.Unit}")
            : string.Create(CultureInfo.InvariantCulture, $"{quantity} {warning.Value:0.###} {warning.Unit}（条件 {sign} {threshold:0.###} {warning.Unit}）");
    }

    private static string Word(Colour colour) => colour switch
    {
        Colour.Blue => "蓝色",
        Colour.Yellow => "黄色",
        Colour.Orange => "橙色",
        Colour.Red => "红色",
        _ => throw new InvalidOperationException($"Unknown colour {colour}."),
    };
}
