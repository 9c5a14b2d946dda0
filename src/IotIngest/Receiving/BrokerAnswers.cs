using System.Threading.Channels;
using IotIngest.Decoding;
using IotIngest.Hosting;
using Microsoft.Extensions.Logging;

namespace IotIngest.Receiving;

/// <summary>Messages that decoding asks for, such as the request that a Sparkplug node be born again. They go out on a loop of their own, so that no message waits for them;
/// when <see cref="WaitingMax"/> wait, the oldest is dropped and counted: whoever needs it asks again.</summary>
internal sealed partial class BrokerAnswers : IAsyncDisposable
{
    public const int WaitingMax = 256;

    private readonly Channel<BrokerAnswer> waiting;
    private readonly ILogger<BrokerAnswers> log;
    private readonly CancellationTokenSource stopping = new();
    private Task publishing = Task.CompletedTask;

    public BrokerAnswers(IngestMetrics metrics, ILogger<BrokerAnswers> log)
    {
        this.log = log;
        waiting = Channel.CreateBounded<BrokerAnswer>(
            new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => metrics.CountAnswerDropped());
    }

    public void Offer(in BrokerAnswer answer) => waiting.Writer.TryWrite(answer);

    /// <summary>Begins to publish; what waits since the replay goes out first.</summary>
    public void Start(Func<BrokerAnswer, CancellationToken, Task> publish) => publishing = PublishAsync(publish);

    public async Task StopAsync()
    {
        waiting.Writer.TryComplete();
        await stopping.CancelAsync().ConfigureAwait(false);
        await publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        if (!stopping.IsCancellationRequested)
        {
            await StopAsync().ConfigureAwait(false);
        }

        stopping.Dispose();
    }

    private async Task PublishAsync(Func<BrokerAnswer, CancellationToken, Task> publish)
    {
        await foreach (var answer in waiting.Reader.ReadAllAsync(stopping.Token).ConfigureAwait(false))
        {
            try
            {
                await publish(answer, stopping.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                LogNotPublished(failure, answer.Topic);
            }
        }
    }
}
