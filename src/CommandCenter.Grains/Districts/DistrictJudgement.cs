using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Districts;

/// <summary>The rules over several streets as a pure machine: what the streets report, in the order of the streets' own words, becomes verdicts and warnings.
/// A fact is judged when every street that answers has told everything up to its time, so that it makes no difference whose report comes first.</summary>
internal sealed class DistrictJudgement : IAreaCity
{
    private const int SnapshotVersion = 1;
    private readonly Dictionary<string, StreetWord> _streets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AreaSubject> _areas = new(StringComparer.Ordinal);
    private readonly PriorityQueue<(AreaFact Fact, string Street, int Generation), (long Order, string Street, long Seq)> _waiting =
        new(Comparer<(long Order, string Street, long Seq)>.Create((one, other) =>
            one.Order != other.Order ? one.Order.CompareTo(other.Order)
            : string.CompareOrdinal(one.Street, other.Street) is var street and not 0 ? street : one.Seq.CompareTo(other.Seq)));
    private readonly DistrictsOptions _options;
    private HashSet<string> _silent = [];
    private ImmutableDictionary<RuleId, RuleDefinition> _rules = ImmutableDictionary<RuleId, RuleDefinition>.Empty;
    private bool _begun;

    private sealed class StreetWord
    {
        public string? Epoch { get; set; }

        /// <summary>Rises with each whole report: what an earlier one told and is not judged yet is overtaken.</summary>
        public int Generation { get; set; }
        public long Seq { get; set; }
        public long CoveredTo { get; set; }
        public DateTimeOffset HeardAt { get; set; }
        public Dictionary<(string Rule, int Leaf, string Overlay), AreaShare> Shares { get; set; } = [];
        public ImmutableArray<WarningCause> Causes { get; set; } = [];
    }

    public DistrictJudgement(AreaId district, IEnumerable<AreaDescription> areas, WarningBook warnings, DistrictsOptions options, DateTimeOffset machine)
    {
        District = district;
        Warnings = warnings;
        Inhibitor = new(warnings, FindRule, _ => null);
        _options = options;
        Rules = new(AreaScope.District, this);
        foreach (var area in areas)
        {
            var subject = new AreaSubject { Id = area.Id.Value, Name = area.Name.Zh, Street = area.Id, Longitude = area.Longitude, Latitude = area.Latitude };
            _areas[area.Id.Value] = subject;
            if (area.Id == district)
            {
                _areas[string.Empty] = subject;
            }
            else if (area.Kind is AreaKind.Street or AreaKind.Outside)
            {
                _streets[area.Id.Value] = new() { HeardAt = machine };
            }
        }
    }

    public AreaId District { get; }
    public AreaRuleEngine Rules { get; }
    public WarningBook Warnings { get; }

    /// <summary>Which of the district's warnings are explained by graver ones.</summary>
    public Inhibitor Inhibitor { get; }
    public IReadOnlySet<string> SilentStreets => _silent;

    /// <summary>Up to when the district has judged, milliseconds since the epoch.</summary>
    public long JudgedTo { get; private set; }

    /// <summary>Every street that answers has told what stands.</summary>
    public bool HasBegun => _begun;

    public RuleDefinition? FindRule(RuleId rule) => _rules.GetValueOrDefault(rule);

    public AreaSubject? FindArea(string id) => _areas.GetValueOrDefault(id);

    public AreaPopulation Population(RuleDefinition rule, AreaLeaf leaf, AreaSubject subject, long at)
    {
        int selected = 0, heard = 0, fresh = 0;
        var overlay = leaf.Same == AreaRelation.Overlay ? subject.Id : string.Empty;
        foreach (var (street, word) in _streets)
        {
            if ((leaf.Same != AreaRelation.Street || street == subject.Street.Value) && word.Shares.TryGetValue((rule.Id.Value, leaf.Index, overlay), out var share))
            {
                selected += share.Selected;
                heard += share.Heard;
                fresh += share.Fresh;
            }
        }

        return new(selected, heard, fresh);
    }

    public void PutRules(ImmutableArray<RuleDefinition> rules, DateTimeOffset now)
    {
        _rules = rules.ToImmutableDictionary(rule => rule.Id);
        Rules.PutRules(rules, now.ToUnixTimeMilliseconds());
        Settle();
    }

    /// <summary>Takes a street's report; it is judged by <see cref="Advance"/>. <paramref name="heardAt"/> is the machine's time: streets answer in it, however fast the domain's runs.</summary>
    public AreaReportTaken Take(AreaReport report, DateTimeOffset heardAt)
    {
        if (!_streets.TryGetValue(report.Street.Value, out var word))
        {
            // A street of another map: it is not part of this district.
            return new() { Seq = report.FromSeq + report.Facts.Length };
        }

        var follows = report.Whole || (report.Epoch == word.Epoch && report.FromSeq <= word.Seq);
        if (!follows)
        {
            return new() { Seq = word.Epoch == report.Epoch ? word.Seq : 0, WantsWhole = true, Causes = CausesBeside(report.Street) };
        }

        word.HeardAt = heardAt;
        if (report.Whole)
        {
            TakeWhole(word, report);
        }
        else
        {
            for (var i = 0; i < report.Facts.Length; i++)
            {
                if (report.FromSeq + i + 1 > word.Seq)
                {
                    word.Seq = report.FromSeq + i + 1;
                    _waiting.Enqueue((report.Facts[i], report.Street.Value, word.Generation), (report.Facts[i].Order, report.Street.Value, word.Seq));
                }
            }
        }

        if (report.CoveredTo >= word.CoveredTo)
        {
            word.CoveredTo = report.CoveredTo;
            word.Shares = report.Shares.ToDictionary(share => (share.Rule, share.Leaf, share.Overlay));
            word.Causes = report.Causes;
        }

        return new() { Seq = word.Seq, Causes = CausesBeside(report.Street) };
    }

    /// <summary>Judges as far as every street that answers has told.</summary>
    public void Advance(DateTimeOffset now, DateTimeOffset machine)
    {
        ExpireOfficial(now);
        var after = TimeSpan.FromSeconds(_options.SilentSeconds);
        var silent = _streets.Where(street => machine - street.Value.HeardAt > after).Select(street => street.Key).ToHashSet(StringComparer.Ordinal);
        var changed = !silent.SetEquals(_silent);
        _silent = silent;
        var answering = _streets.Where(street => !silent.Contains(street.Key)).ToArray();
        var to = answering.Length == 0 ? JudgedTo : answering.Min(street => street.Value.CoveredTo);
        if (to <= 0)
        {
            return;
        }

        while (_waiting.TryPeek(out var next, out var key) && key.Order <= to)
        {
            _waiting.Dequeue();
            if (_streets[next.Street].Generation != next.Generation)
            {
                continue;
            }

            // What stood before the district came up is put in place first and judged together. What ended or became less since its snapshot is judged after that, by its time.
            if (!_begun && next.Fact.Colour != 0 && !Rules.Lowers(next.Fact))
            {
                Rules.Place(next.Fact);
            }
            else
            {
                Rules.Take(next.Fact with { Order = Math.Max(next.Fact.Order, JudgedTo) });
            }
        }

        JudgedTo = Math.Max(JudgedTo, to);
        if (!_begun)
        {
            _begun = true;
            Rules.Reconsider(JudgedTo, dating: true);
        }
        else if (changed)
        {
            Rules.Reconsider(JudgedTo);
        }

        Rules.Run(JudgedTo);

        Settle();
        Warnings.Expire(now);
        if (_begun)
        {
            Inhibitor.PutForeign(StreetCauses());
        }

        Inhibitor.Settle(now);
        Warnings.Settle(now);
        Warnings.Climb(now);
    }

    /// <summary>The causes that one street must know: those of the others and of the district.</summary>
    public ImmutableArray<WarningCause> CausesBeside(AreaId street) =>
    [
        .. _streets.Where(other => other.Key != street.Value && !_silent.Contains(other.Key)).SelectMany(other => other.Value.Causes).Concat(Inhibitor.Own)
            .OrderByDescending(cause => cause.Colour).ThenBy(cause => cause.OnsetAt).ThenBy(cause => cause.Id.Value, StringComparer.Ordinal).Take(Inhibitor.CausesMax),
    ];

    private ImmutableArray<WarningCause> StreetCauses() =>
        [.. _streets.Where(street => !_silent.Contains(street.Key)).SelectMany(street => street.Value.Causes).Take(Inhibitor.CausesMax)];

    /// <summary>Takes up a stored open warning after a restart.</summary>
    public void TakeBack(WarningView warning, DateTimeOffset now)
    {
        if (warning.ExpiresAt is not null)
        {
            // An official one is no rule's verdict: its issuer or its end takes it back.
            Tell(warning, warning.OnsetAt.ToUnixTimeMilliseconds());
            return;
        }

        Rules.Revive(warning);
        if (warning.RecoveredAt is null && Rules.FindLife(warning.Rule, warning.Subject) is null)
        {
            Warnings.Withdraw(warning, FindRule(warning.Rule)?.ManualClear ?? false, now);
        }
    }

    /// <summary>Puts an official warning, or ends it. Null: there is nothing to end, or its rule is off.</summary>
    public WarningView? PutOfficial(OfficialWarning official, DateTimeOffset now)
    {
        var known = Warnings.Find(OfficialDeciding.Rule, official.Subject);
        if (OfficialDeciding.Put(known, official, District, FindRule(OfficialDeciding.Rule), now) is not { } after)
        {
            return known;
        }

        Warnings.Put(known, after);
        Tell(after, now.ToUnixTimeMilliseconds());
        return after;
    }

    /// <summary>Ends the official warnings whose time is over.</summary>
    private void ExpireOfficial(DateTimeOffset now)
    {
        foreach (var warning in Warnings.Open.Where(warning => warning.ExpiresAt <= now).ToArray())
        {
            var after = OfficialDeciding.End(warning, warning.ExpiresAt!.Value, null);
            Warnings.Change(after);
            Tell(after, now.ToUnixTimeMilliseconds());
        }
    }

    /// <summary>Ends for the rules what a snapshot still holds as standing although it was taken back since.</summary>
    public void ForgetEndedOfficials(DateTimeOffset now)
    {
        var order = Math.Max(now.ToUnixTimeMilliseconds(), JudgedTo);
        foreach (var fact in Rules.Standing.Where(fact => fact.Source == OfficialDeciding.Rule.Value && Warnings.Find(OfficialDeciding.Rule, fact.Place.Id) is null).ToArray())
        {
            Rules.Take(fact with { Colour = 0, At = order, Order = order });
        }
    }

    /// <summary>Rules over several devices may look at an official warning like at any other.</summary>
    private void Tell(WarningView warning, long order)
    {
        var at = (warning.ClearedAt ?? warning.RaisedAt ?? warning.OnsetAt).ToUnixTimeMilliseconds();
        Rules.Take(new AreaFact
        {
            Source = warning.Rule.Value,
            Place = new() { Id = warning.Subject, Name = warning.SubjectName ?? warning.Subject, Kind = "official_warning", Street = District, Areas = warning.Areas, Longitude = warning.Longitude, Latitude = warning.Latitude },
            Colour = warning.State == WarningState.Raised ? warning.Colour : 0,
            At = at,
            Order = Math.Max(Math.Max(order, at), JudgedTo),
        });
    }

    public byte[] WriteSnapshot()
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
        {
            writer.Write(SnapshotVersion);
            writer.Write(JudgedTo);
            Rules.Write(writer);
        }

        return stream.ToArray();
    }

    /// <summary>False when the bytes are of a version that this program does not read; then nothing was taken up.</summary>
    public bool ReadSnapshot(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        if (reader.ReadInt32() != SnapshotVersion)
        {
            return false;
        }

        JudgedTo = reader.ReadInt64();
        Rules.Read(reader);
        return true;
    }

    private void TakeWhole(StreetWord word, AreaReport report)
    {
        if (report.Epoch == word.Epoch && report.FromSeq < word.Seq)
        {
            return;
        }

        // Of what is judged already only the difference is news.
        var street = report.Street.Value;
        word.Epoch = report.Epoch;
        word.Generation++;
        var standing = report.Facts.ToDictionary(fact => (fact.Source, fact.Place.Id));
        var number = 0L;
        foreach (var fact in report.Facts)
        {
            if (!Rules.Stands(fact))
            {
                _waiting.Enqueue((fact with { Order = Math.Max(fact.Order, JudgedTo) }, street, word.Generation), (Math.Max(fact.Order, JudgedTo), street, number++));
            }
        }

        foreach (var known in Rules.Standing.Where(fact => fact.Place.Street == report.Street && !standing.ContainsKey((fact.Source, fact.Place.Id))).ToArray())
        {
            var end = known with { Colour = 0, At = report.CoveredTo, Order = report.CoveredTo };
            _waiting.Enqueue((end, street, word.Generation), (end.Order, street, number++));
        }

        word.Seq = report.FromSeq;
    }

    private void Settle()
    {
        foreach (var (verdict, subject, members) in Rules.Verdicts)
        {
            // Held by the district, in the scope of the street or overlay that it is about.
            ImmutableArray<AreaId> areas = subject.Street == District ? subject.Areas : subject.Areas.Contains(subject.Street) ? subject.Areas : subject.Areas.Add(subject.Street);
            Warnings.Apply(in verdict, new SubjectFacts(District, areas, subject.Longitude, subject.Latitude, subject.Name, AreaReasons.UnitOf(verdict.Rule), Drill: false) { Members = members });
        }

        Rules.Verdicts.Clear();
    }
}
