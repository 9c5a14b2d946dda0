using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Warnings;

/// <summary>The colour of a warning from an event time on.</summary>
internal sealed record BackTestChange(DateTimeOffset At, Colour Colour);

/// <summary>A warning that would have been raised. <see cref="Colour"/> is its last one.</summary>
internal sealed record BackTestWarning
{
    public required WarningId Id { get; init; }
    public required RuleId Rule { get; init; }
    public required string Subject { get; init; }
    public required Colour Colour { get; init; }
    public required Colour PeakColour { get; init; }
    public required DateTimeOffset OnsetAt { get; init; }
    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>When it was over, while it would have waited for a person.</summary>
    public DateTimeOffset? RecoveredAt { get; init; }

    /// <summary>Null: still open at the end.</summary>
    public DateTimeOffset? ClearedAt { get; init; }
    public ImmutableArray<BackTestChange> Changes { get; init; } = [];
}

/// <summary>How far it has come: readings, events and positions taken, and the time of receipt reached.</summary>
internal sealed record BackTestProgress(long Taken, DateTimeOffset ReachedAt);

/// <param name="Evaluated">Readings, events and positions of the devices that were received from the beginning on, without the warm-up.</param>
/// <param name="Warnings">In order of being raised.</param>
internal sealed record BackTestResult(long Evaluated, ImmutableArray<BackTestWarning> Warnings);

/// <summary>Runs rules over arrivals of the past through the very machine that judges the present, so that the same arrivals in the same order give the same warnings.</summary>
internal static class BackTest
{
    private const int ArrivalsPerProgress = 10_000;

    /// <summary>Judges the arrivals, oldest first; those received before <paramref name="from"/> only fill windows and baselines, and what was over by then is left out.</summary>
    /// <param name="rules">What is tried, and what it looks at. Enabled or not, they are judged.</param>
    /// <param name="arrivals">As they were received; of other devices than the given ones nothing is taken.</param>
    /// <param name="until">The clock at the end: holds that are due by then have fired.</param>
    public static async Task<BackTestResult> RunAsync(
        ImmutableArray<RuleDefinition> rules, ImmutableArray<DeviceRegistration> devices, IAsyncEnumerable<IngestBatch> arrivals,
        DateTimeOffset from, DateTimeOffset until, IProgress<BackTestProgress>? progress = null, AreaFences? fences = null, CancellationToken cancellation = default)
    {
        var run = new Run([.. rules.Select(rule => rule with { Enabled = true })], devices, from, fences);
        var reported = 0L;
        await foreach (var batch in arrivals.WithCancellation(cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            run.Take(batch);
            if (run.Taken - reported >= ArrivalsPerProgress)
            {
                reported = run.Taken;
                progress?.Report(new(run.Taken, run.ReachedAt));
            }
        }

        return run.Finish(until);
    }

    private sealed class Run
    {
        private readonly Dictionary<AreaId, StreetJudgement> _streets = [];
        private readonly HashSet<DeviceId> _devices;
        private readonly DateTimeOffset _from;
        private readonly Dictionary<WarningId, BackTestWarning> _warnings = [];
        private readonly List<WarningId> _order = [];
        private long _evaluated;

        public Run(ImmutableArray<RuleDefinition> rules, ImmutableArray<DeviceRegistration> devices, DateTimeOffset from, AreaFences? fences)
        {
            _from = from;
            _devices = [.. devices.Select(device => device.Id)];
            foreach (var group in devices.GroupBy(device => device.Street))
            {
                var street = new StreetJudgement(group.Key, fences: fences) { Judged = Note };
                street.PutDevices([.. group], [], DateTimeOffset.UnixEpoch);
                street.PutRules(rules, DateTimeOffset.UnixEpoch);
                _streets[group.Key] = street;
            }
        }

        public long Taken { get; private set; }
        public DateTimeOffset ReachedAt { get; private set; } = DateTimeOffset.MinValue;

        public void Take(IngestBatch batch)
        {
            if (!_streets.TryGetValue(batch.Street, out var street))
            {
                return;
            }

            var own = batch with
            {
                Readings = batch.Readings.RemoveAll(reading => !_devices.Contains(reading.Device)),
                Events = batch.Events.RemoveAll(happened => !_devices.Contains(happened.Device)),
                Positions = batch.Positions.RemoveAll(position => !_devices.Contains(position.Device)),
                Statuses = batch.Statuses.RemoveAll(status => !_devices.Contains(status.Device)),
                LateReadings = batch.LateReadings.RemoveAll(reading => !_devices.Contains(reading.Device)),
            };
            var taken = own.Readings.Length + own.Events.Length + own.Positions.Length;
            if (taken + own.Statuses.Length + own.LateReadings.Length == 0)
            {
                return;
            }

            street.Apply(own);
            if (ReachedAt < street.NewestReceivedAt)
            {
                ReachedAt = street.NewestReceivedAt;
            }

            // As the street does after each batch: what was due by then is judged before what came later.
            street.AdvanceHolds(street.NewestReceivedAt);
            street.ChangedSlots.Clear();
            street.Warnings.Unsaved.Clear();
            street.Warnings.DroppedUnsaved.Clear();
            street.Warnings.Touched.Clear();
            Taken += taken;
            _evaluated += street.NewestReceivedAt >= _from ? taken : 0;
        }

        public BackTestResult Finish(DateTimeOffset until)
        {
            foreach (var street in _streets.Values)
            {
                street.Advance(until);
            }

            var told = _order.Select(id => _warnings[id]).Where(warning => warning.ClearedAt is null || warning.ClearedAt >= _from);
            return new(_evaluated, [.. told.OrderBy(warning => warning.RaisedAt).ThenBy(warning => warning.Rule.Value, StringComparer.Ordinal).ThenBy(warning => warning.Subject, StringComparer.Ordinal)]);
        }

        private void Note(Verdict verdict, WarningView? before, WarningView? after)
        {
            var at = DateTimeOffset.FromUnixTimeMilliseconds(verdict.At);
            if (after is { State: WarningState.Raised })
            {
                if (!_warnings.TryGetValue(after.Id, out var known))
                {
                    _order.Add(after.Id);
                    known = new()
                    {
                        Id = after.Id, Rule = after.Rule, Subject = after.Subject, Colour = 0, PeakColour = after.PeakColour, OnsetAt = after.OnsetAt, RaisedAt = after.RaisedAt ?? at,
                    };
                }

                _warnings[after.Id] = known with
                {
                    Colour = after.Colour, PeakColour = after.PeakColour, RecoveredAt = after.RecoveredAt,
                    Changes = known.Colour == after.Colour ? known.Changes : known.Changes.Add(new(at, after.Colour)),
                };
            }
            else if (before is not null && after is null && _warnings.TryGetValue(before.Id, out var open))
            {
                _warnings[before.Id] = open with { ClearedAt = at };
            }
        }
    }
}
