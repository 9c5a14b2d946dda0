using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace CommandCenter.Grains.Contracts;

/// <summary>发现 受理 立案 派遣 签收 到场 处置 核查 结案 评价, and 作废.</summary>
public enum IncidentState { Reported, Received, Filed, Dispatched, Accepted, Arrived, Handled, Verified, Closed, Rated, Void }

/// <summary>How soon to act, set by people; p1 first.</summary>
public enum Priority { P1, P2, P3, P4 }

/// <summary>One report that belongs to an incident; each keeps its own number so that each caller can be answered.</summary>
[GenerateSerializer, Immutable, Alias("ReportView")]
public sealed record ReportView(
    [property: Id(0)] string Id,
    [property: Id(1)] string Number,
    [property: Id(2)] string Source,
    [property: Id(3)] string? ExternalId,
    [property: Id(4)] DateTimeOffset At);

/// <summary>A time limit of the incident itself.</summary>
[GenerateSerializer, Immutable, Alias("ClockView")]
public sealed record ClockView([property: Id(0)] string Step, [property: Id(1)] DateTimeOffset DueAt, [property: Id(2)] DateTimeOffset? FiredAt);

/// <summary>One event of the incident's log. <see cref="Data"/> is the event's own JSON; <see cref="Hash"/> chains it to the one before.</summary>
[GenerateSerializer, Immutable, Alias("TimelineEntry")]
public sealed record TimelineEntry(
    [property: Id(0)] long Seq,
    [property: Id(1)] string Type,
    [property: Id(2)] DateTimeOffset At,
    [property: Id(3)] By By,
    [property: Id(4), JsonConverter(typeof(RawJsonConverter))] string Data,
    [property: Id(5)] string Hash);

/// <summary>An occurrence that people must handle, as documents and screens see it.</summary>
[GenerateSerializer, Immutable, Alias("IncidentView")]
public sealed record IncidentView
{
    [Id(0)] public required IncidentId Id { get; init; }

    /// <summary><c>ZL</c> + day + running number of the day.</summary>
    [Id(1)] public required string Number { get; init; }
    [Id(2)] public required ClassCode Class { get; init; }
    [Id(3)] public required string Title { get; init; }
    [Id(4)] public required AreaId Area { get; init; }

    /// <summary>The area that answers for it now: the street, or the district after 上报.</summary>
    [Id(5)] public required AreaId Owner { get; init; }
    [Id(6), JsonPropertyName("lon")] public double? Longitude { get; init; }
    [Id(7), JsonPropertyName("lat")] public double? Latitude { get; init; }
    [Id(8)] public required string Source { get; init; }
    [Id(9)] public bool Merged { get; init; }
    [Id(10)] public IncidentId? MergedInto { get; init; }
    [Id(11)] public required IncidentState State { get; init; }
    [Id(12)] public bool Suspended { get; init; }
    [Id(13)] public bool Supervised { get; init; }

    /// <summary>事件等级 1 (特别重大) to 4 (一般); null until a person sets it.</summary>
    [Id(14)] public int? Grade { get; init; }

    /// <summary>响应级别 1 to 4.</summary>
    [Id(15)] public int ResponseLevel { get; init; } = 4;
    [Id(16)] public Priority Priority { get; init; } = Priority.P2;
    [Id(17)] public bool Drill { get; init; }
    [Id(18)] public ImmutableArray<WarningId> Warnings { get; init; } = [];
    [Id(19)] public ImmutableArray<ReportView> Reports { get; init; } = [];
    [Id(20)] public PlanId? Plan { get; init; }
    [Id(21)] public int? PlanVersion { get; init; }
    [Id(22)] public ImmutableArray<TaskView> Tasks { get; init; } = [];
    [Id(23)] public ImmutableArray<ClockView> Clocks { get; init; } = [];
    [Id(24)] public required DateTimeOffset OpenedAt { get; init; }
    [Id(25)] public DateTimeOffset? ClosedAt { get; init; }
    [Id(26)] public required long Version { get; init; }

    /// <summary>Empty in lists and frames; whole in <c>GET incidents/{id}</c>.</summary>
    [Id(27)] public ImmutableArray<TimelineEntry> Timeline { get; init; } = [];

    /// <summary>The gravest colour among its warnings; null for a report without one.</summary>
    [Id(28)] public Colour? Colour { get; init; }

    /// <summary>Overlays that it also belongs to.</summary>
    [Id(29)] public ImmutableArray<AreaId> Areas { get; init; } = [];

    /// <summary>Devices that the evidence came from, for the map and the nearest cameras.</summary>
    [Id(30)] public ImmutableArray<DeviceId> Devices { get; init; } = [];

    /// <summary>When its newest report or warning came: what comes within 30 minutes of it at the same place joins it.</summary>
    [Id(31)] public DateTimeOffset LastSourceAt { get; init; }

    [JsonIgnore]
    public bool IsOpen => State is not (IncidentState.Closed or IncidentState.Rated or IncidentState.Void) && MergedInto is null;
}

/// <summary>A person named in a report. Kept outside the event log behind a reference, so that it can be erased alone.</summary>
[GenerateSerializer, Immutable, Alias("Reporter")]
public sealed record Reporter([property: Id(0)] string? Name, [property: Id(1)] string? Phone);

/// <summary>A report from people or another system: the document of <c>POST incidents</c>.</summary>
[GenerateSerializer, Immutable, Alias("IncidentReport")]
public sealed record IncidentReport
{
    [Id(0)] public required ClassCode Class { get; init; }
    [Id(1), JsonPropertyName("lon")] public double? Longitude { get; init; }
    [Id(2), JsonPropertyName("lat")] public double? Latitude { get; init; }
    [Id(3)] public string Text { get; init; } = string.Empty;
    [Id(4)] public string Source { get; init; } = "desk";

    /// <summary>The sender's own number; the same (source, externalId) is the same report.</summary>
    [Id(5)] public string? ExternalId { get; init; }
    [Id(6)] public Reporter? Reporter { get; init; }

    /// <summary>Addresses of pictures, or warning ids that the report rests on.</summary>
    [Id(7)] public ImmutableArray<string> Evidence { get; init; } = [];
    [Id(8)] public bool Drill { get; init; }

    /// <summary>Made at the border for a report without an external id, so that a retry inside the system stays one report.</summary>
    [Id(9), JsonIgnore] public string Key { get; init; } = string.Empty;

    /// <summary>Where it lies, found at the border from the position, or named by the caller's own area.</summary>
    [Id(10)] public AreaId Area { get; init; }
}

/// <summary>The answer to a report.</summary>
[GenerateSerializer, Immutable, Alias("ReportAnswer")]
public sealed record ReportAnswer([property: Id(0)] IncidentView Incident, [property: Id(1)] ReportView Report, [property: Id(2)] bool Merged);

/// <summary>What an operator does to an incident. One family, one file; the word in the address is the kebab-case name of the first word.</summary>
[GenerateSerializer, Immutable, Alias("IncidentCommand")]
public abstract record IncidentCommand
{
    /// <summary>The version the caller has seen; null: does not matter.</summary>
    [Id(0)] public long? ExpectedVersion { get; init; }
}

[GenerateSerializer, Immutable, Alias("ReceiveIncident")] public sealed record ReceiveIncident : IncidentCommand;
[GenerateSerializer, Immutable, Alias("FileIncident")] public sealed record FileIncident([property: Id(0)] int? Grade, [property: Id(1)] Priority? Priority) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("VerifyIncident")] public sealed record VerifyIncident([property: Id(0)] bool Passed, [property: Id(1)] string? Comment) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("CloseIncident")] public sealed record CloseIncident([property: Id(0)] string Reason) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("RateIncident")] public sealed record RateIncident([property: Id(0)] int Score) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("VoidIncident")] public sealed record VoidIncident([property: Id(0)] string Reason) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("SuspendIncident")] public sealed record SuspendIncident([property: Id(0)] string Reason) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("ResumeIncident")] public sealed record ResumeIncident : IncidentCommand;
[GenerateSerializer, Immutable, Alias("ExtendIncident")] public sealed record ExtendIncident([property: Id(0)] int Minutes, [property: Id(1)] string Reason) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("SuperviseIncident")] public sealed record SuperviseIncident([property: Id(0)] string Reason) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("UrgeIncident")] public sealed record UrgeIncident([property: Id(0)] string? Comment) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("MergeIncident")] public sealed record MergeIncident([property: Id(0)] IncidentId Into) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("SplitIncident")] public sealed record SplitIncident([property: Id(0)] ImmutableArray<string> Reports, [property: Id(1)] ImmutableArray<WarningId> Warnings) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("UpgradeIncident")] public sealed record UpgradeIncident([property: Id(0)] int ResponseLevel, [property: Id(1)] string Reason) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("DowngradeIncident")] public sealed record DowngradeIncident([property: Id(0)] int ResponseLevel, [property: Id(1)] string Reason) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("TransferIncident")] public sealed record TransferIncident([property: Id(0)] AreaId To, [property: Id(1)] string Reason) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("ReportUpIncident")] public sealed record ReportUpIncident([property: Id(0)] string Reason) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("AssignDownIncident")] public sealed record AssignDownIncident([property: Id(0)] AreaId To, [property: Id(1)] string? Comment) : IncidentCommand;
[GenerateSerializer, Immutable, Alias("ReopenIncident")] public sealed record ReopenIncident([property: Id(0)] string Reason) : IncidentCommand;

/// <summary>Filter over incidents; empty arrays mean no filter.</summary>
[GenerateSerializer, Immutable, Alias("IncidentQuery")]
public sealed record IncidentQuery
{
    [Id(0)] public ImmutableArray<AreaId> Areas { get; init; } = [];
    [Id(1)] public ImmutableArray<IncidentState> States { get; init; } = [];
    [Id(2)] public int Limit { get; init; } = 100;
    [Id(3)] public string? Cursor { get; init; }

    /// <summary>Only those that are not closed, rated, void or merged away.</summary>
    [Id(4)] public bool OpenOnly { get; init; }
}

/// <summary>Writes a text that already is JSON as it stands.</summary>
public sealed class RawJsonConverter : JsonConverter<string>
{
    public override string Read(ref System.Text.Json.Utf8JsonReader reader, Type typeToConvert, System.Text.Json.JsonSerializerOptions options)
    {
        using var document = System.Text.Json.JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetRawText();
    }

    public override void Write(System.Text.Json.Utf8JsonWriter writer, string value, System.Text.Json.JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteRawValue(string.IsNullOrEmpty(value) ? "{}" : value);
    }
}
