using System.Globalization;

namespace CommandCenter.Grains.Tests.Rules;

/// <summary>The rules' meaning, calculated plainly over a whole series at once and without any of the product's code: for each colour a list of stretches, then the
/// warning is what the colours say together. Time runs as the device's clock does: a gap counts two intervals at most.</summary>
internal sealed class PlainCalculation(long intervalMs)
{
    public sealed record Level(string Colour, double Value, long OnDelayMs, int MinSamples);

    /// <summary>What each level judges at each reading: NaN, it cannot be said. Index: level, reading.</summary>
    public static double[][] Same(IReadOnlyList<(long At, double Value)> series, int levels) =>
        [.. Enumerable.Range(0, levels).Select(_ => series.Select(reading => reading.Value).ToArray())];

    /// <summary>Sums of t − span &lt; t′ ≤ t, added as whole thousandths.</summary>
    public static double[] Sums(IReadOnlyList<(long At, double Value)> series, long spanMs) =>
        [.. Enumerable.Range(0, series.Count).Select(i => Inside(series, i, spanMs).Sum(reading => (long)Math.Round(reading.Value * 1000)) / 1000.0)];

    /// <summary>Means, where readings cover enough of the span: each the time back to the one before it, at most an interval.</summary>
    public double[] Means(IReadOnlyList<(long At, double Value)> series, long spanMs, double coverage) =>
    [
        .. Enumerable.Range(0, series.Count).Select(i =>
        {
            var inside = Inside(series, i, spanMs).ToList();
            var first = i - inside.Count + 1;
            var covered = Enumerable.Range(first, inside.Count).Sum(k => k == 0 ? intervalMs : Math.Min(intervalMs, series[k].At - series[k - 1].At));
            return covered < coverage * spanMs ? double.NaN : inside.Sum(reading => (long)Math.Round(reading.Value * 1000)) / 1000.0 / inside.Count;
        }),
    ];

    /// <summary>Newest less oldest of the look-back, per period, over readings without a longer gap between them.</summary>
    public static double[] Slopes(IReadOnlyList<(long At, double Value)> series, long periodMs, long lookBackMs, long minSpanMs, long maxGapMs) =>
    [
        .. Enumerable.Range(0, series.Count).Select(i =>
        {
            var oldest = i;
            while (oldest > 0 && series[oldest - 1].At >= series[i].At - lookBackMs && series[oldest].At - series[oldest - 1].At <= maxGapMs)
            {
                oldest--;
            }

            var span = series[i].At - series[oldest].At;
            return span == 0 || span < minSpanMs ? double.NaN : (double)(((decimal)series[i].Value - (decimal)series[oldest].Value) * periodMs / span);
        }),
    ];

    /// <summary>Each raised warning as "onset raised cleared changes", times in seconds; cleared "-" when it is still open.</summary>
    public List<string> Warnings(IReadOnlyList<long> times, double[][] measured, IReadOnlyList<Level> levels, Func<double, double> kept, long offDelayMs)
    {
        var running = new long[times.Count];
        for (var i = 1; i < times.Count; i++)
        {
            running[i] = running[i - 1] + Math.Min(times[i] - times[i - 1], 2 * intervalMs);
        }

        var end = running[^1] + (2 * intervalMs);
        var states = levels.Select(_ => new State()).ToArray();
        var warnings = new List<string>();
        var (onset, raised, changes, colour) = (-1L, -1L, new List<string>(), -1);
        for (var i = 0; i <= times.Count; i++)
        {
            // Everything due by this reading, in order of running time.
            var limit = i < times.Count ? running[i] : end;
            while (true)
            {
                var due = states.Min(state => state.Due);
                if (due > limit)
                {
                    break;
                }

                for (var k = levels.Count - 1; k >= 0; k--)
                {
                    if (states[k].Due != due)
                    {
                        continue;
                    }

                    if (states[k].Raised)
                    {
                        states[k] = new();
                    }
                    else
                    {
                        foreach (var lesser in states.Take(k + 1).Where(state => state.Since >= 0 && !state.Raised))
                        {
                            lesser.Raised = true;
                            lesser.Recovers = long.MaxValue;
                        }
                    }
                }

                Note(Clock(due, i));
            }

            if (i == times.Count)
            {
                break;
            }

            for (var k = 0; k < levels.Count; k++)
            {
                var (state, value) = (states[k], measured[k][i]);
                if (double.IsNaN(value))
                {
                    continue;
                }

                if (value >= levels[k].Value)
                {
                    state.Recovers = long.MaxValue;
                    if (state.Since < 0)
                    {
                        (state.Since, state.Samples, state.EnoughAt, state.Delay) = (running[i], 0, long.MaxValue, levels[k].OnDelayMs);
                    }

                    if (++state.Samples == levels[k].MinSamples)
                    {
                        state.EnoughAt = running[i];
                    }
                }
                else if (!state.Raised)
                {
                    state.Since = -1;
                }
                else if (value >= kept(levels[k].Value))
                {
                    state.Recovers = long.MaxValue;
                }
                else if (state.Recovers == long.MaxValue)
                {
                    state.Recovers = running[i] + offDelayMs;
                }
            }

            if (onset < 0 && states.Any(state => state.Since >= 0))
            {
                onset = times[i];
            }

            Note(times[i]);
        }

        if (raised >= 0)
        {
            warnings.Add(Tell("-"));
        }

        return warnings;

        // A due time lies after the reading before it; what the clock did not run through lies at its standstill.
        long Clock(long due, int next) => times[next - 1] + (due - running[next - 1]);

        void Note(long at)
        {
            var highest = Array.FindLastIndex(states, state => state.Raised);
            if (highest > colour || (highest < colour && highest >= 0))
            {
                raised = raised < 0 ? at : raised;
                colour = highest;
                changes.Add($"{at / 1000}:{levels[highest].Colour}");
            }

            if (states.All(state => !state.Raised && state.Since < 0))
            {
                if (raised >= 0)
                {
                    warnings.Add(Tell((at / 1000).ToString(CultureInfo.InvariantCulture)));
                }

                (onset, raised, changes, colour) = (-1, -1, [], -1);
            }
        }

        string Tell(string cleared) => $"{onset / 1000} {raised / 1000} {cleared} {string.Join(',', changes)}";
    }

    private sealed class State
    {
        public long Since = -1;
        public long Delay;
        public int Samples;
        public long EnoughAt = long.MaxValue;
        public bool Raised;
        public long Recovers = long.MaxValue;

        public long Due => Raised ? Recovers : Since < 0 || EnoughAt == long.MaxValue ? long.MaxValue : Math.Max(Since + Delay, EnoughAt);
    }

    private static IEnumerable<(long At, double Value)> Inside(IReadOnlyList<(long At, double Value)> series, int newest, long spanMs)
    {
        for (var k = newest; k >= 0 && series[k].At > series[newest].At - spanMs; k--)
        {
            yield return series[k];
        }
    }
}
