using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>How far a value can be believed. <c>Bad</c> is kept in history and never judged by a rule.</summary>
public enum Quality { Good, Suspect, Bad }

/// <summary>One value of one quantity kind, in the vocabulary's unit.</summary>
/// <param name="ObservedAt">The device's own time, whole milliseconds; the time of receipt when the device sent none.</param>
/// <param name="ReceivedAt">When the broker took the message.</param>
[GenerateSerializer, Immutable, Alias("Reading")]
public readonly record struct Reading(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] QuantityId Quantity,
    [property: Id(2)] double Value,
    [property: Id(3)] DateTimeOffset ObservedAt,
    [property: Id(4)] DateTimeOffset ReceivedAt,
    [property: Id(5)] Quality Quality);

/// <summary>Where an event stands in its life. A single shot is a <c>Start</c> without an <c>End</c>.</summary>
public enum EventState { Start, Update, End }

/// <summary>Something a device recognised, such as smoke or a street vendor.</summary>
/// <param name="EventId">Unique per device; start, update and end of one occurrence share it.</param>
/// <param name="Confidence">0 to 1; null when the device does not say, and then it counts as 1.</param>
/// <param name="Snapshot">Address of a picture; null when there is none.</param>
/// <param name="Box">x, y, width, height as shares of the picture, 0 to 1; empty when unknown.</param>
[GenerateSerializer, Immutable, Alias("DeviceEvent")]
public sealed record DeviceEvent(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] string EventId,
    [property: Id(2)] EventTypeId Type,
    [property: Id(3)] EventState State,
    [property: Id(4)] double? Confidence,
    [property: Id(5)] string? Snapshot,
    [property: Id(6)] string? Clip,
    [property: Id(7)] ImmutableArray<double> Box,
    [property: Id(8)] DateTimeOffset ObservedAt,
    [property: Id(9)] DateTimeOffset ReceivedAt);

/// <summary>Where a device is; WGS 84 degrees, speed km/h, heading degrees clockwise from north; null when not said.</summary>
[GenerateSerializer, Immutable, Alias("DevicePosition")]
public sealed record DevicePosition(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] double Longitude,
    [property: Id(2)] double Latitude,
    [property: Id(3)] double? SpeedKmh,
    [property: Id(4)] double? HeadingDeg,
    [property: Id(5)] DateTimeOffset ObservedAt,
    [property: Id(6)] DateTimeOffset ReceivedAt);

/// <summary>The device's own word that it is on line, or its last will that it is not.</summary>
[GenerateSerializer, Immutable, Alias("DeviceStatus")]
public sealed record DeviceStatus(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] bool Online,
    [property: Id(2)] DateTimeOffset ObservedAt,
    [property: Id(3)] DateTimeOffset ReceivedAt);

/// <summary>What one ingest node hands to one street and to history in one call. The same (node, sequence) again changes nothing.</summary>
[GenerateSerializer, Immutable, Alias("IngestBatch")]
public sealed record IngestBatch
{
    /// <summary>The ingest node, stable over restarts.</summary>
    [Id(0)] public required string Node { get; init; }

    /// <summary>Rises by node; unique together with <see cref="Node"/> and <see cref="Street"/>.</summary>
    [Id(1)] public required long Sequence { get; init; }

    /// <summary>The street that owns every device in the batch.</summary>
    [Id(2)] public required AreaId Street { get; init; }

    /// <summary>In order of arrival.</summary>
    [Id(3)] public ImmutableArray<Reading> Readings { get; init; } = [];
    [Id(4)] public ImmutableArray<DeviceEvent> Events { get; init; } = [];
    [Id(5)] public ImmutableArray<DevicePosition> Positions { get; init; } = [];
    [Id(6)] public ImmutableArray<DeviceStatus> Statuses { get; init; } = [];

    /// <summary>Older than 24 h on arrival: for history only, never for rules.</summary>
    [Id(7)] public ImmutableArray<Reading> LateReadings { get; init; } = [];
    [Id(8)] public ImmutableArray<DeviceEvent> LateEvents { get; init; } = [];
    [Id(9)] public ImmutableArray<DevicePosition> LatePositions { get; init; } = [];
    [Id(10)] public ImmutableArray<DeviceStatus> LateStatuses { get; init; } = [];
}
