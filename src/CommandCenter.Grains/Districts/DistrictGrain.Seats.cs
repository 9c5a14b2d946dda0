using System.Text.Json;
using CommandCenter.Grains.Contracts;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Districts;

// What calls at the seats of the district and of its overlays: the streets' reports and the district's own warnings together.
internal sealed partial class DistrictGrain
{
    private readonly DistrictSeats _seats;

    // Whose flood is stored, so that it outlives this activation.
    private readonly HashSet<AreaId> _floodsStored = [];

    private string AreaName { get; }

    private static string KeyOf(AreaId area) => "seat/" + area.Value;

    private async Task RestoreSeatsAsync(CancellationToken cancellation)
    {
        foreach (var (area, watch) in _seats.All)
        {
            if (await _snapshots.LoadAsync(KeyOf(area), cancellation) is { } stored && JsonSerializer.Deserialize<SeatState>(stored.State, ContractJson.Options) is { Flood: true } flood)
            {
                watch.Restore(flood);
                _floodsStored.Add(area);
            }
        }
    }

    private void WatchSeats()
    {
        var now = _clock.Now;
        _seats.Take(_area, _judgement.Warnings.Raises.Report(_area, _judgement.Warnings.Open, now));
        var news = _seats.Advance(now);
        _picture.Show(_seats.State, _seats.Overlays, news);
        foreach (var (area, watch) in _seats.All)
        {
            if (watch.State.Flood != _floodsStored.Contains(area))
            {
                _ = watch.State.Flood ? _floodsStored.Add(area) : _floodsStored.Remove(area);
                SaveAsync(area, watch.State, now).Ignore();
            }
        }
    }

    private async Task SaveAsync(AreaId area, SeatState seat, DateTimeOffset now)
    {
        try
        {
            await _snapshots.SaveAsync(KeyOf(area), now, JsonSerializer.SerializeToUtf8Bytes(seat, ContractJson.Options));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The next change of a flood tries again; a restart in between would take the rate alone.
            LogSeatNotStored(_logger, failure, area.Value);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "That the flood of seat {Area} began or ended could not be stored")]
    private static partial void LogSeatNotStored(ILogger logger, Exception failure, string area);
}
