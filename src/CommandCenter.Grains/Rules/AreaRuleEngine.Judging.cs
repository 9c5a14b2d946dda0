using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

// How a subject is judged: what each colour's condition is now (true, false, or not known), and what follows for its holds.
internal sealed partial class AreaRuleEngine
{
    /// <summary>How much counts for certain, and how much at most if what is silent counted too.</summary>
    private readonly record struct Count(double Certain, double AtMost);

    private void Judge(AreaRuleState rule, AreaSubject subject, AreaLife? life, long at, bool late, bool looking = false, bool dating = false)
    {
        var definition = rule.Rule;
        var levels = definition.Levels;
        var truths = new bool?[levels.Length];
        var recovered = new bool[levels.Length];
        var value = Weigh(rule, subject, at, truths, recovered);
        var judges = definition.Judges(at);
        if (life is null)
        {
            var first = Array.IndexOf(truths, true);
            if (first < 0 || !judges)
            {
                return;
            }

            if (rule.Lives.Count >= AreaRuleState.LivesMax)
            {
                Refused++;
                return;
            }

            life = new()
            {
                Rule = rule, Subject = subject,
                Life = new() { Rule = definition, Subject = subject.Id, Slot = -1, Onset = OnsetOf(rule, subject, first, at, late, value, dating), Levels = new LevelState[levels.Length] },
            };
            rule.Lives[subject.Id] = life;
        }

        if (life.UnknownSince is { } since && !truths.Contains(null))
        {
            life.Frozen += Math.Max(0, at - since);
            life.UnknownSince = null;
        }

        var unknown = false;
        for (var i = 0; i < levels.Length; i++)
        {
            ref var level = ref life.Life.Levels[i];
            if (truths[i] == true && judges)
            {
                if (!looking || !level.Holding)
                {
                    HoldClock.Hold(ref level, levels[i], definition.MinSamples, OnsetOf(rule, subject, i, at, late, value, dating), life.Frozen);
                }
            }
            else if (truths[i] == false || !judges)
            {
                HoldClock.Release(ref level, definition, recovered[i] || !judges, at, life.Frozen);
            }
            else
            {
                unknown |= level.Holding || level.Raised;
            }
        }

        if (unknown)
        {
            life.UnknownSince ??= at;
        }

        life.ValueChanged |= value != life.Life.Value && life.Life.Transition > 0;
        life.Life.JudgedAt = Math.Max(life.Life.JudgedAt, at);
        life.Life.Value = value ?? life.Life.Value;
        if (life.Life.Transition == 0)
        {
            HoldClock.Say(life.Life, VerdictKind.Pending, life.Life.Onset, _said);
        }

        HoldClock.Settle(life.Life, at, _said);
        Fire(life, _clock);
    }

    private void Fire(AreaLife life, long limit)
    {
        if (!life.Life.Ended)
        {
            HoldClock.Fire(life.Life, Math.Min(limit, life.UnknownSince ?? long.MaxValue), life.Frozen, _said);
        }

        Say(life);
        if (life.Life.Ended)
        {
            life.Rule.Lives.Remove(life.Subject.Id);
            Succeed(life);
        }
        else if (life.UnknownSince is null && life.Life.NextDue != long.MaxValue && life.Life.NextDue + life.Frozen != life.QueuedDue)
        {
            life.QueuedDue = life.Life.NextDue + life.Frozen;
            _dues.Enqueue(life, (life.QueuedDue, life.Subject.Id));
        }
    }

    // Where a place is calm again, what it had covered may stand on its own.
    private void Succeed(AreaLife ended)
    {
        if (ended.Rule.Plan.Per != AreaPer.Place || ended.Subject is not { Longitude: { } longitude, Latitude: { } latitude })
        {
            return;
        }

        foreach (var active in ended.Rule.Leaves[0].Near(longitude, latitude, ended.Rule.Plan.WithinMetres))
        {
            var subject = Around(active.Place);
            if (subject.Id != ended.Subject.Id && !ended.Rule.Lives.ContainsKey(subject.Id) && !Covered(ended.Rule, subject))
            {
                Judge(ended.Rule, subject, null, _clock, late: false);
            }
        }
    }

    private double? Weigh(AreaRuleState rule, AreaSubject subject, long at, bool?[] truths, bool[] recovered)
    {
        var levels = rule.Rule.Levels;
        if (rule.Rule.Kind == RuleKind.Composite)
        {
            for (var i = 0; i < levels.Length; i++)
            {
                truths[i] = CompositeRule.Evaluate(rule.Plan.When[i], leaf => TruthOf(rule, rule.Leaves[leaf], subject, at));
                recovered[i] = true;
            }

            return null;
        }

        var count = CountOf(rule, rule.Leaves[0], subject, at, rule.Plan.Measure);
        for (var i = 0; i < levels.Length; i++)
        {
            truths[i] = count.Certain >= levels[i].Value ? true : count.AtMost < levels[i].Value ? false : null;
            recovered[i] = count.AtMost < levels[i].Value - rule.Rule.Deadband;
        }

        return double.IsNaN(count.Certain) ? null : count.Certain;
    }

    private bool? TruthOf(AreaRuleState rule, AreaLeafState leaf, AreaSubject subject, long at)
    {
        var count = CountOf(rule, leaf, subject, at, AreaMeasure.Devices);
        if (count.Certain >= leaf.Leaf.Count)
        {
            return true;
        }

        if (count.AtMost >= leaf.Leaf.Count)
        {
            return null;
        }

        if (leaf.Leaf.Negated)
        {
            // That none of them meets it is known only when every one of them is heard.
            var known = city.Population(rule.Rule, leaf.Leaf, subject, at);
            return known.Selected == 0 || known.Fresh < known.Selected ? null : false;
        }

        return false;
    }

    private Count CountOf(AreaRuleState rule, AreaLeafState leaf, AreaSubject subject, long at, AreaMeasure measure)
    {
        var silent = SilentFor(rule, subject);
        if (measure == AreaMeasure.Percent)
        {
            var population = city.Population(rule.Rule, leaf.Leaf, subject, at);
            return silent > 0 || population.Heard == 0 || population.Heard < rule.Plan.MinPopulation
                ? new(double.NaN, double.NaN)
                : Exactly(100.0 * ActivesOf(leaf, subject).Count / population.Heard);
        }

        if (measure == AreaMeasure.Streets)
        {
            var streets = GroupOf(leaf, subject).ByStreet.Keys.Count(street => !city.SilentStreets.Contains(street));
            return new(streets, streets + silent);
        }

        if (silent == 0)
        {
            return Exactly(leaf.Leaf.Same == AreaRelation.Place ? ActivesOf(leaf, subject).Count : GroupOf(leaf, subject).Actives.Count);
        }

        return new(ActivesOf(leaf, subject).Count(active => !city.SilentStreets.Contains(active.Place.Street.Value)), double.PositiveInfinity);

        static Count Exactly(double value) => new(value, value);
    }

    private int SilentFor(AreaRuleState rule, AreaSubject subject) =>
        city.SilentStreets.Count == 0 ? 0
        : rule.Plan.Per == AreaPer.Street ? (city.SilentStreets.Contains(subject.Street.Value) ? 1 : 0)
        : city.SilentStreets.Count;

    private static IReadOnlyCollection<AreaActive> ActivesOf(AreaLeafState leaf, AreaSubject subject)
    {
        if (leaf.Leaf.Same != AreaRelation.Place)
        {
            return GroupOf(leaf, subject).Actives.Values;
        }

        if (subject is { Longitude: { } longitude, Latitude: { } latitude })
        {
            return leaf.Near(longitude, latitude, leaf.Leaf.WithinMetres);
        }

        // Without a position a device is near itself only.
        return leaf.Actives.TryGetValue(subject.Id, out var self) ? [self] : [];
    }

    private static AreaGroup GroupOf(AreaLeafState leaf, AreaSubject subject) => leaf.Group(leaf.Leaf.Same switch
    {
        AreaRelation.Street => subject.Street.Value,
        AreaRelation.Tag => AreaPlan.TagOf(subject.Tags, leaf.Leaf.Tag) ?? string.Empty,
        AreaRelation.District => string.Empty,
        _ => subject.Id,
    });

    /// <summary>Since when the level's condition holds. In order of time that is now; what comes late is dated by those that make the condition.</summary>
    private static long OnsetOf(AreaRuleState rule, AreaSubject subject, int level, long at, bool late, double? value, bool dating)
    {
        if (!late)
        {
            return at;
        }

        var onset = dating ? long.MinValue : at;
        foreach (var leaf in rule.Leaves)
        {
            var actives = ActivesOf(leaf, subject);
            var needed = rule.Rule.Kind == RuleKind.Composite || rule.Plan.Measure == AreaMeasure.Streets ? leaf.Leaf.Count
                : rule.Plan.Measure == AreaMeasure.Devices ? (int)rule.Rule.Levels[level].Value
                : (int)Math.Ceiling((rule.Rule.Levels[level].Value * actives.Count / Math.Max(value ?? 100, 1e-9)) - 1e-9);
            var since = actives.Select(active => active.Since).Order().Skip(Math.Max(needed, 1) - 1).FirstOrDefault(long.MinValue);
            onset = Math.Max(onset, since);
        }

        return onset == long.MinValue ? at : onset;
    }

    private void Say(AreaLife life)
    {
        if (_said.Count == 0)
        {
            return;
        }

        var members = Members(life);
        foreach (var verdict in _said)
        {
            Verdicts.Add(new(verdict, life.Subject, members));
            if (Wants(verdict.Rule.Id) && verdict.Kind is not (VerdictKind.Pending or VerdictKind.Seen))
            {
                Take(FactOf(verdict.Rule.Id, life.Subject, ColourAfter(verdict), verdict.At, verdict.Value, Math.Max(_clock, verdict.At)));
            }
        }

        _said.Clear();
    }

    /// <summary>What another rule that looks at this one learns from its verdict.</summary>
    public static AreaFact FactOf(RuleId rule, AreaSubject subject, Colour colour, long at, double? value, long order) => new()
    {
        Source = rule.Value, At = at, Order = order, Value = value, Colour = colour,
        Place = new()
        {
            Id = subject.Id, Name = subject.Name, Kind = AreaPlace.AreaKind, Street = subject.Street, Areas = subject.Areas, Tags = subject.Tags,
            Longitude = subject.Longitude, Latitude = subject.Latitude,
        },
    };

    /// <summary>The colour at which the rule stands after the verdict; 0: none.</summary>
    public static Colour ColourAfter(Verdict verdict) => verdict.Kind is VerdictKind.Raised or VerdictKind.Lowered ? verdict.Colour : 0;

    private static ImmutableArray<Evidence> Members(AreaLife life)
    {
        var found = new Dictionary<string, AreaActive>(StringComparer.Ordinal);
        foreach (var leaf in life.Rule.Leaves)
        {
            foreach (var active in ActivesOf(leaf, life.Subject).Order(Comparer<AreaActive>.Create(AreaLeafState.Earlier)).Take(EvidenceMax))
            {
                found.TryAdd(active.Place.Id, active);
            }
        }

        return
        [
            .. found.Values.Order(Comparer<AreaActive>.Create(AreaLeafState.Earlier)).Take(2 * EvidenceMax)
                // The device and the time; the event itself is the evidence of the warning that it raised, once.
                .Select(active => new Evidence(new(active.Place.Id), DateTimeOffset.FromUnixTimeMilliseconds(active.Since), active.Value, null, null)),
        ];
    }

    private void End(AreaLife life, long at)
    {
        HoldClock.Say(life.Life, life.Life.Current == 0 ? VerdictKind.Dropped : VerdictKind.Cleared, at, _said);
        life.Rule.Lives.Remove(life.Subject.Id);
        Say(life);
    }

    // What was said outside a life's own turn has a life to it always; nothing may stay behind.
    private void Flush() => _said.Clear();
}
