using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Pushing;
using CommandCenter.Grains.Streets;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Districts;

/// <summary>The sum of what the streets last told. A street that never told anything is there too, with the oldest of times.</summary>
internal sealed class DistrictPicture : IAreaPicture
{
    private readonly SortedDictionary<string, SituationView> _streets = new(StringComparer.Ordinal);
    private readonly DomainClock _clock;
    private AreaCounts? _counts;
    private bool _streetsChanged;
    private bool _seatChanged;
    private SeatState _seat = SeatState.Quiet;
    private ImmutableArray<OverlaySeat> _overlays = [];

    private readonly WarningBook _warnings;

    public DistrictPicture(DomainClock clock, IEnumerable<AreaId> streets, WarningBook warnings)
    {
        _clock = clock;
        _warnings = warnings;
        foreach (var street in streets)
        {
            _streets[street.Value] = new() { Area = street, Epoch = string.Empty, Seq = 0, At = DateTimeOffset.UnixEpoch };
        }
    }

    public DateTimeOffset Now => _clock.Now;
    public bool HasChanges => _streetsChanged || _seatChanged || _warnings.Touched.Count > 0;

    /// <summary>A red warning changed: it does not wait for the next frame.</summary>
    public bool HasUrgent => _warnings.Touched.Any(id => _warnings.Find(id) is { State: WarningState.Raised, Colour: Colour.Red });

    /// <summary>Takes what a street tells. An older word of the same activation changes nothing.</summary>
    public void Take(SituationView street)
    {
        var known = _streets.GetValueOrDefault(street.Area.Value);
        if (known is not null && (known.Epoch == street.Epoch ? street.Seq < known.Seq : street.At < known.At))
        {
            return;
        }

        _streets[street.Area.Value] = street;
        _counts = null;
        _streetsChanged |= known is null || known.Epoch != street.Epoch || known.Devices != street.Devices || known.Warnings != street.Warnings
            || known.Incidents != street.Incidents || known.Tasks != street.Tasks;
    }

    /// <summary>Takes up what calls at the seats of the district and its overlays. A ring or a flood is shown at once.</summary>
    public void Show(SeatState seat, ImmutableArray<OverlaySeat> overlays, bool atOnce)
    {
        (_seat, _overlays) = (seat, overlays);
        _counts = null;
        _seatChanged |= atOnce;
    }

    public PictureBody TakeChanges()
    {
        _streetsChanged = false;
        _seatChanged = false;
        var warnings = ImmutableArray.CreateBuilder<WarningView>();
        var gone = ImmutableArray.CreateBuilder<WarningId>();
        foreach (var id in _warnings.Touched)
        {
            if (_warnings.Find(id) is { } warning)
            {
                warnings.Add(warning);
            }
            else
            {
                gone.Add(id);
            }
        }

        _warnings.Touched.Clear();
        return new() { Warnings = warnings.ToImmutable(), Removed = gone.Count == 0 ? Removed.Nothing : new() { Warnings = gone.ToImmutable() } };
    }

    public PictureBody ReadAll() => new() { Warnings = [.. _warnings.Open] };

    public AreaCounts Counts()
    {
        var counts = _counts ??= Sum(_streets.Values);
        var own = _warnings.Count();
        var streets = counts.Warnings;
        return counts with
        {
            Seat = _seat,
            OverlaySeats = _overlays,
            Warnings = new(streets.Red + own.Red, streets.Orange + own.Orange, streets.Yellow + own.Yellow, streets.Blue + own.Blue, streets.Unacknowledged + own.Unacknowledged),
        };
    }

    private static AreaCounts Sum(IReadOnlyCollection<SituationView> streets) => new()
    {
        Devices = new(
            streets.Sum(street => street.Devices.Normal), streets.Sum(street => street.Devices.Stale), streets.Sum(street => street.Devices.Offline),
            streets.Sum(street => street.Devices.Unknown), streets.Sum(street => street.Devices.Maintenance)),
        Warnings = new(
            streets.Sum(street => street.Warnings.Red), streets.Sum(street => street.Warnings.Orange), streets.Sum(street => street.Warnings.Yellow),
            streets.Sum(street => street.Warnings.Blue), streets.Sum(street => street.Warnings.Unacknowledged)),
        Incidents = new(streets.Sum(street => street.Incidents.Open), streets.Sum(street => street.Incidents.Overdue)),
        Tasks = new(streets.Sum(street => street.Tasks.Open), streets.Sum(street => street.Tasks.Overdue)),
        Vitals = Vitals.Merge([.. streets.Select(street => street.Vitals)]),
        Children = [.. streets],
        LastReadingAt = streets.Max(street => street.LastReadingAt),
    };
}
