using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orleans.Concurrency;

namespace CommandCenter.Grains.Contracts;

/// <summary>A device as the map draws it.</summary>
[GenerateSerializer, Immutable, Alias("DeviceSituation")]
public sealed record DeviceSituation
{
    [Id(0)] public required DeviceId Id { get; init; }
    [Id(1)] public required DeviceState State { get; init; }

    /// <summary>The gravest colour of its raised, unshelved warnings; null: none.</summary>
    [Id(2)] public Colour? Colour { get; init; }
    [Id(3), JsonPropertyName("lon")] public double? Longitude { get; init; }
    [Id(4), JsonPropertyName("lat")] public double? Latitude { get; init; }

    /// <summary>When it was last heard; null: never.</summary>
    [Id(5)] public DateTimeOffset? At { get; init; }

    /// <summary>Newest value per quantity kind, in the vocabulary's units.</summary>
    [Id(6)] public ImmutableSortedDictionary<string, double> Values { get; init; } = ImmutableSortedDictionary<string, double>.Empty;
    [Id(7)] public required string Kind { get; init; }
    [Id(8)] public required string Name { get; init; }
    [Id(9)] public ImmutableArray<AreaId> Areas { get; init; } = [];
    [Id(10)] public required AreaId Street { get; init; }
    [Id(11)] public GovernanceDomain Domain { get; init; }

    /// <summary>Clockwise degrees from north for a moving device; null when unknown.</summary>
    [Id(12)] public double? Heading { get; init; }

    /// <summary>The newest event, while it lasts: type and picture for the video strip.</summary>
    [Id(13)] public EventSituation? Event { get; init; }
}

/// <summary>The newest event of a device, for the video-alarm strip.</summary>
[GenerateSerializer, Immutable, Alias("EventSituation")]
public sealed record EventSituation(
    [property: Id(0)] string Id,
    [property: Id(1)] EventTypeId Type,
    [property: Id(2)] EventState State,
    [property: Id(3)] double? Confidence,
    [property: Id(4)] string? Snapshot,
    [property: Id(5)] DateTimeOffset At);

[GenerateSerializer, Immutable, Alias("DeviceCounts")]
public sealed record DeviceCounts([property: Id(0)] int Normal, [property: Id(1)] int Stale, [property: Id(2)] int Offline, [property: Id(3)] int Unknown, [property: Id(4)] int Maintenance);

[GenerateSerializer, Immutable, Alias("WarningCounts")]
public sealed record WarningCounts([property: Id(0)] int Red, [property: Id(1)] int Orange, [property: Id(2)] int Yellow, [property: Id(3)] int Blue, [property: Id(4)] int Unacknowledged);

[GenerateSerializer, Immutable, Alias("OpenCounts")]
public sealed record OpenCounts([property: Id(0)] int Open, [property: Id(1)] int Overdue);

/// <summary>Band of a vital sign (体征).</summary>
public enum VitalBand { Normal, Attention, Abnormal }

/// <summary>One vital sign of an area, such as the deepest road water. A sign without a feed has <see cref="Value"/> null: 未接入, never zero.</summary>
[GenerateSerializer, Immutable, Alias("Vital")]
public sealed record Vital(
    [property: Id(0)] string Id,
    [property: Id(1)] double? Value,
    [property: Id(2)] string Unit,
    [property: Id(3)] DateTimeOffset? At,
    [property: Id(4)] VitalBand Band);

/// <summary>The counts of an area: the body of a situation, and <c>counts</c> of a frame.</summary>
[GenerateSerializer, Immutable, Alias("AreaCounts")]
public sealed record AreaCounts
{
    [Id(0)] public DeviceCounts Devices { get; init; } = new(0, 0, 0, 0, 0);

    /// <summary>Raised warnings that are not shelved.</summary>
    [Id(1)] public WarningCounts Warnings { get; init; } = new(0, 0, 0, 0, 0);
    [Id(2)] public OpenCounts Incidents { get; init; } = new(0, 0);
    [Id(3)] public OpenCounts Tasks { get; init; } = new(0, 0);
    [Id(4)] public ImmutableArray<Vital> Vitals { get; init; } = [];

    /// <summary>The streets of a district, each as its last heartbeat told; empty for a street.</summary>
    [Id(5)] public ImmutableArray<SituationView> Children { get; init; } = [];
    [Id(6)] public DateTimeOffset? LastReadingAt { get; init; }

    /// <summary>Publish → frame time of the newest canary; null: none heard for 30 s.</summary>
    [Id(7)] public int? CanaryMs { get; init; }

    /// <summary>What calls at the area's seat: flood, ring, escalation.</summary>
    [Id(8)] public SeatState Seat { get; init; } = SeatState.Quiet;

    /// <summary>The seats of the overlays; only the district tells them. Not part of the public document.</summary>
    [Id(9), JsonIgnore] public ImmutableArray<OverlaySeat> OverlaySeats { get; init; } = [];
}

/// <summary>The situation of one area: the document of <c>GET situation/{area}</c>.</summary>
[GenerateSerializer, Immutable, Alias("SituationView")]
public sealed record SituationView
{
    [Id(0)] public required AreaId Area { get; init; }
    [Id(1)] public required string Epoch { get; init; }
    [Id(2)] public required long Seq { get; init; }

    /// <summary>The area's own heartbeat: when its counts were last known to hold.</summary>
    [Id(3)] public required DateTimeOffset At { get; init; }
    [Id(4)] public DeviceCounts Devices { get; init; } = new(0, 0, 0, 0, 0);
    [Id(5)] public WarningCounts Warnings { get; init; } = new(0, 0, 0, 0, 0);
    [Id(6)] public OpenCounts Incidents { get; init; } = new(0, 0);
    [Id(7)] public OpenCounts Tasks { get; init; } = new(0, 0);
    [Id(8)] public ImmutableArray<Vital> Vitals { get; init; } = [];
    [Id(9)] public ImmutableArray<SituationView> Children { get; init; } = [];
    [Id(10)] public DateTimeOffset? LastReadingAt { get; init; }
    [Id(11)] public int? CanaryMs { get; init; }
    [Id(12)] public SeatState Seat { get; init; } = SeatState.Quiet;

    public static SituationView From(AreaId area, string epoch, long seq, DateTimeOffset at, AreaCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        return new()
        {
            Area = area, Epoch = epoch, Seq = seq, At = at, Devices = counts.Devices, Warnings = counts.Warnings, Incidents = counts.Incidents,
            Tasks = counts.Tasks, Vitals = counts.Vitals, Children = counts.Children, LastReadingAt = counts.LastReadingAt, CanaryMs = counts.CanaryMs, Seat = counts.Seat,
        };
    }
}

/// <summary>What left the picture since the last frame.</summary>
[GenerateSerializer, Immutable, Alias("Removed")]
public sealed record Removed
{
    public static readonly Removed Nothing = new();

    [Id(0)] public ImmutableArray<DeviceId> Devices { get; init; } = [];
    [Id(1)] public ImmutableArray<WarningId> Warnings { get; init; } = [];
    [Id(2)] public ImmutableArray<IncidentId> Incidents { get; init; } = [];
    [Id(3)] public ImmutableArray<TaskId> Tasks { get; init; } = [];
}

/// <summary>The coalesced changes of one tick, latest wins. Within one epoch <see cref="Seq"/> rises by one; a gap or a new epoch means: take a snapshot.
/// A heartbeat (each second, no changes) takes a number of its own.</summary>
[GenerateSerializer, Immutable, Alias("AreaFrame")]
public sealed record AreaFrame
{
    [Id(0)] public required AreaId Area { get; init; }
    [Id(1)] public required string Epoch { get; init; }
    [Id(2)] public required long Seq { get; init; }
    [Id(3)] public required DateTimeOffset At { get; init; }
    [Id(4)] public bool Heartbeat { get; init; }
    [Id(5)] public ImmutableArray<DeviceSituation> Devices { get; init; } = [];

    /// <summary>Pending and raised warnings; cleared ones come as <see cref="Removed"/>.</summary>
    [Id(6)] public ImmutableArray<WarningView> Warnings { get; init; } = [];
    [Id(7)] public ImmutableArray<IncidentView> Incidents { get; init; } = [];
    [Id(8)] public ImmutableArray<TaskView> Tasks { get; init; } = [];
    [Id(9)] public Removed Removed { get; init; } = Removed.Nothing;
    [Id(10)] public AreaCounts Counts { get; init; } = new();

    /// <summary>When the canary that this frame carries was published; null: it carries none. Not part of the public document.</summary>
    [Id(11), JsonIgnore] public DateTimeOffset? CanaryPublishedAt { get; init; }
}

/// <summary>One part of a snapshot: a frame with everything, cut into parts of at most 5,000 devices. Part counts from 1.</summary>
[GenerateSerializer, Immutable, Alias("AreaSnapshotPart")]
public sealed record AreaSnapshotPart([property: Id(0)] AreaFrame Frame, [property: Id(1)] int Part, [property: Id(2)] int Parts);

/// <summary>A web node that keeps a replica of an area. Frames come in order, the next one after the answer to the last; loss shows as a gap in seq.</summary>
[Alias("IAreaObserver")]
public interface IAreaObserver : IGrainObserver
{
    /// <summary>Takes the frame and answers at once: what is done with it must not make the street wait.</summary>
    [Alias("Show")]
    Task ShowAsync(AreaFrame frame);
}

/// <summary>The live state of one street (key: the area). Also exists for <c>outside</c>.</summary>
[Alias("IStreetGrain")]
public interface IStreetGrain : IGrainWithStringKey
{
    /// <summary>Applies readings, events, positions and statuses, runs the rules. Returns when every change that must survive is stored. Idempotent.</summary>
    [Alias("Ingest")]
    Task IngestAsync(IngestBatch batch);

    /// <summary>Once a second: freshness, due holds, heartbeat, snapshot.</summary>
    [Alias("Tick")]
    Task TickAsync();

    [Alias("ApplyDevices")]
    Task ApplyDevicesAsync(ImmutableArray<DeviceRegistration> devices, ImmutableArray<DeviceId> removed);

    /// <summary>Loads the rule book again and judges by it from now on; running holds of unchanged rules go on.</summary>
    [Alias("ApplyRules")]
    Task ApplyRulesAsync();

    [Alias("GetDevices")]
    Task<ImmutableArray<DeviceCondition>> GetDevicesAsync(ImmutableArray<DeviceId> ids);

    [Alias("GetWarning")]
    Task<WarningView?> GetWarningAsync(WarningId id, Actor actor);

    [Alias("ExecuteOnWarning")]
    Task<Outcome<WarningView>> ExecuteAsync(WarningId id, WarningCommand command, Actor actor);

    /// <summary>The same command for many warnings of the street, in one transaction; one answer each, in order.</summary>
    [Alias("ExecuteOnWarnings")]
    Task<ImmutableArray<Outcome<WarningView>>> ExecuteManyAsync(ImmutableArray<WarningId> ids, WarningCommand command, Actor actor);

    /// <summary>Loads the maintenance windows again; what they cover is silent from now on, and what they no longer cover speaks up.</summary>
    [Alias("ApplyMaintenance")]
    Task ApplyMaintenanceAsync();

    /// <summary>Why the device rings or does not; null when it is not here or out of scope.</summary>
    [Alias("Explain")]
    Task<DeviceExplanation?> ExplainAsync(DeviceId id, Actor actor);

    /// <summary>Shows an incident and its tasks on the street's picture. Older versions change nothing.</summary>
    [Alias("ShowIncident")]
    Task ShowIncidentAsync(IncidentView incident);

    /// <summary>Subscribes for 15 s (call again every 5 s) and, unless the caller's (epoch, seq) still follow on, hands out a snapshot.</summary>
    [Alias("Subscribe")]
    Task<ImmutableArray<AreaSnapshotPart>> SubscribeAsync(IAreaObserver observer, string? knownEpoch, long knownSeq);

    [Alias("Unsubscribe")]
    Task UnsubscribeAsync(IAreaObserver observer);
}

/// <summary>What a street tells its district each second.</summary>
[GenerateSerializer, Immutable, Alias("StreetSummary")]
public sealed record StreetSummary([property: Id(0)] SituationView Situation)
{
    /// <summary>The street's own seat first, then the overlays that have members in it.</summary>
    [Id(1)] public ImmutableArray<SeatReport> Seats { get; init; } = [];
}

/// <summary>The district's roll-up (key: the district). It also notices a street that has fallen silent.</summary>
[Alias("IDistrictGrain")]
public interface IDistrictGrain : IGrainWithStringKey
{
    [Alias("Report"), OneWay]
    Task ReportAsync(StreetSummary summary);

    [Alias("Tick")]
    Task TickAsync();

    /// <summary>Loads the maintenance windows again.</summary>
    [Alias("ApplyMaintenanceToDistrict")]
    Task ApplyMaintenanceAsync();

    [Alias("GetSituation")]
    Task<SituationView> GetSituationAsync();

    /// <summary>Loads the rule book again and judges the rules over several streets by it from now on.</summary>
    [Alias("ApplyDistrictRules")]
    Task ApplyRulesAsync();

    /// <summary>A warning that the district holds; null: none, or out of the actor's scope.</summary>
    [Alias("GetDistrictWarning")]
    Task<WarningView?> GetWarningAsync(WarningId id, Actor actor);

    /// <summary>A command on a warning that the district holds: its <see cref="WarningView.Area"/> is the district.</summary>
    [Alias("ExecuteOnDistrictWarning")]
    Task<Outcome<WarningView>> ExecuteAsync(WarningId id, WarningCommand command, Actor actor);

    /// <summary>Raises, changes or ends an official warning; the same again changes nothing. Null: there is nothing to end, or the rule of official warnings is off.</summary>
    [Alias("PutOfficial")]
    Task<WarningId?> PutOfficialAsync(OfficialWarning official);

    /// <summary>Frames of the district carry counts, children and the warnings that the district itself holds; devices, the other warnings, incidents and tasks come from the streets.</summary>
    [Alias("SubscribeDistrict")]
    Task<ImmutableArray<AreaSnapshotPart>> SubscribeAsync(IAreaObserver observer, string? knownEpoch, long knownSeq);
}

/// <summary>The clocks that are due (one grain, key 0): ticked each second, it fires each stored clock once.</summary>
[Alias("IClockGrain")]
public interface IClockGrain : IGrainWithIntegerKey
{
    [Alias("Tick")]
    Task TickAsync();
}
