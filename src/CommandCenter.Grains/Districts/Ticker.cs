using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Districts;

/// <summary>Wakes every street, the district and the clocks each second, on every silo: a grain's own timer dies with its silo, and nothing else wakes a quiet street.</summary>
internal sealed partial class Ticker(IGrainFactory grains, AreaMap areas, ILogger<Ticker> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var ticks = new List<Tick>
        {
            new("clock", () => grains.GetGrain<IClockGrain>(0).TickAsync()),
            new("district", () => grains.GetGrain<IDistrictGrain>(areas.District.Id.Value).TickAsync()),
        };
        ticks.AddRange(areas.Streets.Select(street => new Tick(street.Id.Value, () => grains.GetGrain<IStreetGrain>(street.Id.Value).TickAsync())));
        using var timer = new PeriodicTimer(Every, TimeProvider.System);
        try
        {
            // The rule book stores the shipped rules when it first wakes.
            ticks.Add(new("rules", () => grains.GetGrain<IRuleBookGrain>(0).GetAsync(new("R01"))));
            do
            {
                foreach (var tick in ticks)
                {
                    Start(tick);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped(logger);
        }
    }

    // A tick that takes longer than a second is not overtaken by the next one.
    private void Start(Tick tick)
    {
        if (tick.Running is { IsCompleted: false })
        {
            return;
        }

        tick.Running = RunAsync(tick);
    }

    private async Task RunAsync(Tick tick)
    {
        try
        {
            await tick.Call();
            tick.Failing = false;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            if (!tick.Failing)
            {
                LogFailed(logger, failure, tick.Name);
            }

            tick.Failing = true;
        }
    }

    private sealed class Tick(string name, Func<Task> call)
    {
        public string Name => name;
        public Func<Task> Call => call;
        public Task? Running { get; set; }
        public bool Failing { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Tick of {Name} failed; it goes on each second and is told again when it has worked in between")]
    private static partial void LogFailed(ILogger logger, Exception failure, string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ticker stopped")]
    private static partial void LogStopped(ILogger logger);
}
