using System.Globalization;

namespace CommandCenter.Web.Parts;

/// <summary>Numbers and units as people read them; documents keep UCUM codes.</summary>
public static class Quantities
{
    /// <summary>At most four figures that carry meaning: 0.042, 1.53, 27.4, 152, 12,804.</summary>
    public static string Number(double value)
    {
        var magnitude = Math.Abs(value);
        var format = magnitude switch
        {
            0 => "0",
            < 0.1 => "0.###",
            < 10 => "0.##",
            < 100 => "0.#",
            _ => "#,0",
        };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>The usual sign for a UCUM code; empty for a bare number.</summary>
    public static string UnitSign(string? unit) => unit switch
    {
        null or "1" => string.Empty,
        "ug/m3" => "µg/m³",
        "mg/m3" => "mg/m³",
        "Cel" => "℃",
        "deg" => "°",
        "1/m2" => "/m²",
        "dB" or "dB(A)" => "dB",
        _ => unit,
    };
}
