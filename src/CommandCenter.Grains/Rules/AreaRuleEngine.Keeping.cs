using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

// How the state is kept over a change of the rules, a snapshot, and the loss of one.
internal sealed partial class AreaRuleEngine
{
    private const byte Layout = 1;

    public void Write(BinaryWriter writer)
    {
        writer.Write(Layout);
        writer.Write(_clock);
        writer.Write(_standing.Count);
        foreach (var fact in _standing.Values)
        {
            writer.Write(fact.Source);
            WritePlace(writer, fact.Place);
            writer.Write((byte)fact.Colour);
            writer.Write(fact.At);
            writer.Write(fact.Value ?? double.NaN);
            writer.Write(fact.Event ?? string.Empty);
        }

        // Of a leaf only what no longer stands and still counts: the rest follows from what stands.
        writer.Write(_rules.Count);
        foreach (var rule in _rules)
        {
            writer.Write(rule.Rule.Id.Value);
            writer.Write(rule.Rule.Version);
            writer.Write(rule.Leaves.Length);
            foreach (var leaf in rule.Leaves)
            {
                writer.Write(leaf.Actives.Count);
                foreach (var active in leaf.Actives.Values)
                {
                    WritePlace(writer, active.Place);
                    writer.Write(active.Since);
                    writer.Write(active.Until);
                    writer.Write(active.Value ?? double.NaN);
                }
            }

            writer.Write(rule.Lives.Count);
            foreach (var life in rule.Lives.Values)
            {
                writer.Write(life.Subject.Id);
                WritePlace(writer, new()
                {
                    Id = life.Subject.Id, Name = life.Subject.Name, Kind = AreaPlace.AreaKind, Street = life.Subject.Street, Areas = life.Subject.Areas, Tags = life.Subject.Tags,
                    Longitude = life.Subject.Longitude, Latitude = life.Subject.Latitude,
                });
                writer.Write(life.Frozen);
                writer.Write(life.UnknownSince ?? long.MinValue);
                RuleLifeCodec.Write(writer, life.Life);
            }
        }

        writer.Write(_facts.Count);
        foreach (var (fact, _) in _facts.UnorderedItems.OrderBy(item => item.Priority))
        {
            writer.Write(fact.Source);
            WritePlace(writer, fact.Place);
            writer.Write((byte)fact.Colour);
            writer.Write(fact.At);
            writer.Write(fact.Order);
            writer.Write(fact.Value ?? double.NaN);
        }
    }

    /// <summary>Takes up a snapshot after <see cref="PutRules"/>. What belongs to rules no longer there is left out.</summary>
    public void Read(BinaryReader reader)
    {
        if (reader.ReadByte() != Layout)
        {
            throw new InvalidDataException("The rules over several devices were stored in a form that this program does not read.");
        }

        _clock = Math.Max(_clock, reader.ReadInt64());
        for (var n = reader.ReadInt32(); n > 0; n--)
        {
            var source = reader.ReadString();
            var place = ReadPlace(reader);
            var colour = (Colour)reader.ReadByte();
            var at = reader.ReadInt64();
            var value = Number(reader);
            var happened = reader.ReadString();
            if (_bySource.ContainsKey(source))
            {
                _standing[(source, place.Id)] = new() { Source = source, Place = place, Colour = colour, At = at, Order = at, Value = value, Event = happened.Length == 0 ? null : happened };
            }
        }

        for (var n = reader.ReadInt32(); n > 0; n--)
        {
            var rule = Find(new(reader.ReadString()));
            var same = rule is not null && reader.ReadInt32() == rule.Rule.Version;
            if (rule is null)
            {
                reader.ReadInt32();
            }

            var leaves = reader.ReadInt32();
            for (var i = 0; i < leaves; i++)
            {
                for (var k = reader.ReadInt32(); k > 0; k--)
                {
                    var active = new AreaActive { Place = ReadPlace(reader), Since = reader.ReadInt64(), Until = reader.ReadInt64(), Value = Number(reader) };
                    if (rule is not null && same && i < rule.Leaves.Length)
                    {
                        Put(rule, rule.Leaves[i], active);
                    }
                }
            }

            if (rule is not null && !same)
            {
                Refill(rule);
            }

            for (var k = reader.ReadInt32(); k > 0; k--)
            {
                var id = reader.ReadString();
                var place = ReadPlace(reader);
                var frozen = reader.ReadInt64();
                var unknown = reader.ReadInt64();
                var life = RuleLifeCodec.Read(reader, id, -1, _ => rule?.Rule);
                if (rule is not null && life is not null)
                {
                    Hang(new() { Rule = rule, Subject = Around(place), Life = life, Frozen = frozen, UnknownSince = unknown == long.MinValue ? null : unknown });
                }
            }
        }

        for (var n = reader.ReadInt32(); n > 0; n--)
        {
            var source = reader.ReadString();
            var place = ReadPlace(reader);
            Take(new() { Source = source, Place = place, Colour = (Colour)reader.ReadByte(), At = reader.ReadInt64(), Order = reader.ReadInt64(), Value = Number(reader) });
        }
    }

    /// <summary>Makes a rule live again from a stored warning whose snapshot was lost: it stands as stored, and what is known now decides how it goes on.</summary>
    public void Revive(WarningView warning)
    {
        if (Find(warning.Rule) is not { } rule || warning.RecoveredAt is not null || rule.Lives.ContainsKey(warning.Subject))
        {
            return;
        }

        var subject = city.FindArea(warning.Subject) ?? new AreaSubject
        {
            Id = warning.Subject, Name = warning.SubjectName ?? warning.Subject, Street = warning.Area, Areas = warning.Areas,
            Tags = rule.Plan.Per == AreaPer.Tag ? [warning.Subject] : [], Longitude = warning.Longitude, Latitude = warning.Latitude,
        };
        var onset = warning.OnsetAt.ToUnixTimeMilliseconds();
        var life = new RuleLife { Rule = rule.Rule, Subject = warning.Subject, Slot = -1, Onset = onset, Levels = new LevelState[rule.Rule.Levels.Length] };
        life.JudgedAt = onset;
        life.Value = warning.Value;
        for (var i = 0; i < life.Levels.Length; i++)
        {
            if (warning.State == WarningState.Raised && rule.Rule.Levels[i].Colour <= warning.Colour)
            {
                life.Levels[i].Raised = true;
            }
            else if (warning.State == WarningState.Pending && i == 0)
            {
                HoldClock.Hold(ref life.Levels[i], rule.Rule.Levels[i], 1, onset, 0);
            }
        }

        life.Current = warning.State == WarningState.Raised ? warning.Colour : 0;
        life.Transition = warning.Transition;
        if (!life.Ended)
        {
            Hang(new() { Rule = rule, Subject = subject, Life = life });
        }
    }

    /// <summary>Forgets a life that no stored warning knows.</summary>
    public static void Forget(AreaLife life) => life.Rule.Lives.Remove(life.Subject.Id);

    /// <summary>Puts a fact in place that has stood since before it could be judged. <see cref="Reconsider"/> judges all of them together: one by one they would look like
    /// a condition that is not yet there.</summary>
    public void Place(AreaFact fact)
    {
        if (!_bySource.TryGetValue(fact.Source, out var wanting) || fact.Place.Drill)
        {
            return;
        }

        _standing[(fact.Source, fact.Place.Id)] = fact;
        foreach (var (rule, leaf) in wanting)
        {
            if (fact.Colour >= leaf.Leaf.AtLeast && fact.Place.Matches(leaf.Leaf.Select))
            {
                var before = leaf.Actives.GetValueOrDefault(fact.Place.Id);
                Put(rule, leaf, new() { Place = fact.Place, Since = before is { Until: long.MaxValue } ? before.Since : fact.At, Value = fact.Value, Event = fact.Event });
            }
        }
    }

    /// <summary>Brings what stands in line with what the sources say now: what is missing is put in place and judged, what is there no longer ends.</summary>
    public void Synchronize(IReadOnlyDictionary<(string Source, string Device), AreaFact> standing, Func<AreaFact, bool> concerns, long now)
    {
        var placed = false;
        foreach (var fact in standing.Values)
        {
            if (!Wants(new(fact.Source)) || Stands(fact))
            {
                continue;
            }

            if (Lowers(fact))
            {
                Take(fact with { Order = Math.Max(fact.Order, now) });
            }
            else
            {
                Place(fact);
                placed = true;
            }
        }

        if (placed)
        {
            Reconsider(now, dating: true);
        }

        foreach (var (key, known) in _standing.Where(pair => concerns(pair.Value) && !standing.ContainsKey(pair.Key)).ToArray())
        {
            Take(known with { Colour = 0, At = now, Order = now });
        }
    }

    private void TakeOver(AreaRuleState old, AreaRuleState state)
    {
        Refill(state);
        foreach (var life in old.Lives.Values.ToArray())
        {
            if (state.Plan.Per != old.Plan.Per || state.Plan.Tag != old.Plan.Tag)
            {
                End(life, Math.Max(_clock, life.Life.JudgedAt));
                continue;
            }

            var levels = new LevelState[state.Rule.Levels.Length];
            for (var i = 0; i < levels.Length; i++)
            {
                var colour = state.Rule.Levels[i].Colour;
                var index = -1;
                for (var k = 0; k < old.Rule.Levels.Length; k++)
                {
                    index = old.Rule.Levels[k].Colour == colour ? k : index;
                }

                if (index >= 0)
                {
                    levels[i] = life.Life.Levels[index];
                    levels[i].RaiseDue += state.Rule.Levels[i].OnDelayMs - old.Rule.Levels[index].OnDelayMs;
                    levels[i].RecoverDue += state.Rule.OffDelayMs - old.Rule.OffDelayMs;
                }
            }

            life.Life.Rule = state.Rule;
            life.Life.Levels = levels;
            life.Life.NextDue = 0;
            if (life.Life.Ended)
            {
                End(life, Math.Max(_clock, life.Life.JudgedAt));
            }
            else
            {
                life.Rule = state;
                Hang(life);
                Judge(state, life.Subject, life, _clock, late: false, looking: true);
            }
        }
    }

    private void Refill(AreaRuleState rule)
    {
        foreach (var leaf in rule.Leaves)
        {
            foreach (var fact in _standing.Values.Where(fact => fact.Source == leaf.Leaf.Source.Value && fact.Colour >= leaf.Leaf.AtLeast && fact.Place.Matches(leaf.Leaf.Select)))
            {
                Put(rule, leaf, new() { Place = fact.Place, Since = fact.At, Value = fact.Value, Event = fact.Event });
            }
        }
    }

    private void Put(AreaRuleState rule, AreaLeafState leaf, AreaActive active)
    {
        if (leaf.Actives.TryGetValue(active.Place.Id, out var before))
        {
            leaf.Remove(before);
        }

        leaf.Add(active);
        if (active.Until != long.MaxValue)
        {
            _expiries.Enqueue((rule, leaf, active.Place.Id, active.Until), (active.Until, active.Place.Id));
        }
    }

    private void Hang(AreaLife life)
    {
        life.Rule.Lives[life.Subject.Id] = life;
        life.QueuedDue = long.MinValue;
        _dues.Enqueue(life, (long.MinValue, life.Subject.Id));
    }

    private static double? Number(BinaryReader reader) => reader.ReadDouble() is var number && double.IsNaN(number) ? null : number;

    private static void WritePlace(BinaryWriter writer, AreaPlace place)
    {
        writer.Write(place.Id);
        writer.Write(place.Name);
        writer.Write(place.Kind);
        writer.Write(place.Street.Value);
        writer.Write((byte)Math.Min(place.Areas.Length, byte.MaxValue));
        foreach (var area in place.Areas.Take(byte.MaxValue))
        {
            writer.Write(area.Value);
        }

        writer.Write((byte)Math.Min(place.Tags.Length, byte.MaxValue));
        foreach (var tag in place.Tags.Take(byte.MaxValue))
        {
            writer.Write(tag);
        }

        writer.Write(place.Longitude ?? double.NaN);
        writer.Write(place.Latitude ?? double.NaN);
    }

    private static AreaPlace ReadPlace(BinaryReader reader)
    {
        var (id, name, kind, street) = (reader.ReadString(), reader.ReadString(), reader.ReadString(), reader.ReadString());
        var areas = new AreaId[reader.ReadByte()];
        for (var i = 0; i < areas.Length; i++)
        {
            areas[i] = new(reader.ReadString());
        }

        var tags = new string[reader.ReadByte()];
        for (var i = 0; i < tags.Length; i++)
        {
            tags[i] = reader.ReadString();
        }

        return new() { Id = id, Name = name, Kind = kind, Street = new(street), Areas = [.. areas], Tags = [.. tags], Longitude = Number(reader), Latitude = Number(reader) };
    }
}
