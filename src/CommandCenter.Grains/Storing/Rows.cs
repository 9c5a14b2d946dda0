using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Storing;

// The tables, one class each. A record of the contracts is kept whole as its JSON document; beside it stand the columns that lists, filters and
// scopes need. Times are whole UTC milliseconds in both databases.

/// <summary>A row that lies in an area and perhaps in overlays, so that a scope can be put on it.</summary>
internal interface ILocatedRow
{
    string Area { get; }

    /// <summary>Overlays between bars, such as <c>|320404400|</c>; empty: none.</summary>
    string Overlays { get; }
}

internal sealed class DeviceRow : ILocatedRow
{
    public required string Id { get; init; }
    public required string Area { get; init; }
    public required string Overlays { get; init; }
    public required string Kind { get; init; }

    /// <summary>Not part of the public document, so it has a column of its own.</summary>
    public required bool Internal { get; init; }
    public required string Document { get; init; }
}

/// <summary>A broker account; the document holds the salted hash of its secret and never the secret.</summary>
internal sealed class BrokerAccountRow
{
    public required string Device { get; init; }
    public required string Document { get; init; }
}

/// <summary>A version of a rule, a plan or another document; <see cref="Shelf"/> says which.</summary>
internal sealed class DocumentRow
{
    public required string Shelf { get; init; }
    public required string Id { get; init; }
    public required int Version { get; init; }
    public required string Document { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string By { get; init; }
    public string? ByName { get; init; }
    public string? Why { get; init; }
}

internal sealed class UnitRow
{
    public required string Id { get; init; }
    public required string Document { get; init; }
}

internal sealed class WarningRow : ILocatedRow
{
    public required string Id { get; init; }
    public required string Area { get; init; }
    public required string Overlays { get; init; }
    public required string Rule { get; init; }
    public required string Subject { get; init; }
    public required WarningState State { get; init; }
    public required Colour Colour { get; init; }
    public required DateTimeOffset OnsetAt { get; init; }

    // What the quality of the alarms is reckoned from, so that a month is read from an index and not from its documents.
    public DateTimeOffset? RaisedAt { get; init; }
    public DateTimeOffset? ClearedAt { get; init; }
    public Colour? PeakColour { get; init; }
    public DateTimeOffset? ShelvedUntil { get; init; }
    public string? Class { get; init; }
    public string? Incident { get; init; }
    public SilenceWhy? Silenced { get; init; }
    public bool Inhibited { get; init; }
    public bool Drill { get; init; }
    public required string Document { get; init; }
}

internal sealed class SnapshotRow
{
    public required string Key { get; init; }
    public required DateTimeOffset At { get; init; }
    public required byte[] State { get; init; }
}

internal sealed class IncidentRow : ILocatedRow
{
    public required string Id { get; init; }
    public required bool Drill { get; init; }

    /// <summary>Seq of the newest stored event: what a commit is measured against.</summary>
    public required long Seq { get; init; }
    public required string Class { get; init; }
    public required IncidentState State { get; init; }
    public required bool IsOpen { get; init; }
    public required string Area { get; init; }
    public required string Owner { get; init; }
    public required string Overlays { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }
    public required string Document { get; init; }
}

internal sealed class IncidentEventRow
{
    public required string Incident { get; init; }
    public required bool Drill { get; init; }
    public required long Seq { get; init; }
    public required string Type { get; init; }
    public required int SchemaVersion { get; init; }
    public required DateTimeOffset At { get; init; }
    public required ActorKind ByKind { get; init; }
    public required string ById { get; init; }
    public required string ByName { get; init; }
    public required string Data { get; init; }
    public required string Hash { get; init; }
}

internal sealed class IncidentSourceRow
{
    public required string Source { get; init; }
    public required string Incident { get; init; }
}

internal sealed class TaskRow : ILocatedRow
{
    public required string Id { get; init; }
    public required string Incident { get; init; }
    public required string Unit { get; init; }
    public required TaskState State { get; init; }

    /// <summary>The unit is bound by it now: the task binds and its incident is not over.</summary>
    public required bool Binds { get; init; }
    public required string Area { get; init; }

    /// <summary>The owner and overlays of the incident, so that whoever sees the incident sees its tasks.</summary>
    public required string Owner { get; init; }
    public required string Overlays { get; init; }
    public required DateTimeOffset IssuedAt { get; init; }
    public required string Document { get; init; }
}

internal sealed class ClockRow
{
    public required string Subject { get; init; }
    public required string Clock { get; init; }
    public required DateTimeOffset DueAt { get; init; }
    public required DateTimeOffset? FiredAt { get; init; }
}

internal sealed class OutboxRow
{
    public required string Key { get; init; }
    public required string Channel { get; init; }
    public required string Recipient { get; init; }
    public required string Text { get; init; }
    public required string? Task { get; init; }
    public required DateTimeOffset At { get; init; }
    public required int Attempts { get; init; }
    public required ReceiptState State { get; init; }
    public required DateTimeOffset NextAttemptAt { get; init; }
}

internal sealed class AuditEntryRow
{
    public long Seq { get; init; }
    public required DateTimeOffset At { get; init; }
    public required ActorKind ByKind { get; init; }
    public required string ById { get; init; }
    public required string ByName { get; init; }
    public required string Action { get; init; }
    public required string Subject { get; init; }
    public required string? Detail { get; init; }
}

internal sealed class StoredPersonRow
{
    public required string Ref { get; init; }
    public required string? Name { get; init; }
    public required string? Phone { get; init; }
}

/// <summary>The newest running number of a day.</summary>
internal sealed class NumberRow
{
    /// <summary>The day as yyyymmdd.</summary>
    public required int Day { get; init; }
    public required bool Drill { get; init; }
    public required int Last { get; init; }
}

internal sealed class RejectionRow
{
    public long Seq { get; init; }
    public required string Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Topic { get; init; }
    public required string? Format { get; init; }
    public required string? Device { get; init; }
    public required RejectionReason Reason { get; init; }
    public required string Detail { get; init; }
    public required byte[] Bytes { get; init; }
    public required long Size { get; init; }

    /// <summary>Id of the kept message; null: it is not kept.</summary>
    public required string? Message { get; init; }
}

/// <summary>A refused message as a whole. The payload stands last, so that a look at the sizes does not read it.</summary>
internal sealed class KeptMessageRow
{
    public long Seq { get; init; }
    public required string Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Topic { get; init; }
    public required string? Format { get; init; }
    public required bool Retained { get; init; }
    public required int Size { get; init; }
    public required byte[] Payload { get; init; }
}

/// <summary>A device whose own time is wrong.</summary>
internal sealed class WrongClockRow
{
    public required string Device { get; init; }
    public required long OffsetMs { get; init; }
    public required DateTimeOffset SinceAt { get; init; }
    public required DateTimeOffset LastAt { get; init; }
    public required long Count { get; init; }
}

internal sealed class RejectionTotalRow
{
    public required RejectionReason Reason { get; init; }
    public required long Count { get; init; }
}

internal sealed class UnregisteredRow
{
    public required string Format { get; init; }
    public required string Key { get; init; }
    public required long Count { get; init; }
    public required DateTimeOffset FirstSeenAt { get; init; }
    public required DateTimeOffset LastSeenAt { get; init; }
    public required string LastTopic { get; init; }
    public required string LastPayload { get; init; }
    public required string? Suggestion { get; init; }
}
