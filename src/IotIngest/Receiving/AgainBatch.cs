using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Receiving;

/// <summary>Sorts what was decoded again for one street: what is newer than all that the street knows of it may reach the rules, the rest is for history only.</summary>
internal sealed class AgainBatch
{
    private readonly DateTimeOffset lateBefore;
    private readonly Dictionary<(DeviceId, QuantityId), DateTimeOffset> newest = [];
    private readonly Dictionary<DeviceId, DateTimeOffset> newestEvent = [];
    private readonly Dictionary<DeviceId, DateTimeOffset> newestPosition = [];
    private readonly List<Reading> readings = [];
    private readonly List<Reading> lateReadings = [];
    private readonly List<DeviceEvent> events = [];
    private readonly List<DeviceEvent> lateEvents = [];
    private readonly List<DevicePosition> positions = [];
    private readonly List<DevicePosition> latePositions = [];
    private readonly List<DeviceStatus> statuses = [];
    private readonly List<DeviceStatus> lateStatuses = [];

    public AgainBatch(ImmutableArray<DeviceCondition> conditions, DateTimeOffset lateBefore)
    {
        this.lateBefore = lateBefore;
        foreach (var condition in conditions)
        {
            foreach (var (quantity, value) in condition.Latest)
            {
                newest[(condition.Id, new(quantity))] = value.At;
            }

            if (condition.LastEventAt is { } eventAt)
            {
                newestEvent[condition.Id] = eventAt;
            }

            if (condition.LastPositionAt is { } positionAt)
            {
                newestPosition[condition.Id] = positionAt;
            }
        }
    }

    public int Live => readings.Count + events.Count + positions.Count + statuses.Count;

    public int HistoryOnly => lateReadings.Count + lateEvents.Count + latePositions.Count + lateStatuses.Count;

    public void Add(DecodingAgain.Passing part)
    {
        foreach (var reading in part.Readings)
        {
            (Passes(part, newest, (reading.Device, reading.Quantity), reading.ObservedAt) ? readings : lateReadings).Add(reading);
        }

        if (part.Event is { } happened)
        {
            (Passes(part, newestEvent, happened.Device, happened.ObservedAt, equalPasses: true) ? events : lateEvents).Add(happened);
        }

        if (part.Position is { } position)
        {
            (Passes(part, newestPosition, position.Device, position.ObservedAt) ? positions : latePositions).Add(position);
        }

        if (part.Status is { } status)
        {
            // The street itself orders statuses by receipt, which stays the first one.
            (part.Late || status.ObservedAt < lateBefore ? lateStatuses : statuses).Add(status);
        }
    }

    public IngestBatch ToBatch(string node, long sequence, AreaId street) => new()
    {
        Node = node, Sequence = sequence, Street = street, Readings = [.. readings], Events = [.. events], Positions = [.. positions], Statuses = [.. statuses],
        LateReadings = [.. lateReadings], LateEvents = [.. lateEvents], LatePositions = [.. latePositions], LateStatuses = [.. lateStatuses],
    };

    /// <param name="equalPasses">Two events may fall into one millisecond; the street tells a repeat by the event's id.</param>
    private bool Passes<TKey>(DecodingAgain.Passing part, Dictionary<TKey, DateTimeOffset> known, TKey key, DateTimeOffset at, bool equalPasses = false)
        where TKey : notnull
    {
        // The street knows whole milliseconds; a repeat must not pass for newer by a fraction of one.
        var age = known.TryGetValue(key, out var before) ? at.ToUnixTimeMilliseconds() - before.ToUnixTimeMilliseconds() : 1;
        if (part.Late || at < lateBefore || age < 0 || (age == 0 && !equalPasses))
        {
            return false;
        }

        known[key] = at;
        return true;
    }
}
