using CommandCenter.Grains.Contracts;
using IotIngest.Delivering;

namespace IotIngest.Hosting;

/// <summary>Tells the cluster every two seconds how this node is, from before it opens until it stops. A word that is not heard is not said again: the next one is newer.</summary>
internal sealed class HealthReporting(GrainBorder grains, Func<IngestNodeHealth> look, TimeProvider timers) : IDisposable
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource stopping = new();
    private Task reporting = Task.CompletedTask;

    public void Start() => reporting = grains.Health is null ? Task.CompletedTask : ReportAsync();

    public async Task StopAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await reporting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => stopping.Dispose();

    private async Task ReportAsync()
    {
        using var timer = new PeriodicTimer(Every, timers);
        while (await timer.WaitForNextTickAsync(stopping.Token).ConfigureAwait(false))
        {
            await grains.Health!().ReportAsync(look()).WaitAsync(Every, timers, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
