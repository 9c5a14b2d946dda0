using System.Runtime.InteropServices;
using CommandCenter.Grains.Contracts;
using IotIngest.Hosting;
using IotIngest.Receiving;

namespace IotIngest.Batching;

/// <summary>How a lane answered.</summary>
internal enum LaneAnswer
{
    Taken,
    /// <summary>Wait for room and offer again.</summary>
    Full,
}

/// <summary>What was taken out of a lane for one call, with the receipts of the messages inside.</summary>
internal sealed class LaneBatch
{
    public Reading[] Readings { get; init; } = [];
    public Reading[] LateReadings { get; init; } = [];
    public DeviceEvent[] Events { get; init; } = [];
    public DevicePosition[] Positions { get; init; } = [];
    public DeviceStatus[] Statuses { get; init; } = [];
    public DeviceEvent[] LateEvents { get; init; } = [];
    public DevicePosition[] LatePositions { get; init; } = [];
    public DeviceStatus[] LateStatuses { get; init; } = [];
    public (IReceipt Receipt, int Parts)[] Receipts { get; init; } = [];

    /// <summary>Receipts of messages that have parts here and parts that still wait in the lane; they go with the last part.</summary>
    public IReceipt[] Open { get; init; } = [];
    public DateTimeOffset OldestReceivedAt { get; init; }

    /// <summary>Which of the items nothing keeps, and which have been counted already.</summary>
    public OriginCounts Origins { get; init; }
    public int Count => Readings.Length + LateReadings.Length + Events.Length + Positions.Length + Statuses.Length + LateEvents.Length + LatePositions.Length + LateStatuses.Length;

    /// <summary>What it takes in memory, roughly: the sizes are those of the records with their texts.</summary>
    public long SizeBytes => 1_024 + (64L * (Readings.Length + LateReadings.Length)) + (512L * (Events.Length + LateEvents.Length))
        + (128L * (Positions.Length + Statuses.Length + LatePositions.Length + LateStatuses.Length));
}

/// <summary>What waits for one street: telemetry and events in bounded queues of their own, so that a flood of the one never blocks the other.</summary>
internal sealed class StreetLane(AreaId street, IngestOptions options, IngestMetrics metrics)
{
    private readonly Lock gate = new();
    private readonly List<DeviceEvent> events = [];
    private readonly List<DevicePosition> positions = [];
    private readonly List<DeviceStatus> statuses = [];
    private readonly List<Reading> late = [];
    private readonly List<DeviceEvent> lateEvents = [];
    private readonly List<DevicePosition> latePositions = [];
    private readonly List<DeviceStatus> lateStatuses = [];
    private readonly Dictionary<(DeviceId, QuantityId), Reading> coalesced = [];

    private readonly ItemOrigins origins = new();

    // Of everything that goes whole with the next call.
    private OriginCounts wholeOrigins;

    // Each with the number of readings that had been appended when it came: it may go once that many have been taken.
    private readonly List<(IReceipt Receipt, int Parts, long Through)> receipts = [];
    private long appendedTotal, takenTotal;
    private Reading[] readings = new Reading[256];
    private int first, count;
    private TaskCompletionSource arrived = NewSignal();
    private TaskCompletionSource urgent = NewSignal();
    private TaskCompletionSource room = NewSignal();

    public AreaId Street { get; } = street;

    /// <summary>Everything that waits.</summary>
    public int Depth
    {
        get
        {
            lock (gate)
            {
                return count + late.Count + coalesced.Count + EventDepth;
            }
        }
    }

    private int EventDepth => events.Count + positions.Count + statuses.Count + lateEvents.Count + latePositions.Count + lateStatuses.Count;

    private bool IsEmpty => count == 0 && late.Count == 0 && coalesced.Count == 0 && EventDepth == 0;

    /// <summary>Offers the readings of one item. QoS 0 is never told to wait: it is taken, merged into the latest values, or for additive kinds refused and counted in <paramref name="refused"/>.</summary>
    public LaneAnswer TryAdd(ReadOnlySpan<Reading> offered, bool isLate, ItemOrigin origin, IReceipt? receipt, out int refused)
    {
        refused = 0;
        lock (gate)
        {
            if (count + late.Count + offered.Length > options.TelemetryCountMax && count + late.Count > 0)
            {
                if (origin != ItemOrigin.Passing)
                {
                    return LaneAnswer.Full;
                }

                refused = isLate ? offered.Length : Coalesce(offered);
            }
            else if (isLate)
            {
                late.AddRange(offered);
                Note(origin, offered.Length);
            }
            else
            {
                Append(offered);
                origins.Append(origin, offered.Length);
            }

            Take(receipt);
            if (count + late.Count >= options.LingerCount)
            {
                urgent.TrySetResult();
            }

            arrived.TrySetResult();
            return LaneAnswer.Taken;
        }
    }

    public LaneAnswer TryAdd(DeviceEvent? happened, DevicePosition? position, DeviceStatus? status, bool isLate, ItemOrigin origin, IReceipt? receipt)
    {
        lock (gate)
        {
            if (EventDepth >= options.EventCountMax)
            {
                return LaneAnswer.Full;
            }

            Note(origin, 1);
            if (happened is not null)
            {
                (isLate ? lateEvents : events).Add(happened);
                if (!isLate)
                {
                    urgent.TrySetResult();
                }
            }

            if (position is not null)
            {
                (isLate ? latePositions : positions).Add(position);
            }

            if (status is not null)
            {
                (isLate ? lateStatuses : statuses).Add(status);
            }

            Take(receipt);
            arrived.TrySetResult();
            return LaneAnswer.Taken;
        }
    }

    /// <summary>Ends when something waits.</summary>
    public Task WaitForArrivalAsync()
    {
        lock (gate)
        {
            return IsEmpty ? (arrived = NewSignal()).Task : Task.CompletedTask;
        }
    }

    /// <summary>Ends when an event waits or enough readings have gathered for one call.</summary>
    public Task WaitForUrgencyAsync()
    {
        lock (gate)
        {
            return events.Count > 0 || count + late.Count >= options.LingerCount ? Task.CompletedTask : (urgent = NewSignal()).Task;
        }
    }

    /// <summary>Ends after the next time that something was taken out.</summary>
    public Task WaitForRoomAsync()
    {
        lock (gate)
        {
            return room.Task;
        }
    }

    /// <summary>Takes what goes into the next call: all events, and readings up to the batch's maximum.</summary>
    public LaneBatch Take()
    {
        lock (gate)
        {
            // What was merged while the queue was full came last, so it goes behind everything that waited.
            var take = Math.Min(count, options.BatchCountMax);
            var withCoalesced = take == count;
            var taken = new Reading[take + (withCoalesced ? coalesced.Count : 0)];
            var from = origins.Take(take) + wholeOrigins + new OriginCounts(taken.Length - take, 0);
            wholeOrigins = default;
            readings.AsSpan(first, take).CopyTo(taken);
            if (withCoalesced && coalesced.Count > 0)
            {
                coalesced.Values.CopyTo(taken, take);
                coalesced.Clear();
            }

            first += take;
            count -= take;
            if (count == 0)
            {
                first = 0;
            }

            takenTotal += take;
            var released = receipts.FindIndex(entry => entry.Through > takenTotal);
            released = released < 0 ? receipts.Count : released;
            var batch = new LaneBatch
            {
                Readings = taken,
                LateReadings = [.. late],
                Events = [.. events],
                Positions = [.. positions],
                Statuses = [.. statuses],
                LateEvents = [.. lateEvents],
                LatePositions = [.. latePositions],
                LateStatuses = [.. lateStatuses],
                Receipts = [.. receipts.Take(released).Select(entry => (entry.Receipt, entry.Parts))],
                Open = released == receipts.Count ? [] : [.. receipts.Skip(released).Select(entry => entry.Receipt).Distinct()],
                Origins = from,
                OldestReceivedAt = taken.Length > 0 ? taken[0].ReceivedAt : events.Count > 0 ? events[0].ReceivedAt : DateTimeOffset.MaxValue,
            };
            late.Clear();
            events.Clear();
            positions.Clear();
            statuses.Clear();
            lateEvents.Clear();
            latePositions.Clear();
            lateStatuses.Clear();
            receipts.RemoveRange(0, released);

            var waiting = room;
            room = NewSignal();
            waiting.TrySetResult();
            return batch;
        }
    }

    private int Coalesce(ReadOnlySpan<Reading> offered)
    {
        var refused = 0;
        var replaced = 0;
        foreach (ref readonly var reading in offered)
        {
            if (QuantityKinds.Find(reading.Quantity) is { Additive: true })
            {
                refused++;
                continue;
            }

            ref var latest = ref CollectionsMarshal.GetValueRefOrNullRef(coalesced, (reading.Device, reading.Quantity));
            if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref latest))
            {
                replaced++;
                if (reading.ObservedAt >= latest.ObservedAt)
                {
                    latest = reading;
                }
            }
            else if (coalesced.Count < options.CoalescedCountMax)
            {
                coalesced.Add((reading.Device, reading.Quantity), reading);
            }
            else
            {
                refused++;
            }
        }

        metrics.CountCoalesced(replaced);
        return refused;
    }

    private void Append(ReadOnlySpan<Reading> offered)
    {
        if (first + count + offered.Length > readings.Length)
        {
            if (count + offered.Length > readings.Length / 2)
            {
                Array.Resize(ref readings, Math.Max(readings.Length * 2, first + count + offered.Length));
            }
            else
            {
                readings.AsSpan(first, count).CopyTo(readings);
                first = 0;
            }
        }

        offered.CopyTo(readings.AsSpan(first + count));
        count += offered.Length;
        appendedTotal += offered.Length;
    }

    private void Note(ItemOrigin origin, int count)
    {
        wholeOrigins += origin switch
        {
            ItemOrigin.Passing => new(count, 0),
            ItemOrigin.Again => new(0, count),
            _ => default,
        };
    }

    private void Take(IReceipt? receipt)
    {
        if (receipt is null)
        {
            return;
        }

        if (receipts.Count > 0 && ReferenceEquals(receipts[^1].Receipt, receipt))
        {
            ref var newest = ref CollectionsMarshal.AsSpan(receipts)[^1];
            newest.Parts++;
            newest.Through = appendedTotal;
        }
        else
        {
            receipts.Add((receipt, 1, appendedTotal));
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
