using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

internal enum FenceSide { Inside, Outside, Enter, Exit }

/// <summary>What a geofence condition measures.</summary>
/// <param name="Fence">Null while <see cref="Area"/> names an area of the map.</param>
/// <param name="Area">Code of an area of the map.</param>
internal sealed record GeofenceParameters(FenceSide Side, Fence? Fence, string? Area, double? MinSpeedKmh, double? MaxSpeedKmh);

/// <summary>Where a device is: inside or outside a fence, coming in, going out, staying, or beside its route.</summary>
internal static class GeofenceRule
{
    public static RuleKindEntry Entry { get; } = new("geofence", RuleKind.Geofence, new("电子围栏", "Geofence"), true)
    {
        Feed = RuleFeed.Positions,
        MinSamples = 1,
        ValueNeeded = false,
        Parameters =
        [
            RuleParameter.Of("when", ["inside", "outside", "enter", "exit"], "inside"),
            new("area", ParameterType.Json),
            new("circle", ParameterType.Json),
            new("polygon", ParameterType.Json),
            new("line", ParameterType.Json),
            RuleParameter.Of("crs", ["wgs84", "cgcs2000", "gcj02", "bd09"], "wgs84"),
            new("minSpeedKmh", ParameterType.Number, Max: 500, Unit: "km/h"),
            new("maxSpeedKmh", ParameterType.Number, Max: 500, Unit: "km/h"),
        ],
        Read = Read,
    };

    private static GeofenceParameters Read(KindFields fields)
    {
        var values = fields.Values;
        var side = values.Word("when") switch { "outside" => FenceSide.Outside, "enter" => FenceSide.Enter, "exit" => FenceSide.Exit, _ => FenceSide.Inside };
        string[] shapes = [.. ((string[])["area", "circle", "polygon", "line"]).Where(values.Has)];
        if (shapes.Length != 1)
        {
            fields.Errors.Add(fields.Path + "area", "exactly one of area, circle, polygon, line is needed");
            return new(side, null, null, null, null);
        }

        var shape = values.Json(shapes[0])!.Value;
        if (shapes[0] == "area")
        {
            if (shape.ValueKind != JsonValueKind.String || shape.GetString() is not { Length: 9 or 6 } code || !code.All(char.IsAsciiDigit))
            {
                fields.Errors.Add(fields.Path + "area", "must be the code of an area, such as 320404002");
                return new(side, null, null, null, null);
            }

            return new(side, null, code, values.NumberOrNull("minSpeedKmh"), values.NumberOrNull("maxSpeedKmh"));
        }

        if (shapes[0] == "line" && side is FenceSide.Inside or FenceSide.Enter)
        {
            fields.Errors.Add(fields.Path + "when", "must be outside or exit for a line");
        }

        var fence = FenceParsing.Read(shapes[0], shape, values.Word("crs"), fields.Path + shapes[0], fields.Errors);
        return new(side, fence, null, values.NumberOrNull("minSpeedKmh"), values.NumberOrNull("maxSpeedKmh"));
    }
}
