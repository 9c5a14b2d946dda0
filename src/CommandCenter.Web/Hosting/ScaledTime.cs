using System.Globalization;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Hosting;

/// <summary>A clock that started at one time and runs at a multiple of the machine's. Timers stay the machine's: only the time that is read is scaled.</summary>
internal sealed class ScaledTime(TimeProvider machine, DateTimeOffset domainStart, double speed) : TimeProvider
{
    private readonly long _started = machine.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => domainStart + (machine.GetElapsedTime(_started) * speed);
}

/// <summary>Keeps the demonstration's time in <c>demo-clock</c> of the data directory, so that the city's time never runs backwards over a restart.</summary>
internal static class DemoClockFile
{
    /// <summary>How often the time is written; a start after a crash skips this much, scaled.</summary>
    public static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(5);

    private const string FileName = "demo-clock";

    /// <summary>The domain's clock: the machine's own, unless the demonstration runs faster or has run ahead of it.</summary>
    public static DomainClock Open(TimeProvider machine, string dataDirectory, DemoSettings demo)
    {
        var now = machine.GetUtcNow();
        var start = now;
        if (demo.Enabled && Read(dataDirectory) is { } last && last + (WriteInterval * 2 * demo.Speed) > now)
        {
            start = last + (WriteInterval * 2 * demo.Speed);
        }

        return demo.Enabled && (demo.Speed > 1 || start > now)
            ? new DomainClock(new ScaledTime(machine, start, demo.Speed), demo.Speed)
            : new DomainClock(machine);
    }

    /// <summary>Null when the demonstration never ran ahead of the machine's time here.</summary>
    public static DateTimeOffset? Read(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        return File.Exists(path) && DateTimeOffset.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at : null;
    }

    public static void Write(string dataDirectory, DateTimeOffset at)
    {
        var path = Path.Combine(dataDirectory, FileName);
        File.WriteAllText(path + ".new", ContractJson.Format(at));
        File.Move(path + ".new", path, overwrite: true);
    }
}

/// <summary>Writes the demonstration's time while it runs ahead of the machine's.</summary>
internal sealed class DemoClockWriter(DomainClock clock, TimeProvider machine, StartSettings settings) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(DemoClockFile.WriteInterval, machine);
        try
        {
            do
            {
                DemoClockFile.Write(settings.DataDirectory, clock.Now);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            DemoClockFile.Write(settings.DataDirectory, clock.Now);
        }
    }
}
