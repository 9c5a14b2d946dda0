using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Notices;

/// <summary>The outbox pump of the cluster (one grain, key 0), so that no notice goes out from two silos.</summary>
[Alias("INoticesGrain")]
internal interface INoticesGrain : IGrainWithIntegerKey
{
    [Alias("Tick")]
    Task TickAsync();
}

internal sealed class NoticesGrain : Grain, INoticesGrain
{
    private readonly NoticePump pump;
    private readonly DomainClock clock;

    public NoticesGrain(IOutboxStore outbox, IEnumerable<INoticeChannel> channels, DomainClock clock, IOptions<NoticesOptions> options, ILogger<NoticesGrain> logger)
    {
        this.clock = clock;
        pump = new NoticePump(outbox, channels, options.Value, (task, receipt) => GrainFactory.GetGrain<IIncidentGrain>(task.Incident.Value).NoteReceiptAsync(task, receipt), logger);
    }

    public Task TickAsync() => pump.PumpAsync(clock.Now);
}
