using System.Globalization;

namespace CommandCenter.Grains.Streets;

/// <summary>Names one activation: two activations of a grain never share an epoch, on whichever silo they live.</summary>
internal static class Epochs
{
    private static int _count;

    public static string Next() => string.Create(
        CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow().Ticks:x}-{Environment.ProcessId:x}-{Interlocked.Increment(ref _count):x}");
}
