using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;
using CommandCenter.Grains.Warnings;
using CsCheck;

namespace CommandCenter.Grains.Tests.Warnings;

/// <summary>A street with rules in force and new versions of them beside.</summary>
public sealed class ShadowTests
{
    private const string InForce = """
        {"kind":"threshold","quantity":"water_depth","minSamples":1,"deadband":10,"offDelaySeconds":30,"select":{"kinds":["water_level"]},
         "levels":{"yellow":{"value":100,"onDelaySeconds":20},"red":{"value":250,"onDelaySeconds":10}}}
        """;

    private static readonly string Lower = InForce.Replace("\"value\":100", "\"value\":50", StringComparison.Ordinal);

    [Fact]
    public void A_shadow_that_says_the_same_does_the_same_also_when_it_is_restarted_at_any_moment() =>
        Gen.Select(Gen.Int[0, 300].Array[5, 80], Gen.Int[0, 80], Gen.Int[5, 90].Array[80]).Sample(
            (values, cut, steps) =>
            {
                var street = new Stand(InForce);
                var times = new List<int>();
                var at = 0;
                street.Begin(InForce, until: 100_000);
                for (var i = 0; i < values.Length; i++)
                {
                    at += steps[i];
                    times.Add(at);
                    if (i == cut)
                    {
                        street = street.Restarted(at - 1, replayFrom: 0);
                    }

                    street.Read(at, values[i]);
                }

                street.Tick(at + 200);
                var told = street.Told();
                return told.Warnings.Select(warning => (warning.Subject, warning.OnsetAt, warning.RaisedAt, warning.ClearedAt, warning.Colour, warning.PeakColour))
                    .SequenceEqual(street.LiveWarnings().Select(warning => (warning.Subject, warning.OnsetAt, warning.RaisedAt!.Value, warning.ClearedAt, warning.Colour, warning.PeakColour)));
            },
            iter: 300);

    [Fact]
    public void What_a_shadow_raises_is_written_down_and_the_street_knows_nothing_of_it()
    {
        var street = new Stand(InForce);
        street.Begin(Lower, until: 10_000);
        for (var second = 0; second <= 100; second += 10)
        {
            street.Read(second, 60);
        }

        var warning = Assert.Single(street.Told().Warnings);
        Assert.Equal((Colour.Yellow, Stand.At(0), Stand.At(20), null), (warning.Colour, warning.OnsetAt, warning.RaisedAt, warning.ClearedAt));
        Assert.Equal([new TriedChange(Stand.At(20), Colour.Yellow)], warning.Changes);
        Assert.Equal((11L, 0), (street.Told().Evaluated, street.Live.Warnings.OpenCount));
        Assert.Empty(street.LiveWarnings());
    }

    [Fact]
    public void A_shadow_begins_with_the_windows_of_the_rule_in_force_and_with_nothing_that_stands()
    {
        const string mean = """{"kind":"window","parameters":{"quantity":"water_depth","aggregate":"mean","spanSeconds":600},"minSamples":1,"levels":{"red":{"value":200}}}""";
        var street = new Stand(mean);
        for (var second = 0; second <= 600; second += 30)
        {
            street.Read(second, 250);
        }

        street.Begin(mean.Replace("200", "190", StringComparison.Ordinal), until: 10_000);
        Assert.Empty(street.Told().Warnings);
        street.Read(630, 250);

        var warning = Assert.Single(street.Told().Warnings);
        Assert.Equal(Stand.At(630), warning.OnsetAt);
        Assert.Single(street.LiveWarnings());
    }

    [Fact]
    public void It_ends_by_itself_at_its_time_and_keeps_what_it_wrote_down()
    {
        var street = new Stand(InForce);
        street.Begin(Lower, until: 45);
        for (var second = 0; second <= 40; second += 10)
        {
            street.Read(second, 60);
        }

        var before = street.Told();
        street.Read(50, 0);
        street.Read(60, 300);
        street.Tick(200);
        street = street.Restarted(201, replayFrom: 201);

        Assert.Equal(before.Warnings.Single() with { Changes = [], Areas = [] }, street.Told().Warnings.Single() with { Changes = [], Areas = [] });
        Assert.Equal(before.Evaluated, street.Told().Evaluated);
    }

    [Fact]
    public void One_that_fails_is_stopped_says_so_and_the_others_and_the_street_go_on()
    {
        var street = new Stand(InForce);
        street.Begin(Lower, until: 10_000);
        street.Begin("s-2", Lower, until: 10_000);
        street.Shadows.Take(new() { Node = "n", Sequence = 1, Street = OneStreet.Street, Readings = [], Events = default }, Stand.At(1));
        street.Begin("s-3", Lower, until: 10_000);
        for (var second = 10; second <= 60; second += 10)
        {
            street.Read(second, 300);
        }

        Assert.Equal(["s-1", "s-2"], street.Shadows.Faults().Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["s-1", "s-2"], street.Stopped);
        Assert.NotNull(street.Told().Fault);
        Assert.Equal(Colour.Red, Assert.Single(street.Told("s-3")!.Warnings).Colour);
        Assert.Equal(Colour.Red, Assert.Single(street.LiveWarnings()).Colour);
        Assert.Equal(["s-1", "s-2"], street.Restarted(61, replayFrom: 61).Shadows.Faults().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_record_is_bounded_and_what_does_not_fit_is_counted()
    {
        var street = new Stand(InForce, warningsMax: 10, gauges: 25);
        street.Begin(Lower.Replace("\"onDelaySeconds\":20", "\"onDelaySeconds\":0", StringComparison.Ordinal), until: 10_000);
        for (var gauge = 1; gauge <= 25; gauge++)
        {
            street.Read(gauge, 60, gauge);
            street.Read(gauge + 0.5, 61, gauge);
        }

        var told = street.Told();
        var compared = ShadowComparing.Compare(Stand.Order("s-1", Lower, 10_000), Stand.At(100), [], false, [told], [], Actor.System);

        Assert.Equal((10, 15), (told.Warnings.Length, told.Beyond[1]));
        Assert.Equal((25, 10, true), (compared.NewCounts.Yellow, compared.New.Length, compared.Truncated));
    }

    [Fact]
    public void A_snapshot_with_shadows_behind_it_is_read_by_a_street_that_knows_none()
    {
        var street = new Stand(InForce);
        street.Begin(Lower, until: 10_000);
        street.Read(0, 300);
        var bytes = street.Shadows.Append(street.Live.WriteSnapshot());
        var other = new Stand(InForce);

        Assert.True(other.Live.ReadSnapshot(bytes));
        Assert.NotNull(other.Live.Rules.FindLife(new("R90"), "wl-1"));
        other.Shadows.Restore(bytes.AsSpan(0, bytes.Length - 3).ToArray());
        other.Begin(Lower, until: 10_000);
        Assert.Null(other.Told().Fault);
    }

    [Fact]
    public void A_count_over_another_rule_runs_as_a_shadow_in_the_street()
    {
        const string count = """{"kind":"count","select":{"kinds":["water_level"]},"parameters":{"of":{"rule":"R90","atLeast":"yellow"},"per":"street"},"levels":{"red":{"value":3}}}""";
        var street = new Stand(InForce, gauges: 3);
        street.Begin("s-1", count.Replace("\"value\":3", "\"value\":2", StringComparison.Ordinal), until: 10_000, rule: "R91");
        for (var second = 0; second <= 60; second += 10)
        {
            street.Read(second, 150, 1);
            street.Read(second + 1, 150, 2);
        }

        Assert.Equal(["320404002"], street.Told().Warnings.Select(warning => warning.Subject));
        Assert.DoesNotContain(street.LiveWarnings(), warning => warning.Rule.Value == "R91");
    }

    [Fact]
    public void Two_warnings_of_a_subject_that_overlap_are_one_occurrence()
    {
        var order = Stand.Order("s-1", Lower, 10_000);
        ShadowWarning[] old = [One("a", 0, 100), One("b", 0, 100), One("c", 0, null)];
        ShadowWarning[] made = [One("a", 50, 200), One("b", 150, 200), One("c", 500, null), One("d", 10, 20)];
        var part = new ShadowPart { Street = OneStreet.Street, Since = Stand.At(0), Evaluated = 7, Warnings = [.. made] };

        var compared = ShadowComparing.Compare(order, Stand.At(1_000), old, false, [part], [new("320404003")], Actor.System);

        Assert.Equal(["b"], compared.OnlyOld.Select(warning => warning.Subject));
        Assert.Equal(["d", "b"], compared.OnlyNew.Select(warning => warning.Subject));
        Assert.Equal((3, 1, 2), (compared.OldCounts.Total, compared.OldCounts.Standing, compared.OldCounts.Flapping));
        Assert.Equal((4, 3), (compared.NewCounts.Total, compared.NewCounts.Flapping));
        Assert.Equal((7L, "320404003"), (compared.Evaluated, Assert.Single(compared.Missing).Value));
        Assert.Empty(ShadowComparing.Compare(order, Stand.At(1_000), [], false, [part], [], OneStreet.Wang with { Areas = [new("320404003")] }).New);

        static ShadowWarning One(string subject, int onset, int? cleared) => new()
        {
            Subject = subject, Area = OneStreet.Street, Colour = Colour.Yellow, PeakColour = Colour.Yellow, OnsetAt = Stand.At(onset), RaisedAt = Stand.At(onset),
            ClearedAt = cleared is { } at ? Stand.At(at) : null,
        };
    }

    /// <summary>The street's machine with its shadows, as the grain drives them.</summary>
    private sealed class Stand
    {
        private readonly string _rule;
        private readonly int _gauges;
        private readonly int _warningsMax;
        private readonly List<IngestBatch> _arrived = [];
        private readonly List<RuleShadow> _orders = [];
        private readonly Dictionary<WarningId, WarningView> _stored = [];

        public Stand(string rule, int warningsMax = 1_000, int gauges = 1)
        {
            (_rule, _gauges, _warningsMax) = (rule, gauges, warningsMax);
            Live = new(OneStreet.Street);
            Live.PutDevices([.. Enumerable.Range(1, gauges).Select(OneStreet.Gauge)], [], At(0));
            Live.PutRules([RuleParsing.Parse(new("R90"), rule, 3).Rule!], At(0));
            Shadows = new(OneStreet.Street, Live, null, warningsMax, (id, _) => Stopped.Add(id));
        }

        public StreetJudgement Live { get; }
        public StreetShadows Shadows { get; }
        public List<string> Stopped { get; } = [];

        public static DateTimeOffset At(double second) => OneStreet.At(second);

        public static RuleShadow Order(string id, string document, int until, string rule = "R90") => new()
        {
            Id = id, Rule = new(rule), State = ShadowState.Running, Document = document, BasedOn = 3, From = At(0), Until = At(until), By = OneStreet.Leader.ToBy(),
        };

        public void Begin(string document, int until) => Begin("s-1", document, until);

        public void Begin(string id, string document, int until, string rule = "R90")
        {
            _orders.Add(Order(id, document, until, rule));
            Shadows.PutOrders(_orders, Live.NewestReceivedAt > At(0) ? Live.NewestReceivedAt : At(0));
        }

        public void Read(double second, double value, int gauge = 1)
        {
            var batch = new IngestBatch
            {
                Node = "n", Sequence = (long)second, Street = OneStreet.Street, Readings = [new(new($"wl-{gauge}"), new("water_depth"), value, At(second), At(second), Quality.Good)],
            };
            _arrived.Add(batch);
            Take(batch, At(second));
        }

        public void Tick(double second)
        {
            Live.Advance(At(second));
            Shadows.Advance(At(second));
            Store();
        }

        /// <summary>A new process: snapshot, open warnings of the store, and the arrivals since the second, some of them twice.</summary>
        public Stand Restarted(double now, double replayFrom)
        {
            var bytes = Shadows.Append(Live.WriteSnapshot());
            var next = new Stand(_rule, _warningsMax, _gauges);
            foreach (var (id, warning) in _stored)
            {
                next._stored[id] = warning;
                if (warning.State != WarningState.Cleared)
                {
                    next.Live.Warnings.Load(warning);
                }
            }

            Assert.True(next.Live.ReadSnapshot(bytes));
            next.Shadows.Restore(bytes);
            next._orders.AddRange(_orders);
            next._arrived.AddRange(_arrived);
            next.Shadows.PutOrders(_orders, At(now));
            foreach (var batch in _arrived.Where(batch => batch.Readings[0].ReceivedAt >= At(replayFrom)))
            {
                next.Live.Apply(batch);
                next.Live.AdvanceHolds(next.Live.NewestReceivedAt);
                next.Shadows.Take(batch, next.Live.NewestReceivedAt);
                next.Store();
            }

            return next;
        }

        public ShadowPart Told() => Told("s-1")!;

        public ShadowPart? Told(string id) => Shadows.Tell(id);

        public IReadOnlyList<WarningView> LiveWarnings() =>
            [.. _stored.Values.Where(warning => warning.RaisedAt is not null).OrderBy(warning => warning.RaisedAt).ThenBy(warning => warning.Subject, StringComparer.Ordinal)];

        private void Take(IngestBatch batch, DateTimeOffset now)
        {
            Live.Apply(batch);
            Live.AdvanceHolds(now);
            Shadows.Take(batch, now);
            Store();
        }

        private void Store()
        {
            foreach (var warning in Live.Warnings.Unsaved.Values)
            {
                _stored[warning.Id] = warning;
            }

            foreach (var dropped in Live.Warnings.DroppedUnsaved)
            {
                _stored.Remove(dropped);
            }

            Live.Warnings.Unsaved.Clear();
            Live.Warnings.DroppedUnsaved.Clear();
        }
    }
}
