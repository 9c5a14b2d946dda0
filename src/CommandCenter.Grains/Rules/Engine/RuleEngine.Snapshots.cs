namespace CommandCenter.Grains.Rules;

// The stored form: clocks, lives, and what conditions remember. Devices and rules are named, so a changed registry or rule book does no harm.
internal sealed partial class RuleEngine
{
    /// <summary>From this version of the snapshot on, positions have a clock and conditions a memory.</summary>
    public const int VersionWithMeasures = 4;

    public void Write(BinaryWriter writer)
    {
        var slots = new List<int>();
        for (var slot = 0; slot < street.SlotEnd && slot < _devices.Length; slot++)
        {
            ref readonly var device = ref _devices[slot];
            if (street.Row(slot).Registration is not null
                && (device.Readings.ObservedAt != 0 || device.Positions.ObservedAt != 0 || device.Lives > 0 || Array.Exists(device.Events, watch => watch.Remembers)))
            {
                slots.Add(slot);
            }
        }

        writer.Write(slots.Count);
        foreach (var slot in slots)
        {
            ref readonly var device = ref _devices[slot];
            writer.Write(street.Row(slot).Registration!.Id.Value);
            Write(writer, in device.Readings);
            Write(writer, in device.Positions);
            var watches = WatchesOf(slot).ToArray();
            var lives = watches.Where(watch => watch.Life is not null).ToArray();
            writer.Write(lives.Length);
            foreach (var watch in lives)
            {
                RuleLifeCodec.Write(writer, watch.Life!);
            }

            var remembering = watches.Where(watch => watch.Remembers || (watch.Life is not null && watch.Terms.Length > 0)).ToArray();
            writer.Write(remembering.Length);
            foreach (var watch in remembering)
            {
                writer.Write(watch.Rule.Id.Value);
                WatchCodec.Write(writer, watch);
            }
        }
    }

    /// <summary>Takes up what was written. What belongs to rules or devices that are no longer there is left out.</summary>
    public void Read(BinaryReader reader, int version)
    {
        var devices = reader.ReadInt32();
        for (var n = 0; n < devices; n++)
        {
            var id = reader.ReadString();
            var slot = street.Find(id);
            var readings = ReadClock(reader);
            var positions = version >= VersionWithMeasures ? ReadClock(reader) : default;
            if (slot >= 0)
            {
                _devices[slot].Readings = readings;
                _devices[slot].Positions = positions;
            }

            ReadLives(reader, id, slot);
            for (var watches = version >= VersionWithMeasures ? reader.ReadInt32() : 0; watches > 0; watches--)
            {
                var rule = new Contracts.RuleId(reader.ReadString());
                WatchCodec.Read(reader, slot < 0 ? null : FindWatch(slot, ref _devices[slot], rule));
            }
        }
    }

    private void ReadLives(BinaryReader reader, string id, int slot)
    {
        for (var lives = reader.ReadInt32(); lives > 0; lives--)
        {
            var life = RuleLifeCodec.Read(reader, id, Math.Max(slot, 0), rule => _plans.FirstOrDefault(plan => plan.Rule.Id == rule)?.Rule);
            if (life is null || slot < 0 || FindWatch(slot, ref _devices[slot], life.Rule.Id) is not { } watch)
            {
                continue;
            }

            _devices[slot].Lives++;
            _live.Add(slot);
            watch.Life = life;
            foreach (var term in watch.Terms)
            {
                term.JudgedAt = life.JudgedAt;
            }
        }
    }

    private static void Write(BinaryWriter writer, in DeviceClock clock)
    {
        writer.Write(clock.ObservedAt);
        writer.Write(clock.ReceivedAt);
        writer.Write(clock.Frozen);
    }

    private static DeviceClock ReadClock(BinaryReader reader) =>
        new() { ObservedAt = reader.ReadInt64(), ReceivedAt = reader.ReadInt64(), Frozen = reader.ReadInt64() };
}
