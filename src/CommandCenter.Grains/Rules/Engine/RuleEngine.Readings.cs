using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

// Readings and positions: what they say at once, and the deadlines that come before them.
internal sealed partial class RuleEngine
{
    // A window has at most one view for each level.
    private const int ViewsMax = 4;

    /// <summary>Judges a reading that the street took as newer.</summary>
    public void Judge(int slot, int channel, in Reading reading)
    {
        if (reading.Quality == Quality.Bad)
        {
            return;
        }

        ref var device = ref _devices[slot];
        var observed = reading.ObservedAt.ToUnixTimeMilliseconds();
        var received = reading.ReceivedAt.ToUnixTimeMilliseconds();
        if (device.Lives + device.Steps > 0)
        {
            FireMeasured(slot, ref device, device.Readings.Before(observed, received, IntervalMs(slot)));
        }

        device.Readings.Move(observed, received, IntervalMs(slot), counts: device.Lives > 0);
        var bindings = BindingsOf(slot, ref device, channel);
        for (var i = 0; i < bindings.Length; i++)
        {
            ref var binding = ref bindings[i];
            if (binding.Plain && binding.Watch?.Life is null && binding.Sign * reading.Value < binding.Lowest)
            {
                continue;
            }

            var watch = binding.Watch ?? Ensure(slot, ref device, binding.Plan);
            if (binding.Condition == Guard)
            {
                JudgeGuard(slot, ref device, watch, reading.Quantity, reading.Value, observed);
            }
            else
            {
                JudgeTerm(slot, ref device, watch, watch.Terms[binding.Condition], reading.Value, observed);
            }
        }
    }

    /// <summary>A reading that is not newer than what the street knows of its channel: late, or a repeat. It fills windows and decides nothing.</summary>
    public void Fill(int slot, int channel, in Reading reading)
    {
        ref var device = ref _devices[slot];
        if (reading.Quality == Quality.Bad || device.Measured.Length == 0)
        {
            return;
        }

        if (device.Steps > 0)
        {
            // What was due by the time of receipt was judged without it.
            FireMeasured(slot, ref device, device.Readings.Now(reading.ReceivedAt.ToUnixTimeMilliseconds(), IntervalMs(slot)));
        }

        var bindings = BindingsOf(slot, ref device, channel);
        for (var i = 0; i < bindings.Length; i++)
        {
            ref readonly var binding = ref bindings[i];
            if (binding.Watch is { } watch && binding.Condition != Guard)
            {
                watch.Terms[binding.Condition].Measure?.Fill(reading.Value, reading.ObservedAt.ToUnixTimeMilliseconds());
            }
        }
    }

    /// <summary>Judges a position that the street took as newer.</summary>
    public void Judge(int slot, DevicePosition position)
    {
        ref var device = ref _devices[slot];
        if (device.Fences.Length == 0)
        {
            return;
        }

        var observed = position.ObservedAt.ToUnixTimeMilliseconds();
        var received = position.ReceivedAt.ToUnixTimeMilliseconds();
        FireFences(slot, ref device, device.Positions.Before(observed, received, IntervalMs(slot)));
        device.Positions.Move(observed, received, IntervalMs(slot), counts: device.Lives > 0);
        Span<double> views = stackalloc double[1];
        foreach (var watch in device.Fences)
        {
            var term = watch.Terms[0];
            if (observed <= term.JudgedAt)
            {
                continue;
            }

            term.JudgedAt = observed;
            views[0] = term.Fence!.Take(position.Longitude, position.Latitude, position.SpeedKmh);
            var metres = double.IsFinite(views[0]) && views[0] != 0 ? views[0] : (double?)null;
            term.Judge(views);
            Conclude(slot, ref device, watch, ref device.Positions, term.Reached, metres, observed, seen: true);
        }
    }

    private Binding[] BindingsOf(int slot, ref DeviceRules device, int channel)
    {
        if (channel >= device.Channels.Length)
        {
            Array.Resize(ref device.Channels, channel + 1);
        }

        return device.Channels[channel] ??= BindChannel(slot, ref device, channel);
    }

    private void JudgeTerm(int slot, ref DeviceRules device, Watch watch, Term term, double value, long observed)
    {
        if (observed <= term.JudgedAt)
        {
            return;
        }

        term.JudgedAt = observed;
        Span<double> views = stackalloc double[ViewsMax];
        views[0] = value;
        if (term.Measure is { } measure)
        {
            if (measure.NextStep <= observed)
            {
                measure.SkipTo(observed);
                Step(slot, ref device, watch, term, measure.NextStep);
            }

            if (!measure.Take(value, observed, views))
            {
                return;
            }
        }

        JudgeViews(slot, ref device, watch, term, views, observed);
        term.Measure?.Learn(value, observed, watch.Life is null);
    }

    private void JudgeGuard(int slot, ref DeviceRules device, Watch watch, QuantityId quantity, double value, long observed)
    {
        for (var i = 0; i < watch.GuardValues.Length; i++)
        {
            if (watch.Rule.Guards[i].Quantity == quantity)
            {
                watch.GuardValues[i] = value;
                watch.GuardAt[i] = observed;
            }
        }

        Conclude(slot, ref device, watch, ref device.Readings, samples: 0, null, observed, seen: false);
    }

    private void Step(int slot, ref DeviceRules device, Watch watch, Term term, long at)
    {
        Span<double> views = stackalloc double[ViewsMax];
        term.Measure!.Step(at, views);
        JudgeViews(slot, ref device, watch, term, views, at);
    }

    // What cannot be measured now (no rate after a gap, too little of a window) leaves the rule as it is.
    private void JudgeViews(int slot, ref DeviceRules device, Watch watch, Term term, Span<double> views, long at)
    {
        var value = term.Condition.Relative == RelativeTo.None ? null : Shown(watch, term, views);
        if (!term.Relate(views, at) || term.Judge(views) is not (var judged and not 0))
        {
            return;
        }

        if (watch.Life is null && term.Reached == 0 && watch.Terms.Length == 1)
        {
            // The quiet state: nothing to begin, nothing to end.
            return;
        }

        value ??= Shown(watch, term, views);
        Conclude(slot, ref device, watch, ref device.Readings, (byte)(term.Reached & judged), value, at, seen: true);
    }

    // The value that the warning tells: what the rule's own condition measured, at the gravest level that it reaches. Other quantities have other units.
    private static double? Shown(Watch watch, Term term, ReadOnlySpan<double> views)
    {
        if (term.Condition.Escalates > 0 || term.Condition.Kind != watch.Rule.Kind || term.Condition.Quantity != watch.Rule.Quantity)
        {
            return null;
        }

        var shown = double.NaN;
        for (var i = 0; i < term.Levels.Reached.Length; i++)
        {
            var view = views[term.ViewOf(i)];
            if (!double.IsPositiveInfinity(term.Levels.Reached[i]) && !double.IsNaN(view) && (double.IsNaN(shown) || term.Levels.Sign * view >= term.Levels.Reached[i]))
            {
                shown = view;
            }
        }

        return double.IsNaN(shown) ? null : shown;
    }

    // Puts together what all conditions of the rule say, and carries it into the life of the rule for the device.
    private void Conclude(int slot, ref DeviceRules device, Watch watch, ref DeviceClock clock, byte samples, double? value, long observed, bool seen, DeviceEvent? happened = null)
    {
        var life = watch.Life;
        var at = life is null ? observed : Math.Max(observed, life.JudgedAt);
        var rule = watch.Rule;
        var (reached, kept) = watch.Together(at);
        if (life is null && reached == 0)
        {
            return;
        }

        var judged = rule.Judges(at) ? Hours(rule, at) : (byte)0;
        if (life is null)
        {
            if ((reached & judged) == 0)
            {
                return;
            }

            life = NewLife(slot, ref device, rule, at);
            watch.Life = life;
        }
        else if (!seen && (reached & judged) == watch.Concluded.Reached && kept == watch.Concluded.Kept)
        {
            return;
        }

        watch.Concluded = ((byte)(reached & judged), kept);
        life.JudgedAt = at;
        life.Value = value ?? life.Value;
        if (happened is not null)
        {
            life.LastEvent = happened.EventId;
            life.LastSnapshot = happened.Snapshot;
        }

        for (var i = 0; i < life.Levels.Length; i++)
        {
            ref var level = ref life.Levels[i];
            var bit = 1 << i;
            if ((reached & judged & bit) != 0)
            {
                HoldClock.Hold(ref level, rule.Levels[i], rule.MinSamples, at, clock.Frozen, watch.Escalates ? samples != 0 : (samples & bit) != 0);
            }
            else
            {
                HoldClock.Release(ref level, rule, (kept & judged & bit) == 0, at, clock.Frozen);
            }
        }

        if (life.Transition == 0)
        {
            HoldClock.Say(life, VerdictKind.Pending, at, Verdicts);
        }
        else if (seen)
        {
            Verdicts.Add(new(rule, life.Subject, VerdictKind.Seen, life.Current, life.Onset, at, 0, value, happened?.EventId, happened?.Snapshot));
        }

        HoldClock.Settle(life, at, Verdicts);
        if (!life.Ended)
        {
            HoldClock.Fire(life, at, clock.Frozen, Verdicts);
        }

        Unlink(slot, ref device, watch);
    }

    private static byte Hours(RuleDefinition rule, long at)
    {
        var judged = byte.MaxValue;
        for (var i = 0; i < rule.Levels.Length; i++)
        {
            if (rule.Levels[i].Schedule is { } hours && !hours.Covers(at))
            {
                judged &= (byte)~(1 << i);
            }
        }

        return judged;
    }

    // Holds and steps up to the limit, each rule in order of time; a hold that falls due at the moment of a step has lasted.
    private void FireMeasured(int slot, ref DeviceRules device, long limit)
    {
        foreach (var watch in device.Measured)
        {
            while (watch.HasSteps)
            {
                var term = watch.NextStep(out var step);
                if (term is null || step > limit)
                {
                    break;
                }

                FireHolds(slot, ref device, watch, step, device.Readings.Frozen);
                Step(slot, ref device, watch, term, step);
            }

            FireHolds(slot, ref device, watch, limit, device.Readings.Frozen);
        }
    }

    private void FireFences(int slot, ref DeviceRules device, long limit)
    {
        foreach (var watch in device.Fences)
        {
            FireHolds(slot, ref device, watch, limit, device.Positions.Frozen);
        }
    }

    private void FireHolds(int slot, ref DeviceRules device, Watch watch, long limit, long frozen)
    {
        if (watch.Life is { } life && life.NextDue != long.MaxValue && life.NextDue + frozen <= limit)
        {
            HoldClock.Fire(life, limit, frozen, Verdicts);
            Unlink(slot, ref device, watch);
        }
    }
}
