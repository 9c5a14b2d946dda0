using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>Judges counts and composites over the facts of other rules. A pure function of the facts in their order and of time: no clock, no storage.
/// In a street the order is event time; in the district it is that of the streets' own words, whichever arrives first.</summary>
internal sealed partial class AreaRuleEngine(AreaScope scope, IAreaCity city)
{
    private const int RoundsMax = 100_000;
    private const int EvidenceMax = 10;

    private readonly List<AreaRuleState> _rules = [];
    private readonly Dictionary<string, List<(AreaRuleState Rule, AreaLeafState Leaf)>> _bySource = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Source, string Device), AreaFact> _standing = [];
    private readonly PriorityQueue<AreaFact, (long Order, long Number)> _facts = new();
    private readonly PriorityQueue<(AreaRuleState Rule, AreaLeafState Leaf, string Device, long Until), (long At, string Device)> _expiries = new();
    private readonly PriorityQueue<AreaLife, (long Due, string Subject)> _dues = new();
    private readonly List<Verdict> _said = [];

    // The newest order among the waiting facts of one device: what its rule said last is what holds, also when it is dated earlier.
    private readonly Dictionary<(string Source, string Device), long> _newest = [];
    private long _clock;
    private long _number;
    private long _lookedAt;

    /// <summary>Verdicts since the caller last cleared the list, in order.</summary>
    public List<AreaVerdict> Verdicts { get; } = [];

    /// <summary>Subjects that were not begun because the rule had its most.</summary>
    public long Refused { get; private set; }

    public int LiveCount => _rules.Sum(rule => rule.Lives.Count);

    /// <summary>True when a rule here looks at the source.</summary>
    public bool Wants(RuleId source) => _bySource.ContainsKey(source.Value);

    public IEnumerable<AreaLife> AllLives() => _rules.SelectMany(rule => rule.Lives.Values.ToArray());

    public AreaLife? FindLife(RuleId rule, string subject) => Find(rule)?.Lives.GetValueOrDefault(subject);

    /// <summary>True when a rule here judges under the id.</summary>
    public bool Judges(RuleId rule) => Find(rule) is not null;

    /// <summary>What the sources last said, for a street that reports anew.</summary>
    public IEnumerable<AreaFact> Standing => _standing.Values;

    /// <summary>True when the fact tells nothing new.</summary>
    public bool Stands(AreaFact fact) => _standing.TryGetValue((fact.Source, fact.Place.Id), out var known) && known.Colour == fact.Colour;

    /// <summary>True when the fact takes back some of what its rule said last: a leaf that asks for the graver colour counts it no longer.</summary>
    public bool Lowers(AreaFact fact) => _standing.TryGetValue((fact.Source, fact.Place.Id), out var known) && fact.Colour < known.Colour;

    /// <summary>Puts a new set of rules in force. Holds of an unchanged rule go on, those of a changed one keep their onset, those of a withdrawn one end.</summary>
    public void PutRules(ImmutableArray<RuleDefinition> rules, long now)
    {
        var before = _rules.ToDictionary(state => state.Rule.Id);
        _rules.Clear();
        _bySource.Clear();
        foreach (var rule in rules.Where(rule => rule is { Enabled: true, Area: { } plan } && plan.Scope == scope).OrderBy(rule => rule.Id.Value, StringComparer.Ordinal))
        {
            before.Remove(rule.Id, out var old);
            // The book is read anew with each change; a rule that reads the same is the same.
            var state = old is not null && old.Rule.Version == rule.Version && old.Rule.Canonical == rule.Canonical
                ? old
                : new AreaRuleState { Rule = rule, Plan = rule.Area!, Leaves = [.. rule.Area!.Leaves.Select(leaf => new AreaLeafState(leaf))] };
            _rules.Add(state);
            foreach (var leaf in state.Leaves)
            {
                if (!_bySource.TryGetValue(leaf.Leaf.Source.Value, out var wanting))
                {
                    _bySource[leaf.Leaf.Source.Value] = wanting = [];
                }

                wanting.Add((state, leaf));
            }

            if (old is not null && !ReferenceEquals(state, old))
            {
                TakeOver(old, state);
            }
        }

        foreach (var withdrawn in before.Values)
        {
            foreach (var life in withdrawn.Lives.Values.ToArray())
            {
                End(life, Math.Max(now, life.Life.JudgedAt));
            }
        }

        foreach (var (key, _) in _standing.Where(pair => !_bySource.ContainsKey(pair.Key.Source)).ToArray())
        {
            _standing.Remove(key);
        }

        Flush();
    }

    /// <summary>Takes a fact; it is judged by the next <see cref="Run"/>.</summary>
    public void Take(AreaFact fact)
    {
        if (Wants(new(fact.Source)) && !fact.Place.Drill)
        {
            var key = (fact.Source, fact.Place.Id);
            var order = Math.Max(fact.Order, _newest.GetValueOrDefault(key));
            _newest[key] = order;
            _facts.Enqueue(fact with { Order = order }, (order, _number++));
        }
    }

    /// <summary>The device left or changed what it belongs to; what it counted for it counts for no longer. Its new facts follow.</summary>
    public void Forget(string device, long at)
    {
        foreach (var fact in _standing.Values.Where(fact => fact.Place.Id == device && fact.Colour != 0).ToArray())
        {
            Take(fact with { Colour = 0, At = at, Order = Math.Max(at, _clock) });
        }
    }

    /// <summary>Judges the facts taken and carries out every deadline up to the time. Calling it more or less often changes no verdict.</summary>
    public void Run(long now)
    {
        if (_rules.Count == 0)
        {
            _facts.Clear();
            _newest.Clear();
            return;
        }

        for (var round = 0; _facts.TryPeek(out var fact, out _) && fact.Order <= now; round++)
        {
            if (round >= RoundsMax)
            {
                // Rules that feed each other in a ring would go on for ever; the rest waits for the next turn.
                return;
            }

            _facts.Dequeue();
            var late = fact.At < fact.Order || fact.At < _clock;
            Sweep(fact.Order);
            Apply(fact, late);
        }

        if (_facts.Count == 0)
        {
            _newest.Clear();
        }

        Sweep(now);
        if (now - _lookedAt >= 1000)
        {
            _lookedAt = now;
            foreach (var rule in _rules.Where(rule => rule.LookedAtEachSecond || rule.Lives.Values.Any(life => life.UnknownSince is not null)))
            {
                LookAtAll(rule, now);
            }
        }

        foreach (var life in AllLives().Where(life => life.ValueChanged))
        {
            life.ValueChanged = false;
            HoldClock.Seen(life.Life, _said);
            Say(life);
        }

        Flush();
    }

    /// <summary>What is known of whole streets changed: everything that may rest on it is judged again. <paramref name="dating"/>: after a restart or a change of the rules;
    /// what is found true is dated by those that make it so, and a hold that ran out meanwhile has run out.</summary>
    public void Reconsider(long now, bool dating = false)
    {
        if (!dating)
        {
            Sweep(now);
        }

        foreach (var rule in _rules)
        {
            LookAtAll(rule, now, dating);
        }

        Sweep(now);
        Flush();
    }

    private AreaRuleState? Find(RuleId rule) => _rules.Find(state => state.Rule.Id == rule);

    // Deadlines before the facts of the same moment: what has lasted until now has lasted.
    private void Sweep(long to)
    {
        while (true)
        {
            var due = _dues.TryPeek(out _, out var first) ? first.Due : long.MaxValue;
            var expiry = _expiries.TryPeek(out _, out var next) ? next.At : long.MaxValue;
            if (Math.Min(due, expiry) > to)
            {
                break;
            }

            if (due <= expiry)
            {
                var life = _dues.Dequeue();
                if (life.QueuedDue == due && life.Rule.Lives.GetValueOrDefault(life.Subject.Id) == life)
                {
                    _clock = Math.Max(_clock, due);
                    life.QueuedDue = long.MaxValue;
                    Fire(life, due);
                }
            }
            else
            {
                var (rule, leaf, device, until) = _expiries.Dequeue();
                if (leaf.Actives.GetValueOrDefault(device) is { } active && active.Until == until && _rules.Contains(rule))
                {
                    _clock = Math.Max(_clock, until);
                    leaf.Remove(active);
                    Changed(rule, leaf, active.Place, until, late: false);
                }
            }
        }

        _clock = Math.Max(_clock, to);
    }

    private void Apply(AreaFact fact, bool late)
    {
        if (!_bySource.TryGetValue(fact.Source, out var wanting))
        {
            return;
        }

        var key = (fact.Source, fact.Place.Id);
        if (fact.Colour == 0)
        {
            _standing.Remove(key);
        }
        else
        {
            _standing[key] = fact;
        }

        foreach (var (rule, leaf) in wanting)
        {
            Apply(rule, leaf, fact, late);
        }
    }

    private void Apply(AreaRuleState rule, AreaLeafState leaf, AreaFact fact, bool late)
    {
        var stands = fact.Colour >= leaf.Leaf.AtLeast && fact.Place.Matches(leaf.Leaf.Select);
        var active = leaf.Actives.GetValueOrDefault(fact.Place.Id);
        if (stands)
        {
            if (active is null)
            {
                active = new() { Place = fact.Place, Since = fact.At };
                leaf.Add(active);
            }

            active.Until = long.MaxValue;
            active.Value = fact.Value ?? active.Value;
            active.Event = fact.Event ?? active.Event;
            Changed(rule, leaf, active.Place, fact.At, late);
        }
        else if (active is { Until: long.MaxValue })
        {
            active.Until = fact.At + leaf.Leaf.WithinMs;
            if (active.Until <= _clock)
            {
                leaf.Remove(active);
                Changed(rule, leaf, active.Place, active.Until, late);
            }
            else
            {
                _expiries.Enqueue((rule, leaf, active.Place.Id, active.Until), (active.Until, active.Place.Id));
            }
        }
    }

    private void Changed(AreaRuleState rule, AreaLeafState leaf, AreaPlace place, long at, bool late)
    {
        foreach (var life in rule.Concerned(leaf.Leaf, place).ToArray())
        {
            Judge(rule, life.Subject, life, at, late);
        }

        foreach (var subject in Candidates(rule, leaf, place))
        {
            if (!rule.Lives.ContainsKey(subject.Id) && !Covered(rule, subject))
            {
                Judge(rule, subject, null, at, late);
            }
        }
    }

    private void LookAtAll(AreaRuleState rule, long now, bool dating = false)
    {
        foreach (var life in rule.Lives.Values.ToArray())
        {
            Judge(rule, life.Subject, life, now, late: dating, looking: true, dating);
        }

        foreach (var active in rule.Leaves[0].Actives.Values.Order(Comparer<AreaActive>.Create(AreaLeafState.Earlier)).ToArray())
        {
            foreach (var subject in SubjectsOf(rule, active.Place))
            {
                if (!rule.Lives.ContainsKey(subject.Id) && !Covered(rule, subject))
                {
                    Judge(rule, subject, null, now, late: dating, looking: true, dating);
                }
            }
        }
    }

    // Which subjects a change of the leaf may begin: those of the device itself, or those whose first leaf stands where the device is related to it.
    private IEnumerable<AreaSubject> Candidates(AreaRuleState rule, AreaLeafState leaf, AreaPlace place)
    {
        var first = rule.Leaves[0];
        if (rule.Plan.Per == AreaPer.Place)
        {
            var near = leaf.Leaf.Same == AreaRelation.Place && place is { Longitude: { } longitude, Latitude: { } latitude }
                ? first.Near(longitude, latitude, leaf.Leaf.WithinMetres)
                : first.Actives.Values.Where(active => AreaRuleState.Relates(leaf.Leaf, Around(active.Place), place)).Order(Comparer<AreaActive>.Create(AreaLeafState.Earlier)).ToList();
            return near.Select(active => Around(active.Place));
        }

        var whole = (leaf.Leaf.Same, rule.Plan.Per) is (AreaRelation.District, not AreaPer.District) or (AreaRelation.Street, AreaPer.Tag);
        return whole
            ? first.Actives.Values.Order(Comparer<AreaActive>.Create(AreaLeafState.Earlier)).SelectMany(active => SubjectsOf(rule, active.Place)).DistinctBy(subject => subject.Id)
            : SubjectsOf(rule, place);
    }

    private IEnumerable<AreaSubject> SubjectsOf(AreaRuleState rule, AreaPlace place)
    {
        switch (rule.Plan.Per)
        {
            case AreaPer.Street:
                return city.FindArea(place.Street.Value) is { } street ? [street] : [];
            case AreaPer.Overlay:
                return place.Areas.Select(area => city.FindArea(area.Value)).OfType<AreaSubject>();
            case AreaPer.District:
                return city.FindArea(string.Empty) is { } district ? [district] : [];
            case AreaPer.Tag:
                return AreaPlan.TagsOf(place, rule.Plan.Tag).Select(tag => Around(place) with { Id = tag, Name = tag, Tags = [tag] });
            default:
                return [Around(place)];
        }
    }

    private static AreaSubject Around(AreaPlace place) => new()
    {
        Id = place.Id, Name = place.Name, Street = place.Street, Areas = place.Areas, Tags = place.Tags, Longitude = place.Longitude, Latitude = place.Latitude,
    };

    private static bool Covered(AreaRuleState rule, AreaSubject subject)
    {
        if (rule.Plan.Per != AreaPer.Place)
        {
            return false;
        }

        // Near a standing subject, or of its building: it is the same occurrence.
        foreach (var life in rule.Lives.Values)
        {
            var near = life.Subject is { Longitude: { } x, Latitude: { } y } && subject is { Longitude: { } longitude, Latitude: { } latitude }
                && CoordinateSystems.DistanceM(x, y, longitude, latitude) <= rule.Plan.WithinMetres;
            if (near || rule.Plan.Leaves.Any(leaf => leaf.Same == AreaRelation.Tag && AreaPlan.TagOf(subject.Tags, leaf.Tag) is { } tag && tag == AreaPlan.TagOf(life.Subject.Tags, leaf.Tag)))
            {
                return true;
            }
        }

        return false;
    }
}
