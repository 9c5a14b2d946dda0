using System.Threading.Channels;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Feed;

/// <summary>One in-process screen: keeps the newest picture only, so that a slow screen skips pictures and delays nobody.</summary>
internal sealed partial class PictureWatch(AreaId area, Action<SituationPicture> show, Action<PictureWatch> stopped, ILogger log) : IDisposable
{
    private readonly Channel<SituationPicture> _newest = Channel.CreateBounded<SituationPicture>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public AreaId Area => area;

    public void Offer(SituationPicture picture) => _newest.Writer.TryWrite(picture);

    public async Task RunAsync()
    {
        await foreach (var picture in _newest.Reader.ReadAllAsync())
        {
            try
            {
                show(picture);
            }
            catch (ObjectDisposedException)
            {
                // The screen closed between the picture and the call.
                return;
            }
            catch (Exception failure)
            {
                // A screen that throws must not end its own updates: the next picture may draw again.
                ShowFailed(log, failure, area);
            }
        }
    }

    public void Dispose()
    {
        _newest.Writer.TryComplete();
        stopped(this);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A screen of {Area} failed to show a picture")]
    private static partial void ShowFailed(ILogger log, Exception failure, AreaId area);
}
