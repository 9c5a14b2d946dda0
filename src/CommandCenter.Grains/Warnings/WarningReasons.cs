using System.Globalization;
using System.Text.Json;
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
            RuleKind.Event => string.Create(CultureInfo.InvariantCulture, $"识别到{string.Join("/", rule.EventTypes.Select(type => EventTypes.Find(new EventTypeId(type))?.Name.Zh ?? type))}，置信度 {warning.Value ?? 1:0.##} ≥ {level.MinConfidence:0.##}"),
            RuleKind.Absence => string.Create(CultureInfo.InvariantCulture, $"超过 {rule.Multiple:0.##} 个上报周期没有数据"),
            RuleKind.Count => AreaReasons.Count(warning, rule, level),
            RuleKind.Composite => AreaReasons.Composite(rule, level),
            _ => RuleReasons.Of(warning, rule, level),
        };
        var pending = warning.State == WarningState.Pending ? "（待确认）" : string.Empty;
        return $"{warning.SubjectName ?? warning.Subject}：{condition}，{Word(warning.Colour)}{pending}，自 {since} 起{hold}（{rule.Id.Value} {rule.Name.Zh} 第 {rule.Version} 版）";
    }

    /// <summary>The same in figures, for the level of the warning's colour.</summary>
    public static WarningCondition ConditionOf(WarningView warning, RuleDefinition rule)
    {
        var level = rule.Levels.FirstOrDefault(candidate => candidate.Colour == warning.Colour) ?? rule.Levels[0];
        return new()
        {
            Kind = RuleKinds.All.FirstOrDefault(entry => entry.Kind == rule.Kind)?.Word ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(rule.Kind.ToString()),
            Sign = rule.Kind switch
            {
                RuleKind.Event => "≥",
                RuleKind.Absence or RuleKind.Composite or RuleKind.Geofence => null,
                _ => rule.Direction == RuleDirection.Below ? "≤" : "≥",
            },
            Threshold = rule.Kind switch
            {
                RuleKind.Event => level.MinConfidence,
                RuleKind.Absence => rule.Multiple,
                RuleKind.Composite or RuleKind.Geofence => null,
                _ => ThresholdOf(rule, level, warning.Subject) is var threshold && double.IsFinite(threshold) ? threshold : null,
            },
            HoldSeconds = level.OnDelayMs / 1000.0,
            MinSamples = level.MinSamples ?? rule.MinSamples,
            Deadband = rule.Deadband,
            OffDelaySeconds = rule.OffDelayMs / 1000.0,
        };
    }

    /// <summary>The level's threshold for the subject: its own where it has one.</summary>
    public static double ThresholdOf(RuleDefinition rule, RuleLevel level, string subject) =>
        rule.Overrides.TryGetValue(subject, out var own) && own.Values.TryGetValue(level.Colour, out var value) ? value : level.Value;

    private static string Word(Colour colour) => colour switch
    {
        Colour.Blue => "蓝色",
        Colour.Yellow => "黄色",
        Colour.Orange => "橙色",
        Colour.Red => "红色",
        _ => throw new InvalidOperationException($"Unknown colour {colour}."),
    };
}
