using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Streets;

namespace CommandCenter.Grains.Warnings;

/// <summary>One street from message to warning, as a pure machine: state, rules and warnings together. The grain feeds it, stores what it changed and shows it.
/// The same batches and times give the same warnings, live, in a test and after a restart.</summary>
internal sealed partial class StreetJudgement
{
    private const int SnapshotVersion = RuleEngine.VersionWithMeasures;
    private const int SnapshotVersionWithAreas = 3;
    private const int SnapshotVersionOldest = 1;
    private readonly List<int> _refreshed = [];
    private int _snapshotLength;

    public StreetJudgement(AreaId area, WarningsOptions? options = null, AreaFences? fences = null)
    {
        Area = area;
        State = new();
        Rules = new(State, fences);
        City = new(area, State, rule => Rules.FindRule(rule));
        AreaRules = new(AreaScope.Street, City);
        Warnings = new(options ?? new());
        Inhibitor = new(Warnings, rule => Rules.FindRule(rule), FindDevice);
    }

    public AreaId Area { get; }
    public StreetState State { get; }
    public RuleEngine Rules { get; }

    /// <summary>The street as rules over several devices see it.</summary>
    public StreetCity City { get; }

    /// <summary>The rules over several devices that are judged in the street.</summary>
    public AreaRuleEngine AreaRules { get; }
    public WarningBook Warnings { get; }

    /// <summary>What the district's rules must know of the street.</summary>
    public AreaFeed Feed { get; } = new();

    /// <summary>Which warnings are explained by graver ones, here or elsewhere.</summary>
    public Inhibitor Inhibitor { get; }

    /// <summary>The rules as last put, also those that do not judge.</summary>
    public ImmutableArray<RuleDefinition> Definitions { get; private set; } = [];

    /// <summary>Told of every verdict that decides something: the open warning of its rule and subject before it, and after. Null: nobody asks.</summary>
    public Action<Verdict, WarningView?, WarningView?>? Judged { get; init; }

    /// <summary>The newest time of receipt of everything applied; the least value: nothing yet.</summary>
    public DateTimeOffset NewestReceivedAt { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>Slots whose picture changed since the caller last cleared it.</summary>
    public HashSet<int> ChangedSlots { get; } = [];

    /// <summary>Devices that left since the caller last cleared it.</summary>
    public List<DeviceId> RemovedDevices { get; } = [];

    public void PutDevices(ImmutableArray<DeviceRegistration> devices, ImmutableArray<DeviceId> removed, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        City.Invalidate();
        foreach (var id in removed)
        {
            Remove(id, at);
        }

        foreach (var device in devices)
        {
            if (device.Street != Area)
            {
                Remove(device.Id, at);
                continue;
            }

            var known = State.Find(device.Id.Value);
            var before = known < 0 ? null : State.Row(known).Registration;
            var slot = State.Put(device);
            Rules.PutDevice(slot, at);
            ChangedSlots.Add(slot);
            if (before is not null && Elsewhere(before, device))
            {
                AreaRules.Forget(device.Id.Value, at);
                Feed.Forget(device.Id.Value, at);
                SayStanding(slot, at);
            }
        }

        Settle();
        _windowsChanged = true;
        Maintain(now);
        Warnings.Settle(now);
    }

    public void PutRules(ImmutableArray<RuleDefinition> rules, DateTimeOffset now)
    {
        Definitions = rules;
        var at = now.ToUnixTimeMilliseconds();
        City.Invalidate();

        // Conditions written inside rules over several devices are judged like rules, and raise nothing by themselves.
        Rules.PutRules([.. rules, .. rules.Where(rule => rule.Enabled).SelectMany(rule => rule.Area?.Leaves ?? []).Select(leaf => leaf.Condition).OfType<RuleDefinition>()], at);
        AreaRules.PutRules(rules, at);
        Feed.PutRules(rules);
        Settle();
        SettleAreas();
        SynchronizeAreas(now);
        Inhibitor.Reconsider();
        Inhibitor.Settle(now);
        Warnings.Settle(now);
    }

    /// <summary>Applies a batch in order of arrival.</summary>
    public void Apply(IngestBatch batch)
    {
        foreach (ref readonly var reading in batch.Readings.AsSpan())
        {
            Received(reading.ReceivedAt);
            Apply(in reading);
        }

        foreach (var happened in batch.Events)
        {
            Received(happened.ReceivedAt);
            var before = HeardAt(happened.Device);
            var slot = State.Apply(happened);
            Heard(happened.Device, before, happened.ReceivedAt);
            if (slot >= 0)
            {
                ChangedSlots.Add(slot);
                Rules.Judge(slot, happened);
            }
        }

        foreach (var position in batch.Positions)
        {
            Received(position.ReceivedAt);
            var before = HeardAt(position.Device);
            var slot = State.Apply(position);
            Heard(position.Device, before, position.ReceivedAt);
            if (slot >= 0)
            {
                ChangedSlots.Add(slot);
                Rules.Judge(slot, position);
            }
        }

        foreach (var status in batch.Statuses)
        {
            Received(status.ReceivedAt);
            var before = HeardAt(status.Device);
            var slot = State.Apply(status);
            if (slot >= 0)
            {
                ChangedSlots.Add(slot);
                if (status.Online)
                {
                    Heard(status.Device, before, status.ReceivedAt);
                }
            }
        }

        foreach (ref readonly var late in batch.LateReadings.AsSpan())
        {
            CountLate(late.Device, late.ReceivedAt, heard: true);
        }

        foreach (var late in batch.LateEvents)
        {
            CountLate(late.Device, late.ReceivedAt, heard: true);
        }

        foreach (var late in batch.LatePositions)
        {
            CountLate(late.Device, late.ReceivedAt, heard: true);
        }

        foreach (var late in batch.LateStatuses)
        {
            CountLate(late.Device, late.ReceivedAt, late.Online);
        }

        Settle();
    }

    private void CountLate(DeviceId device, DateTimeOffset receivedAt, bool heard)
    {
        Received(receivedAt);
        var before = HeardAt(device);
        State.CountLate(device, receivedAt, heard);
        if (heard)
        {
            Heard(device, before, receivedAt);
        }
    }

    /// <summary>Brings freshness, holds, absences and expiries up to the time.</summary>
    public void Advance(DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        _refreshed.Clear();
        Maintain(now);
        State.Refresh(at, _refreshed);
        ChangedSlots.UnionWith(_refreshed);
        Rules.Advance(at);
        Settle();
        JudgeAreas(at);
        var touched = Warnings.Touched.Count;
        Warnings.Expire(now);
        Inhibitor.Settle(now);
        Warnings.Settle(now);
        Warnings.Climb(now);
        if (Warnings.Touched.Count > touched)
        {
            // What was shelved or in maintenance until now has its colour back on the map.
            foreach (var id in Warnings.Touched)
            {
                if (Warnings.Find(id) is { } warning)
                {
                    ColourChanged(warning.Subject);
                }
            }
        }
    }

    /// <summary>Only what must not wait for the next tick: holds that are due.</summary>
    public void AdvanceHolds(DateTimeOffset now)
    {
        foreach (var slot in ChangedSlots)
        {
            State.Refresh(slot, now.ToUnixTimeMilliseconds());
        }

        if (Rules.LiveCount > 0)
        {
            Rules.AdvanceHolds(now.ToUnixTimeMilliseconds());
            Settle();
        }

        JudgeAreas(now.ToUnixTimeMilliseconds());
        Inhibitor.Settle(now);
        Warnings.Settle(now);
    }

    /// <summary>Takes up a stored open warning after a restart. One whose rule does not live, because the snapshot is lost, is made to live again from its
    /// evidence; one that no rule judges any more (withdrawn, or the device is gone) is over, for nothing would ever end it.</summary>
    public void TakeBack(WarningView warning, DateTimeOffset now)
    {
        if (Lives(warning))
        {
            return;
        }

        Rules.Revive(warning);
        AreaRules.Revive(warning);
        if (warning.RecoveredAt is null && !Lives(warning))
        {
            Warnings.Withdraw(warning, Rules.FindRule(warning.Rule)?.ManualClear ?? false, now);
            ColourChanged(warning.Subject);
        }
    }

    /// <summary>A warning of the subject changed by a person: its colour on the map may differ.</summary>
    public void ColourChanged(string subject)
    {
        var slot = State.Find(subject);
        if (slot >= 0)
        {
            ChangedSlots.Add(slot);
        }
    }

    public byte[] WriteSnapshot()
    {
        // As long as the last one and a little more: a snapshot may be many megabytes, and growing to it would copy and leave behind twice as much.
        using var stream = new MemoryStream(_snapshotLength + (_snapshotLength / 16));
        using (var writer = new BinaryWriter(stream))
        {
            writer.Write(SnapshotVersion);
            StreetStateCodec.Write(writer, State);
            Rules.Write(writer);
            AreaRules.Write(writer);
        }

        var bytes = stream.ToArray();
        _snapshotLength = bytes.Length;
        return bytes;
    }

    /// <summary>False when the bytes are of a version that this program does not read; then nothing was taken up.</summary>
    public bool ReadSnapshot(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var version = reader.ReadInt32();
        if (version is < SnapshotVersionOldest or > SnapshotVersion)
        {
            return false;
        }

        StreetStateCodec.Read(reader, State, version);
        Rules.Read(reader, version);
        if (version >= SnapshotVersionWithAreas)
        {
            AreaRules.Read(reader);
        }

        return true;
    }

    /// <summary>After a restart: rules over several devices learn what stands, whatever their own snapshot knew.</summary>
    public void SynchronizeAreas(DateTimeOffset now)
    {
        var standing = new Dictionary<(string Source, string Device), AreaFact>();
        foreach (var life in Rules.AllLives())
        {
            if (life.Current != 0 && IsLookedAt(life.Rule.Id))
            {
                var raised = Warnings.Find(life.Rule.Id, life.Subject)?.RaisedAt?.ToUnixTimeMilliseconds() ?? life.Onset;
                standing[(life.Rule.Id.Value, life.Subject)] = FactOf(State.Find(life.Subject), life.Rule.Id, life.Current, raised, life.Value, life.LastEvent);
            }
        }

        AreaRules.Synchronize(standing, fact => fact.Place.Kind != AreaPlace.AreaKind, now.ToUnixTimeMilliseconds());
        foreach (var life in AreaRules.AllLives())
        {
            if (life.Life.Current != 0 && Feed.Wants(life.Life.Rule.Id))
            {
                standing[(life.Life.Rule.Id.Value, life.Subject.Id)] = AreaRuleEngine.FactOf(life.Life.Rule.Id, life.Subject, life.Life.Current, life.Life.Onset, life.Life.Value, life.Life.Onset);
            }
        }

        Feed.Synchronize(standing, now.ToUnixTimeMilliseconds());
    }

    /// <summary>How many devices the leaves of the district's rules could count here.</summary>
    public ImmutableArray<AreaShare> Shares(DateTimeOffset now)
    {
        var shares = ImmutableArray.CreateBuilder<AreaShare>();
        var at = now.ToUnixTimeMilliseconds();
        foreach (var rule in Feed.Rules)
        {
            foreach (var leaf in rule.Area!.Leaves.Where(leaf => leaf.Negated || rule.Area.Measure == AreaMeasure.Percent))
            {
                foreach (var overlay in leaf.Same == AreaRelation.Overlay ? City.OverlaysOf(leaf).Select(area => (AreaId?)area) : [null])
                {
                    var population = City.PopulationOf(leaf, overlay, at);
                    shares.Add(new(rule.Id.Value, leaf.Index, overlay?.Value ?? string.Empty, population.Selected, population.Heard, population.Fresh));
                }
            }
        }

        return shares.ToImmutable();
    }

    private void Received(DateTimeOffset at)
    {
        if (at > NewestReceivedAt)
        {
            NewestReceivedAt = at;
        }
    }

    private void Apply(in Reading reading)
    {
        var slot = State.Find(reading.Device.Value);
        var before = slot < 0 ? 0 : State.Row(slot).HeardAt;
        var applied = State.Apply(in reading);
        if (applied.Slot < 0)
        {
            return;
        }

        Rules.Heard(applied.Slot, before, reading.ReceivedAt.ToUnixTimeMilliseconds());
        if (applied.Newer)
        {
            ChangedSlots.Add(applied.Slot);
            Rules.Judge(applied.Slot, applied.Channel, in reading);
        }
        else if (applied.Channel >= 0)
        {
            Rules.Fill(applied.Slot, applied.Channel, in reading);
        }
    }

    private long HeardAt(DeviceId device)
    {
        var slot = State.Find(device.Value);
        return slot < 0 ? 0 : State.Row(slot).HeardAt;
    }

    private void Heard(DeviceId device, long before, DateTimeOffset received)
    {
        var slot = State.Find(device.Value);
        if (slot >= 0)
        {
            Rules.Heard(slot, before, received.ToUnixTimeMilliseconds());
        }
    }

    private void Remove(DeviceId id, long at)
    {
        var slot = State.Find(id.Value);
        if (slot < 0)
        {
            return;
        }

        Rules.RemoveDevice(slot, at);
        Settle();
        AreaRules.Forget(id.Value, at);
        Feed.Forget(id.Value, at);
        State.Remove(id);
        ChangedSlots.Remove(slot);
        RemovedDevices.Add(id);
    }

    // Verdicts become warnings at once, so that what follows in the batch meets them.
    private void Settle()
    {
        if (Rules.Verdicts.Count == 0)
        {
            return;
        }

        foreach (var verdict in Rules.Verdicts)
        {
            var slot = State.Find(verdict.Subject);
            if (slot < 0)
            {
                continue;
            }

            if (verdict.Kind is not (VerdictKind.Pending or VerdictKind.Seen) && IsLookedAt(verdict.Rule.Id))
            {
                Say(FactOf(slot, verdict.Rule.Id, AreaRuleEngine.ColourAfter(verdict), verdict.At, verdict.Value, verdict.Event));
            }

            if (AreaParsing.IsInner(verdict.Rule.Id))
            {
                continue;
            }

            var before = Warnings.ColourOf(verdict.Subject);
            Apply(in verdict, Facts(slot, verdict.Rule));
            if (Warnings.ColourOf(verdict.Subject) != before)
            {
                ChangedSlots.Add(slot);
            }
        }

        Rules.Verdicts.Clear();
    }

    private void Apply(in Verdict verdict, SubjectFacts subject)
    {
        if (Judged is null || verdict.Kind == VerdictKind.Seen)
        {
            Warnings.Apply(in verdict, subject);
            return;
        }

        var before = Warnings.Find(verdict.Rule.Id, verdict.Subject);
        Warnings.Apply(in verdict, subject);
        Judged(verdict, before, Warnings.Find(verdict.Rule.Id, verdict.Subject));
    }

    private void JudgeAreas(long at)
    {
        AreaRules.Run(at);
        SettleAreas();
    }

    private void SettleAreas()
    {
        foreach (var (verdict, subject, members) in AreaRules.Verdicts)
        {
            if (verdict.Kind is not (VerdictKind.Pending or VerdictKind.Seen) && Feed.Wants(verdict.Rule.Id))
            {
                Feed.Take(AreaRuleEngine.FactOf(verdict.Rule.Id, subject, AreaRuleEngine.ColourAfter(verdict), verdict.At, verdict.Value, verdict.At));
            }

            var before = Warnings.ColourOf(verdict.Subject);
            Apply(in verdict, new SubjectFacts(Area, subject.Areas, subject.Longitude, subject.Latitude, subject.Name, AreaReasons.UnitOf(verdict.Rule), Drill: false) { Members = members });
            if (Warnings.ColourOf(verdict.Subject) != before)
            {
                ColourChanged(verdict.Subject);
            }
        }

        AreaRules.Verdicts.Clear();
    }

    private static bool Elsewhere(DeviceRegistration before, DeviceRegistration after) =>
        before.Kind != after.Kind || before.Longitude != after.Longitude || before.Latitude != after.Latitude
        || !before.Tags.SequenceEqual(after.Tags) || !before.Areas.SequenceEqual(after.Areas);

    // A device whose registration changed stands where it now belongs.
    private void SayStanding(int slot, long at)
    {
        foreach (var life in Rules.LivesOf(slot))
        {
            if (life.Current != 0 && IsLookedAt(life.Rule.Id))
            {
                Say(FactOf(slot, life.Rule.Id, life.Current, at, life.Value, life.LastEvent));
            }
        }
    }

    private bool IsLookedAt(RuleId rule) => AreaRules.Wants(rule) || Feed.Wants(rule);

    private void Say(AreaFact fact)
    {
        AreaRules.Take(fact);
        Feed.Take(fact);
    }

    private DeviceRegistration? FindDevice(string id)
    {
        var slot = State.Find(id);
        return slot < 0 ? null : State.Row(slot).Registration;
    }

    private AreaFact FactOf(int slot, RuleId source, Colour colour, long at, double? value, string? happened)
    {
        ref readonly var row = ref State.Row(slot);
        return new() { Source = source.Value, Place = AreaPlace.Of(row.Registration!, row.Longitude, row.Latitude), Colour = colour, At = at, Order = at, Value = value, Event = happened };
    }

    private bool Lives(WarningView warning) =>
        Rules.FindLife(warning.Rule, warning.Subject) is not null || AreaRules.FindLife(warning.Rule, warning.Subject) is not null;

    private SubjectFacts Facts(int slot, RuleDefinition rule)
    {
        ref readonly var row = ref State.Row(slot);
        var device = row.Registration!;
        return new(
            Area, device.Areas, row.Longitude, row.Latitude, device.Name, RuleReasons.UnitOf(rule),
            device.Tags.Contains("drill")) { Device = device };
    }
}
