using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Registry;

/// <summary>Finds devices by words. The registry is in memory, so a look at 50,000 devices takes some milliseconds and needs no index.</summary>
internal static class Searching
{
    private const int TextLengthMax = 100;

    public static ImmutableArray<DeviceRegistration> Find(RegistryState state, DeviceSearch search, Actor actor)
    {
        var text = search.Text is { Length: > TextLengthMax } longer ? longer[..TextLengthMax] : search.Text ?? string.Empty;
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var areas = search.Areas.IsDefaultOrEmpty ? null : search.Areas.ToHashSet();
        var kinds = search.Kinds.IsDefaultOrEmpty ? null : search.Kinds.ToHashSet(StringComparer.Ordinal);
        var found = new List<DeviceRegistration>();
        foreach (var device in state.Devices.Values)
        {
            if (!device.Internal
                && (kinds is null || kinds.Contains(device.Kind))
                && (areas is null || areas.Contains(device.Street) || device.Areas.Any(areas.Contains))
                && Registering.MaySee(actor, device)
                && Array.TrueForAll(words, word => Has(device, word)))
            {
                found.Add(device);
            }
        }

        found.Sort((a, b) => string.CompareOrdinal(a.Id.Value, b.Id.Value));
        return [.. found];
    }

    private static bool Has(DeviceRegistration device, string word) =>
        device.Id.Value.Contains(word, StringComparison.OrdinalIgnoreCase)
        || device.Name.Contains(word, StringComparison.OrdinalIgnoreCase)
        || (device.Source is { } source && source.Key.Contains(word, StringComparison.OrdinalIgnoreCase));
}
