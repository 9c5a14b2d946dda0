using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Warnings;

/// <summary>How many warnings of a street were raised in each second of the flood window, for the street's own seat and for each overlay. Bounded by the window.</summary>
internal sealed class RaiseCounts(WarningsOptions options)
{
    private readonly SortedDictionary<long, int> _own = [];
    private readonly Dictionary<AreaId, SortedDictionary<long, int>> _overlays = [];

    public void Add(WarningView warning, DateTimeOffset at) => Seed(warning.Areas, at);

    public void Clear()
    {
        _own.Clear();
        _overlays.Clear();
    }

    /// <summary>Takes up what the store tells of the time before a restart.</summary>
    public void Seed(IEnumerable<AreaId> overlays, DateTimeOffset at)
    {
        Add(_own, at);
        foreach (var overlay in overlays)
        {
            Add(CountsOf(overlay), at);
        }
    }

    /// <summary>The street's own report first, then those of the overlays that have members among its warnings.</summary>
    public ImmutableArray<SeatReport> Report(AreaId street, IEnumerable<WarningView> open, DateTimeOffset now)
    {
        var own = new Tally();
        var overlays = _overlays.Keys.ToDictionary(overlay => overlay, _ => new Tally());
        foreach (var warning in open)
        {
            if (!warning.IsCalling || warning.CallingSince is not { } since)
            {
                continue;
            }

            own.Add(warning, since);
            foreach (var overlay in warning.Areas)
            {
                if (!overlays.TryGetValue(overlay, out var tally))
                {
                    overlays[overlay] = tally = new();
                }

                tally.Add(warning, since);
            }
        }

        return
        [
            own.Report(street, Counts(_own, now)),
            .. overlays.OrderBy(pair => pair.Key.Value, StringComparer.Ordinal).Select(pair => pair.Value.Report(pair.Key, Counts(CountsOf(pair.Key), now))),
        ];
    }

    private sealed class Tally
    {
        private DateTimeOffset? _red;
        private DateTimeOffset? _orange;
        private int _calling;
        private int _atShiftLeader;
        private int _atDutyLeader;

        public void Add(WarningView warning, DateTimeOffset since)
        {
            ref var newest = ref warning.Colour == Colour.Red ? ref _red : ref _orange;
            newest = newest >= since ? newest : since;
            _calling++;
            _atShiftLeader += warning.Escalation?.Step == EscalationStep.ShiftLeader ? 1 : 0;
            _atDutyLeader += warning.Escalation?.Step == EscalationStep.DutyLeader ? 1 : 0;
        }

        public SeatReport Report(AreaId area, ImmutableArray<RaiseCount> raises) => new()
        {
            Area = area, Raises = raises, RedSince = _red, OrangeSince = _orange, Calling = _calling, AtShiftLeader = _atShiftLeader, AtDutyLeader = _atDutyLeader,
        };
    }

    private SortedDictionary<long, int> CountsOf(AreaId overlay)
    {
        if (!_overlays.TryGetValue(overlay, out var counts))
        {
            _overlays[overlay] = counts = [];
        }

        return counts;
    }

    private static void Add(SortedDictionary<long, int> counts, DateTimeOffset at)
    {
        var second = at.ToUnixTimeSeconds();
        counts[second] = counts.GetValueOrDefault(second) + 1;
    }

    private ImmutableArray<RaiseCount> Counts(SortedDictionary<long, int> counts, DateTimeOffset now)
    {
        var from = now.ToUnixTimeSeconds() - (options.FloodWindowMinutes * 60L);
        while (counts.Count > 0 && counts.First() is var oldest && oldest.Key <= from)
        {
            counts.Remove(oldest.Key);
        }

        return [.. counts.Select(pair => new RaiseCount(pair.Key, pair.Value))];
    }
}
