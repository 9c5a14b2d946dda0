namespace CitySimulator;

/// <summary>Randomness without state: the same seed, name and place in time give the same number, in whatever order they are asked for.</summary>
internal static class Noise
{
    /// <summary>0 ≤ n &lt; 1.</summary>
    public static double Unit(int seed, string name, long slot, int salt = 0)
    {
        // FNV-1a over the name, then the finaliser of splitmix64.
        var hash = 14695981039346656037UL ^ (uint)seed;
        foreach (var letter in name)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }

        hash ^= (ulong)slot * 0x9E3779B97F4A7C15UL;
        hash += (ulong)(uint)salt * 0xD1B54A32D192ED03UL;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9UL;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBUL;
        hash ^= hash >> 31;
        return (hash >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>-1 to 1, moving smoothly from one value to the next within <paramref name="period"/>.</summary>
    public static double Smooth(int seed, string name, DateTimeOffset at, TimeSpan period, int salt = 0)
    {
        var slot = Math.DivRem(at.Ticks, period.Ticks, out var rest);
        var share = (double)rest / period.Ticks;
        var eased = share * share * (3 - (2 * share));
        var from = Unit(seed, name, slot, salt);
        var to = Unit(seed, name, slot + 1, salt);
        return (2 * (from + ((to - from) * eased))) - 1;
    }
}
