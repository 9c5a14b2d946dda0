using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Districts;

/// <summary>The seats that no single street sees whole: the district's and those of the overlays. Takes the newest report of every street.</summary>
internal sealed class DistrictSeats(AreaId district, IEnumerable<AreaId> overlays, WarningsOptions options, double speed)
{
    private readonly Dictionary<AreaId, ImmutableArray<SeatReport>> _reports = [];
    private readonly SeatWatch _district = new(options, speed);
    private readonly ImmutableArray<(AreaId Area, SeatWatch Watch)> _overlays = [.. overlays.Select(overlay => (overlay, new SeatWatch(options, speed)))];

    public SeatState State => _district.State;

    public ImmutableArray<OverlaySeat> Overlays => [.. _overlays.Select(seat => new OverlaySeat(seat.Area, seat.Watch.State))];

    /// <summary>Every seat that is kept here.</summary>
    public IEnumerable<(AreaId Area, SeatWatch Watch)> All => _overlays.Prepend((district, _district));

    public void Take(AreaId street, ImmutableArray<SeatReport> reports) => _reports[street] = reports;

    /// <summary>Brings the seats up to the time. True when one of them rings or its flood begins or ends.</summary>
    public bool Advance(DateTimeOffset now)
    {
        var news = Changes(_district, [.. _reports.Values.Where(reports => !reports.IsDefaultOrEmpty).Select(reports => reports[0])], now);
        foreach (var (area, watch) in _overlays)
        {
            news |= Changes(watch, [.. _reports.Values.Where(reports => !reports.IsDefaultOrEmpty).SelectMany(reports => reports.Skip(1)).Where(report => report.Area == area)], now);
        }

        return news;
    }

    private static bool Changes(SeatWatch watch, ImmutableArray<SeatReport> reports, DateTimeOffset now)
    {
        var before = watch.State;
        watch.Take(reports, now);
        return before.Flood != watch.State.Flood || before.Ring != watch.State.Ring;
    }
}
