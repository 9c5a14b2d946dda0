using System.Threading.Channels;
using CommandCenter.Grains.Contracts;
using Microsoft.AspNetCore.SignalR;

namespace CommandCenter.Web.Feed;

// One screen on the hub: a bounded queue and one pump. The feed puts frames in and never waits; when the screen lags further than the queue holds,
// its frames of that area are dropped and it is given a snapshot once it has caught up, because a gap in seq would make it ask for one anyway.
internal sealed class ScreenConnection(string id, ISingleClientProxy client, int queueMax)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<WireFrame> _queue = new();
    private readonly HashSet<AreaId> _lagging = [];
    private readonly Channel<bool> _ready = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _frames;

    public string Id => id;

    /// <summary>Areas subscribed to; only the hub's own calls, which never overlap, touch it.</summary>
    public HashSet<AreaId> Areas { get; } = [];

    /// <summary>False when the screen lags: the caller stops sending it this area until the screen asks again.</summary>
    public bool Offer(WireFrame frame)
    {
        lock (_gate)
        {
            if (_frames < queueMax)
            {
                _queue.AddLast(frame);
                _frames++;
                _ready.Writer.TryWrite(true);
                return true;
            }

            for (var node = _queue.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Frame.Area == frame.Frame.Area && node.Value.Part == 0)
                {
                    _queue.Remove(node);
                    _frames--;
                }

                node = next;
            }

            _lagging.Add(frame.Frame.Area);
            _ready.Writer.TryWrite(true);
            return false;
        }
    }

    /// <summary>A snapshot and what follows it; not bounded by the queue, because it was asked for.</summary>
    public void Begin(IEnumerable<WireFrame> frames)
    {
        lock (_gate)
        {
            foreach (var frame in frames)
            {
                _queue.AddLast(frame);
                _frames += frame.Part == 0 ? 1 : 0;
            }

            _ready.Writer.TryWrite(true);
        }
    }

    /// <summary>Forgets what waits for the area.</summary>
    public void Drop(AreaId area)
    {
        lock (_gate)
        {
            _lagging.Remove(area);
            for (var node = _queue.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Frame.Area == area)
                {
                    _queue.Remove(node);
                    _frames -= node.Value.Part == 0 ? 1 : 0;
                }

                node = next;
            }
        }
    }

    /// <summary>Sends until cancelled. <paramref name="catchUp"/> is called for areas that the screen lost while it lagged.</summary>
    public async Task PumpAsync(Func<AreaId, ValueTask> catchUp, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await _ready.Reader.ReadAsync(cancellation);
            while (TryTake(out var frame, out var lagging))
            {
                if (frame is not null)
                {
                    await client.SendAsync(frame.Part > 0 ? "Snapshot" : "Frame", frame, cancellation);
                }

                foreach (var area in lagging)
                {
                    await catchUp(area);
                }
            }
        }
    }

    private bool TryTake(out WireFrame? frame, out AreaId[] lagging)
    {
        lock (_gate)
        {
            lagging = [];
            frame = null;
            if (_queue.First is { } first)
            {
                _queue.RemoveFirst();
                frame = first.Value;
                _frames -= frame.Part == 0 ? 1 : 0;
                return true;
            }

            if (_lagging.Count == 0)
            {
                return false;
            }

            lagging = [.. _lagging];
            _lagging.Clear();
            return true;
        }
    }
}
