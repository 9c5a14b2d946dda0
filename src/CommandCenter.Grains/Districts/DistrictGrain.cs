using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Pushing;
using CommandCenter.Grains.Streets;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Districts;

/// <summary>The streets rolled up. A street that falls silent keeps the time of its own last heartbeat, so its age shows.</summary>
internal sealed class DistrictGrain : Grain, IDistrictGrain
{
    private readonly AreaId _area;
    private readonly DistrictPicture _picture;
    private readonly AreaPublisher _publisher;
    private IGrainTimer? _frameTimer;
    private long _tickedAt = long.MinValue;

    public DistrictGrain(AreaMap areas, DomainClock clock, IOptions<PushingOptions> pushing)
    {
        _area = new(this.GetPrimaryKeyString());
        _picture = new(clock, areas.Streets.Select(street => street.Id));
        _publisher = new(_area, Epochs.Next(), _picture, TimeProvider.System, pushing.Value, new FramePumps(pushing.Value.FramesWaitingMax).Send);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _frameTimer = this.RegisterGrainTimer(ShowDueAsync, new GrainTimerCreationOptions { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan });
        return Task.CompletedTask;
    }

    public Task ReportAsync(StreetSummary summary)
    {
        _picture.Take(summary.Situation);
        Offer();
        return Task.CompletedTask;
    }

    public Task TickAsync()
    {
        // Every silo ticks the district; one tick a second is enough.
        if (_tickedAt == long.MinValue || TimeProvider.System.GetElapsedTime(_tickedAt) >= TimeSpan.FromMilliseconds(500))
        {
            _tickedAt = TimeProvider.System.GetTimestamp();
            _publisher.Heartbeat();
        }

        return Task.CompletedTask;
    }

    public Task<SituationView> GetSituationAsync() =>
        Task.FromResult(SituationView.From(_area, _publisher.Epoch, _publisher.Seq, _picture.Now, _picture.Counts()));

    public Task<ImmutableArray<AreaSnapshotPart>> SubscribeAsync(IAreaObserver observer, string? knownEpoch, long knownSeq) =>
        Task.FromResult(_publisher.Subscribe(observer, knownEpoch, knownSeq));

    private void Offer()
    {
        if (_publisher.Offer() is { } due)
        {
            _frameTimer?.Change(due < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : due, Timeout.InfiniteTimeSpan);
        }
    }

    private Task ShowDueAsync(CancellationToken cancellation)
    {
        Offer();
        return Task.CompletedTask;
    }
}
