namespace IotIngest.Brokering;

/// <summary>Counts wrong secrets. After a few for one name from one address, or many from one address, the next are not looked at until a minute has passed: whoever guesses gets a few
/// tries a minute, and costs no hash. A device whose secret is remembered as right passes all the same, so that a neighbour behind the same address cannot lock it out.</summary>
internal sealed class FailureThrottle(TimeProvider timers, int perNameMax, int perAddressMax)
{
    /// <summary>Entries at one time; when there are more, all are forgotten, which lets a guesser with many addresses begin anew and nobody fill the memory.</summary>
    private const int EntriesMax = 100_000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<(string Address, string? Name), (long Since, int Count)> counts = [];

    /// <summary>For a name that is known: only its own wrong secrets count, so that a stranger behind the same address locks nobody out. The hashes it costs are bounded elsewhere.</summary>
    public bool IsNameClosed(string address, string name)
    {
        lock (gate)
        {
            return CountOf((address, name)) >= perNameMax;
        }
    }

    public bool IsClosed(string address, string name)
    {
        lock (gate)
        {
            return CountOf((address, name)) >= perNameMax || CountOf((address, null)) >= perAddressMax;
        }
    }

    public void Count(string address, string name)
    {
        lock (gate)
        {
            if (counts.Count >= EntriesMax)
            {
                counts.Clear();
            }

            Add((address, Short(name)));
            Add((address, null));
        }
    }

    private int CountOf((string Address, string? Name) key) =>
        counts.TryGetValue((key.Address, Short(key.Name)), out var entry) && timers.GetElapsedTime(entry.Since) < Window ? entry.Count : 0;

    private void Add((string Address, string? Name) key) =>
        counts[key] = counts.TryGetValue(key, out var entry) && timers.GetElapsedTime(entry.Since) < Window ? (entry.Since, entry.Count + 1) : (timers.GetTimestamp(), 1);

    private static string? Short(string? name) => name is { Length: > 64 } ? name[..64] : name;
}
