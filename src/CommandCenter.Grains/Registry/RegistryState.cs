using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Registry;

/// <summary>Every registered device, and which of them owns a foreign identity.</summary>
internal sealed record RegistryState
{
    public static readonly RegistryState Empty = new();

    public ImmutableDictionary<DeviceId, DeviceRegistration> Devices { get; private init; } = ImmutableDictionary<DeviceId, DeviceRegistration>.Empty;

    // Devices write their own identities in either case (devEui, MAC), so two that differ in case only are one.
    private ImmutableDictionary<string, DeviceId> Owners { get; init; } = ImmutableDictionary.Create<string, DeviceId>(StringComparer.OrdinalIgnoreCase);

    public static RegistryState From(IEnumerable<DeviceRegistration> devices)
    {
        var list = devices.ToList();
        return new()
        {
            Devices = list.ToImmutableDictionary(device => device.Id),
            Owners = list.Where(device => device.Source is not null)
                .GroupBy(device => Key(device.Source!), StringComparer.OrdinalIgnoreCase)
                .ToImmutableDictionary(devicesOfKey => devicesOfKey.Key, devicesOfKey => devicesOfKey.First().Id, StringComparer.OrdinalIgnoreCase),
        };
    }

    public RegistryState With(DeviceRegistration device)
    {
        var owners = Devices.TryGetValue(device.Id, out var old) && old.Source is { } left ? Owners.Remove(Key(left)) : Owners;
        return this with
        {
            Devices = Devices.SetItem(device.Id, device),
            Owners = device.Source is { } taken ? owners.SetItem(Key(taken), device.Id) : owners,
        };
    }

    /// <summary>The device that owns the identity; null when it is free.</summary>
    public DeviceId? OwnerOf(DeviceSource source) => Owners.TryGetValue(Key(source), out var owner) ? owner : null;

    /// <summary>Whether messages under the identity find a device. The canonical identity is the device's own id.</summary>
    public bool Knows(DeviceSource source) =>
        source.Format == PayloadFormats.Canonical ? Devices.ContainsKey(new DeviceId(source.Key)) : OwnerOf(source) is not null;

    private static string Key(DeviceSource source) => source.Format + "\n" + source.Key;
}
