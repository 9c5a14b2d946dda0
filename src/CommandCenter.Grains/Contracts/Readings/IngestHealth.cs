using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>How an ingest node is, by its own word. Rates are those of the time since its last word, ages the longest in it.</summary>
[GenerateSerializer, Immutable, Alias("IngestNodeHealth")]
public sealed record IngestNodeHealth
{
    [Id(0)] public required string Node { get; init; }
    [Id(1)] public required DateTimeOffset At { get; init; }

    /// <summary>The journal is replayed and the broker open or connected to.</summary>
    [Id(2)] public required bool Ready { get; init; }
    [Id(3)] public required double MessagesPerSecond { get; init; }
    [Id(4)] public required double RefusedPerSecond { get; init; }

    /// <summary>Totals since the node's start.</summary>
    [Id(5)] public required long Messages { get; init; }
    [Id(6)] public required long Delivered { get; init; }
    [Id(7)] public required long Refused { get; init; }
    [Id(8)] public required long Coalesced { get; init; }

    /// <summary>Readings and events that wait for delivery.</summary>
    [Id(9)] public required long QueueDepth { get; init; }

    /// <summary>Age of the oldest message that waits for its commit; the bytes that are not delivered.</summary>
    [Id(10)] public required double JournalLagMs { get; init; }
    [Id(11)] public required long JournalBytes { get; init; }

    /// <summary>Of the journal's disk; null: not known.</summary>
    [Id(12)] public required long? FreeDiskBytes { get; init; }

    /// <summary>Why nothing is acknowledged; null: all is well.</summary>
    [Id(13)] public required string? Trouble { get; init; }
    [Id(14)] public required int Connections { get; init; }

    /// <summary>Since receipt until durable, in the street and in history; null: nothing passed.</summary>
    [Id(15)] public required double? CommitAgeMs { get; init; }
    [Id(16)] public required double? StreetAgeMs { get; init; }
    [Id(17)] public required double? HistoryAgeMs { get; init; }
}

/// <summary>The last word of every ingest node (one grain, key 0). In memory only: a node speaks every two seconds. A node that has been silent for an hour is forgotten.</summary>
[Alias("IIngestHealthGrain")]
public interface IIngestHealthGrain : IGrainWithIntegerKey
{
    [Alias("Report")]
    Task ReportAsync(IngestNodeHealth health);

    [Alias("List")]
    Task<ImmutableArray<IngestNodeHealth>> ListAsync();
}
