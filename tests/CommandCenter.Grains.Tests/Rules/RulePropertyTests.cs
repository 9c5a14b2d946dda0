using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;
using CsCheck;

namespace CommandCenter.Grains.Tests.Rules;

/// <summary>Random rules of every measuring kind over random series: live with ticks, over a restart, and as a back-test of the same arrivals, the warnings are the same.
/// A failure prints its seed.</summary>
public sealed class RulePropertyTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 16, 0, 0, TimeSpan.Zero);
    private static readonly AreaId Street = new("320404002");

    private static readonly ImmutableArray<DeviceRegistration> Devices =
    [
        new() { Id = new("a"), Name = "a", Kind = "water_level", Street = Street, IntervalSeconds = 60, Tags = ["zone"] },
        new() { Id = new("b"), Name = "b", Kind = "water_level", Street = Street, IntervalSeconds = 600 },
    ];

    /// <summary>After so many milliseconds a device says one value of one quantity (the third is a position), observed so much earlier.</summary>
    private sealed record Arrival(int AfterMs, int Device, int Sort, int Value, int LagMs, bool Bad, bool Again);

    private static readonly Gen<Arrival[]> Course =
        Gen.Select(
            Gen.Frequency((10, Gen.Int[1, 90_000]), (2, Gen.Int[100_000, 2_000_000]), (1, Gen.Int[3_000_000, 100_000_000])),
            Gen.Int[0, 1], Gen.Frequency((6, Gen.Const(0)), (2, Gen.Const(1)), (2, Gen.Const(2)), (2, Gen.Const(3))), Gen.Int[0, 8],
            Gen.Frequency((6, Gen.Const(0)), (2, Gen.Int[0, 30_000]), (1, Gen.Int[0, 5_000_000])),
            Gen.Frequency((12, Gen.Const(false)), (1, Gen.Const(true))), Gen.Frequency((9, Gen.Const(false)), (1, Gen.Const(true))))
        .Select((after, device, sort, value, lag, bad, again) => new Arrival(after, device, sort, value, lag, bad, again)).Array[1, 120];

    private static readonly Gen<string> Parameters = Gen.OneOf(
        Gen.Select(Any("rise", "fall", "either"), Any("slope", "change"), Any(60, 300, 1800), Any("null", "30", "300"))
            .Select((when, method, period, gap) => $$"""{"kind":"rate","parameters":{"quantity":"water_depth","when":"{{when}}","method":"{{method}}","periodSeconds":{{period}},"maxGapSeconds":{{gap}},"minSpanSeconds":20}"""),
        Gen.Select(Any("sum", "mean", "max", "min", "range", "count", "p50", "p90"), Any("above", "below"), Any(60, 600, 7200), Any("null", "60"), Any("null", "0", "0.5"))
            .Select((aggregate, when, span, step, coverage) => $$"""{"kind":"window","parameters":{"quantity":"water_depth","aggregate":"{{aggregate}}","when":"{{when}}","spanSeconds":{{span}},"stepSeconds":{{step}},"minCoverage":{{coverage}}}"""),
        Any(60, 600, 7200).Select(span => $$"""{"kind":"window","parameters":{"types":["tamper"],"aggregate":"count","spanSeconds":{{span}} }"""),
        Any("0", "10").Select(epsilon => $$"""{"kind":"stuck","parameters":{"quantity":"water_depth","epsilon":{{epsilon}}}"""),
        Gen.Select(Any("last_days", "hour_of_week"), Any("percent", "sigma"))
            .Select((by, measure) => $$"""{"kind":"baseline","parameters":{"quantity":"water_depth","by":"{{by}}","measure":"{{measure}}","minHistory":1,"minReadings":1}"""),
        Any("inside", "outside", "enter", "exit").Select(when => $$"""{"kind":"geofence","parameters":{"when":"{{when}}","circle":{"lon":119.9,"lat":31.7,"radiusM":300} }"""),
        Any("above", "below").Select(when => $$"""{"kind":"threshold","quantity":"water_depth","when":"{{when}}" """));

    private static readonly Gen<string> Extras = Gen.OneOf(
        Gen.Const(string.Empty),
        Gen.Const(""","schedule":{"from":"22:00","to":"02:00"}"""),
        Gen.Const(""","while":[{"quantity":"rainfall","when":"above","value":2,"maxAgeSeconds":600}]"""),
        Gen.Const(""","overrides":{"a":{"blue":20,"deadband":5},"tag:zone":{"blue":1}}"""),
        Gen.Const(""","also":[{"quantity":"rainfall","levels":{"red":3},"deadband":1}]"""),
        Gen.Const(""","also":[{"kind":"rate","parameters":{"quantity":"rainfall","periodSeconds":300},"escalates":1,"value":2}]"""),
        Gen.Const(""","manualClear":true"""));

    private static readonly Gen<RuleDefinition> Rule =
        Gen.Select(Parameters, Extras, Gen.Int[0, 40], Any(0, 45, 600), Any(0, 90), Gen.Int[1, 3], Any(0, 15), Gen.Int[0, 3])
            .Select((parameters, extras, blue, onDelay, offDelay, samples, deadband, red) =>
            {
                var below = parameters.Contains("\"below\"", StringComparison.Ordinal);
                var document = string.Create(
                    CultureInfo.InvariantCulture,
                    $$""","levels":{"blue":{"value":{{blue}},"onDelaySeconds":{{onDelay}}},"red":{"value":{{(below ? blue - (red * 10) : blue + (red * 10))}},"onDelaySeconds":{{onDelay / 2}}} },"minSamples":{{samples}},"deadband":{{deadband}},"offDelaySeconds":{{offDelay}}""");
                if ((parameters.Contains("geofence", StringComparison.Ordinal) || parameters.Contains("types", StringComparison.Ordinal)) && (extras.Contains("while", StringComparison.Ordinal) || extras.Contains("also", StringComparison.Ordinal)))
                {
                    extras = string.Empty;
                }

                var parsed = RuleParsing.Parse(new("P1"), parameters + document + extras + "}", 1);
                return parsed.Rule ?? throw new InvalidOperationException(parameters + document + extras + ": " + string.Join("; ", parsed.Errors.Select(error => error.Key + " " + error.Value[0])));
            });

    [Fact]
    public void Live_with_ticks_and_without_raises_the_same_warnings() =>
        Gen.Select(Rule, Course, Gen.Int[1, 40]).Sample((rule, course, tick) =>
        {
            var batches = Batches(course);

            Assert.Equal(Facts(Play(rule, batches, tickSeconds: 0)), Facts(Play(rule, batches, tick)));
        }, iter: 1000, print: sample => Print((sample.Item1, sample.Item2)));

    [Fact]
    public void A_restart_anywhere_with_some_arrivals_replayed_is_as_if_it_had_not_been() =>
        Gen.Select(Rule, Course, Gen.Int[0, 1000], Gen.Int[0, 20]).Sample((rule, course, pick, margin) =>
        {
            var batches = Batches(course);
            var at = pick % batches.Count;
            var street = Make(rule);
            var record = new Dictionary<WarningId, WarningView>();
            Feed(street, batches.Take(at + 1), record);
            var reborn = Make(rule);
            foreach (var warning in record.Values.Where(warning => warning.State != WarningState.Cleared))
            {
                reborn.Warnings.Load(warning);
            }

            Assert.True(reborn.ReadSnapshot(street.WriteSnapshot()));
            Feed(reborn, batches.Skip(Math.Max(0, at + 1 - margin)), record);
            Finish(reborn, batches, record);

            Assert.Equal(Facts(Play(rule, batches, tickSeconds: 0)), Facts(record));
        }, iter: 1000, print: sample => Print((sample.Item1, sample.Item2)));

    [Fact]
    public void A_restart_after_every_arrival_gives_the_same_verdicts() =>
        Gen.Select(Rule, Course).Sample((rule, course) =>
        {
            var batches = Batches(course);

            Assert.Equal(Facts(Play(rule, batches, tickSeconds: 0)), Facts(PlayWithRestarts(rule, batches)));
        }, iter: 200, print: Print);

    [Fact]
    public Task A_back_test_of_the_same_arrivals_gives_the_same_warnings() =>
        Gen.Select(Rule, Course).SampleAsync(async (rule, course) =>
        {
            var batches = Batches(course);
            var live = Play(rule, batches, tickSeconds: 7).Values.Where(warning => warning.RaisedAt is not null)
                .Select(warning => (warning.Id, warning.OnsetAt, warning.RaisedAt!.Value, warning.ClearedAt, warning.Colour, warning.PeakColour))
                .OrderBy(fact => fact.Value).ThenBy(fact => fact.Id.Value, StringComparer.Ordinal);
            var result = await BackTest.RunAsync([rule], Devices, Arrivals(batches), DateTimeOffset.UnixEpoch, End(batches), null, null, TestContext.Current.CancellationToken);

            Assert.Equal(live, result.Warnings.Select(warning => (warning.Id, warning.OnsetAt, warning.RaisedAt, warning.ClearedAt, warning.Colour, warning.PeakColour))
                .OrderBy(fact => fact.RaisedAt).ThenBy(fact => fact.Id.Value, StringComparer.Ordinal));
        }, iter: 600, print: Print);

    [Fact]
    public void The_rules_and_courses_of_these_properties_do_raise_change_and_clear_warnings()
    {
        var raised = new Dictionary<RuleKind, int>();
        int cleared = 0, graver = 0;
        Gen.Select(Rule, Course).Sample((rule, course) =>
        {
            foreach (var warning in Play(rule, Batches(course), tickSeconds: 0).Values.Where(warning => warning.RaisedAt is not null))
            {
                lock (raised)
                {
                    raised[rule.Kind] = raised.GetValueOrDefault(rule.Kind) + 1;
                    cleared += warning.ClearedAt is null ? 0 : 1;
                    graver += warning.PeakColour > Colour.Blue ? 1 : 0;
                }
            }
        }, iter: 1000);

        Assert.All(
            [RuleKind.Threshold, RuleKind.Rate, RuleKind.Window, RuleKind.Stuck, RuleKind.Baseline, RuleKind.Geofence],
            kind => Assert.True(raised.GetValueOrDefault(kind) > 20, $"{kind}: {raised.GetValueOrDefault(kind)}"));
        Assert.True(cleared > 100 && graver > 100, $"cleared {cleared}, graver {graver}");
    }

    // What a failure shows: the rule as written, and what arrived.
    private static string Print((RuleDefinition Rule, Arrival[] Course) sample) =>
        sample.Rule.Canonical + Environment.NewLine + string.Join(Environment.NewLine, Batches(sample.Course).Select(Tell));

    private static string Tell(IngestBatch batch) => string.Join(' ', batch.Readings.Select(reading =>
        string.Create(CultureInfo.InvariantCulture, $"{(reading.ReceivedAt - Start).TotalSeconds} {reading.Device} {reading.Quantity} {reading.Value} {reading.Quality} observed {(reading.ObservedAt - Start).TotalSeconds}"))
        .Concat(batch.Positions.Select(position => string.Create(CultureInfo.InvariantCulture, $"{(position.ReceivedAt - Start).TotalSeconds} {position.Device} at {position.Longitude} observed {(position.ObservedAt - Start).TotalSeconds}"))))
        + string.Concat(batch.Events.Select(happened => string.Create(CultureInfo.InvariantCulture, $"{(happened.ReceivedAt - Start).TotalSeconds} {happened.Device} event {happened.EventId} {happened.State} observed {(happened.ObservedAt - Start).TotalSeconds}")));

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static StreetJudgement Make(RuleDefinition rule)
    {
        var street = new StreetJudgement(Street);
        street.PutDevices(Devices, [], Start);
        street.PutRules([rule], Start);
        return street;
    }

    private static List<IngestBatch> Batches(Arrival[] course)
    {
        var at = Start;
        var batches = new List<IngestBatch>();
        foreach (var arrival in course)
        {
            at = at.AddMilliseconds(arrival.AfterMs);
            var batch = Batch(arrival, at.AddMilliseconds(-arrival.LagMs), at, batches.Count);
            batches.Add(batch);
            if (arrival.Again)
            {
                batches.Add(batch);
            }
        }

        return batches;
    }

    private static IngestBatch Batch(Arrival arrival, DateTimeOffset observed, DateTimeOffset at, int number)
    {
        var device = Devices[arrival.Device].Id;
        var batch = new IngestBatch { Node = "n", Sequence = number, Street = Street };
        return arrival.Sort == 3
            ? batch with { Events = [new(device, $"e{number / 2}", new("tamper"), (EventState)(number % 5 == 4 ? 2 : 0), 1, null, null, [], observed, at)] }
            : arrival.Sort == 2
            ? batch with { Positions = [new(device, 119.9 + (arrival.Value * 0.001), 31.7, arrival.Value * 10, null, observed, at)] }
            : batch with
            {
                Readings = [new(device, new(arrival.Sort == 0 ? "water_depth" : "rainfall"), arrival.Sort == 0 ? arrival.Value * 10 : arrival.Value, observed, at, arrival.Bad ? Quality.Bad : Quality.Good)],
            };
    }

    private static async IAsyncEnumerable<IngestBatch> Arrivals(List<IngestBatch> batches)
    {
        foreach (var batch in batches)
        {
            yield return batch;
        }

        await Task.CompletedTask;
    }

    private static DateTimeOffset ReceivedAt(IngestBatch batch) =>
        batch.Readings.Select(reading => reading.ReceivedAt).Concat(batch.Positions.Select(position => position.ReceivedAt)).Concat(batch.Events.Select(happened => happened.ReceivedAt)).Max();

    private static DateTimeOffset End(List<IngestBatch> batches) => batches.Max(ReceivedAt).AddHours(3);

    private static Dictionary<WarningId, WarningView> Play(RuleDefinition rule, List<IngestBatch> batches, int tickSeconds)
    {
        var street = Make(rule);
        var record = new Dictionary<WarningId, WarningView>();
        var ticked = Start;
        foreach (var batch in batches)
        {
            // At most so many ticks in a long silence: what falls due there does so with the first.
            for (var n = 0; tickSeconds > 0 && n < 50 && ticked.AddSeconds(tickSeconds) < ReceivedAt(batch); n++)
            {
                ticked = ticked.AddSeconds(tickSeconds);
                street.Advance(ticked);
                Record(street, record);
            }

            ticked = ReceivedAt(batch);
            street.Apply(batch);
            Record(street, record);
        }

        Finish(street, batches, record);
        return record;
    }

    private static Dictionary<WarningId, WarningView> PlayWithRestarts(RuleDefinition rule, List<IngestBatch> batches)
    {
        var street = Make(rule);
        var record = new Dictionary<WarningId, WarningView>();
        foreach (var batch in batches)
        {
            street.Apply(batch);
            Record(street, record);
            var reborn = Make(rule);
            foreach (var warning in record.Values.Where(warning => warning.State != WarningState.Cleared))
            {
                reborn.Warnings.Load(warning);
            }

            Assert.True(reborn.ReadSnapshot(street.WriteSnapshot()));
            street = reborn;
        }

        Finish(street, batches, record);
        return record;
    }

    private static void Feed(StreetJudgement street, IEnumerable<IngestBatch> batches, Dictionary<WarningId, WarningView> record)
    {
        foreach (var batch in batches)
        {
            street.Apply(batch);
            Record(street, record);
        }
    }

    private static void Finish(StreetJudgement street, List<IngestBatch> batches, Dictionary<WarningId, WarningView> record)
    {
        street.Advance(End(batches));
        Record(street, record);
    }

    private static void Record(StreetJudgement street, Dictionary<WarningId, WarningView> record)
    {
        foreach (var warning in street.Warnings.Unsaved.Values)
        {
            // As the street does with its store: what is cleared there is not opened again by a replay.
            if (record.TryGetValue(warning.Id, out var known) && known.State == WarningState.Cleared && known.Transition >= warning.Transition)
            {
                if (warning.State != WarningState.Cleared)
                {
                    street.Warnings.Discard(warning);
                }

                continue;
            }

            record[warning.Id] = warning;
        }

        foreach (var dropped in street.Warnings.DroppedUnsaved)
        {
            if (record.TryGetValue(dropped, out var known) && known.State == WarningState.Pending)
            {
                record.Remove(dropped);
            }
        }

        street.Warnings.Unsaved.Clear();
        street.Warnings.DroppedUnsaved.Clear();
    }

    private static List<string> Facts(Dictionary<WarningId, WarningView> record) =>
    [
        .. record.Values.Select(warning => string.Join(' ', warning.Rule, warning.Subject, warning.State, warning.Colour, warning.PeakColour, warning.OnsetAt.ToUnixTimeMilliseconds(),
            warning.RaisedAt?.ToUnixTimeMilliseconds(), warning.ClearedAt?.ToUnixTimeMilliseconds(), warning.RecoveredAt?.ToUnixTimeMilliseconds())).Order(StringComparer.Ordinal),
    ];
}
