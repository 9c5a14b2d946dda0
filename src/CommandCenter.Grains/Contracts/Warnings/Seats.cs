using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

// A seat is the wall and the desks of one area. Whether it is in a flood and when it rings is decided once, in the silo, so that two desks of a seat
// agree and a page that is loaded anew does not ring again.

/// <summary>One ring of a seat. Screens sound when a newer one than the last they know is shown.</summary>
[GenerateSerializer, Immutable, Alias("SeatRing")]
public sealed record SeatRing([property: Id(0)] DateTimeOffset At, [property: Id(1)] bool Grave);

/// <summary>What calls at a seat, and how fast it came.</summary>
[GenerateSerializer, Immutable, Alias("SeatState")]
public sealed record SeatState
{
    public static readonly SeatState Quiet = new();

    /// <summary>More than 10 warnings were raised within 10 min, and it has not yet fallen below 5.</summary>
    [Id(0)] public bool Flood { get; init; }
    [Id(1)] public DateTimeOffset? Since { get; init; }

    /// <summary>Raised within the last 10 min.</summary>
    [Id(2)] public int Raised { get; init; }

    /// <summary>The most within 10 min since the flood began; 0 outside a flood.</summary>
    [Id(3)] public int Peak { get; init; }

    /// <summary>Raised since the flood began, at most as far as the seat has heard; 0 outside a flood.</summary>
    [Id(4)] public int Total { get; init; }

    /// <summary>The newest ring; null: none yet.</summary>
    [Id(5)] public SeatRing? Ring { get; init; }

    /// <summary>Orange and red that nobody has acknowledged.</summary>
    [Id(6)] public int Calling { get; init; }

    /// <summary>Of those: at the 值班长, and at the 带班领导.</summary>
    [Id(7)] public int AtShiftLeader { get; init; }
    [Id(8)] public int AtDutyLeader { get; init; }
}

/// <summary>How many warnings were raised in one second (of the epoch).</summary>
[GenerateSerializer, Immutable, Alias("RaiseCount")]
public readonly record struct RaiseCount([property: Id(0)] long Second, [property: Id(1)] int Count);

/// <summary>What a street tells of one seat: itself, or an overlay whose members lie in it.</summary>
[GenerateSerializer, Immutable, Alias("SeatReport")]
public sealed record SeatReport
{
    [Id(0)] public required AreaId Area { get; init; }

    /// <summary>The last 10 min, oldest first; seconds without any are left out.</summary>
    [Id(1)] public ImmutableArray<RaiseCount> Raises { get; init; } = [];

    /// <summary>When the newest of those that call began to; null: none calls.</summary>
    [Id(2)] public DateTimeOffset? RedSince { get; init; }
    [Id(3)] public DateTimeOffset? OrangeSince { get; init; }
    [Id(4)] public int Calling { get; init; }
    [Id(5)] public int AtShiftLeader { get; init; }
    [Id(6)] public int AtDutyLeader { get; init; }
}

/// <summary>The state of an overlay's seat, which only the district can tell.</summary>
[GenerateSerializer, Immutable, Alias("OverlaySeat")]
public sealed record OverlaySeat([property: Id(0)] AreaId Area, [property: Id(1)] SeatState Seat);
