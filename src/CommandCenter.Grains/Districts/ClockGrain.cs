using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Districts;

/// <summary>Fires stored clocks that are due. The incident acts once per (subject, clock, due time), and only then is the clock marked: a crash in between fires it again, never not at all.</summary>
internal sealed partial class ClockGrain(IClockStore store, DomainClock clock, IOptions<DistrictsOptions> options, ILogger<ClockGrain> logger) : Grain, IClockGrain
{
    private long _tickedAt = long.MinValue;

    public async Task TickAsync()
    {
        if (_tickedAt != long.MinValue && TimeProvider.System.GetElapsedTime(_tickedAt) < TimeSpan.FromMilliseconds(500))
        {
            return;
        }

        _tickedAt = TimeProvider.System.GetTimestamp();
        var now = clock.Now;
        foreach (var due in await store.LoadDueAsync(now, options.Value.ClocksPerTick))
        {
            try
            {
                // The subject is an incident, or a task, which begins with its incident.
                await GrainFactory.GetGrain<IIncidentGrain>(new TaskId(due.Subject).Incident.Value).FireClockAsync(due.Clock, due.DueAt);
                await store.MarkFiredAsync(due, clock.Now);
                LogFired(logger, due.Subject, due.Clock, now - due.DueAt);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // It stays due: the next tick tries again, and the others are not held up.
                LogFailed(logger, failure, due.Subject, due.Clock);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Clock {Clock} of {Subject} fired, late by {Late}")]
    private static partial void LogFired(ILogger logger, string subject, string clock, TimeSpan late);

    [LoggerMessage(Level = LogLevel.Error, Message = "Clock {Clock} of {Subject} could not be fired; it will be tried again")]
    private static partial void LogFailed(ILogger logger, Exception failure, string subject, string clock);
}
