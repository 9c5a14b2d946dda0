using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Streets;

namespace CommandCenter.Grains.Rules;

/// <summary>Judges what a street hears by the rules in force. A pure function of readings in order of arrival and of time: no clock, no storage.
/// In the quiet state a reading costs one comparison per rule and allocates nothing.</summary>
internal sealed class RuleEngine(StreetState street)
{
    private struct Binding
    {
        public double Sign;
        public double Lowest;
        public RuleLife? Life;
        public RuleDefinition Rule;
        public double[] Signed;
    }

    private sealed class SubjectBinding
    {
        public required RuleDefinition Rule { get; init; }
        public RuleLife? Life { get; set; }
    }

    private struct DeviceRules
    {
        public long ObservedAt;
        public long ReceivedAt;

        /// <summary>How long the device's clock has stood still in silence.</summary>
        public long Frozen;
        public Binding[]?[] Channels;
        public SubjectBinding[] Events;
        public SubjectBinding[] Absences;
        public int Lives;
    }

    private readonly HashSet<int> _live = [];
    private DeviceRules[] _devices = new DeviceRules[64];
    private ImmutableArray<RuleDefinition> _rules = [];
    private ImmutableDictionary<RuleId, RuleDefinition> _known = ImmutableDictionary<RuleId, RuleDefinition>.Empty;

    /// <summary>Verdicts since the caller last cleared the list, in order.</summary>
    public List<Verdict> Verdicts { get; } = [];

    /// <summary>Silence counts from here at the earliest: while nobody listened, nobody was absent.</summary>
    public long ListeningSince { get; set; }

    public int LiveCount => _live.Count;

    /// <summary>Puts a new set of rules in force. Holds of unchanged rules go on; those of a changed rule keep their onset; those of a withdrawn rule end.</summary>
    public void PutRules(ImmutableArray<RuleDefinition> rules, long now)
    {
        _known = rules.ToImmutableDictionary(rule => rule.Id);
        _rules = [.. rules.Where(rule => rule.Enabled && RuleKinds.All.Any(entry => entry.Kind == rule.Kind && entry.Built))];
        for (var slot = 0; slot < street.SlotEnd; slot++)
        {
            if (street.Row(slot).Registration is not null)
            {
                Bind(slot, now);
            }
        }
    }

    /// <summary>The device was registered or its registration changed.</summary>
    public void PutDevice(int slot, long now) => Bind(slot, now);

    /// <summary>The device is gone; what lived for it ends. Call before the street forgets it.</summary>
    public void RemoveDevice(int slot, long now)
    {
        if (slot < _devices.Length)
        {
            foreach (var life in LivesOf(slot))
            {
                Withdraw(life, now);
            }

            _devices[slot] = default;
            _live.Remove(slot);
        }
    }

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
        MoveClock(slot, ref device, observed, received);
        if (channel >= device.Channels.Length)
        {
            Array.Resize(ref device.Channels, channel + 1);
        }

        var bindings = device.Channels[channel] ??= BindChannel(slot, channel);
        for (var i = 0; i < bindings.Length; i++)
        {
            ref var binding = ref bindings[i];
            if (binding.Life is null ? binding.Sign * reading.Value >= binding.Lowest : observed > binding.Life.JudgedAt)
            {
                JudgeOne(slot, ref device, ref binding, reading.Value, observed);
            }
        }
    }

    /// <summary>Judges an event that the street took as new.</summary>
    public void Judge(int slot, DeviceEvent happened)
    {
        ref var device = ref _devices[slot];
        var registration = street.Row(slot).Registration!;
        var observed = happened.ObservedAt.ToUnixTimeMilliseconds();
        var received = happened.ReceivedAt.ToUnixTimeMilliseconds();
        foreach (var binding in device.Events)
        {
            var rule = binding.Rule;
            if (!rule.EventTypes.Contains(happened.Type.Value))
            {
                continue;
            }

            if (binding.Life is { } before)
            {
                EventRule.Fire(before, Math.Max(before.JudgedAt + received - before.ReceivedAt, observed - 1), Verdicts);
                Unlink(slot, ref device, binding);
            }

            if (binding.Life is { } life)
            {
                if (observed >= life.JudgedAt)
                {
                    EventRule.Judge(life, registration, happened, observed);
                    HoldClock.Seen(life, Verdicts);
                }
            }
            else if (happened.State != EventState.End && rule.Judges(observed) && rule.Levels.Any(level => EventRule.Reaches(level, registration, happened)))
            {
                life = NewLife(slot, ref device, rule, observed);
                binding.Life = life;
                EventRule.Judge(life, registration, happened, observed);
                HoldClock.Say(life, VerdictKind.Pending, observed, Verdicts);
            }
            else
            {
                continue;
            }

            HoldClock.Settle(life, observed, Verdicts);
            EventRule.Fire(life, observed, Verdicts);
            Unlink(slot, ref device, binding);
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
        foreach (var binding in device.Absences)
        {
            AdvanceAbsence(slot, ref device, binding, registration, previouslyHeardAt, received);
            if (binding.Life is { Over: false } life)
            {
                AbsenceRule.End(life, received);
                HoldClock.Settle(life, received, Verdicts);
                HoldClock.Fire(life, received, 0, Verdicts);
                Unlink(slot, ref device, binding);
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
            foreach (var binding in device.Absences)
            {
                AdvanceAbsence(slot, ref device, binding, row.Registration!, row.HeardAt, now);
            }
        }
    }

    /// <summary>The same without absences, which nothing but time brings about: its cost follows the live rules, not the devices.</summary>
    public void AdvanceHolds(long now)
    {
        if (_live.Count > 0)
        {
            foreach (var slot in _live.ToArray())
            {
                ref var device = ref _devices[slot];
                FireReadings(slot, ref device, DeviceNow(slot, in device, now));
                foreach (var binding in device.Events)
                {
                    if (binding.Life is { } life)
                    {
                        EventRule.Fire(life, life.JudgedAt + Math.Max(0, now - life.ReceivedAt), Verdicts);
                        Unlink(slot, ref device, binding);
                    }
                }
            }
        }
    }

    /// <summary>The rule as last put, also when it does not judge; null: there is none.</summary>
    public RuleDefinition? FindRule(RuleId rule) => _known.GetValueOrDefault(rule);

    /// <summary>The life of the rule for the subject; null: none.</summary>
    public RuleLife? FindLife(RuleId rule, string subject)
    {
        var slot = street.Find(subject);
        return slot < 0 || slot >= _devices.Length ? null : LivesOf(slot).FirstOrDefault(life => life.Rule.Id == rule);
    }

    /// <summary>Milliseconds that the device's clock has stood still: a deadline of its lives falls due that much later.</summary>
    public long FrozenOf(int slot) => slot < _devices.Length ? _devices[slot].Frozen : 0;

    /// <summary>Makes a rule live again from a stored warning whose snapshot was lost: the evidence is judged again under the stored onset.</summary>
    public void Revive(WarningView warning)
    {
        var slot = street.Find(warning.Subject);
        var rule = _rules.FirstOrDefault(candidate => candidate.Id == warning.Rule);
        if (slot < 0 || rule is null || FindLife(warning.Rule, warning.Subject) is not null || warning.RecoveredAt is not null)
        {
            return;
        }

        ref var device = ref _devices[slot];
        var registration = street.Row(slot).Registration!;
        var onset = warning.OnsetAt.ToUnixTimeMilliseconds();
        var holder = FindHolder(slot, ref device, rule);
        if (holder is null)
        {
            return;
        }

        var life = NewLife(slot, ref device, rule, onset);
        life.JudgedAt = onset;
        life.Value = warning.Value;
        foreach (var evidence in warning.Evidence)
        {
            var at = evidence.At.ToUnixTimeMilliseconds();
            ReviveBy(life, registration, evidence, at, device.Frozen);
            life.ReceivedAt = at;
            if (at > device.ObservedAt)
            {
                device.ObservedAt = at;
                device.ReceivedAt = at;
            }
        }

        for (var i = 0; i < life.Levels.Length; i++)
        {
            ref var level = ref life.Levels[i];
            var colour = rule.Levels[i].Colour;
            if (warning.State == WarningState.Raised && colour <= warning.Colour)
            {
                level.Raised = true;
                level.Holding = false;
            }
            else if (warning.State == WarningState.Pending && i == 0 && life.Ended)
            {
                HoldClock.Hold(ref level, rule.Levels[i], rule.MinSamples, onset, device.Frozen);
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

        holder(life);
    }

    /// <summary>Forgets a life that no stored warning knows.</summary>
    public void Forget(RuleLife life)
    {
        ref var device = ref _devices[life.Slot];
        Detach(ref device, life);
        Release(life.Slot, ref device);
    }

    /// <summary>Every life, for the snapshot and for reconciling.</summary>
    public IEnumerable<RuleLife> AllLives() => _live.ToArray().SelectMany(slot => LivesOf(slot).ToArray());

    /// <summary>Writes clocks and lives.</summary>
    public void Write(BinaryWriter writer)
    {
        var slots = new List<int>();
        for (var slot = 0; slot < street.SlotEnd && slot < _devices.Length; slot++)
        {
            if (street.Row(slot).Registration is not null && (_devices[slot].ObservedAt != 0 || _devices[slot].Lives > 0))
            {
                slots.Add(slot);
            }
        }

        writer.Write(slots.Count);
        foreach (var slot in slots)
        {
            ref readonly var device = ref _devices[slot];
            writer.Write(street.Row(slot).Registration!.Id.Value);
            writer.Write(device.ObservedAt);
            writer.Write(device.ReceivedAt);
            writer.Write(device.Frozen);
            var lives = LivesOf(slot).ToArray();
            writer.Write(lives.Length);
            foreach (var life in lives)
            {
                RuleLifeCodec.Write(writer, life);
            }
        }
    }

    /// <summary>Takes up clocks and lives. What belongs to rules or devices that are no longer there is left out.</summary>
    public void Read(BinaryReader reader)
    {
        var devices = reader.ReadInt32();
        for (var n = 0; n < devices; n++)
        {
            var id = reader.ReadString();
            var slot = street.Find(id);
            var observed = reader.ReadInt64();
            var received = reader.ReadInt64();
            var frozen = reader.ReadInt64();
            if (slot >= 0)
            {
                ref var device = ref _devices[slot];
                device.ObservedAt = observed;
                device.ReceivedAt = received;
                device.Frozen = frozen;
            }

            var lives = reader.ReadInt32();
            for (var k = 0; k < lives; k++)
            {
                var life = RuleLifeCodec.Read(reader, id, Math.Max(slot, 0), rule => _rules.FirstOrDefault(candidate => candidate.Id == rule));
                if (life is null || slot < 0 || FindHolder(slot, ref _devices[slot], life.Rule) is not { } holder)
                {
                    continue;
                }

                _devices[slot].Lives++;
                _live.Add(slot);
                holder(life);
            }
        }
    }

    private static void ReviveBy(RuleLife life, DeviceRegistration registration, Evidence evidence, long at, long frozen)
    {
        switch (life.Rule.Kind)
        {
            case RuleKind.Threshold when evidence.Value is { } value:
                ThresholdRule.Judge(life, ThresholdRule.SignedLevels(life.Rule, registration), value, at, frozen);
                break;
            case RuleKind.Event when evidence.Event is { } id:
                EventRule.Judge(
                    life, registration,
                    new(registration.Id, id, new(life.Rule.EventTypes[0]), EventState.Update, evidence.Value, evidence.Snapshot, null, [], evidence.At, evidence.At), at);
                break;
            case RuleKind.Absence:
                AbsenceRule.Begin(life, registration, life.Onset);
                break;
            default:
                break;
        }
    }

    private long DeviceNow(int slot, in DeviceRules device, long now) =>
        device.ObservedAt + Math.Clamp(now - device.ReceivedAt, 0, 2000L * street.Row(slot).Registration!.IntervalSeconds);

    private void MoveClock(int slot, ref DeviceRules device, long observed, long received)
    {
        if (device.ObservedAt == 0)
        {
            device.ObservedAt = observed;
            device.ReceivedAt = received;
            return;
        }

        if (device.Lives > 0)
        {
            // What was due by the time of receipt, and what is due before the reading, comes before the reading; never beyond the silence.
            var runsTo = device.ObservedAt + (2000L * street.Row(slot).Registration!.IntervalSeconds);
            FireReadings(slot, ref device, Math.Max(DeviceNow(slot, in device, received), Math.Min(observed - 1, runsTo)));
            if (observed > runsTo)
            {
                device.Frozen += observed - runsTo;
            }
        }

        if (observed >= device.ObservedAt)
        {
            device.ObservedAt = observed;
            device.ReceivedAt = Math.Max(device.ReceivedAt, received);
        }
    }

    private void JudgeOne(int slot, ref DeviceRules device, ref Binding binding, double value, long observed)
    {
        var life = binding.Life;
        if (life is null)
        {
            if (!binding.Rule.Judges(observed))
            {
                return;
            }

            life = NewLife(slot, ref device, binding.Rule, observed);
            binding.Life = life;
            ThresholdRule.Judge(life, binding.Signed, value, observed, device.Frozen);
            HoldClock.Say(life, VerdictKind.Pending, observed, Verdicts);
        }
        else
        {
            ThresholdRule.Judge(life, binding.Signed, value, observed, device.Frozen);
            HoldClock.Seen(life, Verdicts);
        }

        HoldClock.Settle(life, observed, Verdicts);
        if (!life.Ended)
        {
            HoldClock.Fire(life, observed, device.Frozen, Verdicts);
        }

        if (life.Ended)
        {
            binding.Life = null;
            Release(slot, ref device);
        }
    }

    private void FireReadings(int slot, ref DeviceRules device, long limit)
    {
        foreach (var bindings in device.Channels)
        {
            if (bindings is null)
            {
                continue;
            }

            for (var i = 0; i < bindings.Length; i++)
            {
                if (bindings[i].Life is { } life && (life.NextDue == long.MaxValue ? long.MaxValue : life.NextDue + device.Frozen) <= limit)
                {
                    HoldClock.Fire(life, limit, device.Frozen, Verdicts);
                    if (life.Ended)
                    {
                        bindings[i].Life = null;
                        Release(slot, ref device);
                    }
                }
            }
        }
    }

    private void AdvanceAbsence(int slot, ref DeviceRules device, SubjectBinding binding, DeviceRegistration registration, long heardAt, long now)
    {
        if (heardAt == 0)
        {
            return;
        }

        var absentAt = AbsenceRule.AbsentAt(binding.Rule, registration, Math.Max(heardAt, ListeningSince));
        if (binding.Life is { Over: true } recovering)
        {
            HoldClock.Fire(recovering, Math.Min(now, absentAt - 1), 0, Verdicts);
            Unlink(slot, ref device, binding);
        }

        if (absentAt <= now && binding.Life is null or { Over: true } && binding.Rule.Levels.Any(level => AbsenceRule.CanReach(level, registration)))
        {
            if (binding.Life is { } again)
            {
                AbsenceRule.Begin(again, registration, absentAt);
            }
            else if (binding.Rule.Judges(absentAt))
            {
                var life = NewLife(slot, ref device, binding.Rule, absentAt);
                binding.Life = life;
                AbsenceRule.Begin(life, registration, absentAt);
                HoldClock.Say(life, VerdictKind.Pending, absentAt, Verdicts);
            }
        }

        if (binding.Life is { Over: false } absent)
        {
            HoldClock.Fire(absent, now, 0, Verdicts);
            Unlink(slot, ref device, binding);
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

    private void Unlink(int slot, ref DeviceRules device, SubjectBinding binding)
    {
        if (binding.Life is { Ended: true })
        {
            binding.Life = null;
            Release(slot, ref device);
        }
    }

    private void Release(int slot, ref DeviceRules device)
    {
        if (--device.Lives == 0)
        {
            _live.Remove(slot);
        }
    }

    private void Withdraw(RuleLife life, long now) =>
        HoldClock.Say(life, life.Current == 0 ? VerdictKind.Dropped : VerdictKind.Cleared, Math.Max(now, life.JudgedAt), Verdicts);

    /// <summary>What lives for the device.</summary>
    public IEnumerable<RuleLife> LivesOf(int slot)
    {
        var device = _devices[slot];
        if (device.Lives == 0)
        {
            yield break;
        }

        foreach (var bindings in device.Channels)
        {
            for (var i = 0; i < (bindings?.Length ?? 0); i++)
            {
                if (bindings![i].Life is { } life)
                {
                    yield return life;
                }
            }
        }

        foreach (var binding in device.Events.Concat(device.Absences))
        {
            if (binding.Life is { } life)
            {
                yield return life;
            }
        }
    }

    private static void Detach(ref DeviceRules device, RuleLife life)
    {
        foreach (var bindings in device.Channels)
        {
            for (var i = 0; i < (bindings?.Length ?? 0); i++)
            {
                if (ReferenceEquals(bindings![i].Life, life))
                {
                    bindings[i].Life = null;
                }
            }
        }

        foreach (var binding in device.Events.Concat(device.Absences))
        {
            if (ReferenceEquals(binding.Life, life))
            {
                binding.Life = null;
            }
        }
    }

    // Where a life of the rule hangs on the device; null when the rule does not select it.
    private Action<RuleLife>? FindHolder(int slot, ref DeviceRules device, RuleDefinition rule)
    {
        if (rule.Kind != RuleKind.Threshold)
        {
            var binding = (rule.Kind == RuleKind.Event ? device.Events : device.Absences).FirstOrDefault(candidate => candidate.Rule.Id == rule.Id);
            return binding is null ? null : life => binding.Life = life;
        }

        var channel = StreetState.ChannelOf(ref street.Row(slot), rule.Quantity!.Value);
        if (channel < 0)
        {
            return null;
        }

        if (channel >= device.Channels.Length)
        {
            Array.Resize(ref device.Channels, channel + 1);
        }

        var bindings = device.Channels[channel] ??= BindChannel(slot, channel);
        var index = Array.FindIndex(bindings, candidate => candidate.Rule.Id == rule.Id);
        return index < 0 ? null : life => bindings[index].Life = life;
    }

    private void Bind(int slot, long now)
    {
        if (slot >= _devices.Length)
        {
            Array.Resize(ref _devices, Math.Max(slot + 1, _devices.Length * 2));
        }

        ref var device = ref _devices[slot];
        device.Channels ??= [];
        device.Events ??= [];
        device.Absences ??= [];
        var lives = LivesOf(slot).ToArray();
        var registration = street.Row(slot).Registration!;
        device.Channels = new Binding[]?[street.Row(slot).ChannelCount];
        device.Events = Subjects(RuleKind.Event, registration);
        device.Absences = Subjects(RuleKind.Absence, registration);
        device.Lives = 0;
        _live.Remove(slot);
        foreach (var life in lives)
        {
            var rule = _rules.FirstOrDefault(candidate => candidate.Id == life.Rule.Id && candidate.Kind == life.Rule.Kind);
            if (rule is null || FindHolder(slot, ref device, rule) is not { } holder)
            {
                Withdraw(life, now);
                continue;
            }

            Migrate(life, rule);
            if (life.Ended)
            {
                Withdraw(life, now);
                continue;
            }

            device.Lives++;
            _live.Add(slot);
            holder(life);
        }
    }

    // The levels are matched by colour, so that a hold keeps its onset under the rule's new delays.
    private static void Migrate(RuleLife life, RuleDefinition rule)
    {
        if (ReferenceEquals(life.Rule, rule))
        {
            return;
        }

        var old = life.Rule;
        var levels = new LevelState[rule.Levels.Length];
        for (var i = 0; i < levels.Length; i++)
        {
            var before = old.Levels.Select((level, index) => (level, index)).FirstOrDefault(pair => pair.level.Colour == rule.Levels[i].Colour);
            if (before.level is null)
            {
                continue;
            }

            levels[i] = life.Levels[before.index];
            levels[i].RaiseDue += rule.Levels[i].OnDelayMs - before.level.OnDelayMs;
            levels[i].RecoverDue += rule.OffDelayMs - old.OffDelayMs;
        }

        life.Rule = rule;
        life.Levels = levels;
        life.NextDue = 0;
    }

    private SubjectBinding[] Subjects(RuleKind kind, DeviceRegistration registration) =>
        [.. _rules.Where(rule => rule.Kind == kind && rule.Select.Matches(registration)).Select(rule => new SubjectBinding { Rule = rule })];

    private Binding[] BindChannel(int slot, int channel)
    {
        ref readonly var row = ref street.Row(slot);
        var quantity = row.Channels[channel].Quantity;
        var registration = row.Registration!;
        var bindings = new List<Binding>();
        foreach (var rule in _rules)
        {
            if (rule.Kind == RuleKind.Threshold && rule.Quantity == quantity && rule.Select.Matches(registration))
            {
                var signed = ThresholdRule.SignedLevels(rule, registration);
                bindings.Add(new() { Rule = rule, Sign = ThresholdRule.Sign(rule), Signed = signed, Lowest = signed.Min() });
            }
        }

        return [.. bindings];
    }
}
