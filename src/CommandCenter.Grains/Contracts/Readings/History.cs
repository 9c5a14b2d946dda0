using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>One stored reading.</summary>
[GenerateSerializer, Immutable, Alias("HistoryPoint")]
public sealed record HistoryPoint([property: Id(0)] DateTimeOffset At, [property: Id(1)] double Value, [property: Id(2)] Quality Quality);

/// <summary>The readings of one interval, aligned to the epoch; <see cref="At"/> is its start.</summary>
[GenerateSerializer, Immutable, Alias("HistoryInterval")]
public sealed record HistoryInterval(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] double Mean,
    [property: Id(2)] double Min,
    [property: Id(3)] double Max,
    [property: Id(4)] long Count);

/// <summary>What an import did, row by row for what was refused.</summary>
[GenerateSerializer, Immutable, Alias("HistoryImport")]
public sealed record HistoryImport([property: Id(0)] long Accepted, [property: Id(1)] long Duplicates)
{
    /// <summary>Older than what the engine keeps, and therefore left out; always 0 where retention counts from the receipt.</summary>
    [Id(2)] public long BeyondRetention { get; init; }
}

/// <summary>The kept readings (one grain per silo that serves history, key 0). Calls interleave.</summary>
[Alias("IReadingHistoryGrain")]
public interface IReadingHistoryGrain : IGrainWithIntegerKey
{
    /// <summary>Returns after the commit. (device, quantity, at) is kept once, and a repeated (node, sequence, street) adds nothing.</summary>
    [Alias("Append")]
    Task AppendAsync(IngestBatch batch);

    /// <summary>Readings of one device and quantity, from ≤ t &lt; to, oldest first; at most <paramref name="limit"/> (1 to 1000).</summary>
    [Alias("ReadRaw")]
    Task<Page<HistoryPoint>> ReadRawAsync(DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, int limit, string? cursor);

    /// <summary>The same, as means, extremes and counts per interval (1 s to 31 d).</summary>
    [Alias("ReadEvery")]
    Task<Page<HistoryInterval>> ReadEveryAsync(DeviceId device, QuantityId quantity, DateTimeOffset from, DateTimeOffset to, TimeSpan every, int limit, string? cursor);

    /// <summary>Adds readings to history only; never seen by live rules.</summary>
    [Alias("Import")]
    Task<HistoryImport> ImportAsync(ImmutableArray<Reading> readings);

    /// <summary>Everything that arrived for the street since <paramref name="receivedFrom"/>, in order of arrival, for a street that rebuilds itself.</summary>
    [Alias("ReadArrivals")]
    IAsyncEnumerable<IngestBatch> ReadArrivalsAsync(AreaId street, DateTimeOffset receivedFrom);

    /// <summary>What is kept of some devices of one street, observed in from ≤ t &lt; to, in order of arrival, as a street would have heard it: what was imported counts as received
    /// when it was observed. Events and positions too. Where the engine does not keep the receipt beside a reading, the order is that of observation.</summary>
    [Alias("ReadPast")]
    IAsyncEnumerable<IngestBatch> ReadPastAsync(AreaId street, ImmutableArray<DeviceId> devices, ImmutableArray<QuantityId> quantities, DateTimeOffset from, DateTimeOffset to);
}
