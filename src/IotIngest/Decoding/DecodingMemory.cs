using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

/// <summary>What a message says of a condition.</summary>
internal enum Phase
{
    /// <summary>It happened, at one moment.</summary>
    Pulse,

    /// <summary>It holds.</summary>
    Active,

    /// <summary>It has just ended.</summary>
    Ended,

    /// <summary>It does not hold; whether it did before, the message does not say.</summary>
    Inactive,
}

// Formats without an id of their own need one that a repeat shares and that start and end share. It is made of device, type, rule and start; what is open is remembered here,
// because the end does not name its start. Bounded, and only a memory: an end whose start is forgotten still says whose condition ended.
internal sealed class DecodingMemory(int openCountMax = 20_000)
{
    /// <summary>A camera repeats that a condition holds every few seconds; after a longer pause it is a new occurrence.</summary>
    private const long RepeatMs = 60_000;

    private readonly Lock changing = new();
    private readonly Dictionary<string, Open> open = new(openCountMax, StringComparer.Ordinal);
    private readonly Queue<string> oldest = new(2 * openCountMax);

    public SparkplugNodes Sparkplug { get; } = new();

    /// <summary>The state and the id of an event. A trial looks and changes nothing.</summary>
    /// <param name="group">What start and end of one occurrence have in common.</param>
    /// <param name="holds">The source tells each change of the condition once, so that no pause makes a new occurrence.</param>
    /// <param name="everyMs">An update sooner after the last one is too soon.</param>
    public Occurrence Track(string group, Phase phase, long atMs, bool holds, int everyMs, bool trial)
    {
        var stem = Stem(group);
        if (phase == Phase.Pulse)
        {
            return new(EventState.Start, Name(stem, atMs), false);
        }

        lock (changing)
        {
            var known = open.TryGetValue(stem, out var current);
            if (phase is Phase.Ended or Phase.Inactive)
            {
                if (!known || atMs < current.StartMs)
                {
                    return new(EventState.End, Name(stem, atMs), phase == Phase.Inactive || known);
                }

                if (!trial)
                {
                    open.Remove(stem);
                }

                return new(EventState.End, Name(stem, current.StartMs), false);
            }

            if (known && atMs >= current.StartMs && (holds || atMs - current.LastMs <= RepeatMs))
            {
                if (atMs > current.StartMs && atMs - current.LastMs < everyMs)
                {
                    return new(EventState.Update, string.Empty, false) { IsTooSoon = true };
                }

                if (!trial)
                {
                    open[stem] = current with { LastMs = Math.Max(current.LastMs, atMs) };
                }

                return new(atMs == current.StartMs ? EventState.Start : EventState.Update, Name(stem, current.StartMs), false);
            }

            if (!trial && !(known && atMs < current.StartMs))
            {
                Remember(stem, new(atMs, atMs), known);
            }

            return new(EventState.Start, Name(stem, atMs), false);
        }
    }

    private static string Stem(string group)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(group), hash);
        return OccurrenceIds.StemOf(hash);
    }

    private static string Name(string stem, long atMs) => string.Create(CultureInfo.InvariantCulture, $"{stem}-{atMs:x}");

    private void Remember(string stem, Open what, bool known)
    {
        open[stem] = what;
        if (known)
        {
            return;
        }

        oldest.Enqueue(stem);
        while (open.Count > openCountMax || oldest.Count > 2 * openCountMax)
        {
            open.Remove(oldest.Dequeue());
        }
    }

    private readonly record struct Open(long StartMs, long LastMs);
}

/// <param name="IsQuiet">The event only repeats that nothing is wrong, and no beginning of it is known.</param>
internal readonly record struct Occurrence(EventState State, string Id, bool IsQuiet)
{
    /// <summary>The condition goes on, and that was said a moment ago.</summary>
    public bool IsTooSoon { get; init; }
}
