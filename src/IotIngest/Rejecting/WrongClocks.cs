using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Rejecting;

/// <summary>The wrong clocks seen since the last report. Of one device the largest offset counts: a device that brings a backlog with its live values is right.
/// Called under the ledger's lock.</summary>
internal sealed class WrongClocks
{
    private readonly Dictionary<DeviceId, Seen> seen = [];

    public bool IsEmpty => seen.Count == 0;

    public void Note(DeviceId device, TimeSpan? offset, DateTimeOffset at, int countMax)
    {
        if (!seen.TryGetValue(device, out var before))
        {
            if (seen.Count < countMax)
            {
                seen.Add(device, new(offset, at, at, offset is null ? 0 : 1));
            }

            return;
        }

        // Null is right, and stays so until a later message is wrong again.
        seen[device] = offset is null || before.Offset is null
            ? new(offset, at, at, offset is null ? 0 : 1)
            : new(before.Offset > offset ? before.Offset : offset, before.FirstAt, at, before.Count + 1);
    }

    public ImmutableArray<ClockSighting> Take()
    {
        ImmutableArray<ClockSighting> taken = [.. seen.Select(pair => new ClockSighting(
            pair.Key, pair.Value.Offset is { } offset ? (long)offset.TotalMilliseconds : null, pair.Value.FirstAt, pair.Value.LastAt, pair.Value.Count))];
        seen.Clear();
        return taken;
    }

    private sealed record Seen(TimeSpan? Offset, DateTimeOffset FirstAt, DateTimeOffset LastAt, long Count);
}
