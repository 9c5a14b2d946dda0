using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.RuleDesk;

/// <summary>Tries the version in force and then another one over the same past: one after the other, because few back-tests may run at once.</summary>
public sealed class BackTestRun(Func<IBackTestGrain> next)
{
    private bool _cancelled;
    private IBackTestGrain? _running;

    public bool IsRunning { get; private set; }

    /// <summary>The second of both is running.</summary>
    public bool AtNew { get; private set; }
    public long Taken { get; private set; }
    public DateTimeOffset? ReachedAt { get; private set; }

    /// <summary>Null: it was not asked for, or has not ended.</summary>
    public Outcome<BackTestAnswer>? Old { get; private set; }
    public Outcome<BackTestAnswer>? New { get; private set; }
    public bool WasCancelled => _cancelled;

    /// <summary>How much of the span is done, 0 to 100, over both.</summary>
    public double Percent(BackTestOrder order, bool both)
    {
        ArgumentNullException.ThrowIfNull(order);
        var one = ReachedAt is { } at && order.To > order.From ? Math.Clamp((at - order.From) / (order.To - order.From), 0, 1) * 100 : 0;
        return both ? (AtNew ? 50 : 0) + (one / 2) : one;
    }

    public async Task RunAsync(BackTestOrder? old, BackTestOrder? tried, Actor actor, Func<Task> progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        IsRunning = true;
        try
        {
            if (old is not null)
            {
                Old = await RunOneAsync(old, actor, progress);
            }

            if (tried is not null && !_cancelled && Old?.Refusal is null)
            {
                AtNew = old is not null;
                New = await RunOneAsync(tried, actor, progress);
            }
        }
        finally
        {
            IsRunning = false;
        }
    }

    public async Task CancelAsync()
    {
        _cancelled = true;
        if (_running is { } test)
        {
            await test.CancelAsync();
        }
    }

    private async Task<Outcome<BackTestAnswer>> RunOneAsync(BackTestOrder order, Actor actor, Func<Task> progress)
    {
        var test = next();
        _running = test;
        (Taken, ReachedAt) = (0, null);
        try
        {
            var state = await test.StartAsync(order, actor);
            while (state.Outcome is null)
            {
                (Taken, ReachedAt) = (state.Taken, state.ReachedAt);
                await progress();
                state = await test.WaitAsync();
            }

            return state.Outcome;
        }
        finally
        {
            _running = null;
            await test.CancelAsync();
        }
    }

    /// <summary>A name for a test of a screen; it is never met again.</summary>
    public static string NewKey() => "desk-" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
}

/// <summary>One side of a comparison in figures. A warning counts under its gravest colour.</summary>
public sealed record TriedCounts(int Blue, int Yellow, int Orange, int Red, int Standing, int Flapping)
{
    public static readonly TimeSpan FlapMax = TimeSpan.FromMinutes(5);

    public int Total => Blue + Yellow + Orange + Red;

    public int Of(Colour colour) => colour switch { Colour.Red => Red, Colour.Orange => Orange, Colour.Yellow => Yellow, _ => Blue };

    public static TriedCounts From(ImmutableArray<TriedWarning> warnings)
    {
        var by = new int[5];
        foreach (var warning in warnings)
        {
            by[(int)Peak(warning)]++;
        }

        return new(
            by[1], by[2], by[3], by[4], warnings.Count(warning => warning.ClearedAt is null),
            warnings.Count(warning => warning.ClearedAt is { } over && over - warning.RaisedAt <= FlapMax));
    }

    public static Colour Peak(TriedWarning warning)
    {
        ArgumentNullException.ThrowIfNull(warning);
        return warning.Changes.IsEmpty ? warning.Colour : (Colour)Math.Max((int)warning.Colour, warning.Changes.Max(change => (int)change.Colour));
    }

    /// <summary>Warnings without one of the same subject on the other side that overlaps them in time.</summary>
    public static ImmutableArray<TriedWarning> Only(ImmutableArray<TriedWarning> here, ImmutableArray<TriedWarning> there)
    {
        var bySubject = there.ToLookup(warning => warning.Subject, StringComparer.Ordinal);
        return [.. here.Where(warning => !bySubject[warning.Subject].Any(other =>
            warning.RaisedAt <= (other.ClearedAt ?? DateTimeOffset.MaxValue) && other.RaisedAt <= (warning.ClearedAt ?? DateTimeOffset.MaxValue)))];
    }
}
