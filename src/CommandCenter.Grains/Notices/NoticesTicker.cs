using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Notices;

/// <summary>Wakes the pump each second, and once at the start the plan book, so that the shipped plans and units are there before the first incident.</summary>
internal sealed partial class NoticesTicker(IGrainFactory grains, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<NoticesTicker> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The silo goes as soon as the host begins to stop, which is before this part is told to.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        var stopping = stop.Token;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var onStart = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await using var onStop = stopping.Register(() => started.TrySetCanceled(stopping));
        try
        {
            await started.Task;
            using var timer = new PeriodicTimer(Interval, time);
            var planned = false;
            do
            {
                planned = await TickAsync(planned, stopping);
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (Exception failure) when (stopping.IsCancellationRequested && failure is not OutOfMemoryException)
        {
            LogStopped(logger);
        }
    }

    private async Task<bool> TickAsync(bool planned, CancellationToken stopping)
    {
        try
        {
            if (!planned)
            {
                await grains.GetGrain<IPlanBookGrain>(0).ListPlansAsync();
            }

            await grains.GetGrain<INoticesGrain>(0).TickAsync();
            return true;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException && !stopping.IsCancellationRequested)
        {
            LogTickFailed(logger, failure);
            return planned;
        }
    }
}
