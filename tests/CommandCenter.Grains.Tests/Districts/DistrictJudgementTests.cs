using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Warnings;
using CsCheck;

namespace CommandCenter.Grains.Tests.Districts;

/// <summary>What the district promises of the rules over several streets.</summary>
public sealed class DistrictJudgementTests
{
    private const string High = """{"kind":"threshold","quantity":"pm25","when":"above","levels":{"blue":{"value":10},"yellow":{"value":20}},"minSamples":1,"offDelaySeconds":0}""";
    private const string Two = """{"kind":"count","parameters":{"of":{"rule":"T0"},"per":"district"},"levels":{"orange":{"value":2,"onDelaySeconds":60},"red":{"value":4}},"offDelaySeconds":30}""";
    private const string TwoYellow = """{"kind":"count","parameters":{"of":{"rule":"T0","atLeast":"yellow"},"per":"district"},"levels":{"red":{"value":2}}}""";
    private const string Near = """{"kind":"count","parameters":{"of":{"rule":"T0","atLeast":"yellow"},"per":"place","scope":"district","withinMetres":200,"withinMinutes":1},"levels":{"red":{"value":2}}}""";
    private const string Streets = """{"kind":"count","parameters":{"of":{"rule":"T0"},"measure":"streets","per":"district"},"levels":{"red":{"value":3}}}""";
    private const string Overlay = """{"kind":"count","parameters":{"of":{"rule":"T0"},"measure":"percent","per":"overlay","minPopulation":3},"levels":{"yellow":{"value":50}}}""";
    private const string Never = """{"kind":"composite","parameters":{"per":"district","when":{"all":[{"rule":"T0","atLeast":"yellow"},{"not":{"condition":{"kind":"threshold","quantity":"pm25","when":"above","levels":{"blue":{"value":500}},"minSamples":1}}}]}},"levels":{"red":{}}}""";

    [Fact]
    public void Two_devices_in_two_streets_are_a_warning_of_the_district_after_its_hold()
    {
        var town = new Town(High, Two);
        town.Read(0, 1, 10, 15);
        town.Read(1, 1, 40, 15);
        town.TellEachSecond(40, 99);
        var before = town.Facts();
        town.TellEachSecond(100, 101);

        Assert.Equal(["T1 320404 Pending Orange Orange 40  "], before);
        Assert.Equal(["T1 320404 Raised Orange Orange 40 100 "], town.Facts());
        var warning = Assert.Single(town.Record.Values);
        Assert.Equal((Town.District, 2.0), (warning.Area, warning.Value));
        Assert.Equal(["d01", "d11"], warning.Evidence.Select(item => item.Device.Value));
    }

    [Fact]
    public void A_colour_that_fell_while_the_district_was_away_counts_no_longer_for_a_rule_that_asks_for_the_graver_one()
    {
        var town = new Town(High, TwoYellow);
        town.Read(0, 1, 10, 25);
        town.Read(1, 1, 10, 25);
        town.TellEachSecond(10, 20);
        town.RestartDistrict(20, withSnapshot: true);
        town.Read(0, 1, 20.5, 15);
        town.TellEachSecond(21, 40);

        Assert.Equal(["T1 320404 Cleared Red Red 10 10 20.5"], town.Facts());
    }

    [Fact]
    public void It_clears_once_after_its_own_delay_when_one_of_the_two_is_calm()
    {
        var town = new Town(High, Two);
        town.Read(0, 1, 10, 15);
        town.Read(1, 1, 40, 15);
        town.TellEachSecond(40, 120);
        town.Read(0, 1, 120, 1);
        town.TellEachSecond(121, 160);

        Assert.Equal(["T1 320404 Cleared Orange Orange 40 100 150"], town.Facts());
    }

    [Fact]
    public void A_street_that_does_not_answer_holds_the_judgement_up_for_its_time_and_then_counts_for_nothing()
    {
        var town = new Town(High, Streets);
        town.TellEachSecond(0, 5);
        town.Read(0, 1, 6, 15);
        town.Read(1, 1, 6, 15);
        town.Read(2, 1, 6, 15);
        town.TellEachSecond(6, 15, silent: 2);
        var waiting = town.Record.Count;
        town.TellEachSecond(16, 40, silent: 2);
        var without = town.Record.Count;
        town.TellEachSecond(41, 42);

        Assert.Equal((0, 0), (waiting, without));
        Assert.Equal(["T1 320404 Raised Red Red 6 6 "], town.Facts());
    }

    [Fact]
    public void A_street_that_falls_silent_is_not_calm_what_stands_stays_and_its_clock_stands_still()
    {
        var town = new Town(High, Two);
        town.Read(0, 1, 10, 15);
        town.Read(1, 1, 10, 15);
        town.TellEachSecond(10, 80);
        var raised = town.Facts();
        town.TellEachSecond(81, 200, silent: 1);
        town.Read(0, 1, 200, 1);
        town.TellEachSecond(201, 400, silent: 1);
        var silent = town.Facts();
        town.TellEachSecond(401, 440);

        Assert.Equal(["T1 320404 Raised Orange Orange 10 70 "], raised);
        Assert.Equal(raised, silent);
        Assert.Equal(WarningState.Cleared, Assert.Single(town.Record.Values).State);
    }

    [Fact]
    public void A_hold_does_not_run_out_over_a_street_that_is_silent()
    {
        var town = new Town(High, Two);
        town.Read(0, 1, 10, 15);
        town.Read(1, 1, 10, 15);
        town.TellEachSecond(10, 30);
        town.TellEachSecond(31, 200, silent: 1);
        var pending = Assert.Single(town.Record.Values).State;
        town.TellEachSecond(201, 250);

        Assert.Equal(WarningState.Pending, pending);
        Assert.Equal(WarningState.Raised, Assert.Single(town.Record.Values).State);
    }

    [Fact]
    public void Not_is_true_only_when_every_device_there_is_heard()
    {
        var town = new Town(High, Never);
        town.Read(0, 1, 10, 25);
        town.TellEachSecond(10, 20);
        var unknown = town.Record.Count;
        for (var street = 0; street < 3; street++)
        {
            for (var number = 0; number < 4; number++)
            {
                town.Read(street, number, 21, street == 0 && number == 1 ? 25 : 1);
            }
        }

        town.TellEachSecond(21, 25);

        Assert.Equal(0, unknown);
        Assert.Equal(WarningState.Raised, Assert.Single(town.Record.Values).State);
    }

    [Fact]
    public void The_share_of_an_overlay_is_that_of_its_members_in_all_streets_and_needs_enough_of_them()
    {
        var town = new Town(High, Overlay);
        town.Read(0, 0, 10, 15);
        town.Read(1, 0, 10, 15);
        town.Read(0, 1, 10, 1);
        town.TellEachSecond(10, 20);
        var few = town.Record.Count;
        town.Read(2, 0, 21, 1);
        town.TellEachSecond(21, 25);

        Assert.Equal(0, few);
        var warning = Assert.Single(town.Record.Values);
        Assert.Equal(("320404400", WarningState.Raised, 66.7), (warning.Subject, warning.State, Math.Round(warning.Value!.Value, 1)));
        Assert.Equal([new AreaId("320404400")], warning.Areas);
    }

    [Fact]
    public void A_place_over_the_border_of_two_streets_is_one_place_and_both_streets_see_it()
    {
        var town = new Town(High, Near);
        town.Read(0, 1, 10, 25);
        town.Read(1, 1, 20, 25);
        town.TellEachSecond(20, 25);

        var warning = Assert.Single(town.Record.Values);
        Assert.Equal(("d01", Town.District), (warning.Subject, warning.Area));
        Assert.Contains(Town.Areas[0], warning.Areas);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_district_that_restarts_in_the_middle_of_a_hold_raises_once_with_the_first_onset(bool withSnapshot)
    {
        var town = new Town(High, Two);
        town.Read(0, 1, 10, 15);
        town.Read(1, 1, 40, 15);
        town.TellEachSecond(40, 90);
        town.RestartDistrict(90, withSnapshot);
        town.TellEachSecond(91, 110);

        Assert.Equal(["T1 320404 Raised Orange Orange 40 100 "], town.Facts());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_stood_before_a_restart_goes_on_without_being_cleared_and_raised_again(bool withSnapshot)
    {
        var town = new Town(High, Two.Replace("\"offDelaySeconds\":30", "\"offDelaySeconds\":0", StringComparison.Ordinal));
        town.Read(0, 1, 10, 15);
        town.Read(1, 1, 40, 15);
        town.TellEachSecond(40, 120);
        town.RestartDistrict(120, withSnapshot);
        town.TellEachSecond(121, 140);

        Assert.Equal(["T1 320404 Raised Orange Orange 40 100 "], town.Facts());
    }

    [Fact]
    public void After_a_restart_without_snapshot_what_no_longer_stands_is_over()
    {
        var town = new Town(High, Two);
        town.Read(0, 1, 10, 15);
        town.Read(1, 1, 10, 15);
        town.TellEachSecond(10, 80);
        town.Read(0, 1, 81, 1);
        town.RestartDistrict(82, withSnapshot: false);
        town.TellEachSecond(83, 130);

        Assert.Equal(WarningState.Cleared, Assert.Single(town.Record.Values).State);
    }

    [Fact]
    public void A_street_whose_grain_moves_tells_everything_anew_and_nothing_changes()
    {
        var town = new Town(High, Two);
        town.Read(0, 1, 10, 15);
        town.Read(1, 1, 40, 15);
        town.TellEachSecond(40, 70);
        town.MoveStreet(1);
        for (var second = 71; second <= 110; second++)
        {
            for (var street = 0; street < 3; street++)
            {
                town.Tick(street, second);
                var taken = town.Deliver(town.Report(street, second, street == 1 ? "moved" : "e"), second);
                town.Streets[street].Feed.Taken(taken.Seq, taken.WantsWhole);
            }
        }

        Assert.Equal(["T1 320404 Raised Orange Orange 40 100 "], town.Facts());
    }

    [Fact]
    public void A_report_that_leaves_a_gap_is_asked_for_as_a_whole()
    {
        var town = new Town(High, Two);
        town.TellAll(1);
        town.Read(0, 1, 10, 15);
        var lost = town.Report(0, 11);
        town.Streets[0].Feed.Taken(lost.FromSeq + lost.Facts.Length, wantsWhole: false);
        town.Read(0, 2, 12, 15);
        var gap = town.Deliver(town.Report(0, 13), 13);
        town.Streets[0].Feed.Taken(gap.Seq, gap.WantsWhole);
        var whole = town.Report(0, 14);

        Assert.True(gap.WantsWhole);
        Assert.True(whole.Whole);
        Assert.Equal(2, whole.Facts.Length);
    }

    /// <summary>Guaranteed: as long as every street's report arrives within the time after which it would count as silent, the warnings are the same, to the millisecond,
    /// whichever order the reports of different streets come in and however often one comes again.</summary>
    [Fact]
    public void The_order_in_which_streets_are_heard_changes_no_warning() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 120_000], Gen.Int[0, 3]).Array[4, 40],
            Gen.Int[0, 7_000].Array[90]).Sample((readings, delays) =>
        {
            var plain = new Town(High, Two, Near, Streets);
            var mixed = new Town(High, Two, Near, Streets);
            var reports = new List<(double Arrives, double Sent, AreaReport Report)>();
            var lastArrival = new double[3];
            var events = readings.Select(reading => (Street: reading.Item1, Number: reading.Item2, At: reading.Item3 / 1000.0, Value: reading.Item4 * 8.0)).OrderBy(reading => reading.At).ToArray();
            var next = 0;
            for (var second = 0; second <= 200; second++)
            {
                for (; next < events.Length && events[next].At <= second; next++)
                {
                    plain.Read(events[next].Street, events[next].Number, events[next].At, events[next].Value);
                    mixed.Read(events[next].Street, events[next].Number, events[next].At, events[next].Value);
                }

                plain.TellAll(second);
                for (var street = 0; street < 3; street++)
                {
                    mixed.Tick(street, second);
                    var report = mixed.Report(street, second);
                    mixed.Streets[street].Feed.Taken(report.FromSeq + (report.Whole ? 0 : report.Facts.Length), wantsWhole: false);
                    lastArrival[street] = Math.Max(lastArrival[street] + 0.001, second + (delays[((second * 3) + street) % delays.Length] / 1000.0));
                    reports.Add((lastArrival[street], second, report));
                    if (delays[second % delays.Length] % 5 == 0)
                    {
                        reports.Add((lastArrival[street] + 0.0005, second, report));
                    }
                }
            }

            foreach (var (arrives, _, report) in reports.OrderBy(report => report.Arrives))
            {
                mixed.Deliver(report, arrives);
            }

            Assert.Equal(plain.Facts(), mixed.Facts());
        }, iter: 200);
}
