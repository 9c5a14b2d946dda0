using System.Collections.Immutable;

namespace CommandCenter.Grains.Rules;

/// <summary>One condition of a rule for one device: what it remembers, and what it last said.</summary>
internal sealed class Term
{
    private ImmutableArray<byte> _views = [];

    public required RuleCondition Condition
    {
        get;
        init
        {
            field = value;
            _views = value.Own is WindowParameters { ViewsMs.Length: > 1 } window ? window.ViewOfLevel : [];
        }
    }
    public required SignedLevels Levels { get; init; }
    public IMeasure? Measure { get; set; }
    public FenceMeasure? Fence { get; set; }
    public RuleReference? Reference { get; init; }

    /// <summary>A bit for each level that the condition reaches, and for each that has not recovered.</summary>
    public byte Reached;
    public byte Kept;

    /// <summary>Names what it remembers.</summary>
    public string Key => Condition.StateKey;

    /// <summary>Event time of the newest reading judged.</summary>
    public long JudgedAt = long.MinValue;

    /// <summary>Which of the measured values the level judges.</summary>
    public int ViewOf(int level) => _views.IsEmpty ? 0 : _views[level];

    /// <summary>Takes over what the same condition remembered.</summary>
    public void TakeOver(Term before, long intervalMs)
    {
        Fence = before.Fence is not null && Fence is not null ? before.Fence : Fence;
        if (before.Measure is not null && Measure is not null)
        {
            Measure = before.Measure;
            Measure.IntervalMs = intervalMs;
        }
    }

    /// <summary>Turns what was measured into what the levels judge. Returns false when the reference is missing.</summary>
    public bool Relate(Span<double> views, long at)
    {
        if (Condition.Relative == RelativeTo.None)
        {
            return true;
        }

        var reference = Reference?.At(at) ?? double.NaN;
        if (double.IsNaN(reference) || (reference == 0 && Condition.Relative != RelativeTo.Difference))
        {
            return false;
        }

        foreach (ref var view in views)
        {
            view = Decimals.Round(Condition.Relative switch
            {
                RelativeTo.Difference => view - reference,
                RelativeTo.Share => view / reference,
                RelativeTo.Percent => 100 * view / reference,
                _ => 100 * (view - reference) / Math.Abs(reference),
            });
            if (Condition.Direction == RuleDirection.Either)
            {
                view = Math.Abs(view);
            }
        }

        return true;
    }

    /// <summary>Sets the bits from the views and answers the levels that could be judged. What cannot be said now keeps its bits.</summary>
    public byte Judge(ReadOnlySpan<double> views)
    {
        byte judged = 0;
        var (reached, kept) = (Reached, Kept);
        for (var i = 0; i < Levels.Reached.Length; i++)
        {
            var value = Levels.Sign * views[ViewOf(i)];
            if (double.IsNaN(value))
            {
                continue;
            }

            var bit = (byte)(1 << i);
            judged |= bit;
            reached = (byte)(value >= Levels.Reached[i] ? reached | bit : reached & ~bit);
            kept = (byte)(value >= Levels.Kept[i] ? kept | bit : kept & ~bit);
        }

        (Reached, Kept) = (reached, kept);
        return judged;
    }
}

/// <summary>One rule for one device. Made when the first reading asks for it; kept, so that a flapping value allocates nothing.</summary>
internal sealed class Watch(RulePlan plan, Term[] terms)
{
    public RulePlan Plan { get; } = plan;
    public RuleDefinition Rule => Plan.Rule;
    public Term[] Terms { get; } = terms;
    public RuleLife? Life { get; set; }

    /// <summary>Newest values that the guards ask for, and when they were observed; parallel to the rule's guards.</summary>
    public double[] GuardValues { get; } = NaNs(plan.Rule.Guards.Length);
    public long[] GuardAt { get; } = new long[plan.Rule.Guards.Length];

    public bool HasSteps { get; } = terms.Any(term => term.Condition.Own is WindowParameters { StepMs: not null });

    /// <summary>Whether a restart has to find again what it remembers.</summary>
    public bool Remembers { get; } = plan.Rule.Guards.Length > 0 || terms.Any(term => term.Measure is not null || term.Fence is not null);

    /// <summary>A reading of any condition is a sample of the colour that they escalate to together.</summary>
    public bool Escalates { get; } = terms.Any(term => term.Condition.Escalates > 0);

    /// <summary>What the life was last told.</summary>
    public (byte Reached, byte Kept) Concluded { get; set; }

    public Term? FindTerm(string key) => Array.Find(Terms, term => term.Key == key);

    public void RestoreGuard(string quantity, double value, long at)
    {
        for (var i = 0; i < GuardValues.Length; i++)
        {
            if (Rule.Guards[i].Quantity.Value == quantity)
            {
                (GuardValues[i], GuardAt[i]) = (value, at);
            }
        }
    }

    /// <summary>Takes over what the same conditions remembered under an older form of the rule or of the device.</summary>
    public void TakeOver(Watch old, long intervalMs)
    {
        foreach (var term in Terms)
        {
            if (old.FindTerm(term.Key) is not { } before)
            {
                continue;
            }

            for (var i = 0; i < Rule.Levels.Length; i++)
            {
                var index = Colours.IndexOf(old.Rule, Rule.Levels[i].Colour);
                if (index >= 0)
                {
                    term.Reached |= (byte)(((before.Reached >> index) & 1) << i);
                    term.Kept |= (byte)(((before.Kept >> index) & 1) << i);
                }
            }

            term.JudgedAt = before.JudgedAt;
            term.TakeOver(before, intervalMs);
        }

        for (var i = 0; i < old.GuardValues.Length; i++)
        {
            RestoreGuard(old.Rule.Guards[i].Quantity.Value, old.GuardValues[i], old.GuardAt[i]);
        }
    }

    public Term? NextStep(out long at)
    {
        Term? next = null;
        at = long.MaxValue;
        foreach (var term in Terms)
        {
            if (term.Measure is { } measure && measure.NextStep < at)
            {
                (next, at) = (term, measure.NextStep);
            }
        }

        return next;
    }

    /// <summary>What all conditions say together: colours reached, and colours that have not recovered.</summary>
    public (byte Reached, byte Kept) Together(long at)
    {
        byte reached = 0, kept = 0;
        foreach (var term in Terms)
        {
            if (term.Condition.Escalates == 0)
            {
                reached |= term.Reached;
                kept |= term.Kept;
            }
        }

        foreach (var term in Terms)
        {
            if (term.Condition.Escalates is var by and > 0)
            {
                reached |= term.Reached != 0 ? Higher(reached, by) : (byte)0;
                kept |= term.Kept != 0 ? Higher(kept, by) : (byte)0;
            }
        }

        return Guarded(at) ? (reached, kept) : ((byte)0, (byte)0);
    }

    // The gravest colour reached moves up, at most to the gravest of the rule; with it everything between.
    private byte Higher(byte bits, int by)
    {
        if (bits == 0)
        {
            return 0;
        }

        var top = Math.Min(Rule.Levels.Length - 1, 7 - byte.LeadingZeroCount(bits) + by);
        return (byte)((1 << (top + 1)) - 1);
    }

    private bool Guarded(long at)
    {
        for (var i = 0; i < GuardValues.Length; i++)
        {
            var guard = Rule.Guards[i];
            if (double.IsNaN(GuardValues[i]) || !guard.Holds(GuardValues[i]) || (guard.MaxAgeMs is { } age && at - GuardAt[i] > age))
            {
                return false;
            }
        }

        return true;
    }

    private static double[] NaNs(int length)
    {
        var values = new double[length];
        Array.Fill(values, double.NaN);
        return values;
    }
}

/// <summary>The clock of one device for one sort of message: it runs on for two intervals after the newest one and then stands still.</summary>
internal struct DeviceClock
{
    public long ObservedAt;
    public long ReceivedAt;

    /// <summary>How long it has stood still in silence.</summary>
    public long Frozen;

    public readonly long Now(long now, long intervalMs) => ObservedAt + Math.Clamp(now - ReceivedAt, 0, 2 * intervalMs);

    /// <summary>The event time up to which deadlines come before the message.</summary>
    public readonly long Before(long observed, long received, long intervalMs) =>
        Math.Max(Now(received, intervalMs), Math.Min(observed - 1, ObservedAt + (2 * intervalMs)));

    public void Move(long observed, long received, long intervalMs, bool counts)
    {
        if (counts && ObservedAt != 0 && observed > ObservedAt + (2 * intervalMs))
        {
            Frozen += observed - (ObservedAt + (2 * intervalMs));
        }

        if (ObservedAt == 0)
        {
            (ObservedAt, ReceivedAt) = (observed, received);
        }
        else if (observed >= ObservedAt)
        {
            ObservedAt = observed;
            ReceivedAt = Math.Max(ReceivedAt, received);
        }
    }
}
