using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Warnings;
using CsCheck;
using static CommandCenter.Grains.Tests.Warnings.OneStreet;

namespace CommandCenter.Grains.Tests.Warnings;

/// <summary>What a seat hears, and when it is in a flood.</summary>
public sealed class SeatTests
{
    private static readonly WarningsOptions Options = new();

    [Fact]
    public void A_flood_begins_above_ten_in_ten_minutes_and_ends_below_five()
    {
        Assert.False(FloodDeciding.Next(false, 10, Options));
        Assert.True(FloodDeciding.Next(false, 11, Options));
        Assert.True(FloodDeciding.Next(true, 5, Options));
        Assert.False(FloodDeciding.Next(true, 4, Options));
    }

    [Fact]
    public void The_spans_of_floods_follow_from_the_times_at_which_warnings_were_raised()
    {
        // Eleven, ten seconds apart: the eleventh begins it at 100 s; of those within the last ten minutes fewer than five are left when the seventh leaves at 660 s.
        var raised = Enumerable.Range(0, 11).Select(n => At(n * 10)).ToList();

        Assert.Equal([(At(100), At(660))], FloodDeciding.Spans(raised, At(0), At(3600), Options));
        Assert.Equal([(At(200), At(500))], FloodDeciding.Spans(raised, At(200), At(500), Options));
        Assert.Empty(FloodDeciding.Spans([.. raised.Take(10)], At(0), At(3600), Options));
        Assert.Empty(FloodDeciding.Spans(raised, At(700), At(3600), Options));
    }

    [Fact]
    public void The_spans_are_those_that_looking_each_second_finds() =>
        Gen.Int[0, 3600].List[0, 120].Sample(
            seconds =>
            {
                var raised = seconds.Order().Select(second => At(second)).ToList();
                var (flood, live) = (false, new List<(DateTimeOffset, DateTimeOffset)>());
                var since = 0;
                for (var second = 0; second < 5000; second++)
                {
                    // At one moment what leaves the window goes first, and then each one that enters is looked at.
                    var left = raised.Count(at => at <= At(second - 600));
                    var before = raised.Count(at => at < At(second));
                    var (was, entering) = (flood, raised.Count(at => at == At(second)));
                    for (var leaving = raised.Count(at => at < At(second - 600)); leaving <= left; leaving++)
                    {
                        flood = FloodDeciding.Next(flood, before - leaving, Options);
                    }

                    for (var entered = 1; entered <= entering; entered++)
                    {
                        flood = FloodDeciding.Next(flood, before + entered - left, Options);
                    }

                    if (flood && !was)
                    {
                        since = second;
                    }
                    else if (!flood && was)
                    {
                        live.Add((At(since), At(second)));
                    }
                }

                return live.SequenceEqual(FloodDeciding.Spans(raised, At(0), At(5000), Options));
            },
            iter: 60);

    [Fact]
    public void A_new_red_rings_at_once_and_again_until_someone_acknowledges()
    {
        var first = Ring(null, 0, null, null, 1);
        Assert.Equal(new(At(1), true), first);
        Assert.Null(Ring(first, 0, null, null, 10));
        Assert.Equal(new(At(16), true), Ring(first, 0, null, null, 16));
        Assert.Null(Ring(first, null, null, null, 16));
    }

    [Fact]
    public void Orange_rings_once_and_two_rings_are_never_nearer_than_the_pause()
    {
        var first = Ring(null, null, 0, null, 1);
        Assert.Equal(new(At(1), false), first);
        Assert.Null(Ring(first, null, 0, null, 1000));
        Assert.Null(Ring(first, 2, 0, null, 3));
        Assert.Equal(new(At(5), true), Ring(first, 2, 0, null, 5));
    }

    [Fact]
    public void A_flood_is_one_ring_and_in_it_only_a_new_red_rings_once_per_interval()
    {
        var first = Ring(null, 0, null, null, 0);
        Assert.Null(Ring(first, 5, 5, floodSince: 2, 6));
        Assert.Null(Ring(first, 60, 60, floodSince: 2, 61));
        Assert.Null(Ring(first, 119, 119, floodSince: 2, 119));
        Assert.Equal(new(At(120), true), Ring(first, 119, 119, floodSince: 2, 120));
        Assert.Null(Ring(first, null, 130, floodSince: 2, 130));
        Assert.Null(Ring(new(At(120), true), 119, null, floodSince: 2, 400));
    }

    [Fact]
    public void A_flood_whose_first_word_nobody_heard_rings_once()
    {
        var longAgo = new SeatRing(At(-600), false);
        var ring = Ring(longAgo, null, 0, floodSince: 0, 0);
        Assert.Equal(new(At(0), false), ring);
        Assert.Null(Ring(ring, null, 10, floodSince: 0, 10));
    }

    [Fact]
    public void In_a_city_that_runs_faster_people_still_hear_in_real_time() =>
        Assert.Null(RingDeciding.Next(new(At(0), true), At(0), null, null, At(100), Options, speed: 10));

    [Fact]
    public void A_seat_counts_its_streets_together_keeps_the_flood_and_lets_it_end()
    {
        var seat = new SeatWatch(Options);
        Assert.True(seat.Take([Report(0, 6, red: 0), Report(0, 4)], At(0)));
        Assert.Equal((false, 10, 1), (seat.State.Flood, seat.State.Raised, seat.State.Calling));

        seat.Take([Report(0, 6, red: 0), Report(5, 7)], At(5));
        Assert.Equal((true, At(5), 13, 13), (seat.State.Flood, seat.State.Since!.Value, seat.State.Raised, seat.State.Peak));

        seat.Take([Report(300, 5), Report(5, 7)], At(601));
        Assert.Equal((true, 12, 13), (seat.State.Flood, seat.State.Raised, seat.State.Peak));
        seat.Take([Report(300, 5)], At(899));
        Assert.True(seat.State.Flood);
        seat.Take([Report(300, 5)], At(900));
        Assert.Equal((false, null, 0), (seat.State.Flood, seat.State.Since, seat.State.Peak));
    }

    [Fact]
    public void A_flood_that_was_stored_goes_on_after_a_restart_until_it_falls_below_its_lower_bound()
    {
        var seat = new SeatWatch(Options);
        seat.Restore(new() { Flood = true, Since = At(-100), Peak = 40, Total = 60 });

        seat.Take([Report(0, 6)], At(1));
        Assert.Equal((true, At(-100), 40), (seat.State.Flood, seat.State.Since!.Value, seat.State.Peak));
        seat.Take([Report(0, 4)], At(2));
        Assert.False(seat.State.Flood);
    }

    [Fact]
    public void Thirty_thousand_within_a_minute_are_one_ring()
    {
        var seat = new SeatWatch(Options);
        var rings = new HashSet<SeatRing>();
        for (var second = 0; second < 100; second++)
        {
            RaiseCount[] raises = [.. Enumerable.Range(0, Math.Min(second + 1, 60)).Select(n => new RaiseCount(At(n).ToUnixTimeSeconds(), 500))];
            seat.Take([new() { Area = Street, Raises = [.. raises], RedSince = At(Math.Min(second, 59)), Calling = raises.Length * 500 }], At(second));
            if (seat.State.Ring is { } ring)
            {
                rings.Add(ring);
            }
        }

        Assert.Single(rings);
        Assert.Equal((true, 30_000, 30_000), (seat.State.Flood, seat.State.Raised, seat.State.Total));
    }

    [Fact]
    public void What_is_raised_counts_for_the_street_and_each_of_its_overlays_but_not_in_maintenance()
    {
        var street = new OneStreet(gauges: 3);
        street.PutWindows(0, Window(0, 3600));
        for (var gauge = 1; gauge <= 3; gauge++)
        {
            street.Read(10, 320, gauge);
        }

        var reports = street.Book.Raises.Report(Street, street.Book.Open, At(10));
        Assert.Equal([Street, new AreaId("320404400")], reports.Select(report => report.Area));
        Assert.All(reports, report => Assert.Equal((2, 2, At(10)), (report.Raises.Sum(raise => raise.Count), report.Calling, report.RedSince!.Value)));
        Assert.Empty(street.Book.Raises.Report(Street, street.Book.Open, At(611))[0].Raises);
    }

    private static SeatRing? Ring(SeatRing? last, double? redSince, double? orangeSince, double? floodSince, double now) =>
        RingDeciding.Next(last, Time(redSince), Time(orangeSince), Time(floodSince), At(now), Options, 1);

    private static DateTimeOffset? Time(double? second) => second is { } value ? At(value) : null;

    private static SeatReport Report(int second, int count, int? red = null) => new()
    {
        Area = Street, Raises = [new(At(second).ToUnixTimeSeconds(), count)], RedSince = Time(red), Calling = red is null ? 0 : 1,
    };
}
