using System.Collections.Immutable;
using System.Text;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Registry;

/// <summary>Decides who may give a device an account at the broker, and what a gateway may be allowed. Pure: secrets come from outside.</summary>
internal static class Crediting
{
    private const int TopicsCountMax = 100;
    private const int TopicLengthMax = 256;
    private const int DevicesCountMax = 10_000;
    private const int FaultsNamedMax = 20;

    /// <summary>The device, when the actor may change its account and the rights can be given.</summary>
    public static Outcome<DeviceRegistration> Decide(RegistryState state, DeviceId id, GatewayRights? gateway, Actor actor)
    {
        if (!actor.Has(Role.System) && !actor.Has(Role.Security))
        {
            return Outcome.Refused<DeviceRegistration>(Refusal.NotAllowed, "Accounts of devices are given by the roles system and security.");
        }

        if (id.Value is null || !state.Devices.TryGetValue(id, out var device) || !Registering.MaySee(actor, device))
        {
            return Outcome.Refused<DeviceRegistration>(Refusal.NotFound);
        }

        var faults = gateway is null ? [] : FaultsOf(gateway, state, actor);
        return faults.IsEmpty ? Outcome.Of(device) : Outcome.Invalid<DeviceRegistration>(faults);
    }

    /// <summary>The account with a new secret. Rights that are not named stay as they were.</summary>
    public static BrokerAccount Renew(BrokerAccount? before, DeviceId device, string secret, ImmutableArray<byte> salt, GatewayRights? gateway, DateTimeOffset now) => new()
    {
        Device = device,
        Version = (before?.Version ?? 0) + 1,
        Salt = salt,
        Hash = DeviceSecrets.Hash(Encoding.UTF8.GetBytes(secret), salt, DeviceSecrets.Rounds),
        Rounds = DeviceSecrets.Rounds,
        IssuedAt = now,
        Gateway = gateway is null ? before?.Gateway : gateway is { Topics.IsEmpty: true, Devices.IsEmpty: true } ? null : gateway,
    };

    /// <summary>The account without a secret; its version rises all the same, so that nodes cut its connections.</summary>
    public static BrokerAccount Withdraw(BrokerAccount account, DateTimeOffset now) => account with { Version = account.Version + 1, Hash = [], Salt = [], IssuedAt = now, Gateway = null };

    private static ImmutableDictionary<string, ImmutableArray<string>> FaultsOf(GatewayRights gateway, RegistryState state, Actor actor)
    {
        var faults = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        if (gateway.Topics.Length > TopicsCountMax)
        {
            faults["gateway.topics"] = [$"too_many: at most {TopicsCountMax}."];
        }

        if (gateway.Devices.Length > DevicesCountMax)
        {
            faults["gateway.devices"] = [$"too_many: at most {DevicesCountMax}."];
        }

        if (gateway.Topics.Length > 0 && !actor.SeesWholeDistrict)
        {
            faults["gateway.topics"] = ["not_allowed: a filter may match devices of other streets; name the devices instead."];
        }

        for (var i = 0; i < gateway.Topics.Length && faults.Count < FaultsNamedMax; i++)
        {
            if (!IsFilter(gateway.Topics[i]))
            {
                faults[$"gateway.topics[{i}]"] = [$"malformed: an MQTT topic filter of 1 to {TopicLengthMax} characters that does not begin with $."];
            }
            else if (gateway.Topics[i] is "city/v1" || gateway.Topics[i].StartsWith("city/v1/", StringComparison.Ordinal))
            {
                faults[$"gateway.topics[{i}]"] = ["not_allowed: canonical topics are given by naming the devices."];
            }
        }

        for (var i = 0; i < gateway.Devices.Length && faults.Count < FaultsNamedMax; i++)
        {
            if (gateway.Devices[i].Value is null || !state.Devices.TryGetValue(gateway.Devices[i], out var device) || !Registering.MaySee(actor, device))
            {
                faults[$"gateway.devices[{i}]"] = ["unknown: no such device is registered."];
            }
        }

        return faults.ToImmutable();
    }

    private static bool IsFilter(string? filter)
    {
        if (string.IsNullOrEmpty(filter) || filter.Length > TopicLengthMax || filter[0] == '$' || filter.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        var levels = filter.Split('/');
        return levels.Index().All(level => level.Item is "+" || (level.Item is "#" && level.Index == levels.Length - 1) || !level.Item.AsSpan().ContainsAny('+', '#'));
    }
}
