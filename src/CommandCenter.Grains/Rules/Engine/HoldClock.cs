using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>The part that every rule kind shares: holds fall due, colours rise at once and fall by recovery only.</summary>
internal static class HoldClock
{
    /// <summary>Carries out every deadline up to <paramref name="limit"/> in order of time and says what changed.
    /// <paramref name="frozen"/> is how long the subject's clock has stood still: deadline + frozen = event time.</summary>
    public static void Fire(RuleLife life, long limit, long frozen, List<Verdict> verdicts)
    {
        while (true)
        {
            var due = Earliest(life, frozen);
            if (due > limit || due == long.MaxValue)
            {
                life.NextDue = due == long.MaxValue ? long.MaxValue : due - frozen;
                return;
            }

            CarryOut(life, due, frozen);
            Settle(life, due, verdicts);
            if (life.Ended)
            {
                life.NextDue = long.MaxValue;
                return;
            }
        }
    }

    /// <summary>Says what the level states mean for the colour, after a change at <paramref name="at"/>.</summary>
    public static void Settle(RuleLife life, long at, List<Verdict> verdicts)
    {
        Colour reached = 0;
        for (var i = life.Levels.Length - 1; i >= 0; i--)
        {
            if (life.Levels[i].Raised)
            {
                reached = life.Rule.Levels[i].Colour;
                break;
            }
        }

        if (reached > life.Current)
        {
            life.Current = reached;
            Say(life, VerdictKind.Raised, at, verdicts);
        }
        else if (reached < life.Current && reached != 0)
        {
            life.Current = reached;
            Say(life, VerdictKind.Lowered, at, verdicts);
        }
        else if (life.Ended)
        {
            Say(life, life.Current == 0 ? VerdictKind.Dropped : VerdictKind.Cleared, at, verdicts);
        }
    }

    public static void Say(RuleLife life, VerdictKind kind, long at, List<Verdict> verdicts)
    {
        life.Transition++;
        var colour = life.Current;
        if (colour == 0)
        {
            colour = LowestWaiting(life);
        }

        verdicts.Add(new(life.Rule, life.Subject, kind, colour, life.Onset, at, life.Transition, life.Value, life.LastEvent, life.LastSnapshot));
    }

    public static void Seen(RuleLife life, List<Verdict> verdicts) =>
        verdicts.Add(new(life.Rule, life.Subject, VerdictKind.Seen, life.Current, life.Onset, life.JudgedAt, 0, life.Value, life.LastEvent, life.LastSnapshot));

    /// <summary>The condition holds at <paramref name="at"/> for the level. <paramref name="sample"/>: a reading at or beyond it says so; else only that it goes on.</summary>
    public static void Hold(ref LevelState level, RuleLevel rule, int minSamples, long at, long frozen, bool sample = true)
    {
        if (level.Raised)
        {
            level.Recovering = false;
            return;
        }

        if (!level.Holding)
        {
            level.Holding = true;
            level.Onset = at;
            level.RaiseDue = at - frozen + rule.OnDelayMs;
            level.Samples = 0;
            level.EnoughAt = long.MaxValue;
        }

        if (sample && ++level.Samples == (rule.MinSamples ?? minSamples))
        {
            level.EnoughAt = at;
        }
    }

    /// <summary>The condition does not hold; <paramref name="recovered"/>: it is beyond the deadband too.</summary>
    public static void Release(ref LevelState level, RuleDefinition rule, bool recovered, long at, long frozen)
    {
        if (!level.Raised)
        {
            level.Holding = false;
        }
        else if (!recovered)
        {
            level.Recovering = false;
        }
        else if (!level.Recovering)
        {
            level.Recovering = true;
            level.RecoverDue = at - frozen + rule.OffDelayMs;
        }
    }

    private static long Earliest(RuleLife life, long frozen)
    {
        var earliest = long.MaxValue;
        foreach (ref readonly var level in life.Levels.AsSpan())
        {
            earliest = Math.Min(earliest, Due(in level, frozen));
        }

        return earliest;
    }

    private static long Due(in LevelState level, long frozen)
    {
        if (level.Raised)
        {
            return level.Recovering ? level.RecoverDue + frozen : long.MaxValue;
        }

        // Too few readings: the hold stays open and ends with the reading that makes them enough.
        return level.Holding && level.EnoughAt != long.MaxValue ? Math.Max(level.RaiseDue + frozen, level.EnoughAt) : long.MaxValue;
    }

    private static void CarryOut(RuleLife life, long due, long frozen)
    {
        var inSchedule = life.Rule.Judges(due);
        for (var i = life.Levels.Length - 1; i >= 0; i--)
        {
            ref var level = ref life.Levels[i];
            if (Due(in level, frozen) != due)
            {
                continue;
            }

            if (level.Raised)
            {
                level = default;
            }
            else if (!inSchedule || life.Rule.Levels[i].Schedule?.Covers(due) == false)
            {
                level.Holding = false;
            }
            else
            {
                Raise(life, i);
            }
        }
    }

    // A graver colour implies the lesser ones whose condition holds: after its recovery the warning falls to them, not to nothing.
    private static void Raise(RuleLife life, int index)
    {
        for (var i = 0; i <= index; i++)
        {
            ref var level = ref life.Levels[i];
            if (level.Holding)
            {
                level.Raised = true;
                level.Holding = false;
                level.Recovering = false;
            }
        }
    }

    private static Colour LowestWaiting(RuleLife life)
    {
        for (var i = 0; i < life.Levels.Length; i++)
        {
            if (life.Levels[i].Holding)
            {
                return life.Rule.Levels[i].Colour;
            }
        }

        return life.Rule.Levels[0].Colour;
    }
}
