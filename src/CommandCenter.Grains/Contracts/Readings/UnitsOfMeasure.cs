using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;

namespace CommandCenter.Grains.Contracts;

/// <summary>Units of measure by UCUM code, with the spellings that devices use, and conversion inside one dimension.
/// <c>ppm</c> and <c>ppb</c> stand for UCUM's <c>[ppm]</c> and <c>[ppb]</c>; <c>%{vol}</c> and <c>%{LEL}</c> are UCUM with its annotations.</summary>
public static class UnitsOfMeasure
{
    private const int SpellingLengthMax = 32;

    // Litres of an ideal gas per mole at 25 °C and 1,013.25 hPa, the reference of China's air standards since 2018 and of gas detectors.
    private const decimal MolarVolumeL = 24.465m;

    // decimal holds any double of this size without loss that matters, and gives 15.2 cm = 152 mm and 300.15 K = 27 Cel exactly,
    // so that a value on a threshold stays on it. Beyond, binary arithmetic is good enough.
    private const double ExactMax = 1e15;
    private const double ExactMin = 1e-4;

    private static readonly ImmutableArray<Unit> Table =
    [
        // Length, m. L/m2 is how some rain gauges write mm.
        new("m", Dimension.Length, 1, Spellings: ["MTR", "meter", "metre", "meters", "米"]),
        new("km", Dimension.Length, 1000, Spellings: ["KMT", "千米", "公里"]),
        new("dm", Dimension.Length, 0.1m, Spellings: ["DMT"]),
        new("cm", Dimension.Length, 0.01m, Spellings: ["CMT", "厘米"]),
        new("mm", Dimension.Length, 0.001m, Spellings: ["MMT", "毫米", "mmrain"]),
        new("um", Dimension.Length, 0.000001m, Spellings: ["4H", "微米", "micron"]),
        new("L/m2", Dimension.Length, 0.001m, Spellings: ["l/m2"]),
        new("[in_i]", Dimension.Length, 0.0254m, Spellings: ["in", "inch", "inches", "INH", "[in_us]"]),
        new("[ft_i]", Dimension.Length, 0.3048m, Spellings: ["ft", "foot", "feet", "FOT"]),
        new("[mi_i]", Dimension.Length, 1609.344m, Spellings: ["mi", "mile", "miles", "SMI"]),

        // Speed, m/s; rain intensity is one too.
        new("m/s", Dimension.Speed, 1, Spellings: ["MTS", "mps", "m/sec", "m.s-1", "米/秒"]),
        new("km/h", Dimension.Speed, 1, 3.6m, Spellings: ["KMH", "kmh", "kph", "km/hr", "kmph", "公里/小时", "千米/小时"]),
        new("cm/s", Dimension.Speed, 0.01m, Spellings: ["2M"]),
        new("mm/s", Dimension.Speed, 0.001m, Spellings: ["C16"]),
        new("m/h", Dimension.Speed, 1, 3600, Spellings: ["M60"]),
        new("m/min", Dimension.Speed, 1, 60, Spellings: ["2X"]),
        new("mm/h", Dimension.Speed, 1, 3_600_000, Spellings: ["H67", "mm/hr", "毫米/小时"]),
        new("mm/min", Dimension.Speed, 1, 60_000, Spellings: ["H81"]),
        new("[mi_i]/h", Dimension.Speed, 0.44704m, Spellings: ["mph", "mi/h", "HM"]),
        new("[kn_i]", Dimension.Speed, 1852, 3600, Spellings: ["kn", "kt", "kts", "knot", "knots", "KNT", "节"]),

        // Pressure, Pa.
        new("Pa", Dimension.Pressure, 1, Spellings: ["PAL", "帕"]),
        new("hPa", Dimension.Pressure, 100, Spellings: ["A97", "百帕"]),
        new("kPa", Dimension.Pressure, 1000, Spellings: ["KPA", "Kpa", "千帕"]),
        new("MPa", Dimension.Pressure, 1_000_000, Spellings: ["MPA", "Mpa", "兆帕"]),
        new("mPa", Dimension.Pressure, 0.001m),
        new("bar", Dimension.Pressure, 100_000, Spellings: ["BAR", "巴"]),
        new("mbar", Dimension.Pressure, 100, Spellings: ["MBR"]),
        new("atm", Dimension.Pressure, 101_325, Spellings: ["ATM"]),
        new("[psi]", Dimension.Pressure, 6_894.757293168m, Spellings: ["psi", "PS", "lbf/in2"]),
        new("m[H2O]", Dimension.Pressure, 9_806.65m, Spellings: ["mH2O", "mh2o", "米水柱"]),
        new("mm[H2O]", Dimension.Pressure, 9.80665m, Spellings: ["mmH2O", "HP", "毫米水柱"]),
        new("mm[Hg]", Dimension.Pressure, 133.322387415m, Spellings: ["mmHg", "HN"]),
        new("kgf/cm2", Dimension.Pressure, 98_066.5m, Spellings: ["at", "kg/cm2", "E42"]),

        // Temperature, Cel.
        new("Cel", Dimension.Temperature, 1, Spellings: ["°C", "℃", "C", "degC", "deg C", "CEL", "celsius", "摄氏度"]),
        new("K", Dimension.Temperature, 1, Before: -273.15m, Spellings: ["KEL", "kelvin"]),
        new("[degF]", Dimension.Temperature, 5, 9, Before: -32, Spellings: ["°F", "℉", "F", "degF", "deg F", "FAH", "fahrenheit"]),

        // Shares, 1. A percent of something is a percent; of which thing, the quantity says. Volume and explosive limit are kept apart.
        new("1", Dimension.Ratio, 1, Spellings: ["C62", "H87", "EA", "count", "counts", "pcs", "bool", "boolean", "/", "{count}", "{}", "个", "人", "person", "次", "辆", "unitless", "none"]),
        new("%", Dimension.Ratio, 0.01m, Spellings: ["P1", "percent", "pct", "/100", "%RH", "%rh", "RH", "%EL", "%{RH}"]),
        new("[ppth]", Dimension.Ratio, 0.001m, Spellings: ["‰", "/1000", "permille"]),
        new("ppm", Dimension.Ratio, 0.000001m, Spellings: ["[ppm]", "59", "ppmv", "umol/mol", "mL/m3"]),
        new("ppb", Dimension.Ratio, 0.000000001m, Spellings: ["[ppb]", "61", "ppbv", "nmol/mol"]),
        new("%{vol}", Dimension.VolumeShare, 0.01m, Spellings: ["%VOL", "%vol", "vol%", "VOL%", "%v/v", "% v/v", "%V/V", "vol.%"]),
        new("%{LEL}", Dimension.ExplosiveShare, 0.01m, Spellings: ["%LEL", "%lel", "LEL%", "lel%", "LEL", "%LFL"]),

        // Mass in a volume, g/m3.
        new("g/m3", Dimension.MassConcentration, 1, Spellings: ["A93"]),
        new("mg/m3", Dimension.MassConcentration, 0.001m, Spellings: ["GP", "毫克/立方米"]),
        new("ug/m3", Dimension.MassConcentration, 0.000001m, Spellings: ["GQ", "mcg/m3", "微克/立方米"]),
        new("ng/m3", Dimension.MassConcentration, 0.000000001m),
        new("kg/m3", Dimension.MassConcentration, 1000, Spellings: ["KMQ"]),
        new("g/L", Dimension.MassConcentration, 1000, Spellings: ["GL", "g/l"]),
        new("mg/L", Dimension.MassConcentration, 1, Spellings: ["M1", "mg/l", "毫克/升"]),
        new("ug/L", Dimension.MassConcentration, 0.001m, Spellings: ["H29", "ug/l"]),

        // Volume and flow, m3 and m3/s.
        new("m3", Dimension.Volume, 1, Spellings: ["MTQ", "cbm", "立方米", "方"]),
        new("L", Dimension.Volume, 0.001m, Spellings: ["l", "LTR", "liter", "litre", "升"]),
        new("mL", Dimension.Volume, 0.000001m, Spellings: ["ml", "MLT", "毫升"]),
        new("m3/s", Dimension.Flow, 1, Spellings: ["MQS"]),
        new("m3/h", Dimension.Flow, 1, 3600, Spellings: ["MQH", "m3/hr", "立方米/小时"]),
        new("m3/d", Dimension.Flow, 1, 86_400, Spellings: ["G52"]),
        new("L/s", Dimension.Flow, 0.001m, Spellings: ["G51", "l/s"]),
        new("L/min", Dimension.Flow, 1, 60_000, Spellings: ["L2", "l/min", "lpm"]),
        new("L/h", Dimension.Flow, 1, 3_600_000, Spellings: ["E32", "l/h"]),

        // Electricity.
        new("A", Dimension.Current, 1, Spellings: ["AMP", "amp", "ampere", "安"]),
        new("mA", Dimension.Current, 0.001m, Spellings: ["4K", "毫安"]),
        new("uA", Dimension.Current, 0.000001m, Spellings: ["B84"]),
        new("kA", Dimension.Current, 1000, Spellings: ["B22"]),
        new("MA", Dimension.Current, 1_000_000, Spellings: ["H38"]),
        new("V", Dimension.Voltage, 1, Spellings: ["VLT", "volt", "volts", "伏"]),
        new("mV", Dimension.Voltage, 0.001m, Spellings: ["2Z"]),
        new("kV", Dimension.Voltage, 1000, Spellings: ["KVT", "千伏"]),
        new("MV", Dimension.Voltage, 1_000_000, Spellings: ["B78"]),
        new("W", Dimension.Power, 1, Spellings: ["WTT", "watt", "watts", "瓦"]),
        new("mW", Dimension.Power, 0.001m, Spellings: ["C31"]),
        new("kW", Dimension.Power, 1000, Spellings: ["KWT", "千瓦"]),
        new("MW", Dimension.Power, 1_000_000, Spellings: ["MAW", "兆瓦"]),
        new("J", Dimension.Energy, 1, Spellings: ["JOU"]),
        new("kJ", Dimension.Energy, 1000, Spellings: ["KJO"]),
        new("MJ", Dimension.Energy, 1_000_000, Spellings: ["3B"]),
        new("W.h", Dimension.Energy, 3600, Spellings: ["Wh", "WHR"]),
        new("kW.h", Dimension.Energy, 3_600_000, Spellings: ["kWh", "KWH", "千瓦时"]),
        new("MW.h", Dimension.Energy, 3_600_000_000, Spellings: ["MWh", "MWH"]),
        new("Hz", Dimension.Frequency, 1, Spellings: ["HTZ", "1/s", "/s", "赫兹"]),
        new("kHz", Dimension.Frequency, 1000, Spellings: ["KHZ"]),
        new("MHz", Dimension.Frequency, 1_000_000, Spellings: ["MHZ"]),
        new("/min", Dimension.Frequency, 1, 60, Spellings: ["1/min", "bpm", "beat/min", "beats/m", "rpm", "r/min", "RPM", "次/分"]),
        new("/h", Dimension.Frequency, 1, 3600, Spellings: ["1/h"]),

        // Time, s.
        new("s", Dimension.Time, 1, Spellings: ["SEC", "sec", "秒"]),
        new("us", Dimension.Time, 0.000001m, Spellings: ["B98"]),
        new("ms", Dimension.Time, 0.001m, Spellings: ["C26", "毫秒"]),
        new("min", Dimension.Time, 60, Spellings: ["MIN", "分钟"]),
        new("h", Dimension.Time, 3600, Spellings: ["HUR", "hr", "小时"]),
        new("d", Dimension.Time, 86_400, Spellings: ["DAY", "day", "天"]),

        // Angle, deg.
        new("deg", Dimension.Angle, 1, Spellings: ["°", "DD", "degree", "degrees"]),
        new("rad", Dimension.Angle, 57.295779513082320876798154814m, Spellings: ["C81"]),

        // Mass, g.
        new("g", Dimension.Mass, 1, Spellings: ["GRM", "克"]),
        new("kg", Dimension.Mass, 1000, Spellings: ["KGM", "千克", "公斤"]),
        new("t", Dimension.Mass, 1_000_000, Spellings: ["TNE", "ton", "tonne", "吨"]),

        // Data rate, bit/s.
        new("bit/s", Dimension.DataRate, 1, Spellings: ["bps", "B10"]),
        new("kbit/s", Dimension.DataRate, 1000, Spellings: ["kbps", "Kbps", "C74"]),
        new("Mbit/s", Dimension.DataRate, 1_000_000, Spellings: ["Mbps", "E20"]),
        new("Gbit/s", Dimension.DataRate, 1_000_000_000, Spellings: ["Gbps", "B80"]),

        // Money: no UCUM unit exists, so it stands as an annotation.
        new("{CNY}", Dimension.Money, 1, Spellings: ["CNY", "RMB", "元", "¥"]),
        new("10*4{CNY}", Dimension.Money, 10_000, Spellings: ["万元"]),
        new("10*8{CNY}", Dimension.Money, 100_000_000, Spellings: ["亿元"]),

        // Each of these is alone in its dimension. dB(A) and dB(C) weigh sound differently, so dB(C) is not dB here.
        new("B[SPL]", Dimension.SoundLevel, 10, Spellings: ["Bspl"]),
        new("dB", Dimension.SoundLevel, 1, Spellings: ["2N", "dB(A)", "dBA", "db(a)", "dBspl", "分贝"]),
        new("dB{1mW}", Dimension.SignalLevel, 1, Spellings: ["dBm"]),
        new("lx", Dimension.Illuminance, 1, Spellings: ["LUX", "lux", "勒克斯"]),
        new("klx", Dimension.Illuminance, 1000, Spellings: ["klux", "KLX"]),
        new("W/m2", Dimension.Irradiance, 1, Spellings: ["D54"]),
        new("1/m2", Dimension.ArealDensity, 1, Spellings: ["/m2", "人/m2", "人/平方米", "p/m2", "persons/m2", "person/m2"]),
        new("{NTU}", Dimension.Turbidity, 1, Spellings: ["NTU", "[NTU]", "FNU"]),
        new("[pH]", Dimension.Acidity, 1, Spellings: ["pH", "PH", "Q30"]),
        new("uS/cm", Dimension.Conductivity, 1, Spellings: ["G42"]),
        new("mS/cm", Dimension.Conductivity, 1000, Spellings: ["H61"]),
        new("S/m", Dimension.Conductivity, 10_000, Spellings: ["D10"]),
        new("m/s2", Dimension.Acceleration, 1, Spellings: ["MSK", "m/s^2"]),
        new("[g]", Dimension.Acceleration, 9.80665m, Spellings: ["gn", "K40"]),
        new("m/m", Dimension.Strain, 1_000_000),
        new("[ppth]{strain}", Dimension.Strain, 1000, Spellings: ["mm/m"]),
        new("um/m", Dimension.Strain, 1, Spellings: ["με", "ustrain", "microstrain"]),
        new("%/m", Dimension.Obscuration, 1, Spellings: ["%obs/m"]),
    ];

    // What plain % (and 1) means for a gas, its molar mass (null: no conversion to mass), its lower explosive limit as a share of the volume.
    private static readonly FrozenDictionary<string, Gas> Gases = new Dictionary<string, Gas>(StringComparer.Ordinal)
    {
        // Town gas here is natural gas: the detectors are calibrated with methane, 100 %LEL = 5 %VOL.
        ["gas_lel"] = new(16.043m, 0.05m, PlainIsExplosive: true),
        ["methane"] = new(16.043m, 0.05m),
        ["h2s"] = new(34.081m, 0.04m),
        ["co"] = new(28.010m, 0.125m),
        ["nh3"] = new(17.031m, 0.15m),
        ["oxygen"] = new(31.998m, null),
        ["co2"] = new(44.009m, null),
        ["so2"] = new(64.066m, null),
        ["no2"] = new(46.006m, null),
        ["o3"] = new(47.998m, null),
        ["soil_moisture"] = new(null, null),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Unit> Exact = MakeExact();

    private static readonly FrozenDictionary<string, Unit> AnyCase = Exact
        // A single letter says too little: g is a gram, G would be Gauss.
        .Where(pair => pair.Key.Length > 1)
        .GroupBy(pair => pair.Key.ToUpperInvariant(), pair => pair.Value, StringComparer.Ordinal)
        // mW and MW differ in case only: such a spelling is refused, never guessed.
        .Where(units => units.Distinct().Count() == 1)
        .ToFrozenDictionary(units => units.Key, units => units.First(), StringComparer.Ordinal);

    /// <summary>Every code, in the order of the table.</summary>
    public static ImmutableArray<string> Codes { get; } = [.. Table.Select(unit => unit.Code)];

    private enum Dimension
    {
        Length, Speed, Pressure, Temperature, Ratio, VolumeShare, ExplosiveShare, MassConcentration, Volume, Flow, Current, Voltage, Power, Energy, Frequency,
        Time, Angle, Mass, DataRate, Money, SoundLevel, SignalLevel, Illuminance, Irradiance, ArealDensity, Turbidity, Acidity, Conductivity, Acceleration,
        Strain, Obscuration,
    }

    /// <summary>The UCUM code for a spelling (<c>µg/m³</c>, <c>ug/m3</c>, <c>GQ</c>); null when it is not known.</summary>
    public static string? Normalize(string spelling) => Find(spelling)?.Code;

    /// <summary>Converts; false when either unit is unknown or they measure different things. Gas units (ppm to mg/m3, %VOL to %LEL) need the quantity.
    /// Both units may be given in any known spelling. A value that is no finite number is handed through.</summary>
    public static bool TryConvert(double value, string fromUnit, string toUnit, QuantityId quantity, out double converted)
    {
        converted = value;
        if (Find(fromUnit) is not { } from || Find(toUnit) is not { } to)
        {
            return false;
        }

        if (ReferenceEquals(from, to))
        {
            return true;
        }

        var gas = quantity.Value is null ? null : Gases.GetValueOrDefault(quantity.Value);
        if (Path(from, to, gas) is not { } path)
        {
            return false;
        }

        converted = path.Apply(value);
        return true;
    }

    private static Unit? Find(string? spelling)
    {
        if (string.IsNullOrEmpty(spelling) || spelling.Length > SpellingLengthMax)
        {
            return null;
        }

        if (Exact.TryGetValue(spelling, out var unit))
        {
            return unit;
        }

        var plain = Plain(spelling);
        return Exact.TryGetValue(plain, out unit) || AnyCase.TryGetValue(plain.ToUpperInvariant(), out unit) ? unit : null;
    }

    // One form for the many ways to write the same signs: ³ → 3, ％ → %, µ and μ → u, no blanks. Empty for a text that is none.
    private static string Plain(string spelling)
    {
        var text = new StringBuilder(spelling.Length);
        foreach (var sign in spelling)
        {
            if (char.IsSurrogate(sign))
            {
                return string.Empty;
            }

            text.Append(sign switch
            {
                '\u00b5' or '\u03bc' => 'u',
                '\u00ba' or '\u02da' => '°',
                '\u00b7' or '\u22c5' or '*' => '.',
                '\u2215' or '\u2044' => '/',
                _ => sign,
            });
        }

        // The one sign ㎍ only now becomes μ and g.
        return string.Concat(text.ToString().Normalize(NormalizationForm.FormKC).Replace('\u03bc', 'u').Where(sign => sign != '^' && !char.IsWhiteSpace(sign)));
    }

    private static FrozenDictionary<string, Unit> MakeExact()
    {
        var units = new Dictionary<string, Unit>(StringComparer.Ordinal);
        foreach (var unit in Table)
        {
            foreach (var spelling in unit.Spellings.Prepend(unit.Code))
            {
                Add(spelling, unit);
                Add(Plain(spelling), unit);
            }
        }

        return units.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(string spelling, Unit unit)
        {
            if (!units.TryAdd(spelling, unit) && !ReferenceEquals(units[spelling], unit))
            {
                throw new InvalidOperationException($"The spelling '{spelling}' stands for both {units[spelling].Code} and {unit.Code}.");
            }
        }
    }

    private static Conversion? Path(Unit from, Unit to, Gas? gas)
    {
        if (gas is not null && Share(from, gas) is { } fromShare && Share(to, gas) is { } toShare)
        {
            return Conversion.Of(0, fromShare.Numerator * toShare.Denominator, fromShare.Denominator * toShare.Numerator, 0);
        }

        return from.Dimension == to.Dimension
            ? Conversion.Of(from.Before, from.Numerator * to.Denominator, from.Denominator * to.Numerator, -to.Before)
            : null;
    }

    // The share of the volume that one of the unit stands for, as numerator and denominator; null when the unit does not measure a gas.
    private static (decimal Numerator, decimal Denominator)? Share(Unit unit, Gas gas) => unit.Dimension switch
    {
        Dimension.Ratio when gas is { PlainIsExplosive: true, ExplosiveLimit: { } limit } && unit.Code is "%" or "1" => (unit.Numerator * limit, unit.Denominator),
        Dimension.Ratio or Dimension.VolumeShare => (unit.Numerator, unit.Denominator),
        Dimension.ExplosiveShare when gas.ExplosiveLimit is { } lowest => (unit.Numerator * lowest, unit.Denominator),
        // g/m3 ÷ (g/mol) × (m3/mol): the share of the volume.
        Dimension.MassConcentration when gas.MolarMass is { } mass => (unit.Numerator * MolarVolumeL / 1000, unit.Denominator * mass),
        _ => null,
    };

    /// <param name="Numerator">Base units per unit, over <paramref name="Denominator"/>: kept apart so that km/h is exactly 1/3.6 m/s.</param>
    /// <param name="Before">Added before the factor applies.</param>
    private sealed record Unit(string Code, Dimension Dimension, decimal Numerator, decimal Denominator = 1, decimal Before = 0, ImmutableArray<string> Spellings = default)
    {
        public ImmutableArray<string> Spellings { get; } = Spellings.IsDefault ? [] : Spellings;
    }

    private sealed record Gas(decimal? MolarMass, decimal? ExplosiveLimit, bool PlainIsExplosive = false);

    private readonly record struct Conversion(decimal Before, decimal Numerator, decimal Denominator, decimal After)
    {
        // decimal keeps 28 digits after the point at most, so small factors are scaled up lest digits be lost.
        public static Conversion Of(decimal before, decimal numerator, decimal denominator, decimal after)
        {
            while (numerator < 1)
            {
                (numerator, denominator) = (numerator * 10, denominator * 10);
            }

            return new(before, numerator, denominator, after);
        }

        public double Apply(double value)
        {
            var size = Math.Abs(value);
            return size == 0 || (size is >= ExactMin and <= ExactMax)
                ? (double)((((decimal)value + Before) * Numerator / Denominator) + After)
                : ((value + (double)Before) * (double)Numerator / (double)Denominator) + (double)After;
        }
    }
}
