using System.Threading.Channels;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using Microsoft.AspNetCore.SignalR;

namespace CommandCenter.Web.Tests.Feed;

public sealed class ScreenConnectionTests
{
    private static readonly AreaId Street = new("320404002");

    [Fact]
    public async Task Frames_are_sent_in_order_after_the_snapshot()
    {
        var client = new PretendedClient();
        var screen = new ScreenConnection("c", client, queueMax: 8);
        screen.Begin([Wire(1, part: 1)]);
        Assert.True(screen.Offer(Wire(2)));
        Assert.True(screen.Offer(Wire(3)));
        using var stop = new CancellationTokenSource();
        var pump = screen.PumpAsync(_ => ValueTask.CompletedTask, stop.Token);
        Assert.Equal(("Snapshot", 1L), await client.NextAsync());
        Assert.Equal(("Frame", 2L), await client.NextAsync());
        Assert.Equal(("Frame", 3L), await client.NextAsync());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
    }

    [Fact]
    public async Task Screen_that_lags_loses_its_frames_and_asks_for_a_snapshot_once_it_has_caught_up()
    {
        var client = new PretendedClient();
        var screen = new ScreenConnection("c", client, queueMax: 2);
        Assert.True(screen.Offer(Wire(1)));
        Assert.True(screen.Offer(Wire(2)));
        Assert.False(screen.Offer(Wire(3)));
        var caughtUp = new TaskCompletionSource<AreaId>();
        using var stop = new CancellationTokenSource();
        var pump = screen.PumpAsync(
            area =>
            {
                caughtUp.TrySetResult(area);
                return ValueTask.CompletedTask;
            },
            stop.Token);
        Assert.Equal(Street, await caughtUp.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Equal(0, client.Waiting);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
    }

    private static WireFrame Wire(long seq, int part = 0) => new(new AreaFrame { Area = Street, Epoch = "e", Seq = seq, At = DateTimeOffset.UnixEpoch }, part, part);

    private sealed class PretendedClient : ISingleClientProxy
    {
        private readonly Channel<(string Method, long Seq)> _sent = Channel.CreateUnbounded<(string, long)>();

        public int Waiting => _sent.Reader.Count;

        public async Task<(string Method, long Seq)> NextAsync() =>
            await _sent.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        public Task SendCoreAsync(string method, object?[] args, CancellationToken cancellationToken = default)
        {
            _sent.Writer.TryWrite((method, ((WireFrame)args[0]!).Frame.Seq));
            return Task.CompletedTask;
        }

        public Task<T> InvokeCoreAsync<T>(string method, object?[] args, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
