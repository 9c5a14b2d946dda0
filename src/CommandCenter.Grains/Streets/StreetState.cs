using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Streets;

/// <summary>The newest value of one quantity kind of one device.</summary>
internal struct Channel
{
    public QuantityId Quantity;
    public string Unit;
    public double Value;
    public long ObservedAt;
    public Quality Quality;
}

/// <summary>What the street knows of one device. Times are milliseconds since the epoch; 0: never.</summary>
internal struct DeviceRow
{
    public DeviceRegistration? Registration;
    public Channel[] Channels;
    public int ChannelCount;
    public long HeardAt;
    public DeviceState State;
    public bool SaidOffline;

    /// <summary>A maintenance window covers it: that is its state, whatever is heard of it.</summary>
    public bool InMaintenance;
    public long StatusAt;
    public double? Longitude;
    public double? Latitude;
    public double? Heading;
    public long PositionAt;
    public EventSituation? Event;
    public string[]? RecentEvents;
    public long[]? RecentEventTimes;
    public int RecentEventNext;

    /// <summary>The newest observed time of an event that is no longer remembered: what is unknown and not newer may be a repeat.</summary>
    public long EventFloor;
    public long AheadCount;
    public long LateCount;
    public long CountedMessageAt;
}

/// <summary>Where an applied reading went.</summary>
/// <param name="Slot">-1: the device is not registered here.</param>
/// <param name="Newer">Newer than what was known of the quantity; else the reading changes nothing.</param>
internal readonly record struct Applied(int Slot, int Channel, bool Newer);

/// <summary>The pure core of a street: latest values, positions, events and freshness of its devices, in columns by slot.
/// A repeat or an older reading changes nothing, so redelivery and replay are harmless.</summary>
internal sealed class StreetState
{
    /// <summary>Events remembered per device, so that a repeat is recognised. What is older than a forgotten one is for the history only.</summary>
    public const int RecentEventsMax = 64;

    /// <summary>Quantity kinds kept per device; further ones are counted as refused.</summary>
    public const int ChannelsMax = 64;

    private static readonly DeviceState[] AllStates = Enum.GetValues<DeviceState>();

    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    private readonly Stack<int> _free = new();
    private readonly int[] _byState = new int[AllStates.Length];
    private DeviceRow[] _rows = new DeviceRow[64];
    private string? _lastId;
    private int _lastSlot = -1;

    /// <summary>Slots in use lie below this.</summary>
    public int SlotEnd { get; private set; }
    public long LastReadingAt { get; private set; }

    /// <summary>Publishing time of the newest canary, milliseconds since the epoch; 0: none since taken.</summary>
    public long CanaryPublishedAt { get; set; }
    public long UnknownDeviceCount { get; private set; }
    public DeviceCounts Counts => new(_byState[(int)DeviceState.Normal], _byState[(int)DeviceState.Stale], _byState[(int)DeviceState.Offline], _byState[(int)DeviceState.Unknown], _byState[(int)DeviceState.Maintenance]);

    public ref DeviceRow Row(int slot) => ref _rows[slot];

    public int Find(string id)
    {
        // Readings of one message follow each other, so the last answer is the likeliest.
        if (ReferenceEquals(id, _lastId))
        {
            return _lastSlot;
        }

        if (!_slots.TryGetValue(id, out var slot))
        {
            return -1;
        }

        _lastId = id;
        _lastSlot = slot;
        return slot;
    }

    /// <summary>Adds or replaces a registration; what is known of the device stays.</summary>
    public int Put(DeviceRegistration device)
    {
        if (!_slots.TryGetValue(device.Id.Value, out var slot))
        {
            slot = _free.Count > 0 ? _free.Pop() : SlotEnd++;
            if (slot >= _rows.Length)
            {
                Array.Resize(ref _rows, _rows.Length * 2);
            }

            _rows[slot] = new DeviceRow { Channels = [], State = DeviceState.Unknown };
            _slots[device.Id.Value] = slot;
            _rows[slot].Registration = device;
            Count(in _rows[slot], 1);
        }
        else
        {
            Count(in _rows[slot], -1);
            _rows[slot].Registration = device;
            Count(in _rows[slot], 1);
        }

        ref var row = ref _rows[slot];
        if (row.PositionAt == 0)
        {
            row.Longitude = device.Longitude;
            row.Latitude = device.Latitude;
        }

        return slot;
    }

    /// <summary>The slot that the device had; -1: it was not here.</summary>
    public int Remove(DeviceId id)
    {
        if (!_slots.Remove(id.Value, out var slot))
        {
            return -1;
        }

        Count(in _rows[slot], -1);
        _rows[slot] = default;
        _free.Push(slot);
        _lastId = null;
        return slot;
    }

    public Applied Apply(in Reading reading)
    {
        var slot = Find(reading.Device.Value);
        if (slot < 0)
        {
            UnknownDeviceCount++;
            return new(-1, -1, false);
        }

        ref var row = ref _rows[slot];
        var received = reading.ReceivedAt.ToUnixTimeMilliseconds();
        Hear(ref row, received);
        var observed = reading.ObservedAt.ToUnixTimeMilliseconds();
        if (reading.Quality == Quality.Suspect && observed == received && row.CountedMessageAt != received)
        {
            // Checking replaces a time that lies ahead by the time of receipt and marks the value suspect.
            row.AheadCount++;
            row.CountedMessageAt = received;
        }

        if (received > LastReadingAt && !row.Registration!.Internal)
        {
            LastReadingAt = received;
        }

        var index = ChannelOf(ref row, reading.Quantity);
        if (index < 0)
        {
            return new(slot, -1, false);
        }

        ref var channel = ref row.Channels[index];
        if (observed <= channel.ObservedAt)
        {
            return new(slot, index, false);
        }

        channel.ObservedAt = observed;
        channel.Value = reading.Value;
        channel.Quality = reading.Quality;
        if (row.Registration!.Internal)
        {
            CanaryPublishedAt = (long)reading.Value;
        }

        return new(slot, index, true);
    }

    /// <summary>The slot when the event is new; -1 when it is a repeat, too old to tell from one, or the device is not here.</summary>
    public int Apply(DeviceEvent happened)
    {
        var slot = Find(happened.Device.Value);
        if (slot < 0)
        {
            UnknownDeviceCount++;
            return -1;
        }

        ref var row = ref _rows[slot];
        Hear(ref row, happened.ReceivedAt.ToUnixTimeMilliseconds());
        var observed = happened.ObservedAt.ToUnixTimeMilliseconds();
        var key = happened.State == EventState.Update
            ? $"{happened.EventId}|u|{observed}"
            : happened.State == EventState.Start ? happened.EventId + "|s" : happened.EventId + "|e";
        row.RecentEvents ??= new string[RecentEventsMax];
        row.RecentEventTimes ??= new long[RecentEventsMax];
        if (observed <= row.EventFloor || Array.IndexOf(row.RecentEvents, key) >= 0)
        {
            return -1;
        }

        row.EventFloor = Math.Max(row.EventFloor, row.RecentEventTimes[row.RecentEventNext]);
        row.RecentEvents[row.RecentEventNext] = key;
        row.RecentEventTimes[row.RecentEventNext] = observed;
        row.RecentEventNext = (row.RecentEventNext + 1) % RecentEventsMax;
        if (row.Event is null || happened.ObservedAt >= row.Event.At)
        {
            // An end usually comes without picture; the strip keeps showing the one that belongs to the occurrence.
            var same = row.Event is not null && row.Event.Id == happened.EventId;
            row.Event = new(
                happened.EventId, happened.Type, happened.State, happened.Confidence ?? (same ? row.Event!.Confidence : null),
                happened.Snapshot ?? (same ? row.Event!.Snapshot : null), happened.ObservedAt);
        }

        return slot;
    }

    /// <summary>The slot when the position is newer; else -1.</summary>
    public int Apply(DevicePosition position)
    {
        var slot = Find(position.Device.Value);
        if (slot < 0)
        {
            UnknownDeviceCount++;
            return -1;
        }

        ref var row = ref _rows[slot];
        Hear(ref row, position.ReceivedAt.ToUnixTimeMilliseconds());
        var observed = position.ObservedAt.ToUnixTimeMilliseconds();
        if (observed <= row.PositionAt)
        {
            return -1;
        }

        row.PositionAt = observed;
        row.Longitude = position.Longitude;
        row.Latitude = position.Latitude;
        row.Heading = position.HeadingDeg ?? row.Heading;
        return slot;
    }

    /// <summary>The slot when the status is newer; else -1.</summary>
    public int Apply(DeviceStatus status)
    {
        var slot = Find(status.Device.Value);
        if (slot < 0)
        {
            UnknownDeviceCount++;
            return -1;
        }

        ref var row = ref _rows[slot];
        var received = status.ReceivedAt.ToUnixTimeMilliseconds();
        if (received <= row.StatusAt)
        {
            return -1;
        }

        row.StatusAt = received;
        if (status.Online)
        {
            Hear(ref row, received);
        }
        else if (received >= row.HeardAt)
        {
            row.SaidOffline = true;
        }

        return slot;
    }

    /// <summary>Counts a message that was older than a day on arrival, whatever it held. It is heard all the same, but for a word that the device is gone.</summary>
    public void CountLate(DeviceId device, DateTimeOffset receivedAt, bool heard = true)
    {
        var slot = Find(device.Value);
        if (slot >= 0)
        {
            ref var row = ref _rows[slot];
            var received = receivedAt.ToUnixTimeMilliseconds();
            if (heard)
            {
                Hear(ref row, received);
            }

            if (row.CountedMessageAt != received)
            {
                row.CountedMessageAt = received;
                row.LateCount++;
            }
        }
    }

    /// <summary>Brings the freshness of every device up to the time and names the slots that changed.</summary>
    public void Refresh(long now, List<int> changed)
    {
        for (var slot = 0; slot < SlotEnd; slot++)
        {
            if (Refresh(slot, now))
            {
                changed.Add(slot);
            }
        }
    }

    /// <summary>True when the device's freshness changed.</summary>
    public bool Refresh(int slot, long now)
    {
        ref var row = ref _rows[slot];
        if (row.Registration is null)
        {
            return false;
        }

        var state = Freshness(in row, now);
        if (state == row.State)
        {
            return false;
        }

        Count(in row, -1);
        row.State = state;
        Count(in row, 1);
        return true;
    }

    public DeviceSituation? Situation(int slot, Colour? colour)
    {
        ref readonly var row = ref _rows[slot];
        if (row.Registration is not { Internal: false } device)
        {
            return null;
        }

        var values = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        for (var i = 0; i < row.ChannelCount; i++)
        {
            if (row.Channels[i].ObservedAt != 0)
            {
                values[row.Channels[i].Quantity.Value] = row.Channels[i].Value;
            }
        }

        return new()
        {
            Id = device.Id, State = row.State, Colour = colour, Longitude = row.Longitude, Latitude = row.Latitude,
            At = row.HeardAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.HeardAt), Values = values.ToImmutable(), Kind = device.Kind,
            Name = device.Name, Areas = device.Areas, Street = device.Street, Domain = device.Domain, Heading = row.Heading, Event = row.Event,
        };
    }

    public DeviceCondition? Condition(DeviceId id)
    {
        var slot = Find(id.Value);
        if (slot < 0)
        {
            return null;
        }

        ref readonly var row = ref _rows[slot];
        var latest = ImmutableSortedDictionary.CreateBuilder<string, LatestValue>(StringComparer.Ordinal);
        for (var i = 0; i < row.ChannelCount; i++)
        {
            ref readonly var channel = ref row.Channels[i];
            if (channel.ObservedAt != 0)
            {
                latest[channel.Quantity.Value] = new(channel.Value, channel.Unit, DateTimeOffset.FromUnixTimeMilliseconds(channel.ObservedAt), channel.Quality);
            }
        }

        return new()
        {
            Id = id, State = row.State, LastSeenAt = row.HeardAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.HeardAt),
            Latest = latest.ToImmutable(), AheadCount = row.AheadCount, LateCount = row.LateCount, LastEventAt = row.Event?.At,
            LastPositionAt = row.PositionAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.PositionAt),
        };
    }

    /// <summary>The index of the quantity's channel, made when it is the first value; -1 when the device has too many.</summary>
    public static int ChannelOf(ref DeviceRow row, QuantityId quantity)
    {
        var channels = row.Channels;
        for (var i = 0; i < row.ChannelCount; i++)
        {
            var known = channels[i].Quantity.Value;
            if (ReferenceEquals(known, quantity.Value) || known == quantity.Value)
            {
                return i;
            }
        }

        if (row.ChannelCount == ChannelsMax)
        {
            return -1;
        }

        if (row.ChannelCount == channels.Length)
        {
            Array.Resize(ref row.Channels, Math.Max(4, channels.Length * 2));
        }

        row.Channels[row.ChannelCount] = new Channel { Quantity = quantity, Unit = UnitOf(quantity, row.Registration) };
        return row.ChannelCount++;
    }

    /// <summary>Restores the time of the newest reading from a snapshot.</summary>
    public void RestoreLastReading(long at) => LastReadingAt = Math.Max(LastReadingAt, at);

    public void RestoreFreshness(int slot, DeviceState state)
    {
        ref var row = ref _rows[slot];
        Count(in row, -1);
        row.State = state;
        Count(in row, 1);
    }

    private static string UnitOf(QuantityId quantity, DeviceRegistration? device) =>
        QuantityKinds.Find(quantity)?.Unit ?? device?.Quantities.FirstOrDefault(known => known.Name == quantity)?.Unit ?? string.Empty;

    private static void Hear(ref DeviceRow row, long received)
    {
        if (received > row.HeardAt)
        {
            row.HeardAt = received;
            row.SaidOffline = false;
        }
    }

    private static DeviceState Freshness(in DeviceRow row, long now)
    {
        if (row.InMaintenance)
        {
            return DeviceState.Maintenance;
        }

        if (row.HeardAt == 0)
        {
            return row.SaidOffline ? DeviceState.Offline : DeviceState.Unknown;
        }

        var interval = row.Registration!.IntervalSeconds * 1000L;
        var age = now - row.HeardAt;
        return row.SaidOffline ? DeviceState.Offline
            : age <= 2 * interval ? DeviceState.Normal
            : age <= 3 * interval ? DeviceState.Stale : DeviceState.Offline;
    }

    private void Count(in DeviceRow row, int by)
    {
        if (row.Registration is { Internal: false })
        {
            _byState[(int)row.State] += by;
        }
    }
}
