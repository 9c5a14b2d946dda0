using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

// Events and silence, and what follows from time alone.
internal sealed partial class RuleEngine
{
    /// <summary>Judges an event that the street took as new.</summary>
    public void Judge(int slot, DeviceEvent happened)
    {
        ref var device = ref _devices[slot];
        var registration = street.Row(slot).Registration!;
        var observed = happened.ObservedAt.ToUnixTimeMilliseconds();
        var received = happened.ReceivedAt.ToUnixTimeMilliseconds();
        foreach (var watch in device.Events)
        {
            if (watch.Terms.Length > 0)
            {
                CountEvent(slot, ref device, watch, happened, observed, received);
                continue;
            }

            var rule = watch.Rule;
            if (!rule.EventTypes.Contains(happened.Type.Value))
            {
                continue;
            }

            if (watch.Life is { } before)
            {
                EventRule.Fire(before, Math.Max(before.JudgedAt + received - before.ReceivedAt, observed - 1), Verdicts);
                Unlink(slot, ref device, watch);
            }

            if (watch.Life is { } life)
            {
                if (observed >= life.JudgedAt)
                {
                    EventRule.Judge(life, registration, happened, observed);
                    HoldClock.Seen(life, Verdicts);
                }
            }
            else if (happened.State != EventState.End && rule.Levels.Any(level => EventRule.Reaches(rule, level, registration, happened, observed)))
            {
                life = NewLife(slot, ref device, rule, observed);
                watch.Life = life;
                EventRule.Judge(life, registration, happened, observed);
                HoldClock.Say(life, VerdictKind.Pending, observed, Verdicts);
            }
            else
            {
                continue;
            }

            HoldClock.Settle(life, observed, Verdicts);
            EventRule.Fire(life, observed, Verdicts);
            Unlink(slot, ref device, watch);
        }
    }

    /// <summary>The device was heard at the time, by any message: absence ends.</summary>
    public void Heard(int slot, long previouslyHeardAt, long received)
    {
        ref var device = ref _devices[slot];
        if (device.Absences.Length == 0 || received <= previouslyHeardAt)
        {
            return;
        }

        var registration = street.Row(slot).Registration!;
        foreach (var watch in device.Absences)
        {
            AdvanceAbsence(slot, ref device, watch, registration, previouslyHeardAt, received);
            if (watch.Life is { Over: false } life)
            {
                AbsenceRule.End(life, received);
                HoldClock.Settle(life, received, Verdicts);
                HoldClock.Fire(life, received, 0, Verdicts);
                Unlink(slot, ref device, watch);
            }
        }
    }

    /// <summary>Carries out every deadline that is due at the time. Calling it more or less often changes no verdict.</summary>
    public void Advance(long now)
    {
        AdvanceHolds(now);
        for (var slot = 0; slot < street.SlotEnd && slot < _devices.Length; slot++)
        {
            ref var device = ref _devices[slot];
            if (device.Absences is not { Length: > 0 })
            {
                continue;
            }

            ref readonly var row = ref street.Row(slot);
            foreach (var watch in device.Absences)
            {
                AdvanceAbsence(slot, ref device, watch, row.Registration!, row.HeardAt, now);
            }
        }
    }

    /// <summary>The same without absences, which nothing but time brings about: its cost follows the live rules, not the devices.</summary>
    public void AdvanceHolds(long now)
    {
        if (_live.Count > _sweep.Length)
        {
            _sweep = new int[_live.Count * 2];
        }

        // A copy, because what ends leaves the set.
        var count = _live.Count;
        _live.CopyTo(_sweep);
        for (var i = 0; i < count; i++)
        {
            var slot = _sweep[i];
            ref var device = ref _devices[slot];
            FireMeasured(slot, ref device, device.Readings.Now(now, IntervalMs(slot)));
            if (device.Lives == 0)
            {
                continue;
            }

            FireFences(slot, ref device, device.Positions.Now(now, IntervalMs(slot)));
            foreach (var watch in device.Events)
            {
                if (watch.Life is { } counting && watch.Terms.Length > 0)
                {
                    FireCounts(slot, ref device, watch, watch.Terms[0].JudgedAt + Math.Max(0, now - counting.ReceivedAt));
                }
                else if (watch.Life is { } life)
                {
                    EventRule.Fire(life, life.JudgedAt + Math.Max(0, now - life.ReceivedAt), Verdicts);
                    Unlink(slot, ref device, watch);
                }
            }
        }
    }

    private void AdvanceAbsence(int slot, ref DeviceRules device, Watch watch, DeviceRegistration registration, long heardAt, long now)
    {
        if (heardAt == 0)
        {
            return;
        }

        var absentAt = AbsenceRule.AbsentAt(watch.Rule, registration, Math.Max(heardAt, ListeningSince));
        if (watch.Life is { Over: true } recovering)
        {
            HoldClock.Fire(recovering, Math.Min(now, absentAt - 1), 0, Verdicts);
            Unlink(slot, ref device, watch);
        }

        if (absentAt <= now && watch.Life is null or { Over: true } && watch.Rule.Levels.Any(level => AbsenceRule.CanReach(level, registration)))
        {
            if (watch.Life is { } again)
            {
                AbsenceRule.Begin(again, registration, absentAt);
            }
            else if (watch.Rule.Judges(absentAt))
            {
                var life = NewLife(slot, ref device, watch.Rule, absentAt);
                watch.Life = life;
                AbsenceRule.Begin(life, registration, absentAt);
                HoldClock.Say(life, VerdictKind.Pending, absentAt, Verdicts);
            }
        }

        if (watch.Life is { Over: false } absent)
        {
            HoldClock.Fire(absent, now, 0, Verdicts);
            Unlink(slot, ref device, watch);
        }
    }
}
