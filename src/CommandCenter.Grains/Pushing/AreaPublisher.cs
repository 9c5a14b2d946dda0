using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Pushing;

/// <summary>What a frame or snapshot holds besides its number and counts.</summary>
internal sealed record PictureBody
{
    public ImmutableArray<DeviceSituation> Devices { get; init; } = [];
    public ImmutableArray<WarningView> Warnings { get; init; } = [];
    public ImmutableArray<IncidentView> Incidents { get; init; } = [];
    public ImmutableArray<TaskView> Tasks { get; init; } = [];
    public Removed Removed { get; init; } = Removed.Nothing;
    public DateTimeOffset? CanaryPublishedAt { get; init; }
}

/// <summary>The picture that a publisher shows: the owner keeps what changed since it was last taken, latest wins.</summary>
internal interface IAreaPicture
{
    /// <summary>The domain's time.</summary>
    DateTimeOffset Now { get; }
    bool HasChanges { get; }
    PictureBody TakeChanges();
    PictureBody ReadAll();
    AreaCounts Counts();
}

/// <summary>Shows the changes of one area to its observers, inside the owner's turn. The first changes after quiet go at once; under load frames keep an
/// interval that follows their cost. Nobody is waited for: a frame that is lost shows as a gap in seq.</summary>
internal sealed class AreaPublisher(AreaId area, string epoch, IAreaPicture picture, TimeProvider time, PushingOptions options, Action<IAreaObserver, AreaFrame> send)
{
    // How long a frame may be on its way before a subscriber that does not know it has lost it.
    private static readonly TimeSpan Underway = TimeSpan.FromSeconds(1);
    private const int SentKept = 1024;
    private static readonly TimeSpan Closest = TimeSpan.FromMilliseconds(1);

    private readonly Dictionary<IAreaObserver, Lease> _observers = [];
    private readonly long[] _sentAt = new long[SentKept];
    private long _lastFrameAt = long.MinValue;
    private double _costMs;

    // Frames that may still follow each other closely. A street in which little happens is shown without delay; where much happens the reserve is soon used up.
    private double _reserve = options.FramesAtOnceMax;

    private sealed class Lease
    {
        public required long FromSeq { get; init; }
        public required long RenewedAt { get; set; }
    }

    public string Epoch => epoch;
    public long Seq { get; private set; }
    public int ObserverCount => _observers.Count;

    /// <summary>The present interval between frames.</summary>
    public TimeSpan Interval => TimeSpan.FromMilliseconds(Math.Clamp(_costMs / options.FrameCostShare, options.FrameEveryMsMin, options.FrameEveryMsMax));

    private TimeSpan Pause => _reserve >= 1 && Interval <= TimeSpan.FromMilliseconds(options.FrameEveryMsMin) && Interval > Closest ? Closest : Interval;

    /// <summary>Shows what changed, now or after the returned time; null: nothing is left to show. Urgent changes do not wait.</summary>
    public TimeSpan? Offer(bool urgent = false)
    {
        if (!picture.HasChanges)
        {
            return null;
        }

        if (!urgent && _lastFrameAt != long.MinValue)
        {
            var left = Pause - time.GetElapsedTime(_lastFrameAt);
            if (left > TimeSpan.Zero)
            {
                return left;
            }
        }

        Flush();
        return null;
    }

    /// <summary>Says that the area lives, after whatever changed.</summary>
    public void Heartbeat()
    {
        DropExpired();
        Flush();
        Show(new PictureBody(), heartbeat: true);
    }

    /// <summary>Subscribes or renews. Empty when the caller's picture follows on without a gap, else a snapshot in parts.</summary>
    public ImmutableArray<AreaSnapshotPart> Subscribe(IAreaObserver observer, string? knownEpoch, long knownSeq)
    {
        if (_observers.TryGetValue(observer, out var lease))
        {
            lease.RenewedAt = time.GetTimestamp();
            if (knownEpoch == epoch && knownSeq >= lease.FromSeq && FollowsOn(knownSeq))
            {
                return [];
            }

            _observers.Remove(observer);
        }

        DropExpired();
        if (_observers.Count >= options.ObserversMax)
        {
            throw new InvalidOperationException($"Area {area} has {_observers.Count} observers, the most it serves (Pushing:ObserversMax).");
        }

        Flush();
        _observers[observer] = new() { FromSeq = Seq, RenewedAt = time.GetTimestamp() };
        return Snapshot();
    }

    public void Unsubscribe(IAreaObserver observer) => _observers.Remove(observer);

    private bool FollowsOn(long knownSeq) =>
        knownSeq == Seq || (knownSeq < Seq && Seq - knownSeq < SentKept && time.GetElapsedTime(_sentAt[(knownSeq + 1) % SentKept]) < Underway);

    private ImmutableArray<AreaSnapshotPart> Snapshot()
    {
        var all = picture.ReadAll();
        var counts = picture.Counts();
        var now = picture.Now;
        var size = options.SnapshotPartDevices;
        var parts = Math.Max(1, (all.Devices.Length + size - 1) / size);
        var snapshot = ImmutableArray.CreateBuilder<AreaSnapshotPart>(parts);
        for (var part = 0; part < parts; part++)
        {
            var devices = all.Devices.Slice(part * size, Math.Min(size, all.Devices.Length - (part * size)));
            var frame = Frame(part == 0 ? all with { Devices = devices } : new PictureBody { Devices = devices }, false, now, counts);
            snapshot.Add(new(frame, part + 1, parts));
        }

        return snapshot.MoveToImmutable();
    }

    private void Flush()
    {
        if (!picture.HasChanges)
        {
            return;
        }

        var started = time.GetTimestamp();
        var refilled = _lastFrameAt == long.MinValue ? 0 : time.GetElapsedTime(_lastFrameAt, started).TotalMilliseconds / options.FrameEveryMsMin;
        _reserve = Math.Max(0, Math.Min(options.FramesAtOnceMax, _reserve + refilled) - 1);
        var body = picture.TakeChanges();
        Show(body, heartbeat: false);
        _lastFrameAt = time.GetTimestamp();
        _costMs += (time.GetElapsedTime(started, _lastFrameAt).TotalMilliseconds - _costMs) * 0.2;
    }

    private void Show(PictureBody body, bool heartbeat)
    {
        Seq++;
        _sentAt[Seq % SentKept] = time.GetTimestamp();
        if (_observers.Count == 0)
        {
            return;
        }

        var frame = Frame(body, heartbeat, picture.Now, picture.Counts());
        foreach (var observer in _observers.Keys)
        {
            send(observer, frame);
        }
    }

    private AreaFrame Frame(PictureBody body, bool heartbeat, DateTimeOffset now, AreaCounts counts) => new()
    {
        Area = area, Epoch = epoch, Seq = Seq, At = now, Heartbeat = heartbeat, Devices = body.Devices, Warnings = body.Warnings, Incidents = body.Incidents,
        Tasks = body.Tasks, Removed = body.Removed, Counts = counts, CanaryPublishedAt = body.CanaryPublishedAt,
    };

    private void DropExpired()
    {
        var lease = TimeSpan.FromSeconds(options.LeaseSeconds);
        foreach (var (observer, held) in _observers)
        {
            if (time.GetElapsedTime(held.RenewedAt) > lease)
            {
                _observers.Remove(observer);
            }
        }
    }
}
