using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Threading.Channels;
using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Options;

namespace CommandCenter.Web.Feed;

/// <summary>What the feed's loop is told. One family, one file.</summary>
internal abstract record FeedInput;

internal sealed record StreetFrameCame(AreaId Street, AreaFrame Frame) : FeedInput;

internal sealed record StreetSnapshotCame(AreaId Street, ImmutableArray<AreaSnapshotPart> Parts) : FeedInput;

internal sealed record ScreenSubscribed(ScreenConnection Screen, AreaId Area) : FeedInput;

internal sealed record ScreenUnsubscribed(ScreenConnection Screen, AreaId Area) : FeedInput;

internal sealed record WatchStarted(PictureWatch Watch) : FeedInput;

internal sealed record WatchStopped(PictureWatch Watch) : FeedInput;

internal sealed record TimePassed : FeedInput;

// The heart of the node's push: one loop that owns the images of all areas. Streets' frames come in, are folded into the street's, the district's and
// the overlays' images, and leave as frames of the node's own epoch and seq. The loop never waits for a grain or a screen.
internal sealed partial class SituationFeed : BackgroundService, ISituationFeed
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(1);

    private readonly Channel<FeedInput> _inbox;
    private readonly FeedOptions _options;
    private readonly TimeProvider _machine;
    private readonly Instruments _instruments;
    private readonly ILogger<SituationFeed> _log;
    private readonly string _epoch;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FrozenDictionary<AreaId, AreaImage> _images = FrozenDictionary<AreaId, AreaImage>.Empty;
    private FrozenDictionary<AreaId, StreetReplica> _replicas = FrozenDictionary<AreaId, StreetReplica>.Empty;
    private ImmutableArray<AreaImage> _merged = [];
    private AreaId _district;
    private long _nextHeartbeat;
    private (int Ms, long HeardAt)? _canary;

    public SituationFeed(IOptions<FeedOptions> options, TimeProvider machine, Instruments instruments, ILogger<SituationFeed> log)
    {
        _options = options.Value;
        _machine = machine;
        _instruments = instruments;
        _log = log;
        _epoch = machine.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        _inbox = Channel.CreateBounded<FeedInput>(new BoundedChannelOptions(_options.InboxCapacity) { SingleReader = true });
    }

    public ImmutableArray<AreaDescription> Areas { get; private set; } = [];

    /// <summary>Completes when the areas are known and screens can begin.</summary>
    public Task Ready => _ready.Task;

    public IReadOnlyDictionary<AreaId, StreetReplica> Replicas => _replicas;

    /// <summary>Called once, by the follower, when the silo has told the areas.</summary>
    public void Begin(ImmutableArray<AreaDescription> areas)
    {
        _images = areas.ToFrozenDictionary(area => area.Id, area => new AreaImage(area, _epoch, _options));
        _replicas = areas.Where(area => area.Kind is not AreaKind.Overlay).ToFrozenDictionary(area => area.Id, area => new StreetReplica(area.Id, _options.HeldFramesMax));
        _merged = [.. _images.Values.Where(image => image.Description.Kind is AreaKind.District or AreaKind.Overlay)];
        _district = areas.First(area => area.Kind == AreaKind.District).Id;
        Areas = areas;
        _ready.TrySetResult();
    }

    /// <summary>Takes a frame without waiting. A full inbox drops it: the gap asks for a snapshot.</summary>
    public void Offer(AreaId street, AreaFrame frame)
    {
        _instruments.StreetFrames.Add(1);
        if (!_inbox.Writer.TryWrite(new StreetFrameCame(street, frame)))
        {
            _instruments.DroppedFrames.Add(1);
        }
    }

    public ValueTask TellAsync(FeedInput input, CancellationToken cancellation = default) => _inbox.Writer.WriteAsync(input, cancellation);

    /// <summary>Whether the area exists and the actor may see it.</summary>
    public bool MaySee(AreaId area, Actor actor) => _images.ContainsKey(area) && actor.MaySee(area);

    public SituationPicture? Find(AreaId area, Actor actor) => MaySee(area, actor) ? _images[area].Picture : null;

    public DeviceSituation? FindDevice(AreaId area, DeviceId device, Actor actor) =>
        MaySee(area, actor) && _images[area].Devices.TryGetValue(device, out var found) ? found : null;

    public ImmutableArray<DeviceSituation> ListDevices(AreaId area, Actor actor, Func<DeviceSituation, bool> condition, int limit) =>
        MaySee(area, actor)
            ? [.. _images[area].Devices.Values.Where(condition).OrderBy(device => device.Id.Value, StringComparer.Ordinal).Take(limit)]
            : [];

    public IDisposable Watch(AreaId area, Actor actor, Action<SituationPicture> show)
    {
        if (!MaySee(area, actor))
        {
            throw new KeyNotFoundException($"There is no area {area} for {actor.Id}.");
        }

        var watch = new PictureWatch(area, show, stopped => _ = TellAsync(new WatchStopped(stopped)).AsTask(), _log);
        watch.Offer(_images[area].Picture);
        _ = watch.RunAsync();
        _ = TellAsync(new WatchStarted(watch)).AsTask();
        return watch;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _ready.Task.WaitAsync(stoppingToken);
        using var timer = _machine.CreateTimer(_ => _inbox.Writer.TryWrite(new TimePassed()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _nextHeartbeat = _machine.GetTimestamp();
        timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        while (await _inbox.Reader.WaitToReadAsync(stoppingToken))
        {
            var taken = 0;
            while (taken++ < 256 && _inbox.Reader.TryRead(out var input))
            {
                Take(input);
            }

            var due = SendDue(_machine.GetTimestamp());
            timer.Change(due < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : due, Timeout.InfiniteTimeSpan);
        }
    }

    private void Take(FeedInput input)
    {
        try
        {
            switch (input)
            {
                case StreetFrameCame came:
                    TakeFrame(_replicas[came.Street], came.Frame);
                    break;
                case StreetSnapshotCame came:
                    TakeSnapshot(_replicas[came.Street], came.Parts);
                    break;
                case ScreenSubscribed(var screen, var area):
                    BeginScreen(screen, _images[area]);
                    break;
                case ScreenUnsubscribed(var screen, var area):
                    _images[area].Leave(screen);
                    screen.Drop(area);
                    break;
                case WatchStarted(var watch):
                    _images[watch.Area].Watches.Add(watch);
                    watch.Offer(_images[watch.Area].Picture);
                    break;
                case WatchStopped(var watch):
                    _images[watch.Area].Watches.Remove(watch);
                    break;
                case TimePassed:
                    break;
                default:
                    throw new InvalidOperationException($"The feed does not know {input.GetType().Name}.");
            }
        }
        catch (Exception failure)
        {
            // A bug must not blind every wall: it is logged and counted, and the gap it leaves asks for a snapshot.
            _instruments.Failures.Add(1);
            InputFailed(_log, failure, input.GetType().Name);
        }
    }

    private void TakeFrame(StreetReplica replica, AreaFrame frame)
    {
        var had = replica.Position;
        foreach (var next in replica.Take(frame, _machine.GetTimestamp()))
        {
            Fold(replica.Area, next);
        }

        if (had is not null && replica.Position is null)
        {
            _instruments.Gaps.Add(1);
        }
    }

    private void TakeSnapshot(StreetReplica replica, ImmutableArray<AreaSnapshotPart> parts)
    {
        if (replica.Take(parts, _machine.GetTimestamp()) is not { } taken)
        {
            return;
        }

        Fold(replica.Area, taken.Whole with { Removed = _images[replica.Area].MissingFrom(replica.Area, taken.Whole) });

        foreach (var next in taken.Following)
        {
            Fold(replica.Area, next);
        }
    }

    private void Fold(AreaId street, AreaFrame frame)
    {
        if (frame.CanaryPublishedAt is { } published)
        {
            var ms = Math.Max(0, (_machine.GetUtcNow() - published).TotalMilliseconds);
            _instruments.CanaryMs.Record(ms);
            _canary = ((int)Math.Min(ms, int.MaxValue), _machine.GetTimestamp());
        }

        // The district grain's own lists hold the warnings over several streets; each is shown in every area that it concerns.
        if (street == _district)
        {
            foreach (var image in _images.Values)
            {
                image.Fold(street, frame);
                if (!frame.Heartbeat)
                {
                    // A ring or a flood changes no list.
                    image.Nudge();
                }
            }

            return;
        }

        _images[street].Fold(street, frame);
        if (!frame.Heartbeat)
        {
            _images[street].Nudge();
        }

        foreach (var image in _merged)
        {
            image.Fold(street, frame);
        }
    }

    /// <summary>Sends what is due and answers how long until something is.</summary>
    private TimeSpan SendDue(long now)
    {
        var heartbeat = now >= _nextHeartbeat;
        var next = heartbeat ? HeartbeatInterval : _machine.GetElapsedTime(now, _nextHeartbeat);
        foreach (var image in _images.Values)
        {
            if (image.HasNews)
            {
                var pause = image.Urgent && image.Pause > _options.UrgentPauseMax ? _options.UrgentPauseMax : image.Pause;
                var wait = pause - _machine.GetElapsedTime(image.LastFrameAt, now);
                if (wait <= TimeSpan.Zero || heartbeat)
                {
                    SendChanges(image, now);
                }
                else if (wait < next)
                {
                    next = wait;
                }
            }

            if (heartbeat)
            {
                Fan(image, image.Emit(heartbeat: true, AtOf(image), CountsOf(image, now)));
                image.PictureDue = true;
            }

            if (image.PictureDue)
            {
                var wait = (image.Watches.Count > 0 ? image.PicturePause : _options.PicturePauseMax) - _machine.GetElapsedTime(image.PictureMadeAt, now);
                if (wait <= TimeSpan.Zero)
                {
                    Draw(image, now);
                }
                else if (wait < next)
                {
                    next = wait;
                }
            }
        }

        if (heartbeat)
        {
            // After a stall the missed beats are skipped, not sent in a burst.
            var interval = _machine.TimestampFrequency;
            _nextHeartbeat = now - _nextHeartbeat > interval ? now + interval : _nextHeartbeat + interval;
            next = next < _machine.GetElapsedTime(now, _nextHeartbeat) ? next : _machine.GetElapsedTime(now, _nextHeartbeat);
        }

        return next;
    }

    private void SendChanges(AreaImage image, long now)
    {
        var wire = image.Emit(heartbeat: false, AtOf(image), CountsOf(image, now));
        if (image.Screens.Count > 0)
        {
            // Serialized here, so that the pause follows the true cost of a frame.
            _ = wire.MessagePack;
        }

        Fan(image, wire);
        var cost = (_machine.GetElapsedTime(now, _machine.GetTimestamp()) + (image.Screens.Count * _options.FrameSendCost)) * _options.FrameCostShare;
        image.Pause = cost < _options.FramePauseMin ? _options.FramePauseMin : cost > _options.FramePauseMax ? _options.FramePauseMax : cost;
        image.LastFrameAt = now;
    }

    private void Fan(AreaImage image, WireFrame wire)
    {
        _instruments.Frames.Add(1);
        List<ScreenConnection>? lagging = null;
        foreach (var screen in image.Screens)
        {
            if (!screen.Offer(wire))
            {
                (lagging ??= []).Add(screen);
            }
        }

        foreach (var screen in lagging ?? [])
        {
            image.Leave(screen);
            _instruments.Lags.Add(1);
        }
    }

    private void BeginScreen(ScreenConnection screen, AreaImage image)
    {
        var now = _machine.GetTimestamp();
        screen.Drop(image.Id);
        if (!image.Pending.IsEmpty)
        {
            SendChanges(image, now);
        }

        var sharedFor = (long)(_options.SnapshotShared.TotalSeconds * _machine.TimestampFrequency);
        screen.Begin(image.Begin(now, sharedFor, AtOf(image), CountsOf(image, now)));
        image.Join(screen);
    }

    private void Draw(AreaImage image, long now)
    {
        var silent = SilentStreets(now);
        var live = image.Description.Kind switch
        {
            AreaKind.District or AreaKind.Overlay => silent.Length < _replicas.Count - 1,
            _ => !silent.Contains(image.Id),
        };
        var concerned = image.Description.Kind is AreaKind.District or AreaKind.Overlay ? silent : silent.RemoveAll(street => street != image.Id);
        image.Picture = image.Draw(AtOf(image), live, CountsOf(image, now), concerned);
        image.PictureMadeAt = now;
        image.PictureDue = false;
        var cost = _machine.GetElapsedTime(now, _machine.GetTimestamp()) * _options.FrameCostShare;
        image.PicturePause = cost < _options.PicturePause ? _options.PicturePause : cost > _options.PicturePauseMax ? _options.PicturePauseMax : cost;
        foreach (var watch in image.Watches)
        {
            watch.Offer(image.Picture);
        }
    }

    private ImmutableArray<AreaId> SilentStreets(long now) =>
    [
        .. _replicas.Values
            .Where(replica => replica.Area != _district && !(replica.HeardAt is { } heard && _machine.GetElapsedTime(heard, now) <= _options.SilentAfter))
            .Select(replica => replica.Area)
            .OrderBy(area => area.Value, StringComparer.Ordinal),
    ];

    // A frame's time is that of the area's own heartbeat, so that a live hub over a dead silo still greys.
    private DateTimeOffset AtOf(AreaImage image) => image.Description.Kind switch
    {
        AreaKind.District or AreaKind.Overlay => _replicas.Values.Where(replica => replica.Area != _district).Max(replica => replica.At),
        _ => _replicas[image.Id].At,
    };

    private AreaCounts CountsOf(AreaImage image, long now)
    {
        var canary = _canary is { } heard && _machine.GetElapsedTime(heard.HeardAt, now) <= _options.CanaryShownFor ? heard.Ms : (int?)null;
        return image.Description.Kind switch
        {
            AreaKind.District => CountDistrict(canary),
            AreaKind.Overlay => image.CountMembers() with
            {
                CanaryMs = canary, Seat = _replicas[_district].Counts.OverlaySeats.FirstOrDefault(seat => seat.Area == image.Id)?.Seat ?? SeatState.Quiet,
            },
            _ => WithHeld(_replicas[image.Id].Counts, image) with { CanaryMs = canary },
        };
    }

    // A grain counts what it holds; what the district holds is counted wherever it is shown.
    private AreaCounts WithHeld(AreaCounts counts, AreaImage image)
    {
        var held = image.CountHeldBy(_district);
        var own = counts.Warnings;
        return held is { Red: 0, Orange: 0, Yellow: 0, Blue: 0, Unacknowledged: 0 } ? counts : counts with
        {
            Warnings = new(own.Red + held.Red, own.Orange + held.Orange, own.Yellow + held.Yellow, own.Blue + held.Blue, own.Unacknowledged + held.Unacknowledged),
            Seat = image.Id == _district ? counts.Seat : WithRing(counts.Seat, image.CallsHeldBy(_district)),
        };
    }

    // While one that the district holds calls here too, the district's rings are heard here.
    private SeatState WithRing(SeatState seat, int calls)
    {
        var ring = _replicas[_district].Counts.Seat.Ring;
        return calls == 0 ? seat : seat with { Calling = seat.Calling + calls, Ring = ring is null || seat.Ring?.At > ring.At ? seat.Ring : ring };
    }

    private AreaCounts CountDistrict(int? canary)
    {
        var children = Areas
            .Where(area => area.Kind is AreaKind.Street or AreaKind.Outside)
            .Select(area => SituationView.From(area.Id, _epoch, _images[area.Id].Seq, _replicas[area.Id].At, _replicas[area.Id].Counts))
            .ToImmutableArray();
        return WithHeld(new AreaCounts
        {
            Devices = new(
                children.Sum(child => child.Devices.Normal), children.Sum(child => child.Devices.Stale), children.Sum(child => child.Devices.Offline),
                children.Sum(child => child.Devices.Unknown), children.Sum(child => child.Devices.Maintenance)),
            Warnings = new(
                children.Sum(child => child.Warnings.Red), children.Sum(child => child.Warnings.Orange), children.Sum(child => child.Warnings.Yellow),
                children.Sum(child => child.Warnings.Blue), children.Sum(child => child.Warnings.Unacknowledged)),
            Incidents = new(children.Sum(child => child.Incidents.Open), children.Sum(child => child.Incidents.Overdue)),
            Tasks = new(children.Sum(child => child.Tasks.Open), children.Sum(child => child.Tasks.Overdue)),
            Vitals = _replicas[_district].Counts.Vitals,
            Children = children,
            LastReadingAt = children.Max(child => child.LastReadingAt),
            CanaryMs = canary,
            Seat = _replicas[_district].Counts.Seat,
        }, _images[_district]);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The feed failed to take {Input}")]
    private static partial void InputFailed(ILogger log, Exception failure, string input);
}
