using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.DeviceDesk;

/// <summary>Guesses what a decoded name measures, for an administrator to look at: the vocabulary's own names, then words that makers use, then a unit at the end of the name.</summary>
public static class NameGuesses
{
    private static readonly (string Part, string Quantity)[] Words =
    [
        ("water_depth", "water_depth"), ("waterdepth", "water_depth"), ("depth", "water_depth"), ("distance", "distance"), ("waterlevel", "water_level"), ("water_level", "water_level"),
        ("rain_intensity", "rain_intensity"), ("rain", "rainfall"), ("precip", "rainfall"), ("humidity", "humidity"), ("hum", "humidity"), ("temperature", "temperature"),
        ("temp", "temperature"), ("batteryvoltage", "battery_voltage"), ("battery_voltage", "battery_voltage"), ("batv", "battery_voltage"), ("battery", "battery"), ("bat", "battery"),
        ("pm2_5", "pm25"), ("pm2.5", "pm25"), ("pm25", "pm25"), ("pm10", "pm10"), ("tsp", "tsp"), ("laeq", "laeq"), ("noise", "laeq"), ("sound", "laeq"), ("h2s", "h2s"), ("ch4", "methane"),
        ("lel", "gas_lel"), ("co2", "co2"), ("o2", "oxygen"), ("smoke", "smoke"), ("tilt", "tilt"), ("angle", "tilt"), ("illumin", "illuminance"), ("lux", "illuminance"),
        ("windspeed", "wind_speed"), ("wind_speed", "wind_speed"), ("winddirection", "wind_direction"), ("wind_direction", "wind_direction"), ("air_pressure", "air_pressure"),
        ("barometric", "air_pressure"), ("pressure", "pressure"), ("voltage", "voltage"), ("current", "current"), ("power", "power"), ("energy", "energy"), ("rssi", "signal_strength"),
        ("people", "crowd_count"), ("crowd", "crowd_count"), ("speed", "vehicle_speed"), ("flow", "flow_rate"), ("ph", "ph"), ("turbidity", "turbidity"),
    ];

    /// <summary>Makers write units in any case; where case would decide (mV or MV) the one that devices really have is meant.</summary>
    private static readonly Dictionary<string, string> UnitEndings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["mm"] = "mm", ["cm"] = "cm", ["m"] = "m", ["km"] = "km", ["mv"] = "mV", ["v"] = "V", ["ma"] = "mA", ["a"] = "A", ["w"] = "W", ["kw"] = "kW", ["wh"] = "W.h", ["kwh"] = "kW.h",
        ["pa"] = "Pa", ["hpa"] = "hPa", ["kpa"] = "kPa", ["mpa"] = "MPa", ["bar"] = "bar", ["pct"] = "%", ["percent"] = "%", ["ppm"] = "ppm", ["ppb"] = "ppb", ["db"] = "dB", ["c"] = "Cel",
        ["f"] = "[degF]", ["k"] = "K", ["s"] = "s", ["ms"] = "m/s", ["kmh"] = "km/h", ["lux"] = "lx",
    };

    /// <summary>Null when the name says nothing.</summary>
    public static string? QuantityOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var last = name[(name.LastIndexOf('.') + 1)..];
        if (QuantityKinds.Find(new QuantityId(last)) is { } exact)
        {
            return exact.Id.Value;
        }

        var lower = name.ToUpperInvariant();
        foreach (var (part, quantity) in Words)
        {
            // Short words must stand alone, or every name with "ph" in it would be acidity.
            if (part.Length <= 3 ? lower.Split('.', '_', '-').Contains(part.ToUpperInvariant()) : lower.Contains(part.ToUpperInvariant(), StringComparison.Ordinal))
            {
                return quantity;
            }
        }

        return lower.Split('.', '_', '-').Contains("CO") ? "co" : null;
    }

    /// <summary>The device's unit by the end of the name, such as <c>distance_cm</c>; null: it says none, or one that does not fit the quantity.</summary>
    public static string? UnitOf(string name, string quantity)
    {
        ArgumentNullException.ThrowIfNull(name);
        var end = name[(name.LastIndexOfAny(['_', '.', '-']) + 1)..];
        return QuantityKinds.Find(new QuantityId(quantity)) is { } kind
            && UnitEndings.TryGetValue(end, out var code) && code != kind.Unit && UnitsOfMeasure.TryConvert(1, code, kind.Unit, kind.Id, out _) ? code : null;
    }

    /// <summary>A line of the mapping for each name of which a quantity is known, each quantity once.</summary>
    public static IReadOnlyList<QuantityDraft> Lines(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var lines = new List<QuantityDraft>();
        foreach (var name in names)
        {
            if (QuantityOf(name) is { } quantity && lines.TrueForAll(line => line.Name != quantity))
            {
                lines.Add(new QuantityDraft { Name = quantity, From = name == quantity ? string.Empty : name, FromUnit = UnitOf(name, quantity) ?? string.Empty });
            }
        }

        return lines;
    }
}
