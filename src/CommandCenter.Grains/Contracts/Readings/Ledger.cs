using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>Why a message or a value was refused at the border.</summary>
public enum RejectionReason
{
    Malformed, UnknownFormat, UnknownDevice, UnknownQuantity, BadUnit, OutOfRange, NotANumber, BadTime, TooLarge, NotAllowed, Unsupported, Overload,
}

/// <summary>A message or value that was refused, with the first 4,096 bytes of what came.</summary>
[GenerateSerializer, Immutable, Alias("Rejection")]
public sealed record Rejection
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required DateTimeOffset At { get; init; }
    [Id(2)] public required string Topic { get; init; }
    [Id(3)] public string? Format { get; init; }
    [Id(4)] public string? Device { get; init; }
    [Id(5)] public required RejectionReason Reason { get; init; }
    [Id(6)] public required string Detail { get; init; }

    /// <summary>At most 4,096 bytes; base64 in JSON.</summary>
    [Id(7)] public required byte[] Bytes { get; init; }

    /// <summary>Bytes of the whole payload.</summary>
    [Id(8)] public required long Size { get; init; }
}

/// <summary>A device that speaks but is not registered, with its last payload and a registration that would fit.</summary>
[GenerateSerializer, Immutable, Alias("UnregisteredDevice")]
public sealed record UnregisteredDevice
{
    [Id(0)] public required string Format { get; init; }
    [Id(1)] public required string Key { get; init; }
    [Id(2)] public required long Count { get; init; }
    [Id(3)] public required DateTimeOffset FirstSeenAt { get; init; }
    [Id(4)] public required DateTimeOffset LastSeenAt { get; init; }
    [Id(5)] public required string LastTopic { get; init; }
    [Id(6)] public required string LastPayload { get; init; }
    [Id(7)] public DeviceRegistration? Suggestion { get; init; }
}

/// <summary>What an ingest node has refused since its last report. Counts are complete even where the kept samples are not.</summary>
[GenerateSerializer, Immutable, Alias("LedgerReport")]
public sealed record LedgerReport
{
    [Id(0)] public required string Node { get; init; }
    [Id(1)] public ImmutableArray<Rejection> Rejections { get; init; } = [];
    [Id(2)] public ImmutableDictionary<RejectionReason, long> Counts { get; init; } = ImmutableDictionary<RejectionReason, long>.Empty;

    /// <summary>Increments of <see cref="UnregisteredDevice.Count"/>, not totals.</summary>
    [Id(3)] public ImmutableArray<UnregisteredDevice> Unregistered { get; init; } = [];
}

/// <summary>The rejections kept, newest first, with the totals by reason.</summary>
[GenerateSerializer, Immutable, Alias("RejectionList")]
public sealed record RejectionList
{
    [Id(0)] public ImmutableArray<Rejection> Items { get; init; } = [];
    [Id(1)] public string? Next { get; init; }
    [Id(2)] public ImmutableSortedDictionary<string, long> ByReason { get; init; } = ImmutableSortedDictionary<string, long>.Empty;
    [Id(3)] public long Total { get; init; }
}

/// <summary>What ingest refused, over all nodes (one grain, key 0). Keeps the newest 10,000 rejections and 10,000 unregistered devices; totals are never cut.</summary>
[Alias("IIngestLedgerGrain")]
public interface IIngestLedgerGrain : IGrainWithIntegerKey
{
    [Alias("Report")]
    Task ReportAsync(LedgerReport report);

    [Alias("ListRejections")]
    Task<RejectionList> ListRejectionsAsync(int limit, string? cursor, Actor actor);

    [Alias("ListUnregistered")]
    Task<Page<UnregisteredDevice>> ListUnregisteredAsync(int limit, string? cursor, Actor actor);
}
