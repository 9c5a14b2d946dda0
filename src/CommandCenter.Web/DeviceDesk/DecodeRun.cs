using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Api;
using IotIngest.Receiving;

namespace CommandCenter.Web.DeviceDesk;

/// <summary>Kept messages being decoded again, page by page, with what has become of them so far. Broken off, it can be begun anew: nothing is done twice.</summary>
public sealed class DecodeRun
{
    private readonly Func<RejectionQuery, CancellationToken, Task<DecodedPage>> _decode;
    private readonly RejectionQuery _wanted;

    internal DecodeRun(IGrainFactory grains, DecodingAgain again, RejectionQuery wanted, long total, Actor actor)
        : this((query, cancellation) => KeptMessages.DecodePageAsync(grains, again, query, actor, cancellation), wanted, total)
    {
    }

    internal DecodeRun(Func<RejectionQuery, CancellationToken, Task<DecodedPage>> decode, RejectionQuery wanted, long total) => (_decode, _wanted, Total) = (decode, wanted, total);

    /// <summary>Messages that waited when it began.</summary>
    public long Total { get; }

    public bool IsRunning { get; private set; }

    public bool IsDone { get; private set; }

    internal DecodedPage Sum { get; private set; } = DecodedPage.Nothing;

    public int Percent => Total == 0 ? 100 : (int)Math.Min(100, 100L * Sum.Messages / Total);

    public async Task RunAsync(Func<Task> show, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(show);
        IsRunning = true;
        try
        {
            var cursor = (string?)null;
            do
            {
                Sum = Sum.Add(await _decode(_wanted with { Limit = KeptMessages.PageDefault, Cursor = cursor }, cancellation));
                cursor = Sum.Next;
                await show();
            }
            while (cursor is not null);
            IsDone = true;
        }
        finally
        {
            IsRunning = false;
        }
    }
}
