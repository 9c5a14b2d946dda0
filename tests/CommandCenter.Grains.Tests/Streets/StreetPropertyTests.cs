using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;
using CsCheck;

namespace CommandCenter.Grains.Tests.Streets;

/// <summary>What must hold for every course of readings: cut into batches anyhow, repeated, or interrupted by a restart, they give the same warnings.</summary>
public sealed class StreetPropertyTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly AreaId Street = new("320404002");
    private static readonly ImmutableArray<RuleDefinition> Rules = [.. RulePack.Shipped.Values];

    private static readonly ImmutableArray<DeviceRegistration> Devices =
    [
        Device("wl-1", "water_level", 60), Device("wl-2", "water_level", 30, "underpass"), Device("gas-1", "gas", 30), Device("cam-1", "camera", 60, "key_section", "key"),
    ];

    /// <summary>One thing that happens: after so many seconds, some device says something, its own time a little behind the time of receipt.</summary>
    private sealed record Step(int AfterMs, int Device, int Value, int LagMs, bool Bad);

    private static readonly Gen<Step[]> Course =
        Gen.Select(Gen.Frequency((8, Gen.Int[0, 40_000]), (1, Gen.Int[100_000, 900_000])), Gen.Int[0, 3], Gen.Int[0, 6], Gen.Frequency((4, Gen.Const(0)), (1, Gen.Int[0, 20_000])), Gen.Frequency((9, Gen.Const(false)), (1, Gen.Const(true))))
            .Select((after, device, value, lag, bad) => new Step(after, device, value, lag, bad)).Array[1, 80];

    [Fact]
    public void The_same_readings_cut_into_any_batches_give_the_same_warnings() =>
        Gen.Select(Course, Gen.Int[1, 12].Array[1, 20]).Sample((course, cuts) =>
        {
            var singles = Batches(course);
            var whole = Play(singles);
            var cut = Play(Cut(singles, cuts));

            Assert.Equal(Facts(whole), Facts(cut));
        }, iter: 400);

    [Fact]
    public void Repeating_any_batch_at_any_later_place_changes_no_warning() =>
        Gen.Select(Course, Gen.Int[0, 1000].Array[1, 10]).Sample((course, picks) =>
        {
            var once = Batches(course);
            var repeated = once.SelectMany((batch, index) => picks.Any(pick => pick % once.Count <= index && (pick + index) % 3 == 0)
                ? [batch, once[picks[0] % (index + 1)]]
                : (IEnumerable<IngestBatch>)[batch]).ToList();

            Assert.Equal(Facts(Play(once)), Facts(Play(repeated)));
        }, iter: 400);

    [Fact]
    public void A_restart_from_a_snapshot_at_any_place_is_as_if_it_had_not_been() =>
        Gen.Select(Course, Gen.Int[0, 1000], Gen.Int[0, 20]).Sample((course, pick, margin) =>
        {
            var batches = Batches(course);
            var at = pick % batches.Count;
            var unbroken = Play(batches);

            var street = Make();
            var record = new Dictionary<WarningId, WarningView>();
            Feed(street, batches.Take(at + 1), record);
            var snapshot = street.WriteSnapshot();
            var reborn = Make();
            foreach (var warning in record.Values.Where(warning => warning.State != WarningState.Cleared))
            {
                reborn.Warnings.Load(warning);
            }

            Assert.True(reborn.ReadSnapshot(snapshot));
            Feed(reborn, batches.Skip(Math.Max(0, at + 1 - margin)), record);
            Finish(reborn, batches, record);

            Assert.Equal(Facts(unbroken), Facts(record));
        }, iter: 400);

    [Fact]
    public void The_courses_of_these_properties_do_raise_change_and_clear_warnings()
    {
        int raised = 0, cleared = 0, graver = 0, waiting = 0;
        Course.Sample(course =>
        {
            foreach (var warning in Play(Batches(course)).Values)
            {
                Interlocked.Add(ref raised, warning.RaisedAt is null ? 0 : 1);
                Interlocked.Add(ref cleared, warning.ClearedAt is null ? 0 : 1);
                Interlocked.Add(ref graver, warning.RaisedAt is not null && warning.PeakColour > Colour.Blue ? 1 : 0);
                Interlocked.Add(ref waiting, warning.RecoveredAt is null ? 0 : 1);
            }
        }, iter: 400);

        Assert.All([raised, cleared, graver, waiting], count => Assert.True(count > 20, $"raised {raised}, cleared {cleared}, graver {graver}, waiting for a person {waiting}"));
    }

    private static DeviceRegistration Device(string id, string kind, int interval, params string[] tags) =>
        new() { Id = new(id), Name = id, Kind = kind, Street = Street, IntervalSeconds = interval, Tags = [.. tags] };

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
            var observed = at.AddMilliseconds(-step.LagMs);
            var device = Devices[step.Device].Id;
            var batch = new IngestBatch { Node = "n", Sequence = batches.Count, Street = Street };
            batches.Add(step.Device == 3
                ? batch with { Events = [new(device, "e" + (step.Value / 3), new("fire_smoke"), (EventState)(step.Value % 3), 0.4 + (step.Value * 0.1), null, null, [], observed, at)] }
                : batch with { Readings = [Reading(device, step, observed, at)] });
        }

        return batches;
    }

    private static Reading Reading(DeviceId device, Step step, DateTimeOffset observed, DateTimeOffset at) =>
        new(device, new(step.Device == 2 ? "gas_lel" : "water_depth"), step.Device == 2 ? step.Value * 10 : step.Value * 50, observed, at, step.Bad ? Quality.Bad : Quality.Good);

    private static IEnumerable<IngestBatch> Cut(List<IngestBatch> singles, int[] cuts)
    {
        for (int i = 0, c = 0; i < singles.Count; c++)
        {
            // A batch carries its readings before its events, so only neighbours of one sort are put together.
            var events = !singles[i].Events.IsEmpty;
            var part = singles.Skip(i).Take(cuts[c % cuts.Length]).TakeWhile(batch => batch.Events.IsEmpty != events).ToList();
            i += part.Count;
            yield return singles[i - 1] with { Readings = [.. part.SelectMany(batch => batch.Readings)], Events = [.. part.SelectMany(batch => batch.Events)] };
        }
    }

    private static Dictionary<WarningId, WarningView> Play(IEnumerable<IngestBatch> batches)
    {
        var street = Make();
        var record = new Dictionary<WarningId, WarningView>();
        var list = batches.ToList();
        Feed(street, list, record);
        Finish(street, list, record);
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
        var last = batches.Max(batch => batch.Readings.Select(reading => reading.ReceivedAt).Concat(batch.Events.Select(happened => happened.ReceivedAt)).Max());
        street.Advance(last.AddHours(1));
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
