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

    /// <summary>The kept message that it came from, to be decoded again after a mapping fix; null: the message is not kept whole.</summary>
    [Id(9)] public string? Message { get; init; }
}

/// <summary>A refused message, kept whole so that it can be decoded again after a mapping fix.</summary>
[GenerateSerializer, Immutable, Alias("KeptMessage")]
public sealed record KeptMessage
{
    [Id(0)] public required string Id { get; init; }

    /// <summary>When the broker took it; it stays the time of receipt when the message is decoded again.</summary>
    [Id(1)] public required DateTimeOffset At { get; init; }
    [Id(2)] public required string Topic { get; init; }

    /// <summary>The format that the sender named over HTTP; null: the topic tells.</summary>
    [Id(3)] public string? Format { get; init; }

    /// <summary>The broker had kept it from before.</summary>
    [Id(4)] public bool Retained { get; init; }
    [Id(5)] public required byte[] Payload { get; init; }
}

/// <summary>Why a part of a message is still refused after it was decoded again.</summary>
[GenerateSerializer, Immutable, Alias("KeptRefusal")]
public sealed record KeptRefusal(
    [property: Id(0)] RejectionReason Reason,
    [property: Id(1)] string Detail,
    [property: Id(2)] string? Device,
    [property: Id(3)] string? Format);

/// <summary>What became of a kept message: nothing refused any more (empty), or its new reasons.</summary>
[GenerateSerializer, Immutable, Alias("KeptOutcome")]
public sealed record KeptOutcome([property: Id(0)] string Message, [property: Id(1)] ImmutableArray<KeptRefusal> Refusals);

/// <summary>Filter over rejections; empty and null mean no filter.</summary>
[GenerateSerializer, Immutable, Alias("RejectionQuery")]
public sealed record RejectionQuery
{
    [Id(0)] public ImmutableArray<RejectionReason> Reasons { get; init; } = [];

    /// <summary>Device ids, and identities of devices that are not registered.</summary>
    [Id(1)] public ImmutableArray<string> Devices { get; init; } = [];
    [Id(2)] public string? Format { get; init; }

    /// <summary>from ≤ t &lt; to.</summary>
    [Id(3)] public DateTimeOffset? From { get; init; }
    [Id(4)] public DateTimeOffset? To { get; init; }
    [Id(5)] public int Limit { get; init; } = 100;
    [Id(6)] public string? Cursor { get; init; }

    /// <summary>Single rejections by id.</summary>
    [Id(7)] public ImmutableArray<string> Ids { get; init; } = [];
}

/// <summary>How the clock of a device was seen during one report. Null offset: it is right again.</summary>
[GenerateSerializer, Immutable, Alias("ClockSighting")]
public sealed record ClockSighting(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] long? OffsetMs,
    [property: Id(2)] DateTimeOffset FirstAt,
    [property: Id(3)] DateTimeOffset LastAt,
    [property: Id(4)] long Count);

/// <summary>A device whose own time is more than 5 min from ours.</summary>
/// <param name="OffsetMs">Positive: the device is ahead.</param>
/// <param name="SinceAt">First message of this time of error.</param>
/// <param name="Count">Messages with a wrong time since then.</param>
[GenerateSerializer, Immutable, Alias("WrongClock")]
public sealed record WrongClock(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] long OffsetMs,
    [property: Id(2)] DateTimeOffset SinceAt,
    [property: Id(3)] DateTimeOffset LastAt,
    [property: Id(4)] long Count);

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

    /// <summary>The messages that <see cref="Rejection.Message"/> names.</summary>
    [Id(4)] public ImmutableArray<KeptMessage> Messages { get; init; } = [];
    [Id(5)] public ImmutableArray<ClockSighting> Clocks { get; init; } = [];
}

/// <summary>The rejections kept, newest first, with the totals by reason.</summary>
[GenerateSerializer, Immutable, Alias("RejectionList")]
public sealed record RejectionList
{
    [Id(0)] public ImmutableArray<Rejection> Items { get; init; } = [];
    [Id(1)] public string? Next { get; init; }
    [Id(2)] public ImmutableSortedDictionary<string, long> ByReason { get; init; } = ImmutableSortedDictionary<string, long>.Empty;
    [Id(3)] public long Total { get; init; }

    /// <summary>Kept messages that match the filter and can be decoded again.</summary>
    [Id(4)] public long KeptMessages { get; init; }
}

/// <summary>What ingest refused, over all nodes (one grain, key 0). Keeps the newest 10,000 rejections, 10,000 unregistered devices and 128 MiB of whole messages; totals are never cut.</summary>
[Alias("IIngestLedgerGrain")]
public interface IIngestLedgerGrain : IGrainWithIntegerKey
{
    [Alias("Report")]
    Task ReportAsync(LedgerReport report);

    [Alias("ListRejections")]
    Task<RejectionList> ListRejectionsAsync(int limit, string? cursor, Actor actor);

    [Alias("ListUnregistered")]
    Task<Page<UnregisteredDevice>> ListUnregisteredAsync(int limit, string? cursor, Actor actor);

    /// <summary>The rejections that match, newest first; totals by reason are those of everything.</summary>
    [Alias("QueryRejections")]
    Task<RejectionList> QueryRejectionsAsync(RejectionQuery query, Actor actor);

    /// <summary>The kept messages that a matching rejection came from, oldest first. Needs the role system.</summary>
    [Alias("LoadKept")]
    Task<Page<KeptMessage>> LoadKeptAsync(RejectionQuery query, Actor actor);

    /// <summary>Writes what became of kept messages: their rejections go, or get their new reasons. The same again changes nothing.</summary>
    [Alias("SettleKept")]
    Task SettleKeptAsync(ImmutableArray<KeptOutcome> outcomes);

    /// <summary>Devices whose clock is wrong, the largest error first; at most 1,000.</summary>
    [Alias("ListWrongClocks")]
    Task<ImmutableArray<WrongClock>> ListWrongClocksAsync(Actor actor);
}
