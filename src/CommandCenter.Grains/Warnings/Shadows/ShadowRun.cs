using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Warnings;

/// <summary>One new version of a rule, judged beside the one in force on a street's live readings by a machine of its own. What it raises is written down here and nowhere else:
/// it reaches no store of warnings, no frame, no seat and no incident. It takes over what the rule in force remembers (windows, clocks), and none of what stands.</summary>
internal sealed class ShadowRun
{
    private readonly AreaId _area;
    private readonly AreaFences? _fences;
    private readonly int _warningsMax;
    private readonly Dictionary<WarningId, ShadowWarning> _warnings = [];
    private readonly int[] _beyond = new int[4];
    private StreetJudgement? _street;

    // Received up to here is counted: what a restart replays is not counted twice.
    private DateTimeOffset _countedTo = DateTimeOffset.UnixEpoch;

    public ShadowRun(RuleShadow order, RuleDefinition rule, AreaId area, AreaFences? fences, int warningsMax)
    {
        Order = order;
        Rule = rule with { Enabled = true };
        _area = area;
        _fences = fences;
        _warningsMax = warningsMax;
    }

    public RuleShadow Order { get; }
    public RuleDefinition Rule { get; }
    public DateTimeOffset Since { get; private set; }
    public long Evaluated { get; private set; }
    public string? Fault { get; private set; }

    /// <summary>False: its time is up, or it was stopped. What it wrote down stays.</summary>
    public bool IsRunning => _street is not null;

    /// <summary>Begins as the street stands now.</summary>
    public void Begin(StreetJudgement live, byte[] snapshot, DateTimeOffset now)
    {
        Since = now;
        if (now >= Order.Until)
        {
            return;
        }

        var street = Make(live, now);
        try
        {
            street.ReadSnapshot(snapshot);
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or ArgumentException)
        {
            // A changed condition need not fit what is remembered; then it remembers nothing.
            street = Make(live, now);
        }

        foreach (var life in street.Rules.AllLives().Where(life => life.Rule.Id == Rule.Id))
        {
            street.Rules.Forget(life);
        }

        foreach (var life in street.AreaRules.AllLives().Where(life => life.Life.Rule.Id == Rule.Id))
        {
            AreaRuleEngine.Forget(life);
        }

        street.SynchronizeAreas(now);
        _street = street;
        WriteDown();
    }

    public void PutDevices(StreetJudgement live, ImmutableArray<DeviceRegistration> devices, ImmutableArray<DeviceId> removed, DateTimeOffset now)
    {
        if (_street is not { } street)
        {
            return;
        }

        var selected = devices.RemoveAll(device => !Wants(device));
        var left = devices.Where(device => !Wants(device) && street.State.Find(device.Id.Value) >= 0).Select(device => device.Id);
        street.City.Self = live.City.Self;
        street.PutDevices(selected, [.. removed, .. left], now);
        WriteDown();
    }

    /// <summary>The rules in force changed: those that the shadow looks at are the new ones.</summary>
    public void PutRules(ImmutableArray<RuleDefinition> inForce, DateTimeOffset now)
    {
        if (_street is { } street && Rule.Area is not null)
        {
            street.PutRules(Judged(inForce), now);
            WriteDown();
        }
    }

    public void Take(IngestBatch batch, DateTimeOffset now)
    {
        if (EndsBy(now) || _street is not { } street)
        {
            return;
        }

        street.Apply(batch);
        street.AdvanceHolds(now);
        Count(street, batch);
        WriteDown();
    }

    public void Advance(DateTimeOffset now)
    {
        if (!EndsBy(now) && _street is { } street)
        {
            street.Advance(now);
            WriteDown();
        }
    }

    public void Stop(string fault)
    {
        Fault = fault;
        _street = null;
    }

    public ShadowPart Tell() => new()
    {
        Street = _area, Since = Since, Evaluated = Evaluated, Beyond = [.. _beyond], Fault = Fault,
        Warnings = [.. _warnings.Values.OrderBy(warning => warning.RaisedAt).ThenBy(warning => warning.Subject, StringComparer.Ordinal)],
    };

    public void Write(BinaryWriter writer)
    {
        writer.Write(Since.ToUnixTimeMilliseconds());
        writer.Write(Evaluated);
        writer.Write(_countedTo.ToUnixTimeMilliseconds());
        writer.Write(Fault ?? string.Empty);
        foreach (var count in _beyond)
        {
            writer.Write(count);
        }

        writer.Write(Documents.Write(_warnings.Select(pair => new Kept(pair.Key, pair.Value)).ToArray()));
        writer.Write(_street is not null);
        if (_street is { } street)
        {
            writer.Write(Documents.Write(street.Warnings.Open.ToArray()));
            var state = street.WriteSnapshot();
            writer.Write(state.Length);
            writer.Write(state);
        }
    }

    /// <summary>Goes on from what was written. The replay of what came since follows.</summary>
    public void Read(BinaryReader reader, StreetJudgement live, DateTimeOffset now)
    {
        Since = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64());
        Evaluated = reader.ReadInt64();
        _countedTo = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64());
        var fault = reader.ReadString();
        for (var i = 0; i < _beyond.Length; i++)
        {
            _beyond[i] = reader.ReadInt32();
        }

        foreach (var kept in Documents.Read<Kept[]>(reader.ReadString()))
        {
            _warnings[kept.Id] = kept.Warning;
        }

        if (fault.Length > 0)
        {
            Stop(fault);
            return;
        }

        if (!reader.ReadBoolean())
        {
            return;
        }

        var open = Documents.Read<WarningView[]>(reader.ReadString());
        var street = Make(live, now);
        foreach (var warning in open)
        {
            street.Warnings.Load(warning);
        }

        if (!street.ReadSnapshot(reader.ReadBytes(reader.ReadInt32())))
        {
            throw new InvalidDataException("The state of the shadow run is of a form that this program does not read.");
        }

        _street = street;
    }

    private StreetJudgement Make(StreetJudgement live, DateTimeOffset now)
    {
        var street = new StreetJudgement(_area, fences: _fences);
        street.City.Self = live.City.Self;
        var devices = ImmutableArray.CreateBuilder<DeviceRegistration>();
        for (var slot = 0; slot < live.State.SlotEnd; slot++)
        {
            if (live.State.Row(slot).Registration is { } device && Wants(device))
            {
                devices.Add(device);
            }
        }

        street.PutDevices(devices.ToImmutable(), [], now);
        street.PutRules(Judged(live.Definitions), now);

        // As for the street itself: while nobody listened nobody was absent.
        street.Rules.ListeningSince = now.ToUnixTimeMilliseconds();
        return street;
    }

    private bool Wants(DeviceRegistration device) => device.Street == _area && (Rule.Area is not null || Rule.Select.Matches(device));

    // The shadow in place of its own rule, and what it looks at, as that is in force.
    private ImmutableArray<RuleDefinition> Judged(ImmutableArray<RuleDefinition> inForce)
    {
        var judged = new Dictionary<RuleId, RuleDefinition> { [Rule.Id] = Rule };
        var asked = new Queue<RuleDefinition>([Rule]);
        while (asked.TryDequeue(out var rule))
        {
            foreach (var leaf in rule.Area?.Leaves ?? [])
            {
                if (!judged.ContainsKey(leaf.Source) && inForce.FirstOrDefault(known => known.Id == leaf.Source) is { } source)
                {
                    judged[source.Id] = source;
                    asked.Enqueue(source);
                }
            }
        }

        return [.. judged.Values];
    }

    private bool EndsBy(DateTimeOffset now)
    {
        if (_street is not { } street || now < Order.Until)
        {
            return false;
        }

        street.Advance(Order.Until);
        WriteDown();
        _street = null;
        return true;
    }

    private void Count(StreetJudgement street, IngestBatch batch)
    {
        foreach (ref readonly var reading in batch.Readings.AsSpan())
        {
            Count(reading.Device, reading.ReceivedAt);
        }

        foreach (var happened in batch.Events)
        {
            Count(happened.Device, happened.ReceivedAt);
        }

        foreach (var position in batch.Positions)
        {
            Count(position.Device, position.ReceivedAt);
        }

        if (street.NewestReceivedAt > _countedTo)
        {
            _countedTo = street.NewestReceivedAt;
        }

        void Count(DeviceId device, DateTimeOffset receivedAt) => Evaluated += receivedAt > _countedTo && street.State.Find(device.Value) >= 0 ? 1 : 0;
    }

    /// <summary>What changed of the rule's warnings goes into the record; everything else that a street would show, ring or store is thrown away.</summary>
    private void WriteDown()
    {
        var book = _street!.Warnings;
        foreach (var warning in book.Unsaved.Values)
        {
            if (warning.Rule != Rule.Id || warning.State == WarningState.Pending || warning.RaisedAt is null)
            {
                continue;
            }

            if (_warnings.ContainsKey(warning.Id) || _warnings.Count < _warningsMax)
            {
                _warnings[warning.Id] = ShadowComparing.Tell(warning) with { RuleVersion = 0 };
            }
            else if (book.NewlyRaised.Contains(warning.Id))
            {
                _beyond[Math.Clamp((int)warning.PeakColour - 1, 0, 3)]++;
            }
        }

        book.Unsaved.Clear();
        book.DroppedUnsaved.Clear();
        book.Touched.Clear();
        book.NewlyRaised.Clear();
        book.Climbed.Clear();
        _street.Inhibitor.Joins.Clear();
        _street.ChangedSlots.Clear();
        _street.RemovedDevices.Clear();
    }

    private sealed record Kept(WarningId Id, ShadowWarning Warning);
}
