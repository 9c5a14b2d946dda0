using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Warnings;

/// <summary>One seat: takes what its streets tell and keeps its state. No clock, no storage.</summary>
internal sealed class SeatWatch(WarningsOptions options, double speed = 1)
{
    // What was counted of each second of the window: a second that still runs may grow. Null: nothing yet, and what a restored flood counted is not counted again.
    private Dictionary<long, int>? _counted;

    public SeatState State { get; private set; } = SeatState.Quiet;

    /// <summary>Takes up what was stored of a flood before a restart.</summary>
    public void Restore(SeatState state) => State = SeatState.Quiet with { Flood = state.Flood, Since = state.Since, Peak = state.Peak, Total = state.Total };

    /// <summary>Takes the newest report of every street of the seat. True when the state changed.</summary>
    public bool Take(IReadOnlyCollection<SeatReport> reports, DateTimeOffset now)
    {
        var before = State;
        var from = now.ToUnixTimeSeconds() - (options.FloodWindowMinutes * 60L);
        var counted = new Dictionary<long, int>();
        DateTimeOffset? redSince = null, orangeSince = null;
        foreach (var report in reports)
        {
            foreach (var (second, count) in report.Raises)
            {
                if (second > from)
                {
                    counted[second] = counted.GetValueOrDefault(second) + count;
                }
            }

            redSince = Later(redSince, report.RedSince);
            orangeSince = Later(orangeSince, report.OrangeSince);
        }

        var raised = counted.Values.Sum();
        var fresh = _counted is { } known ? counted.Sum(pair => Math.Max(0, pair.Value - known.GetValueOrDefault(pair.Key))) : 0;
        _counted = counted;
        var flood = FloodDeciding.Next(before.Flood, raised, options);
        var since = flood ? before.Since ?? now : (DateTimeOffset?)null;
        State = new()
        {
            Flood = flood,
            Since = since,
            Raised = raised,
            Peak = flood ? Math.Max(before.Peak, raised) : 0,
            Total = !flood ? 0 : before.Flood ? before.Total + fresh : raised,
            Ring = RingDeciding.Next(before.Ring, redSince, orangeSince, since, now, options, speed) ?? before.Ring,
            Calling = reports.Sum(report => report.Calling),
            AtShiftLeader = reports.Sum(report => report.AtShiftLeader),
            AtDutyLeader = reports.Sum(report => report.AtDutyLeader),
        };

        return State != before;
    }

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;
}
