using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace CommandCenter.Grains.Contracts;

/// <summary>The four governance domains; a device belongs to exactly one.</summary>
public enum GovernanceDomain { Urban, Social, Safety, Economic }

/// <summary>One measuring channel of a device and how it is found in the decoded message.</summary>
[GenerateSerializer, Immutable, Alias("DeviceQuantity")]
public sealed record DeviceQuantity
{
    [Id(0)] public required QuantityId Name { get; init; }

    /// <summary>The vocabulary's unit of <see cref="Name"/> (UCUM).</summary>
    [Id(1)] public required string Unit { get; init; }

    /// <summary>Dotted path in the decoded message; default the quantity's own name.</summary>
    [Id(2)] public string? From { get; init; }

    /// <summary>Unit in which the device speaks; null: the same as <see cref="Unit"/>.</summary>
    [Id(3)] public string? FromUnit { get; init; }

    /// <summary>value = raw × scale + offset, applied before the unit is converted.</summary>
    [Id(4)] public double Scale { get; init; } = 1;
    [Id(5)] public double Offset { get; init; }

    /// <summary>Plausible range in <see cref="Unit"/>; null: the vocabulary's range.</summary>
    [Id(6)] public double? Min { get; init; }
    [Id(7)] public double? Max { get; init; }
}

/// <summary>The foreign format that a device speaks and its identity inside it.</summary>
[GenerateSerializer, Immutable, Alias("DeviceSource")]
public sealed record DeviceSource([property: Id(0)] string Format, [property: Id(1)] string Key);

/// <summary>A device as registered: the document of <c>PUT devices/{id}</c>.</summary>
[GenerateSerializer, Immutable, Alias("DeviceRegistration")]
public sealed record DeviceRegistration
{
    [Id(0)] public required DeviceId Id { get; init; }
    [Id(1)] public required string Name { get; init; }

    /// <summary>A device kind of the vocabulary.</summary>
    [Id(2)] public required string Kind { get; init; }
    [Id(3)] public required AreaId Street { get; init; }

    /// <summary>Degrees, WGS 84, already converted; null when unknown.</summary>
    [Id(4), JsonPropertyName("lon")] public double? Longitude { get; init; }
    [Id(5), JsonPropertyName("lat")] public double? Latitude { get; init; }

    /// <summary>Always <c>wgs84</c>: other systems are converted when the document arrives.</summary>
    [Id(6)] public string Crs { get; init; } = "wgs84";
    [Id(7)] public GovernanceDomain Domain { get; init; }

    /// <summary>How often the device speaks, 1 to 86,400 s; freshness is counted from it.</summary>
    [Id(8)] public int IntervalSeconds { get; init; } = 60;
    [Id(9)] public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Overlays that the device also belongs to.</summary>
    [Id(10)] public ImmutableArray<AreaId> Areas { get; init; } = [];
    [Id(11)] public ImmutableArray<DeviceQuantity> Quantities { get; init; } = [];

    /// <summary>Null: the canonical format.</summary>
    [Id(12)] public DeviceSource? Source { get; init; }

    /// <summary>Rises by one with each change, from 1.</summary>
    [Id(13)] public long Version { get; init; }

    /// <summary>A part of the platform itself, such as the canary: in no count and on no map.</summary>
    [Id(14), JsonIgnore] public bool Internal { get; init; }
}

/// <summary>Freshness of a device: normal ≤ 2 × interval since last heard, stale ≤ 3 ×, then offline; unknown: never heard.</summary>
public enum DeviceState { Unknown, Normal, Stale, Offline, Maintenance }

/// <summary>The newest value of one quantity kind.</summary>
[GenerateSerializer, Immutable, Alias("LatestValue")]
public sealed record LatestValue(
    [property: Id(0)] double Value,
    [property: Id(1)] string Unit,
    [property: Id(2)] DateTimeOffset At,
    [property: Id(3)] Quality Quality);

/// <summary>What a street knows of a device at one moment.</summary>
[GenerateSerializer, Immutable, Alias("DeviceCondition")]
public sealed record DeviceCondition
{
    [Id(0)] public required DeviceId Id { get; init; }
    [Id(1)] public required DeviceState State { get; init; }
    [Id(2)] public DateTimeOffset? LastSeenAt { get; init; }
    [Id(3)] public ImmutableSortedDictionary<string, LatestValue> Latest { get; init; } = ImmutableSortedDictionary<string, LatestValue>.Empty;

    /// <summary>Messages whose time was more than 5 min ahead or 24 h behind, since registration.</summary>
    [Id(4)] public long AheadCount { get; init; }
    [Id(5)] public long LateCount { get; init; }

    /// <summary>The device's own time of its newest event and position; null: none.</summary>
    [Id(6)] public DateTimeOffset? LastEventAt { get; init; }
    [Id(7)] public DateTimeOffset? LastPositionAt { get; init; }
}

/// <summary>What to look for among the registered devices; empty means everything in scope.</summary>
[GenerateSerializer, Immutable, Alias("DeviceSearch")]
public sealed record DeviceSearch
{
    /// <summary>A part of the id, the name or the source key, in any case; several words must all be there.</summary>
    [Id(0)] public string? Text { get; init; }
    [Id(1)] public ImmutableArray<AreaId> Areas { get; init; } = [];
    [Id(2)] public ImmutableArray<string> Kinds { get; init; } = [];

    /// <summary>The sequence of the last answer: when nothing changed since, the answer is null.</summary>
    [Id(3)] public long KnownSequence { get; init; }
}

/// <summary>The devices found, by id, and the sequence of the registry up to which the answer holds.</summary>
[GenerateSerializer, Immutable, Alias("DeviceFindings")]
public sealed record DeviceFindings([property: Id(0)] long Sequence, [property: Id(1)] ImmutableArray<DeviceRegistration> Devices);

/// <summary>A change of the registry, in the order of <see cref="Sequence"/>. <see cref="Device"/> is null when the device was removed.</summary>
[GenerateSerializer, Immutable, Alias("DeviceChange")]
public sealed record DeviceChange(
    [property: Id(0)] long Sequence,
    [property: Id(1)] DeviceId Id,
    [property: Id(2)] DeviceRegistration? Device)
{
    /// <summary>The device's broker account as it is now; null: it has not changed.</summary>
    [Id(3)] public BrokerAccount? Account { get; init; }
}

/// <summary>Every registered device and the sequence up to which it holds.</summary>
[GenerateSerializer, Immutable, Alias("RegistrySnapshot")]
public sealed record RegistrySnapshot([property: Id(0)] long Sequence, [property: Id(1)] ImmutableArray<DeviceRegistration> Devices)
{
    /// <summary>Every broker account, also those that were withdrawn.</summary>
    [Id(2)] public ImmutableArray<BrokerAccount> Accounts { get; init; } = [];
}

/// <summary>An ingest node that keeps a copy of the registry. The call returns when the change counts for the next message.</summary>
[Alias("IRegistryObserver")]
public interface IRegistryObserver : IGrainObserver
{
    [Alias("Apply")]
    Task ApplyAsync(DeviceChange change);
}

/// <summary>The registry of devices (one grain, key 0). Not on the path of a reading: nodes and streets hold copies.</summary>
[Alias("IRegistryGrain")]
public interface IRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>Creates or replaces. Returns when the street and every live ingest node hold the change; the same document again is no new version.</summary>
    [Alias("Put")]
    Task<Outcome<DeviceRegistration>> PutAsync(DeviceRegistration device, Actor actor);

    /// <summary>The same for many at once (import, demonstration), in one transaction; refused items are answered, the others stand.</summary>
    [Alias("PutMany")]
    Task<ImmutableArray<Outcome<DeviceRegistration>>> PutManyAsync(ImmutableArray<DeviceRegistration> devices, Actor actor);

    [Alias("Get")]
    Task<DeviceRegistration?> GetAsync(DeviceId id, Actor actor);

    /// <summary>The same for many, in the order asked for; null where there is none that the actor may see.</summary>
    [Alias("GetMany")]
    Task<ImmutableArray<DeviceRegistration?>> GetManyAsync(ImmutableArray<DeviceId> ids, Actor actor);

    /// <summary>Subscribes the node and hands it everything; call again within 15 s to stay subscribed and to catch up after a gap.</summary>
    [Alias("Follow")]
    Task<RegistrySnapshot?> FollowAsync(IRegistryObserver node, long knownSequence);

    /// <summary>Those of the identities under which no device is registered. The canonical format's key is the device id.</summary>
    [Alias("SelectUnknown")]
    Task<ImmutableArray<DeviceSource>> SelectUnknownAsync(ImmutableArray<DeviceSource> sources);

    /// <summary>Every matching device in the actor's scope; null when nothing changed since the known sequence. Inside one process nothing is copied.</summary>
    [Alias("Search")]
    Task<DeviceFindings?> SearchAsync(DeviceSearch search, Actor actor);

    /// <summary>Gives the device a new secret for the broker; the one before is worth nothing from here on, and its connections are cut. Returns when every live ingest
    /// node knows. Roles system and security.</summary>
    /// <param name="gateway">The rights of a gateway; null: those that the account has.</param>
    [Alias("IssueCredential")]
    Task<Outcome<IssuedCredential>> IssueCredentialAsync(DeviceId device, GatewayRights? gateway, Actor actor);

    /// <summary>What is known of the device's account, without what proves its secret; null: it never had one, or is out of scope. Roles system and security.</summary>
    [Alias("DescribeCredential")]
    Task<CredentialState?> DescribeCredentialAsync(DeviceId device, Actor actor);

    /// <summary>Withdraws the device's account and cuts its connections; nothing to withdraw is repeated.</summary>
    [Alias("WithdrawCredential")]
    Task<Outcome<DeviceId>> WithdrawCredentialAsync(DeviceId device, Actor actor);
}
