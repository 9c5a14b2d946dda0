using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.RuleDesk;
using Xunit;

namespace CommandCenter.Web.Tests.RuleDesk;

/// <summary>Two versions over the same past, and what comes of it.</summary>
public sealed class BackTestRunTests
{
    private static readonly DateTimeOffset From = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private static readonly BackTestOrder Order = new() { Rule = new("R01"), From = From, To = From.AddHours(10) };

    private static TriedWarning Warning(string subject, double raised, double? cleared, params Colour[] colours) => new()
    {
        Rule = new("R01"), Subject = subject, Colour = colours[^1], OnsetAt = From.AddMinutes(raised - 1), RaisedAt = From.AddMinutes(raised), ClearedAt = cleared is { } at ? From.AddMinutes(at) : null,
        Changes = [.. colours.Select((colour, index) => new TriedChange(From.AddMinutes(raised + index), colour))],
    };

    [Fact]
    public async Task The_version_in_force_runs_first_and_progress_counts_both_halves()
    {
        var tests = new Queue<FakeTest>([new(Warning("a", 1, 3, Colour.Blue)), new(Warning("b", 1, null, Colour.Red))]);
        var run = new BackTestRun(() => tests.Dequeue());
        var percents = new List<double>();

        await run.RunAsync(Order, Order with { Document = "{}" }, Actor.System, () =>
        {
            percents.Add(run.Percent(Order, both: true));
            return Task.CompletedTask;
        });

        Assert.Equal([0, 25, 50, 75], percents);
        Assert.Equal("a", run.Old!.Value!.Warnings.Single().Subject);
        Assert.Equal("b", run.New!.Value!.Warnings.Single().Subject);
        Assert.False(run.IsRunning);
    }

    [Fact]
    public async Task A_refusal_of_the_first_ends_it_and_a_stop_reaches_the_one_that_runs()
    {
        var refused = new BackTestRun(() => new FakeTest(null));
        await refused.RunAsync(Order, Order, Actor.System, () => Task.CompletedTask);
        Assert.Equal(Refusal.Unprocessable, refused.Old!.Refusal);
        Assert.Null(refused.New);

        var running = new FakeTest(Warning("a", 1, 3, Colour.Blue));
        var stopped = new BackTestRun(() => running);
        await stopped.RunAsync(Order, Order, Actor.System, () => stopped.CancelAsync());
        Assert.True(stopped.WasCancelled);
        Assert.True(running.Cancelled);
        Assert.Null(stopped.New);
    }

    [Fact]
    public void Warnings_count_under_their_gravest_colour_and_flap_when_over_within_five_minutes()
    {
        var counts = TriedCounts.From([Warning("a", 1, 6, Colour.Yellow, Colour.Red, Colour.Blue), Warning("a", 10, 15.1, Colour.Blue), Warning("b", 1, null, Colour.Orange)]);
        Assert.Equal(new TriedCounts(Blue: 1, Yellow: 0, Orange: 1, Red: 1, Standing: 1, Flapping: 1), counts);
    }

    [Fact]
    public void What_overlaps_in_time_at_the_same_device_is_the_same_occurrence()
    {
        ImmutableArray<TriedWarning> old = [Warning("a", 10, 20, Colour.Blue), Warning("a", 40, null, Colour.Blue), Warning("b", 10, 20, Colour.Blue)];
        ImmutableArray<TriedWarning> tried = [Warning("a", 20, 25, Colour.Red), Warning("b", 21, 25, Colour.Blue), Warning("a", 500, 501, Colour.Blue)];
        Assert.Equal(["b"], TriedCounts.Only(old, tried).Select(warning => warning.Subject));
        Assert.Equal(["b"], TriedCounts.Only(tried, old).Select(warning => warning.Subject));
    }

    [Fact]
    public void The_series_keeps_its_gaps_and_the_step_keeps_it_short()
    {
        ImmutableArray<HistoryInterval> points = [.. ((int[])[0, 1, 2, 30, 31]).Select(minute => new HistoryInterval(From.AddMinutes(minute), minute, minute, minute, 1))];
        var scale = new SeriesScale(From, From.AddHours(1), 0, 31, 0, 600, 0, 100);
        Assert.Equal([3, 2], scale.Lines(points, TimeSpan.FromMinutes(3)).Select(line => line.Trim().Split(' ').Length));
        Assert.Equal(TimeSpan.FromMinutes(5), SeriesScale.StepOf(TimeSpan.FromHours(24)));
        Assert.Equal(TimeSpan.FromMinutes(30), SeriesScale.StepOf(TimeSpan.FromDays(7)));
        Assert.Equal((0.0, 108.0), SeriesScale.Around([5, 100, 20]) is var (low, high) ? (low, Math.Round(high)) : default);
        Assert.Equal(
            [(From.AddMinutes(1), From.AddMinutes(2), Colour.Yellow), (From.AddMinutes(2), From.AddMinutes(60), Colour.Red)],
            WarningBand.Of(Warning("a", 1, null, Colour.Yellow, Colour.Red), From.AddHours(1)).Select(band => (band.From, band.To, band.Colour)));
    }

    private sealed class FakeTest(TriedWarning? warning) : IBackTestGrain
    {
        private int _asked;

        public bool Cancelled { get; private set; }

        public Task<BackTestState> StartAsync(BackTestOrder order, Actor actor) => Task.FromResult(new BackTestState(0, null, null));

        public Task<BackTestState> WaitAsync() => Task.FromResult(
            Cancelled ? new BackTestState(0, null, Outcome.Refused<BackTestAnswer>(Refusal.NotInThisPhase)) : ++_asked == 1 ? new BackTestState(5, Order.From.AddHours(5), null)
            : new BackTestState(10, Order.To, warning is null ? Outcome.Refused<BackTestAnswer>(Refusal.Unprocessable) : Outcome.Of(new BackTestAnswer(10, [warning]))));

        public Task CancelAsync()
        {
            Cancelled = true;
            return Task.CompletedTask;
        }
    }
}
