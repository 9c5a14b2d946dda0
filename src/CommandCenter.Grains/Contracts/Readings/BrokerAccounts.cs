using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>What a gateway may publish besides what is its own: for the devices named, and on the foreign topics that match a filter. Never on canonical topics of a device that is not named.</summary>
[GenerateSerializer, Immutable, Alias("GatewayRights")]
public sealed record GatewayRights
{
    /// <summary>MQTT topic filters of foreign formats, such as <c>application/+/device/+/event/+</c>; at most 100.</summary>
    [Id(0)] public ImmutableArray<string> Topics { get; init; } = [];

    /// <summary>Registered devices; at most 10,000.</summary>
    [Id(1)] public ImmutableArray<DeviceId> Devices { get; init; } = [];

    /// <summary>Whether both allow the same; the order does not matter.</summary>
    public bool Same(GatewayRights? other) =>
        other is not null && Topics.ToHashSet(StringComparer.Ordinal).SetEquals(other.Topics) && Devices.ToHashSet().SetEquals(other.Devices);
}

/// <summary>The account under which a device speaks to the broker; its name is the device's id. Holds no secret, only what proves one.</summary>
[GenerateSerializer, Immutable, Alias("BrokerAccount")]
public sealed record BrokerAccount
{
    [Id(0)] public required DeviceId Device { get; init; }

    /// <summary>Rises by one with each new secret, from 1; whoever connected under an older one is cut off.</summary>
    [Id(1)] public required long Version { get; init; }

    /// <summary>Empty: withdrawn, nobody may use the account.</summary>
    [Id(2)] public required ImmutableArray<byte> Hash { get; init; }
    [Id(3)] public required ImmutableArray<byte> Salt { get; init; }

    /// <summary>Rounds of PBKDF2 with SHA-256.</summary>
    [Id(4)] public required int Rounds { get; init; }
    [Id(5)] public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>Null: an ordinary device, which speaks for itself only.</summary>
    [Id(6)] public GatewayRights? Gateway { get; init; }
}

/// <summary>An account as it may be shown.</summary>
/// <param name="ChangedAt">When its secret was given, or when it was withdrawn.</param>
[GenerateSerializer, Immutable, Alias("CredentialState")]
public sealed record CredentialState(
    [property: Id(0)] string Username,
    [property: Id(1)] long Version,
    [property: Id(2)] DateTimeOffset ChangedAt,
    [property: Id(3)] bool Withdrawn,
    [property: Id(4)] GatewayRights? Gateway);

/// <summary>A new credential. The secret exists in this answer only.</summary>
[GenerateSerializer, Immutable, Alias("IssuedCredential")]
public sealed record IssuedCredential(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] string Username,
    [property: Id(2)] string Secret,
    [property: Id(3)] long Version,
    [property: Id(4)] DateTimeOffset IssuedAt,
    [property: Id(5)] GatewayRights? Gateway)
{
    /// <summary>The secret stays out of logs and exceptions.</summary>
    public override string ToString() => $"{Username}, version {Version}";
}
