namespace CommandCenter.Web.Hosting;

/// <summary>Waiting for the host.</summary>
internal static class HostLife
{
    /// <summary>Returns when every service has started and the ports are open.</summary>
    public static async Task WaitForStartedAsync(this IHostApplicationLifetime lifetime, CancellationToken cancellation)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(cancellation);
    }
}
