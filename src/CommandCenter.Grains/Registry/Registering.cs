using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;

namespace CommandCenter.Grains.Registry;

/// <summary>A device as it was (null: new) and as it is now.</summary>
internal sealed record RegistryChange(DeviceRegistration? Old, DeviceRegistration New);

/// <summary>The answers in the order of the documents, what changed, and the registry after it.</summary>
internal sealed record RegistryDecision(ImmutableArray<Outcome<DeviceRegistration>> Answers, ImmutableArray<RegistryChange> Changes, RegistryState After);

/// <summary>Decides what documents do to the registry. Pure: nothing is stored and nobody is told here.</summary>
internal static class Registering
{
    public static RegistryDecision Decide(RegistryState before, ImmutableArray<DeviceRegistration> documents, Actor actor, AreaMap map, int devicesCountMax)
    {
        var state = before;
        var answers = ImmutableArray.CreateBuilder<Outcome<DeviceRegistration>>(documents.Length);
        var changes = ImmutableArray.CreateBuilder<RegistryChange>();
        foreach (var document in documents)
        {
            var answer = DecideOne(state, document, actor, map, devicesCountMax);
            answers.Add(answer);
            if (answer is { Succeeded: true, Repeated: false, Value: { } device })
            {
                changes.Add(new RegistryChange(state.Devices.GetValueOrDefault(device.Id), device));
                state = state.With(device);
            }
        }

        return new RegistryDecision(answers.MoveToImmutable(), changes.ToImmutable(), state);
    }

    private static Outcome<DeviceRegistration> DecideOne(RegistryState state, DeviceRegistration document, Actor actor, AreaMap map, int devicesCountMax)
    {
        if (!actor.Has(Role.System))
        {
            return Outcome.Refused<DeviceRegistration>(Refusal.NotAllowed, "Devices are registered by the role system.");
        }

        var existing = document.Id.Value is null ? null : state.Devices.GetValueOrDefault(document.Id);
        if (existing is not null && !MaySee(actor, existing))
        {
            return Outcome.Refused<DeviceRegistration>(Refusal.NotFound);
        }

        if (document.Internal && actor.Kind != ActorKind.System)
        {
            return Outcome.Invalid<DeviceRegistration>("id", "taken: this device belongs to the platform.");
        }

        var check = DeviceCheck.Check(document, map);
        if (check is not { Value: { } device })
        {
            return check;
        }

        if (!actor.MaySee(device.Street, device.Areas))
        {
            return Outcome.Refused<DeviceRegistration>(Refusal.NotFound);
        }

        if (device.Source is { } source && state.OwnerOf(source) is { } owner && owner != device.Id)
        {
            return Outcome.Invalid<DeviceRegistration>("source.key", $"taken: device {owner} has this identity.");
        }

        if (existing is null)
        {
            return state.Devices.Count < devicesCountMax
                ? Outcome.Of(device with { Version = 1 })
                : Outcome.Refused<DeviceRegistration>(Refusal.Unprocessable, $"The registry is full: {devicesCountMax} devices.");
        }

        return DeviceCheck.Same(existing, device) ? Outcome.Of(existing, repeated: true) : Outcome.Of(device with { Version = existing.Version + 1 });
    }

    /// <summary>The platform's own devices are there for the platform only.</summary>
    public static bool MaySee(Actor actor, DeviceRegistration device) =>
        device.Internal ? actor.Kind == ActorKind.System : actor.MaySee(device.Street, device.Areas);
}
