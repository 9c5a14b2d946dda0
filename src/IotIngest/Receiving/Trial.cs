using System.Collections.Immutable;
using IotIngest.Checking;
using IotIngest.Decoding;
using IotIngest.Routing;

namespace IotIngest.Receiving;

/// <summary>Writes a decoded item as the contract's trial shows it.</summary>
internal static class Trial
{
    public static TryItem Describe(in DecodedItem item, DecodedMessage decoded, DeviceEntry? device, DateTimeOffset at, CheckedItem checkedItem)
    {
        var key = item.Key.ToString();
        var id = device?.Id.Value;
        switch (item.Kind)
        {
            case ItemKind.Reading:
                return new TryReading(ValuesOf(item, decoded), device is null ? null : ReadingsOf(device, checkedItem)) { Key = key, Device = id, At = at };
            case ItemKind.Event:
                return new TryEvent(item.EventId!, item.EventType!, item.EventState, item.Confidence, item.Snapshot) { Key = key, Device = id, At = at };
            case ItemKind.Position:
                var shown = checkedItem.Position;
                return new TryPosition(shown?.Longitude ?? item.Longitude, shown?.Latitude ?? item.Latitude, item.SpeedKmh, item.HeadingDeg) { Key = key, Device = id, At = at };
            default:
                return new TryStatus(item.Online) { Key = key, Device = id, At = at };
        }
    }

    private static ImmutableSortedDictionary<string, double?> ValuesOf(in DecodedItem item, DecodedMessage decoded)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, double?>(StringComparer.Ordinal);
        foreach (ref readonly var value in decoded.Values.Slice(item.ValuesStart, item.ValuesCount))
        {
            values[decoded.StringOf(value.Name)] = value.Shape == ValueShape.Number ? value.Number : null;
        }

        return values.ToImmutable();
    }

    private static ImmutableArray<TryMapped> ReadingsOf(DeviceEntry device, CheckedItem checkedItem)
    {
        var mapped = ImmutableArray.CreateBuilder<TryMapped>();
        foreach (ref readonly var reading in checkedItem.Readings)
        {
            mapped.Add(new(reading.Quantity, reading.Value, device.UnitOf(reading.Quantity)));
        }

        return mapped.ToImmutable();
    }
}
