using System.Collections.Immutable;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Streets;

// What calls at the street's seat, told to its own screens and to the district.
internal sealed partial class StreetGrain
{
    private const int RaisesMax = 100_000;
    private static readonly TimeSpan SeatPause = TimeSpan.FromMilliseconds(100);

    private ImmutableArray<SeatReport> _seats = [];
    private long _seatAt;
    private bool _floodStored;

    private string SeatKey => "seat/" + _area.Value;

    /// <summary>After a restart: what was raised within the window is in the store, and so is whether a flood was on.</summary>
    private async Task RebuildSeatAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var raises = _judgement.Warnings.Raises;
        raises.Clear();
        foreach (var raised in await _quality.LoadRaisedAsync([_area], Actor.System, now.AddMinutes(-_warningOptions.FloodWindowMinutes), now.AddSeconds(1), RaisesMax, cancellation))
        {
            if (raised is { Silenced: not SilenceWhy.Maintenance, Inhibited: false })
            {
                raises.Seed(Scopes.Overlays(raised.Overlays), raised.RaisedAt);
            }
        }

        if (await _snapshots.LoadAsync(SeatKey, cancellation) is { } stored && JsonSerializer.Deserialize<SeatState>(stored.State, ContractJson.Options) is { Flood: true } flood)
        {
            _seat.Restore(flood);
            _floodStored = true;
        }

        WatchSeat(now);
    }

    // A call is rung for at once; under load the next look comes with the tick.
    private void WatchSeatWhenChanged()
    {
        if (_judgement.Warnings.CallsChanged && TimeProvider.System.GetElapsedTime(_seatAt) >= SeatPause)
        {
            WatchSeat(_clock.Now);
            Report();
        }
    }

    private void WatchSeat(DateTimeOffset now)
    {
        _seatAt = TimeProvider.System.GetTimestamp();
        _judgement.Warnings.CallsChanged = false;
        _seats = _judgement.Warnings.Raises.Report(_area, _judgement.Warnings.Open, now);
        if (!_seat.Take([_seats[0]], now))
        {
            return;
        }

        _picture.Show(_seat.State);
        if (_seat.State.Flood != _floodStored)
        {
            _floodStored = _seat.State.Flood;
            SaveSeatAsync(now).Ignore();
        }
    }

    private void Report()
    {
        var situation = SituationView.From(_area, _publisher.Epoch, _publisher.Seq, _clock.Now, _picture.Counts());
        GrainFactory.GetGrain<IDistrictGrain>(_district).ReportAsync(new(situation) { Seats = _seats }).Ignore();
    }

    private async Task SaveSeatAsync(DateTimeOffset now)
    {
        try
        {
            await _snapshots.SaveAsync(SeatKey, now, JsonSerializer.SerializeToUtf8Bytes(_seat.State, ContractJson.Options));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _floodStored = !_floodStored;
            LogSnapshotFailed(_logger, failure, _area.Value);
        }
    }
}
