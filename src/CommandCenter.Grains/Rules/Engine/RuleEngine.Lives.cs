using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

// Lives: found, begun, ended, and made again from a stored warning.
internal sealed partial class RuleEngine
{
    /// <summary>The life of the rule for the subject; null: none.</summary>
    public RuleLife? FindLife(RuleId rule, string subject)
    {
        var slot = street.Find(subject);
        return slot < 0 || slot >= _devices.Length ? null : LivesOf(slot).FirstOrDefault(life => life.Rule.Id == rule);
    }

    /// <summary>Every life, for the snapshot and for reconciling.</summary>
    public IEnumerable<RuleLife> AllLives() => _live.ToArray().SelectMany(slot => LivesOf(slot).ToArray());

    /// <summary>What lives for the device.</summary>
    public IEnumerable<RuleLife> LivesOf(int slot) =>
        _devices[slot].Lives == 0 ? [] : WatchesOf(slot).Select(watch => watch.Life).OfType<RuleLife>();

    /// <summary>Milliseconds that the device's clock has stood still: a deadline of its lives falls due that much later.</summary>
    public long FrozenOf(int slot) => slot < _devices.Length ? _devices[slot].Readings.Frozen : 0;

    /// <summary>Makes a rule live again from a stored warning whose snapshot was lost: the evidence is judged again under the stored onset.</summary>
    public void Revive(WarningView warning)
    {
        var slot = street.Find(warning.Subject);
        if (slot < 0 || FindLife(warning.Rule, warning.Subject) is not null || warning.RecoveredAt is not null)
        {
            return;
        }

        ref var device = ref _devices[slot];
        var registration = street.Row(slot).Registration!;
        var onset = warning.OnsetAt.ToUnixTimeMilliseconds();
        if (FindWatch(slot, ref device, warning.Rule) is not { } watch)
        {
            return;
        }

        ref var clock = ref ClockOf(ref device, watch);
        var life = NewLife(slot, ref device, watch.Rule, onset);
        life.JudgedAt = onset;
        life.Value = warning.Value;
        foreach (var evidence in warning.Evidence)
        {
            var at = evidence.At.ToUnixTimeMilliseconds();
            ReviveBy(watch, life, registration, evidence, at, clock.Frozen);
            life.ReceivedAt = at;
            if (at > clock.ObservedAt)
            {
                clock.ObservedAt = at;
                clock.ReceivedAt = at;
            }
        }

        for (var i = 0; i < life.Levels.Length; i++)
        {
            ref var level = ref life.Levels[i];
            var colour = watch.Rule.Levels[i].Colour;
            if (warning.State == WarningState.Raised && colour <= warning.Colour)
            {
                level.Raised = true;
                level.Holding = false;
            }
            else if (warning.State == WarningState.Pending && i == 0 && life.Ended)
            {
                HoldClock.Hold(ref level, watch.Rule.Levels[i], watch.Rule.MinSamples, onset, clock.Frozen);
            }
        }

        life.Current = warning.State == WarningState.Raised ? warning.Colour : 0;
        life.Transition = warning.Transition;
        life.NextDue = 0;
        if (life.Ended)
        {
            // The rule has no level left that the warning stands on.
            Release(slot, ref device);
            return;
        }

        foreach (var term in watch.Terms)
        {
            term.JudgedAt = Math.Max(term.JudgedAt, life.JudgedAt);
            if (!ReferenceEquals(term, watch.Terms[0]))
            {
                KeepRaised(term, life);
            }
        }

        watch.Life = life;
    }

    /// <summary>Forgets a life that no stored warning knows.</summary>
    public void Forget(RuleLife life)
    {
        foreach (var watch in WatchesOf(life.Slot))
        {
            if (ReferenceEquals(watch.Life, life))
            {
                watch.Life = null;
                Release(life.Slot, ref _devices[life.Slot]);
                return;
            }
        }
    }

    private IEnumerable<Watch> WatchesOf(int slot)
    {
        var device = _devices[slot];
        return device.Channels is null ? [] : [.. device.Measured, .. device.Fences, .. device.Events, .. device.Absences];
    }

    private static ref DeviceClock ClockOf(ref DeviceRules device, Watch watch)
    {
        if (watch.Plan.Feed == RuleFeed.Positions)
        {
            return ref device.Positions;
        }

        return ref device.Readings;
    }

    // The values of the evidence are what was judged, so no window is needed to judge them again.
    private static void ReviveBy(Watch watch, RuleLife life, DeviceRegistration registration, Evidence evidence, long at, long frozen)
    {
        switch (watch.Plan.Feed)
        {
            case RuleFeed.Readings or RuleFeed.Positions or RuleFeed.Events when watch.Terms.Length > 0:
                if (evidence.Value is not { } value)
                {
                    break;
                }

                Span<double> views = stackalloc double[ViewsMax];
                views.Fill(value);
                var term = watch.Terms[0];
                if (!term.Relate(views, at))
                {
                    break;
                }

                term.Judge(views);
                life.JudgedAt = at;
                life.Value = value;
                for (var i = 0; i < life.Levels.Length; i++)
                {
                    var bit = 1 << i;
                    var judges = life.Rule.Judges(at) && life.Rule.Levels[i].Schedule?.Covers(at) != false;
                    if (judges && (term.Reached & bit) != 0)
                    {
                        HoldClock.Hold(ref life.Levels[i], life.Rule.Levels[i], life.Rule.MinSamples, at, frozen);
                    }
                    else
                    {
                        HoldClock.Release(ref life.Levels[i], life.Rule, !judges || (term.Kept & bit) == 0, at, frozen);
                    }
                }

                break;
            case RuleFeed.Events when evidence.Event is { } id:
                EventRule.Judge(
                    life, registration,
                    new(registration.Id, id, new(life.Rule.EventTypes[0]), EventState.Update, evidence.Value, evidence.Snapshot, null, [], evidence.At, evidence.At), at);
                break;
            case RuleFeed.Silence:
                AbsenceRule.Begin(life, registration, life.Onset);
                break;
            default:
                break;
        }
    }

    // Which of several conditions raised a colour the stored warning does not say: none of them has recovered until it was judged again.
    private static void KeepRaised(Term term, RuleLife life)
    {
        for (var i = 0; i < life.Levels.Length; i++)
        {
            if (life.Levels[i].Raised && !double.IsPositiveInfinity(term.Levels.Reached[i]))
            {
                term.Kept |= (byte)(1 << i);
            }
        }
    }

    private RuleLife NewLife(int slot, ref DeviceRules device, RuleDefinition rule, long onset)
    {
        device.Lives++;
        _live.Add(slot);
        return new RuleLife
        {
            Rule = rule, Subject = street.Row(slot).Registration!.Id.Value, Slot = slot, Onset = onset, Levels = new LevelState[rule.Levels.Length],
        };
    }

    private void Unlink(int slot, ref DeviceRules device, Watch watch)
    {
        if (watch.Life is { Ended: true })
        {
            watch.Life = null;
            Release(slot, ref device);
        }
    }

    private void Release(int slot, ref DeviceRules device)
    {
        if (--device.Lives == 0 && device.Steps == 0)
        {
            _live.Remove(slot);
        }
    }

    private void Withdraw(RuleLife life, long now) =>
        HoldClock.Say(life, life.Current == 0 ? VerdictKind.Dropped : VerdictKind.Cleared, Math.Max(now, life.JudgedAt), Verdicts);
}
