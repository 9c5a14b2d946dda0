using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;
using CsCheck;

namespace CommandCenter.Grains.Tests.Rules;

/// <summary>What holds of counts and composites in a street for every course of readings, late ones among them.</summary>
public sealed class AreaPropertyTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly AreaId Street = new("320404002");

    private static readonly ImmutableArray<RuleDefinition> Rules =
    [
        Rule("A", """{"kind":"threshold","quantity":"pm25","when":"above","levels":{"blue":{"value":10,"onDelaySeconds":10},"yellow":{"value":20}},"minSamples":1,"offDelaySeconds":5}"""),
        Rule("B", """{"kind":"count","parameters":{"of":{"rule":"A"},"per":"place","withinMetres":150,"withinMinutes":1},"levels":{"orange":{"value":2,"onDelaySeconds":20},"red":{"value":3}},"offDelaySeconds":10}"""),
        Rule("C", """{"kind":"count","parameters":{"of":{"condition":{"kind":"absence","levels":{"blue":{}}}},"measure":"percent","per":"street","minPopulation":2},"levels":{"yellow":{"value":50,"onDelaySeconds":30}},"deadband":10}"""),
        Rule("D", """{"kind":"composite","parameters":{"per":"building","when":{"all":[{"rule":"A","atLeast":"yellow"},{"rule":"A","count":2,"withinMinutes":1}]}},"levels":{"red":{"onDelaySeconds":5}}}"""),
        Rule("E", """{"kind":"composite","parameters":{"per":"street","when":{"any":[{"rule":"B","atLeast":"red"},{"rule":"D"}]}},"levels":{"orange":{}}}"""),
    ];

    private static readonly ImmutableArray<DeviceRegistration> Devices = [.. Enumerable.Range(0, 4).Select(number => new DeviceRegistration
    {
        Id = new($"d{number}"), Name = $"d{number}", Kind = "air", Street = Street, IntervalSeconds = 30, Tags = [number < 2 ? "building:b1" : "building:b2"],
        Longitude = 119.93, Latitude = 31.77 + (number * 0.001),
    })];

    private sealed record Step(int AfterMs, int Device, int Value, int LagMs);

    private static readonly Gen<Step[]> Course =
        Gen.Select(Gen.Frequency((8, Gen.Int[0, 15_000]), (1, Gen.Int[60_000, 300_000])), Gen.Int[0, 3], Gen.Int[0, 4], Gen.Frequency((4, Gen.Const(0)), (1, Gen.Int[0, 10_000])))
            .Select((after, device, value, lag) => new Step(after, device, value, lag)).Array[1, 60];

    [Fact]
    public void A_restart_from_a_snapshot_at_any_place_is_as_if_it_had_not_been() =>
        Gen.Select(Course, Gen.Int[0, 1000], Gen.Int[0, 10]).Sample((course, pick, margin) =>
        {
            var batches = Batches(course);
            var at = pick % batches.Count;
            var unbroken = new Dictionary<WarningId, WarningView>();
            Finish(Feed(Make(), batches, unbroken), batches, unbroken);

            var record = new Dictionary<WarningId, WarningView>();
            var street = Feed(Make(), batches.Take(at + 1), record);
            var reborn = Make();
            foreach (var warning in record.Values.Where(warning => warning.State != WarningState.Cleared))
            {
                reborn.Warnings.Load(warning);
            }

            Assert.True(reborn.ReadSnapshot(street.WriteSnapshot()));
            reborn.SynchronizeAreas(batches[at].Readings[0].ReceivedAt);
            Finish(Feed(reborn, batches.Skip(Math.Max(0, at + 1 - margin)), record), batches, record);

            Assert.Equal(Facts(unbroken), Facts(record));
        }, iter: 300);

    [Fact]
    public void Ticking_each_second_or_with_each_reading_only_gives_the_same_warnings_when_nothing_is_late() =>
        Course.Sample(course =>
        {
            var batches = Batches([.. course.Select(step => step with { LagMs = 0 })]);
            var sparse = new Dictionary<WarningId, WarningView>();
            var seldom = Make();
            foreach (var batch in batches)
            {
                // Absence is brought about by time alone, so that what time brought is looked at before a reading.
                seldom.Advance(batch.Readings[0].ReceivedAt.AddMilliseconds(-1));
                Feed(seldom, [batch], sparse);
            }

            Finish(seldom, batches, sparse);

            var ticked = new Dictionary<WarningId, WarningView>();
            var street = Make();
            var second = 0;
            foreach (var batch in batches)
            {
                for (; Start.AddSeconds(second) < batch.Readings[0].ReceivedAt; second++)
                {
                    street.Advance(Start.AddSeconds(second));
                    Record(street, ticked);
                }

                Feed(street, [batch], ticked);
            }

            Finish(street, batches, ticked);

            // How many devices a percentage is of is looked at each second, so C is exact to a tick only.
            Assert.Equal(Facts(sparse).Where(fact => fact[0] != 'C'), Facts(ticked).Where(fact => fact[0] != 'C'));
        }, iter: 200);

    [Fact]
    public void The_courses_of_these_properties_do_raise_and_clear_every_rule()
    {
        var raised = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        Course.Sample(course =>
        {
            var batches = Batches(course);
            var record = new Dictionary<WarningId, WarningView>();
            Finish(Feed(Make(), batches, record), batches, record);
            foreach (var warning in record.Values.Where(warning => warning.RaisedAt is not null))
            {
                raised.AddOrUpdate(warning.Rule.Value + (warning.ClearedAt is null ? string.Empty : " cleared"), 1, (_, count) => count + 1);
            }
        }, iter: 300);

        Assert.All(["A", "B cleared", "C", "D cleared", "E cleared"], name => Assert.True(raised.GetValueOrDefault(name) > 5, name + ": " + string.Join(", ", raised)));
    }

    private static RuleDefinition Rule(string id, string document) =>
        RuleParsing.Parse(new(id), document, 1) is { Rule: { } rule } ? rule : throw new InvalidOperationException(document);

    private static StreetJudgement Make()
    {
        var street = new StreetJudgement(Street);
        street.PutDevices(Devices, [], Start);
        street.PutRules(Rules, Start);
        return street;
    }

    private static List<IngestBatch> Batches(Step[] course)
    {
        var at = Start;
        var batches = new List<IngestBatch>();
        foreach (var step in course)
        {
            at = at.AddMilliseconds(step.AfterMs + 1);
            batches.Add(new()
            {
                Node = "n", Sequence = batches.Count, Street = Street,
                Readings = [new(Devices[step.Device].Id, new("pm25"), step.Value * 7, at.AddMilliseconds(-step.LagMs), at, Quality.Good)],
            });
        }

        return batches;
    }

    private static StreetJudgement Feed(StreetJudgement street, IEnumerable<IngestBatch> batches, Dictionary<WarningId, WarningView> record)
    {
        foreach (var batch in batches)
        {
            street.Apply(batch);
            street.AdvanceHolds(street.NewestReceivedAt);
            Record(street, record);
        }

        return street;
    }

    private static void Finish(StreetJudgement street, List<IngestBatch> batches, Dictionary<WarningId, WarningView> record)
    {
        street.Advance(batches[^1].Readings[0].ReceivedAt.AddHours(1));
        Record(street, record);
    }

    private static void Record(StreetJudgement street, Dictionary<WarningId, WarningView> record)
    {
        foreach (var warning in street.Warnings.Unsaved.Values)
        {
            record[warning.Id] = warning;
        }

        foreach (var dropped in street.Warnings.DroppedUnsaved)
        {
            record.Remove(dropped);
        }

        street.Warnings.Unsaved.Clear();
        street.Warnings.DroppedUnsaved.Clear();
    }

    private static List<string> Facts(Dictionary<WarningId, WarningView> record) =>
    [
        .. record.Values.Select(warning => string.Join(' ', warning.Rule, warning.Subject, warning.State, warning.Colour, warning.PeakColour, (warning.OnsetAt - Start).TotalMilliseconds,
            (warning.RaisedAt - Start)?.TotalMilliseconds, (warning.ClearedAt - Start)?.TotalMilliseconds)).Order(StringComparer.Ordinal),
    ];
}
