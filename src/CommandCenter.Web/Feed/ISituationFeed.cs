using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Feed;

/// <summary>What a screen shows of one area at one moment. Replaced whole, never changed. It carries the same (epoch, seq) as the frames of the map.</summary>
public sealed record SituationPicture
{
    /// <summary>Nothing heard yet: what a screen shows before the first picture.</summary>
    public static SituationPicture Empty(AreaId area) => new() { Area = area, Epoch = string.Empty, Seq = 0, At = DateTimeOffset.UnixEpoch, Live = false };

    public required AreaId Area { get; init; }
    public required string Epoch { get; init; }
    public required long Seq { get; init; }

    /// <summary>The area's own heartbeat, in the domain's time.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>False: the area's street (for the district: every street) has not been heard for more than 3 s of real time.</summary>
    public required bool Live { get; init; }
    public AreaCounts Counts { get; init; } = new();

    /// <summary>Pending and raised warnings, gravest first, then newest onset.</summary>
    public ImmutableArray<WarningView> Warnings { get; init; } = [];

    /// <summary>Open incidents, newest first.</summary>
    public ImmutableArray<IncidentView> Incidents { get; init; } = [];

    /// <summary>Tasks of open incidents, newest first.</summary>
    public ImmutableArray<TaskView> Tasks { get; init; } = [];

    /// <summary>Devices with an event that still lasts, newest first, for the video strip.</summary>
    public ImmutableArray<DeviceSituation> EventDevices { get; init; } = [];

    /// <summary>Streets not heard for more than 3 s of real time.</summary>
    public ImmutableArray<AreaId> SilentStreets { get; init; } = [];
}

/// <summary>The live pictures of this node, for Blazor screens in the same process.</summary>
public interface ISituationFeed
{
    /// <summary>Calls <paramref name="show"/> with the present picture and then at most ten times a second, and at least once a second,
    /// until disposed. Calls never overlap; they come on a thread of the pool. Throws <see cref="KeyNotFoundException"/> when there is
    /// no such area or the actor may not see it.</summary>
    IDisposable Watch(AreaId area, Actor actor, Action<SituationPicture> show);

    /// <summary>The newest picture; null when there is no such area or the actor may not see it.</summary>
    SituationPicture? Find(AreaId area, Actor actor);

    /// <summary>The device as the map draws it; null when the area does not hold it or the actor may not see it.</summary>
    DeviceSituation? FindDevice(AreaId area, DeviceId device, Actor actor);

    /// <summary>Devices of the area that satisfy the condition, at most <paramref name="limit"/>, by id.</summary>
    ImmutableArray<DeviceSituation> ListDevices(AreaId area, Actor actor, Func<DeviceSituation, bool> condition, int limit);

    /// <summary>Done when the silo has told its areas; before that every area would seem not to exist, so screens wait for it.</summary>
    Task Ready { get; }

    /// <summary>Every area with a wall: district, streets, overlays, outside. Empty until the silo has answered.</summary>
    ImmutableArray<AreaDescription> Areas { get; }
}
