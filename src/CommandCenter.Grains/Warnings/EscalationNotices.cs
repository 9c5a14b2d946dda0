using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Warnings;

/// <summary>What goes out when warnings climb: a notice each, and one that counts them when they are many. The keys follow from warning, step and due time,
/// so that a step is told once however often it is tried.</summary>
internal static class EscalationNotices
{
    private const string Channel = "recorder";

    private static readonly TimeSpan Shanghai = TimeSpan.FromHours(8);

    public static IEnumerable<OutboxItem> For(IReadOnlyCollection<Escalated> climbed, string area, DateTimeOffset now, int singlyMax)
    {
        foreach (var step in climbed.GroupBy(item => (item.Step, item.Warning.Drill)))
        {
            var all = step.OrderByDescending(item => item.Warning.Colour).ThenBy(item => item.Warning.Id.Value, StringComparer.Ordinal).ToArray();
            if (all.Length <= singlyMax)
            {
                foreach (var one in all)
                {
                    yield return Item(one, area, $"{ColourWord(one.Warning.Colour)}预警自 {Clock(one.Warning.CallingSince!.Value)} 起无人确认，升级至{Escalating.Word(one.Step)}：{one.Warning.Reason}", now);
                }
            }
            else
            {
                var reds = all.Count(item => item.Warning.Colour == Colour.Red);
                yield return Item(all[0], area, $"{all.Length} 条预警（红色 {reds} 条）无人确认，升级至{Escalating.Word(all[0].Step)}；其一：{all[0].Warning.Reason}", now);
            }
        }
    }

    /// <summary>The clocks that the steps were, with when they were carried out: how late is on record.</summary>
    public static ImmutableArray<DueClock> ClocksOf(IEnumerable<Escalated> climbed) =>
    [
        .. climbed.Select(step => new DueClock(
            $"warning/{step.Warning.Id}", step.Step == EscalationStep.ShiftLeader ? "shift_leader" : "duty_leader", step.DueAt, step.Warning.Escalation!.At)),
    ];

    private static OutboxItem Item(Escalated climbed, string area, string text, DateTimeOffset now) => new(
        string.Create(CultureInfo.InvariantCulture, $"escalation/{climbed.Warning.Id}/{climbed.Step}/{climbed.DueAt.ToUnixTimeMilliseconds()}"),
        Channel, $"{Escalating.Word(climbed.Step)}（{area}）", (climbed.Warning.Drill ? "【演练】" : string.Empty) + "【钟楼城运】" + text, null, now, 0, ReceiptState.Queued, now);

    private static string ColourWord(Colour colour) => colour == Colour.Red ? "红色" : "橙色";

    private static string Clock(DateTimeOffset at) => at.ToOffset(Shanghai).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
