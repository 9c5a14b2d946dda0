using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Warnings;

/// <summary>Whether a seat rings now. Outside a flood: once for what is new, and again and again for a red until someone acknowledges. A flood is one ring. Pure.</summary>
internal static class RingDeciding
{
    /// <summary>What rang shortly before the flood was noticed was its ring: the first of a burst rings before the eleventh makes a flood of it.</summary>
    private static readonly TimeSpan FloodLead = TimeSpan.FromSeconds(30);

    /// <param name="redSince">When the newest red that calls began to; null: none calls.</param>
    /// <param name="floodSince">Null: no flood.</param>
    /// <param name="speed">How much faster than the machine the city's clock runs: people hear in real time.</param>
    public static SeatRing? Next(
        SeatRing? last, DateTimeOffset? redSince, DateTimeOffset? orangeSince, DateTimeOffset? floodSince, DateTimeOffset now, WarningsOptions options, double speed)
    {
        var newRed = redSince > (last?.At ?? DateTimeOffset.MinValue);
        var newOrange = orangeSince > (last?.At ?? DateTimeOffset.MinValue);
        var quiet = last is null ? TimeSpan.MaxValue : (now - last.At) / speed;
        if (quiet < TimeSpan.FromSeconds(options.RingPauseSeconds))
        {
            return null;
        }

        if (floodSince is { } since)
        {
            var heard = last is not null && last.At >= since - (FloodLead * speed);
            return (!heard && (newRed || newOrange)) || (newRed && quiet >= TimeSpan.FromSeconds(options.FloodRingSeconds)) ? new(now, newRed) : null;
        }

        return newRed || newOrange ? new(now, newRed)
            : redSince is not null && quiet >= TimeSpan.FromSeconds(options.RingRepeatSeconds) ? new(now, Grave: true)
            : null;
    }
}
