using System.Globalization;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.DeviceDesk;

/// <summary>One line of the mapping as it is being edited: texts, until they are checked.</summary>
public sealed class QuantityDraft
{
    public string Name { get; set; } = string.Empty;
    public string From { get; set; } = string.Empty;
    public string FromUnit { get; set; } = string.Empty;
    public string Scale { get; set; } = "1";
    public string Offset { get; set; } = "0";
    public string Min { get; set; } = string.Empty;
    public string Max { get; set; } = string.Empty;

    public static QuantityDraft Of(DeviceQuantity quantity)
    {
        ArgumentNullException.ThrowIfNull(quantity);
        return new()
        {
            Name = quantity.Name.Value,
            From = quantity.From ?? string.Empty,
            FromUnit = quantity.FromUnit ?? string.Empty,
            Scale = Text(quantity.Scale),
            Offset = Text(quantity.Offset),
            Min = quantity.Min is { } min ? Text(min) : string.Empty,
            Max = quantity.Max is { } max ? Text(max) : string.Empty,
        };
    }

    /// <summary>The checked line, with what is wrong under <paramref name="field"/> in <paramref name="faults"/>.</summary>
    public DeviceQuantity? Check(string field, Faults faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        if (QuantityKinds.Find(new QuantityId(Name)) is not { } kind)
        {
            faults.Add($"{field}.name", Name.Length == 0 ? "required" : "unknown");
            return null;
        }

        var fromUnit = FromUnit.Trim();
        if (fromUnit.Length > 0 && UnitsOfMeasure.Normalize(fromUnit) is null)
        {
            faults.Add($"{field}.fromUnit", "unknown_unit", fromUnit);
        }
        else if (fromUnit.Length > 0 && !UnitsOfMeasure.TryConvert(1, fromUnit, kind.Unit, kind.Id, out _))
        {
            faults.Add($"{field}.fromUnit", "not_convertible", fromUnit, kind.Unit);
        }

        var scale = Number(Scale, $"{field}.scale", faults) ?? 1;
        if (scale == 0)
        {
            faults.Add($"{field}.scale", "not_zero");
        }

        var min = Bound(Min, $"{field}.min", kind, faults);
        var max = Bound(Max, $"{field}.max", kind, faults);
        if (min >= max)
        {
            faults.Add($"{field}.max", "below_min");
        }

        return new DeviceQuantity
        {
            Name = kind.Id,
            Unit = kind.Unit,
            From = From.Trim() is { Length: > 0 } from && from != kind.Id.Value ? from : null,
            FromUnit = fromUnit.Length > 0 ? fromUnit : null,
            Scale = scale,
            Offset = Number(Offset, $"{field}.offset", faults) ?? 0,
            Min = min,
            Max = max,
        };
    }

    private static double? Bound(string text, string field, QuantityKind kind, Faults faults)
    {
        if (Number(text, field, faults) is not { } value)
        {
            return null;
        }

        if (value < kind.Min || value > kind.Max)
        {
            faults.Add(field, "range", Text(kind.Min), Text(kind.Max), kind.Unit);
        }

        return value;
    }

    /// <summary>Null for an empty text, and for one that is no number, which is a fault.</summary>
    internal static double? Number(string text, string field, Faults faults)
    {
        if (text.Trim().Length == 0)
        {
            return null;
        }

        if (double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value))
        {
            return value;
        }

        faults.Add(field, "not_a_number");
        return null;
    }

    internal static string Text(double value) => value.ToString("0.##########", CultureInfo.InvariantCulture);
}
