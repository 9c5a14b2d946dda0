using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

// Events counted over a window. As with single events the clock runs on between them, so what becomes too old leaves the window by itself.
internal sealed partial class RuleEngine
{
    private void CountEvent(int slot, ref DeviceRules device, Watch watch, DeviceEvent happened, long observed, long received)
    {
        var term = watch.Terms[0];
        var parameters = (WindowParameters)term.Condition.Own!;
        if (happened.State != EventState.Start || !parameters.Types.Contains(happened.Type.Value) || (happened.Confidence ?? 1) < parameters.MinConfidence)
        {
            return;
        }

        if (watch.Life is { } before)
        {
            FireCounts(slot, ref device, watch, Math.Max(term.JudgedAt + received - before.ReceivedAt, observed - 1));
        }

        var window = (WindowMeasure)term.Measure!;
        window.Count(observed);
        var newest = observed >= term.JudgedAt;
        term.JudgedAt = Math.Max(term.JudgedAt, observed);
        Span<double> views = stackalloc double[ViewsMax];
        window.Peek(Math.Max(term.JudgedAt, watch.Life?.JudgedAt ?? 0), views);
        JudgeCount(slot, ref device, watch, term, views, term.JudgedAt, happened);
        if (watch.Life is { } life && newest)
        {
            life.ReceivedAt = received;
        }
    }

    // Holds, and what leaves the window, in order of time.
    private void FireCounts(int slot, ref DeviceRules device, Watch watch, long limit)
    {
        var term = watch.Terms[0];
        var window = (WindowMeasure)term.Measure!;
        Span<double> views = stackalloc double[ViewsMax];
        while (watch.Life is not null)
        {
            var expiry = window.NextExpiry;
            FireHolds(slot, ref device, watch, Math.Min(limit, expiry), 0);
            if (watch.Life is null || expiry > limit)
            {
                return;
            }

            window.Peek(expiry, views);
            JudgeCount(slot, ref device, watch, term, views, expiry, null);
        }
    }

    private void JudgeCount(int slot, ref DeviceRules device, Watch watch, Term term, Span<double> views, long at, DeviceEvent? happened)
    {
        var clock = default(DeviceClock);
        foreach (ref var view in views)
        {
            // An empty window counts none.
            view = double.IsNaN(view) ? 0 : view;
        }

        var value = Shown(watch, term, views);
        term.Judge(views);
        Conclude(slot, ref device, watch, ref clock, happened is null ? (byte)0 : term.Reached, value, at, seen: happened is not null, happened);
    }
}
