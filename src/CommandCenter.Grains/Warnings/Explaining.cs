using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Streets;

namespace CommandCenter.Grains.Warnings;

/// <summary>Why a device rings, and why it does not: one word and one sentence for each rule that selects it. Reads, decides nothing. The sentences stand on
/// walls, so they name no person.</summary>
internal static class Explaining
{
    private static readonly TimeSpan Shanghai = TimeSpan.FromHours(8);

    public static DeviceExplanation Of(StreetJudgement street, int slot, DateTimeOffset now)
    {
        street.State.Refresh(slot, now.ToUnixTimeMilliseconds());
        ref readonly var row = ref street.State.Row(slot);
        var device = row.Registration!;
        var rules = street.Definitions.Where(rule => rule.Select.Matches(device)).Select(rule => Of(street, slot, rule, now));
        return new()
        {
            Device = device.Id,
            At = now,
            State = row.State,
            LastSeenAt = row.HeardAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.HeardAt),
            Maintenance = [.. street.Warnings.Windows.Where(window => window.IsActiveAt(now) && window.Covers(device)).Select(window => MaintenanceBook.At(window, now))],
            Rules = [.. rules.OrderBy(rule => rule.Word).ThenByDescending(rule => rule.Colour ?? 0).ThenBy(rule => rule.Rule.Value, StringComparer.Ordinal)],
        };
    }

    private static RuleExplanation Of(StreetJudgement street, int slot, RuleDefinition rule, DateTimeOffset now)
    {
        var device = street.State.Row(slot).Registration!;
        var channel = ChannelOf(street, slot, rule);
        var warning = street.Warnings.Find(rule.Id, device.Id.Value);
        var about = new RuleExplanation
        {
            Rule = rule.Id, RuleVersion = rule.Version, Name = rule.Name, Word = ExplanationWord.Calm, Text = string.Empty,
            Warning = warning?.Id, Colour = warning?.Colour, Quantity = rule.Quantity, Value = channel?.Value ?? warning?.Value, Unit = channel?.Unit ?? warning?.Unit,
            Threshold = LowestThreshold(rule, device),
        };
        if (!rule.Enabled)
        {
            return about with { Word = ExplanationWord.Disabled, Text = "规则已停用，不判断。" };
        }

        if (warning is { State: WarningState.Raised })
        {
            return OfRaised(about, warning);
        }

        if (street.Rules.FindLife(rule.Id, device.Id.Value) is { } life)
        {
            return OfWaiting(about, life, street.Rules.FrozenOf(slot));
        }

        return OfCalm(about, street, slot, rule, channel, now);
    }

    private static RuleExplanation OfRaised(RuleExplanation about, WarningView warning)
    {
        var since = about with { Since = warning.RaisedAt };
        return warning switch
        {
            { Shelved: { } shelved } => since with
            {
                Word = ExplanationWord.Shelved, DueAt = shelved.Until, Text = $"已搁置至 {Time(shelved.Until)}：{shelved.Reason}",
            },
            { InhibitedBy: { } by } => since with { Word = ExplanationWord.Inhibited, Text = $"被上级原因预警 {by.Value} 抑制，其解除后恢复。" },
            { Silenced: { } silence } => since with
            {
                Word = silence.Why switch { SilenceWhy.Maintenance => ExplanationWord.Maintenance, SilenceWhy.Recorded => ExplanationWord.Recorded, _ => ExplanationWord.CoolDown },
                DueAt = silence.Until,
                Text = silence.Why switch
                {
                    SilenceWhy.Maintenance => $"检修中（{silence.Reference}，至 {Time(silence.Until)}）：{silence.Reason}；条件仍成立时到期即响。",
                    SilenceWhy.Recorded => $"按决定只记录不响铃（{silence.Reference}，至 {Time(silence.Until)}）：{silence.Reason}",
                    _ => $"冷却期内再次出现，已响过；至 {Time(silence.Until)} 仍成立则再次响铃。",
                },
            },
            { Acknowledged: { } seen } => since with { Word = ExplanationWord.Raised, DueAt = seen.Until, Text = $"已于 {Time(seen.At)} 确认。{warning.Reason}" },
            { IsCalling: true } => since with { Word = ExplanationWord.Ringing, Text = warning.Reason },
            _ => since with { Word = ExplanationWord.Raised, Text = $"{warning.Reason}；蓝色和黄色不响铃。" },
        };
    }

    // The lowest colour that waits says how long.
    private static RuleExplanation OfWaiting(RuleExplanation about, RuleLife life, long frozen)
    {
        for (var i = 0; i < life.Levels.Length && i < life.Rule.Levels.Length; i++)
        {
            var level = life.Levels[i];
            if (!level.Holding)
            {
                continue;
            }

            var rule = life.Rule.Levels[i];
            var needed = rule.MinSamples ?? life.Rule.MinSamples;
            var due = DateTimeOffset.FromUnixTimeMilliseconds(level.RaiseDue + frozen);
            var since = DateTimeOffset.FromUnixTimeMilliseconds(level.Onset);
            var waiting = about with { Colour = rule.Colour, Since = since, DueAt = due, Samples = level.Samples, SamplesNeeded = needed };
            return level.Samples < needed
                ? waiting with { Word = ExplanationWord.TooFewSamples, Text = $"条件自 {Time(since)} 起成立，读数 {level.Samples} 个，需要 {needed} 个。" }
                : waiting with { Word = ExplanationWord.BelowHold, Text = $"条件自 {Time(since)} 起成立，持续时间未到，{Time(due)} 到期。" };
        }

        return about with { Word = ExplanationWord.BelowHold, Since = DateTimeOffset.FromUnixTimeMilliseconds(life.Onset), Text = "条件成立，尚未到预警。" };
    }

    private static RuleExplanation OfCalm(RuleExplanation about, StreetJudgement street, int slot, RuleDefinition rule, Channel? channel, DateTimeOffset now)
    {
        ref readonly var row = ref street.State.Row(slot);
        var at = now.ToUnixTimeMilliseconds();
        if (rule.EffectiveFromMs is { } from && at < from)
        {
            return about with { Word = ExplanationWord.NotYetEffective, DueAt = DateTimeOffset.FromUnixTimeMilliseconds(from), Text = "规则尚未生效。" };
        }

        if (rule.Schedule is { } hours && !hours.Covers(at))
        {
            return about with { Word = ExplanationWord.OutOfSchedule, Text = string.Create(CultureInfo.InvariantCulture, $"不在规则时段内（{hours.From:HH\\:mm}–{hours.To:HH\\:mm}）。") };
        }

        if (rule.Kind is RuleKind.Absence)
        {
            return about with { Text = "有数据，没有中断。", Since = row.HeardAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.HeardAt) };
        }

        if (channel is { Quality: Quality.Bad } bad)
        {
            return about with
            {
                Word = ExplanationWord.QualityBad, Since = DateTimeOffset.FromUnixTimeMilliseconds(bad.ObservedAt), Text = "最新读数质量为坏，不参与判断。",
            };
        }

        var silent = row.State is DeviceState.Offline or DeviceState.Unknown or DeviceState.Stale;
        if (silent || (rule.Quantity is not null && channel is null))
        {
            var since = channel?.ObservedAt ?? row.HeardAt;
            return about with
            {
                Word = ExplanationWord.NoFreshData, Since = since == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(since),
                Text = since == 0 ? "从未收到数据。" : $"自 {Time(DateTimeOffset.FromUnixTimeMilliseconds(since))} 起没有新数据；没有数据不等于正常。",
            };
        }

        return about with
        {
            Text = about is { Value: { } value, Threshold: { } threshold }
                ? string.Create(CultureInfo.InvariantCulture, $"条件不成立：{value:0.###} {about.Unit}，最低一级 {(rule.Direction == RuleDirection.Above ? "≥" : "≤")} {threshold:0.###} {about.Unit}。")
                : "条件不成立。",
        };
    }

    private static double? LowestThreshold(RuleDefinition rule, DeviceRegistration device) => rule.Kind switch
    {
        RuleKind.Threshold or RuleKind.Window or RuleKind.Rate =>
            rule.Levels.Where(level => level.Tags.All(tag => device.Tags.Contains(tag)))
                .Select(level => (double?)(rule.OverrideOf(device)?.Values.TryGetValue(level.Colour, out var own) == true ? own : level.Value))
                .Where(value => double.IsFinite(value!.Value)).FirstOrDefault(),
        RuleKind.Event when rule.Levels.Length > 0 => rule.Levels.Min(level => level.MinConfidence),
        _ => null,
    };

    private static Channel? ChannelOf(StreetJudgement street, int slot, RuleDefinition rule)
    {
        ref readonly var row = ref street.State.Row(slot);
        for (var i = 0; rule.Quantity is { } quantity && i < row.ChannelCount; i++)
        {
            if (row.Channels[i].Quantity == quantity && row.Channels[i].ObservedAt != 0)
            {
                return row.Channels[i];
            }
        }

        return null;
    }

    private static string Time(DateTimeOffset at) => at.ToOffset(Shanghai).ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
