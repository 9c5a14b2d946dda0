using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Streets;

/// <summary>How the devices of one kind of feed become one sign.</summary>
internal enum VitalSum { Max, Mean }

/// <summary>A vital sign (体征): which quantity, of which device kinds, and from where it is worth attention or abnormal.</summary>
internal sealed record VitalSign(string Id, QuantityId Quantity, VitalSum Sum, double Attention, double Abnormal, ImmutableArray<string> Kinds);

/// <summary>The ordered list of vital signs, and their values from a street's state. A sign without a living feed has no value: 未接入 is not zero.</summary>
internal static class Vitals
{
    public static ImmutableArray<VitalSign> All { get; } =
    [
        new("road_water_depth", new("water_depth"), VitalSum.Max, 100, 200, []),
        new("river_level", new("water_level"), VitalSum.Max, 4.3, 5.3, ["river_gauge"]),
        new("rainfall", new("rainfall"), VitalSum.Max, 20, 50, []),
        new("pm25", new("pm25"), VitalSum.Mean, 60, 150, []),
        new("noise", new("laeq"), VitalSum.Max, 70, 80, []),
        new("crowd_density", new("crowd_density"), VitalSum.Max, 2, 4, []),
        new("gas_lel", new("gas_lel"), VitalSum.Max, 5, 25, []),
    ];

    public static ImmutableArray<Vital> Of(StreetState street)
    {
        var count = All.Length;
        Span<double> sums = stackalloc double[count];
        Span<int> feeds = stackalloc int[count];
        Span<long> newest = stackalloc long[count];
        for (var slot = 0; slot < street.SlotEnd; slot++)
        {
            ref readonly var row = ref street.Row(slot);
            if (row.Registration is not { Internal: false } device || row.State is not (DeviceState.Normal or DeviceState.Stale))
            {
                continue;
            }

            for (var c = 0; c < row.ChannelCount; c++)
            {
                ref readonly var channel = ref row.Channels[c];
                if (channel.ObservedAt == 0 || channel.Quality == Quality.Bad)
                {
                    continue;
                }

                for (var i = 0; i < count; i++)
                {
                    var sign = All[i];
                    if (sign.Quantity == channel.Quantity && (sign.Kinds.IsEmpty || sign.Kinds.Contains(device.Kind)))
                    {
                        sums[i] = sign.Sum == VitalSum.Mean ? sums[i] + channel.Value : feeds[i] == 0 ? channel.Value : Math.Max(sums[i], channel.Value);
                        feeds[i]++;
                        newest[i] = Math.Max(newest[i], channel.ObservedAt);
                    }
                }
            }
        }

        var vitals = ImmutableArray.CreateBuilder<Vital>(count);
        for (var i = 0; i < count; i++)
        {
            var sign = All[i];
            double? value = feeds[i] == 0 ? null : sign.Sum == VitalSum.Mean ? Math.Round(sums[i] / feeds[i], 1) : sums[i];
            vitals.Add(new(
                sign.Id, value, QuantityKinds.Find(sign.Quantity)?.Unit ?? string.Empty, newest[i] == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(newest[i]),
                Band(sign, value)));
        }

        return vitals.MoveToImmutable();
    }

    /// <summary>The signs of several areas as one: the extreme, or the mean of the areas that have a feed.</summary>
    public static ImmutableArray<Vital> Merge(IReadOnlyList<ImmutableArray<Vital>> areas)
    {
        var merged = ImmutableArray.CreateBuilder<Vital>(All.Length);
        foreach (var sign in All)
        {
            var fed = areas.SelectMany(vitals => vitals).Where(vital => vital.Id == sign.Id && vital.Value is not null).ToList();
            double? value = fed.Count == 0 ? null : sign.Sum == VitalSum.Mean ? Math.Round(fed.Average(vital => vital.Value!.Value), 1) : fed.Max(vital => vital.Value!.Value);
            merged.Add(new(sign.Id, value, QuantityKinds.Find(sign.Quantity)?.Unit ?? string.Empty, fed.Max(vital => vital.At), Band(sign, value)));
        }

        return merged.MoveToImmutable();
    }

    private static VitalBand Band(VitalSign sign, double? value) =>
        value >= sign.Abnormal ? VitalBand.Abnormal : value >= sign.Attention ? VitalBand.Attention : VitalBand.Normal;
}
