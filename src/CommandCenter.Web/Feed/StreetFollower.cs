using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Options;

namespace CommandCenter.Web.Feed;

/// <summary>Subscribes the node to every street and to the district, and again every few seconds, because a street forgets a node that is silent.</summary>
internal sealed partial class StreetFollower(
    IClusterClient cluster, SituationFeed feed, IOptions<FeedOptions> options, TimeProvider machine, ILogger<StreetFollower> log) : BackgroundService
{
    /// <summary>A gap is noticed within this time and a snapshot asked for.</summary>
    private static readonly TimeSpan GapCheck = TimeSpan.FromMilliseconds(200);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var areas = await WaitForAreasAsync(stoppingToken);
        feed.Begin(areas);
        await Task.WhenAll(areas.Where(area => area.Kind != AreaKind.Overlay).Select(area => FollowAsync(area, stoppingToken)));
    }

    private async Task<System.Collections.Immutable.ImmutableArray<AreaDescription>> WaitForAreasAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                var areas = await cluster.GetGrain<IRecordsGrain>(0).ListAreasAsync();
                if (areas.Any(area => area.Kind == AreaKind.District))
                {
                    return areas;
                }
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                AreasFailed(log, failure);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), machine, cancellation);
        }
    }

    private async Task FollowAsync(AreaDescription area, CancellationToken cancellation)
    {
        var observer = new StreetObserver(area.Id, feed);
        var reference = cluster.CreateObjectReference<IAreaObserver>(observer);
        var replica = feed.Replicas[area.Id];
        using var timer = new PeriodicTimer(GapCheck, machine);
        var asked = (long?)null;
        try
        {
            do
            {
                var due = asked is null || machine.GetElapsedTime(asked.Value) >= options.Value.ResubscribeInterval || replica.Position is null;
                if (!due)
                {
                    continue;
                }

                asked = machine.GetTimestamp();
                try
                {
                    var position = replica.Position;
                    var parts = area.Kind == AreaKind.District
                        ? await cluster.GetGrain<IDistrictGrain>(area.Id.Value).SubscribeAsync(reference, position?.Epoch, position?.Seq ?? 0)
                        : await cluster.GetGrain<IStreetGrain>(area.Id.Value).SubscribeAsync(reference, position?.Epoch, position?.Seq ?? 0);
                    if (!parts.IsDefaultOrEmpty)
                    {
                        await feed.TellAsync(new StreetSnapshotCame(area.Id, parts), cancellation);
                    }
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // The street's silo may be down or restarting; the street goes grey and the next try heals it.
                    SubscribeFailed(log, failure, area.Id);
                    await Task.Delay(TimeSpan.FromSeconds(1), machine, cancellation);
                }
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        finally
        {
            // The runtime holds observers weakly.
            GC.KeepAlive(observer);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The areas are not known yet")]
    private static partial void AreasFailed(ILogger log, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The node could not subscribe to {Area}")]
    private static partial void SubscribeFailed(ILogger log, Exception failure, AreaId area);

    private sealed class StreetObserver(AreaId area, SituationFeed feed) : IAreaObserver
    {
        public Task ShowAsync(AreaFrame frame)
        {
            feed.Offer(area, frame);
            return Task.CompletedTask;
        }
    }
}
