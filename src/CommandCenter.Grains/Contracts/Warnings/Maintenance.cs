using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace CommandCenter.Grains.Contracts;

/// <summary>Maintenance: the devices are being worked on, they show the state <c>maintenance</c> and what they raise is kept aside. Record: what the named
/// rules or devices raise is shown and recorded, but makes no sound and opens nothing by itself.</summary>
public enum MaintenanceKind { Maintenance, Record }

/// <summary>Where a window stands.</summary>
public enum MaintenanceState { Planned, Active, Ended }

/// <summary>A time during which stated devices or rules do not ring. It ends by itself.</summary>
[GenerateSerializer, Immutable, Alias("MaintenanceWindow")]
public sealed record MaintenanceWindow
{
    /// <summary><c>m-</c> + day + running number; given by the book.</summary>
    [Id(0)] public string Id { get; init; } = string.Empty;
    [Id(1)] public MaintenanceKind Kind { get; init; }
    [Id(2)] public required string Reason { get; init; }
    [Id(3)] public required DateTimeOffset From { get; init; }
    [Id(4)] public required DateTimeOffset To { get; init; }

    /// <summary>Every list that is not empty must match; a device must have all of the tags. At least one list is not empty.</summary>
    [Id(5)] public ImmutableArray<DeviceId> Devices { get; init; } = [];
    [Id(6)] public ImmutableArray<string> Tags { get; init; } = [];
    [Id(7)] public ImmutableArray<string> Kinds { get; init; } = [];
    [Id(8)] public ImmutableArray<AreaId> Areas { get; init; } = [];

    /// <summary>Only warnings of these rules; then no device changes its state.</summary>
    [Id(9)] public ImmutableArray<RuleId> Rules { get; init; } = [];
    [Id(10)] public string By { get; init; } = string.Empty;
    [Id(11)] public DateTimeOffset At { get; init; }

    /// <summary>A person ended it early.</summary>
    [Id(12)] public DateTimeOffset? EndedAt { get; init; }
    [Id(13)] public string? EndedBy { get; init; }
    [Id(14)] public int Version { get; init; }

    /// <summary>As it stood when it was asked for.</summary>
    [Id(15)] public MaintenanceState State { get; init; }

    /// <summary>When it is over, by plan or by a person.</summary>
    [JsonIgnore]
    public DateTimeOffset EndsAt => EndedAt is { } ended && ended < To ? ended : To;

    public bool IsActiveAt(DateTimeOffset at) => From <= at && at < EndsAt;

    /// <summary>Whether the device lies in its scope, whatever the rules.</summary>
    public bool Covers(DeviceRegistration device)
    {
        ArgumentNullException.ThrowIfNull(device);
        var areas = Areas;
        return (Devices.IsEmpty || Devices.Contains(device.Id))
            && (Kinds.IsEmpty || Kinds.Contains(device.Kind))
            && (Tags.IsEmpty || Tags.All(tag => device.Tags.Contains(tag)))
            && (areas.IsEmpty || areas.Contains(device.Street) || device.Areas.Any(area => areas.Contains(area)));
    }

    /// <summary>Whether warnings of the rule about the device are silenced by it.</summary>
    public bool Covers(DeviceRegistration device, RuleId rule) => (Rules.IsEmpty || Rules.Contains(rule)) && Covers(device);

    /// <summary>Whether warnings of the rule about the area as a whole are silenced by it: the rule must be named, and nothing but areas may restrict it.</summary>
    public bool Covers(AreaId area, RuleId rule) =>
        Rules.Contains(rule) && Devices.IsEmpty && Kinds.IsEmpty && Tags.IsEmpty && (Areas.IsEmpty || Areas.Contains(area));
}

/// <summary>Every maintenance window (one grain, key 0).</summary>
[Alias("IMaintenanceGrain")]
public interface IMaintenanceGrain : IGrainWithIntegerKey
{
    /// <summary>Creates a window. Returns when every street holds it.</summary>
    [Alias("Create")]
    Task<Outcome<MaintenanceWindow>> CreateAsync(MaintenanceWindow window, Actor actor);

    /// <summary>Ends a window that has not ended: at once, or before it began.</summary>
    [Alias("End")]
    Task<Outcome<MaintenanceWindow>> EndAsync(string id, Actor actor);

    [Alias("Get")]
    Task<MaintenanceWindow?> GetAsync(string id, Actor actor);

    /// <summary>Windows in the actor's scope, newest first; empty states: all.</summary>
    [Alias("List")]
    Task<ImmutableArray<MaintenanceWindow>> ListAsync(ImmutableArray<MaintenanceState> states, Actor actor);
}
