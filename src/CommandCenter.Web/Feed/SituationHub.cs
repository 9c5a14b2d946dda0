using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace CommandCenter.Web.Feed;

/// <summary>The hub of live pictures: <c>Subscribe(area)</c> answers with snapshot parts, then frames follow.</summary>
internal sealed partial class SituationHub(
    SituationFeed feed, IHubContext<SituationHub> hub, IOptions<FeedOptions> options, Instruments instruments, ILogger<SituationHub> log) : Hub
{
    private static readonly object ScreenKey = new();

    public override Task OnConnectedAsync()
    {
        var screen = new ScreenConnection(Context.ConnectionId, hub.Clients.Client(Context.ConnectionId), options.Value.ConnectionQueueMax);
        Context.Items[ScreenKey] = screen;
        instruments.Screens.Add(1);
        _ = PumpAsync(screen, feed, log, Context.ConnectionAborted);
        return Task.CompletedTask;
    }

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        instruments.Screens.Add(-1);
        var screen = (ScreenConnection)Context.Items[ScreenKey]!;
        foreach (var area in screen.Areas)
        {
            await feed.TellAsync(new ScreenUnsubscribed(screen, area));
        }
    }

    public async Task Subscribe(string area)
    {
        await feed.Ready.WaitAsync(TimeSpan.FromSeconds(30), Context.ConnectionAborted);
        var screen = (ScreenConnection)Context.Items[ScreenKey]!;
        var id = new AreaId(area ?? string.Empty);
        if (ActorClaims.FromPrincipal(Context.User) is not { } actor || !feed.MaySee(id, actor))
        {
            throw new HubException("not_found");
        }

        if (!screen.Areas.Contains(id) && screen.Areas.Count >= options.Value.AreasPerConnectionMax)
        {
            throw new HubException("too_many_areas");
        }

        screen.Areas.Add(id);
        await feed.TellAsync(new ScreenSubscribed(screen, id), Context.ConnectionAborted);
    }

    public async Task Unsubscribe(string area)
    {
        var screen = (ScreenConnection)Context.Items[ScreenKey]!;
        var id = new AreaId(area ?? string.Empty);
        if (screen.Areas.Remove(id))
        {
            await feed.TellAsync(new ScreenUnsubscribed(screen, id), Context.ConnectionAborted);
        }
    }

    private static async Task PumpAsync(ScreenConnection screen, SituationFeed feed, ILogger log, CancellationToken aborted)
    {
        try
        {
            await screen.PumpAsync(area => feed.TellAsync(new ScreenSubscribed(screen, area), aborted), aborted);
        }
        catch (OperationCanceledException)
        {
            // The screen left.
        }
        catch (Exception failure)
        {
            PumpFailed(log, failure, screen.Id);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sending to the screen {Screen} failed")]
    private static partial void PumpFailed(ILogger log, Exception failure, string screen);
}
