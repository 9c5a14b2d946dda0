using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Feed;

/// <summary>Where in a street's frames the node stands.</summary>
internal sealed record StreetPosition(string Epoch, long Seq);

// What the feed's loop knows of the connection to one street (or to the district grain): the position, when it was last heard, its last counts, and
// the frames that came while a snapshot was asked for.
internal sealed class StreetReplica(AreaId area, int heldFramesMax)
{
    private readonly List<AreaFrame> _held = [];

    public AreaId Area => area;

    /// <summary>Null: a snapshot is needed. Read by the link from another thread.</summary>
    public volatile StreetPosition? Position;

    /// <summary>Machine timestamp of the last frame; null: never heard.</summary>
    public long? HeardAt { get; private set; }

    /// <summary>The street's own time of its last frame.</summary>
    public DateTimeOffset At { get; private set; } = DateTimeOffset.UnixEpoch;
    public AreaCounts Counts { get; private set; } = new();

    /// <summary>The frames to apply now, in order: none when this one repeats what is known or leaves a gap. A gap loses the position.</summary>
    public ImmutableArray<AreaFrame> Take(AreaFrame frame, long now)
    {
        if (Position is not { } position)
        {
            if (_held.Count >= heldFramesMax)
            {
                _held.Clear();
            }

            _held.Add(frame);
            return [];
        }

        if (frame.Epoch == position.Epoch && frame.Seq <= position.Seq)
        {
            return [];
        }

        if (frame.Epoch != position.Epoch || frame.Seq != position.Seq + 1)
        {
            Position = null;
            _held.Clear();
            _held.Add(frame);
            return [];
        }

        Advance(frame, now);
        return [frame];
    }

    /// <summary>A snapshot as one frame, and the held frames that follow it; null when the snapshot tells nothing new.</summary>
    public (AreaFrame Whole, ImmutableArray<AreaFrame> Following)? Take(ImmutableArray<AreaSnapshotPart> parts, long now)
    {
        if (parts.IsDefaultOrEmpty)
        {
            return null;
        }

        var first = parts[0].Frame;
        if (Position is { } position && position.Epoch == first.Epoch && first.Seq <= position.Seq)
        {
            return null;
        }

        var whole = parts.Length == 1 ? first : first with
        {
            Devices = [.. parts.SelectMany(part => part.Frame.Devices)],
            Warnings = [.. parts.SelectMany(part => part.Frame.Warnings)],
            Incidents = [.. parts.SelectMany(part => part.Frame.Incidents)],
            Tasks = [.. parts.SelectMany(part => part.Frame.Tasks)],
        };
        Advance(first, now);
        var following = ImmutableArray.CreateBuilder<AreaFrame>();
        foreach (var held in _held.Where(held => held.Epoch == first.Epoch).OrderBy(held => held.Seq).ToArray())
        {
            if (held.Seq == Position!.Seq + 1)
            {
                Advance(held, now);
                following.Add(held);
            }
        }

        _held.Clear();
        return (whole, following.ToImmutable());
    }

    private void Advance(AreaFrame frame, long now)
    {
        Position = new(frame.Epoch, frame.Seq);
        HeardAt = now;
        At = frame.At;
        Counts = frame.Counts;
    }
}
