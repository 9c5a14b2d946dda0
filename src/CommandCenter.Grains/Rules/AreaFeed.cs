using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>What a street has to tell its district: the facts that rules judged there look at, numbered, kept until the district has them.</summary>
internal sealed class AreaFeed
{
    /// <summary>Facts kept for a district that does not answer; beyond, everything that stands is told anew.</summary>
    public const int KeptMax = 10_000;

    /// <summary>Facts in one report; the rest follows in the next.</summary>
    public const int ReportMax = 2_000;

    private readonly HashSet<string> _sources = new(StringComparer.Ordinal);
    private readonly Queue<AreaFact> _kept = new();
    private readonly Dictionary<(string Source, string Device), AreaFact> _standing = [];
    private readonly Dictionary<(string Source, string Device), long> _newest = [];
    private long _keptFrom;
    private long _coveredTo;
    private long _newsReported;
    private bool _whole = true;

    /// <summary>The number of the newest fact.</summary>
    public long Seq { get; private set; }

    /// <summary>Something came since the last report.</summary>
    public bool HasNews => Seq != _newsReported;

    /// <summary>The rules judged in the district.</summary>
    public ImmutableArray<RuleDefinition> Rules { get; private set; } = [];

    public bool Wants(RuleId source) => _sources.Contains(source.Value);

    public void PutRules(ImmutableArray<RuleDefinition> rules)
    {
        Rules = [.. rules.Where(rule => rule is { Enabled: true, Area.Scope: AreaScope.District })];
        var wanted = Rules.SelectMany(rule => rule.Area!.Leaves).Select(leaf => leaf.Source.Value).ToHashSet(StringComparer.Ordinal);
        if (!wanted.SetEquals(_sources))
        {
            _sources.Clear();
            _sources.UnionWith(wanted);
            foreach (var key in _standing.Keys.Where(key => !wanted.Contains(key.Source)).ToArray())
            {
                _standing.Remove(key);
            }

            TellAll();
        }
    }

    /// <summary>Takes a fact. What happened before a time that was reported as complete counts from after it.</summary>
    public void Take(AreaFact fact)
    {
        if (!Wants(new(fact.Source)) || fact.Place.Drill)
        {
            return;
        }

        var key = (fact.Source, fact.Place.Id);
        var known = _standing.GetValueOrDefault(key);
        if (fact.Colour == 0 ? known is null : known is not null && known.Colour == fact.Colour && known.Place == fact.Place)
        {
            return;
        }

        var ordered = fact with { Order = Math.Max(Math.Max(fact.At, _coveredTo + 1), _newest.GetValueOrDefault(key)) };
        _newest[key] = ordered.Order;
        if (fact.Colour == 0)
        {
            _standing.Remove(key);
        }
        else
        {
            _standing[key] = ordered;
        }

        Seq++;
        if (_kept.Count >= KeptMax)
        {
            TellAll();
        }
        else if (!_whole)
        {
            _kept.Enqueue(ordered);
        }
        else
        {
            _keptFrom = Seq;
        }
    }

    /// <summary>The device left.</summary>
    public void Forget(string device, long at)
    {
        foreach (var fact in _standing.Values.Where(fact => fact.Place.Id == device).ToArray())
        {
            Take(fact with { Colour = 0, At = at });
        }
    }

    /// <summary>What stands is brought in line with what the street knows.</summary>
    public void Synchronize(IReadOnlyDictionary<(string Source, string Device), AreaFact> standing, long now)
    {
        foreach (var fact in standing.Values)
        {
            Take(fact);
        }

        foreach (var (key, fact) in _standing.ToArray())
        {
            if (!standing.ContainsKey(key))
            {
                Take(fact with { Colour = 0, At = now });
            }
        }
    }

    /// <summary>The next report: the facts that the district does not have, and up to when they are all of them.</summary>
    public (long FromSeq, ImmutableArray<AreaFact> Facts, bool Whole, long CoveredTo) Report(long now)
    {
        _newsReported = Seq;
        foreach (var (key, order) in _newest)
        {
            if (order <= now)
            {
                _newest.Remove(key);
            }
        }

        if (_whole)
        {
            // From here on it is told by difference; when the report is lost, the whole again.
            _coveredTo = Math.Max(_coveredTo, now);
            _whole = false;
            _keptFrom = Seq;
            return (Seq, [.. _standing.Values.OrderBy(fact => fact.Order).ThenBy(fact => fact.Source, StringComparer.Ordinal).ThenBy(fact => fact.Place.Id, StringComparer.Ordinal)], true, _coveredTo);
        }

        if (_kept.Count > ReportMax)
        {
            // Facts are in the order of their coming, not of their time: nothing new is promised until all have been told.
            return (_keptFrom, [.. _kept.Take(ReportMax)], false, 0);
        }

        _coveredTo = Math.Max(_coveredTo, now);
        return (_keptFrom, [.. _kept], false, _coveredTo);
    }

    /// <summary>The district has everything up to the number, or asks for all of it anew.</summary>
    public void Taken(long seq, bool wantsWhole)
    {
        if (wantsWhole)
        {
            TellAll();
            return;
        }

        while (_kept.Count > 0 && _keptFrom < seq)
        {
            _kept.Dequeue();
            _keptFrom++;
        }
    }

    /// <summary>Everything is told anew: the district lost it, or the report was lost.</summary>
    public void TellAll()
    {
        _whole = true;
        _kept.Clear();
        _keptFrom = Seq;
    }
}
