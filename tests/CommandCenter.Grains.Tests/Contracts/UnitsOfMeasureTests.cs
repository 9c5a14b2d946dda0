using CommandCenter.Grains.Contracts;
using CsCheck;
using Xunit;

namespace CommandCenter.Grains.Tests.Contracts;

public sealed class UnitsOfMeasureTests
{
    private static readonly QuantityId NoGas = new("water_depth");

    [Theory]
    [InlineData("℃", "Cel")]
    [InlineData("°C", "Cel")]
    [InlineData("ºC", "Cel")]
    [InlineData("CEL", "Cel")]
    [InlineData("µg/m³", "ug/m3")] // micro sign
    [InlineData("μg/m³", "ug/m3")] // Greek mu
    [InlineData("ug/m^3", "ug/m3")]
    [InlineData("UG/M3", "ug/m3")]
    [InlineData("㎍/㎥", "ug/m3")]
    [InlineData("GQ", "ug/m3")]
    [InlineData("mg/m³", "mg/m3")]
    [InlineData("GP", "mg/m3")]
    [InlineData("%LEL", "%{LEL}")]
    [InlineData("% LEL", "%{LEL}")]
    [InlineData("%VOL", "%{vol}")]
    [InlineData("％RH", "%")]
    [InlineData("%EL", "%")]
    [InlineData("P1", "%")]
    [InlineData("dB(A)", "dB")]
    [InlineData("dBA", "dB")]
    [InlineData("MTR", "m")]
    [InlineData("MMT", "mm")]
    [InlineData("m³", "m3")]
    [InlineData("kWh", "kW.h")]
    [InlineData("Mpa", "MPa")]
    [InlineData("mPa", "mPa")]
    [InlineData("mph", "[mi_i]/h")]
    [InlineData("人/m²", "1/m2")]
    [InlineData("/", "1")]
    [InlineData("C62", "1")]
    [InlineData("H87", "1")]
    [InlineData("59", "ppm")]
    [InlineData("61", "ppb")]
    [InlineData("MPA", "MPa")]
    [InlineData("KPA", "kPa")]
    [InlineData("A97", "hPa")]
    [InlineData("BAR", "bar")]
    [InlineData("KMH", "km/h")]
    [InlineData("MTS", "m/s")]
    [InlineData("KNT", "[kn_i]")]
    [InlineData("2N", "dB")]
    [InlineData("LUX", "lx")]
    [InlineData("DD", "deg")]
    [InlineData("FAH", "[degF]")]
    [InlineData("KEL", "K")]
    [InlineData("CMT", "cm")]
    [InlineData("KWT", "kW")]
    [InlineData("KWH", "kW.h")]
    [InlineData("VLT", "V")]
    [InlineData("AMP", "A")]
    [InlineData("4K", "mA")]
    [InlineData("MQH", "m3/h")]
    [InlineData("H67", "mm/h")]
    [InlineData("D54", "W/m2")]
    [InlineData("M1", "mg/L")]
    [InlineData("Bspl", "B[SPL]")]
    [InlineData("1/s", "Hz")]
    [InlineData("r/min", "/min")]
    public void A_spelling_leads_to_its_code(string spelling, string code) => Assert.Equal(code, UnitsOfMeasure.Normalize(spelling));

    [Theory]
    [InlineData("")]
    [InlineData("furlong")]
    [InlineData("mpa")] // mPa or MPa
    [InlineData("mw")] // mW or MW
    [InlineData("G")]
    [InlineData("dB(C)")]
    [InlineData("\ud800")]
    [InlineData("a text far too long to be a unit of anything at all")]
    public void A_spelling_that_is_unknown_or_ambiguous_is_refused(string spelling) => Assert.Null(UnitsOfMeasure.Normalize(spelling));

    [Theory]
    [InlineData(15.2, "cm", "mm", "water_depth", 152)]
    [InlineData(87, "kPa", "MPa", "pressure", 0.087)]
    [InlineData(1.4, "bar", "MPa", "pressure", 0.14)]
    [InlineData(0.14, "MPa", "kPa", "pressure", 140)]
    [InlineData(300.15, "K", "Cel", "temperature", 27)]
    [InlineData(212, "°F", "℃", "temperature", 100)]
    [InlineData(-40, "[degF]", "Cel", "temperature", -40)]
    [InlineData(36, "km/h", "m/s", "wind_speed", 10)]
    [InlineData(10, "m/s", "km/h", "vehicle_speed", 36)]
    [InlineData(100, "mph", "km/h", "vehicle_speed", 160.9344)]
    [InlineData(1, "knot", "km/h", "wind_speed", 1.852)]
    [InlineData(36, "kn", "m/s", "wind_speed", 18.52)]
    [InlineData(6.5, "Bspl", "dB", "laeq", 65)]
    [InlineData(4, "bar", "kPa", "pressure", 400)]
    [InlineData(0.3, "MPa", "bar", "pressure", 3)]
    [InlineData(1000, "mmH2O", "kPa", "pressure", 9.80665)]
    [InlineData(98.6, "F", "Cel", "temperature", 37)]
    [InlineData(1.2, "mm/m", "um/m", "strain", 1200)]
    [InlineData(1, "in", "mm", "rainfall", 25.4)]
    [InlineData(3, "ft", "m", "water_level", 0.9144)]
    [InlineData(0.05, "mg/m³", "ug/m3", "pm25", 50)]
    [InlineData(1013.25, "mbar", "hPa", "air_pressure", 1013.25)]
    [InlineData(0.3, "A", "mA", "residual_current", 300)]
    [InlineData(12, "万元", "{CNY}", "power", 120_000)]
    public void A_value_is_converted_exactly(double value, string from, string to, string quantity, double expected)
    {
        Assert.True(UnitsOfMeasure.TryConvert(value, from, to, new QuantityId(quantity), out var converted));
        Assert.Equal(expected, converted);
    }

    [Theory]
    [InlineData(10, "ppm", "mg/m3", "h2s", 13.93)]
    [InlineData(10, "mg/m3", "ppm", "h2s", 7.18)]
    [InlineData(24, "ppm", "mg/m3", "co", 27.48)]
    [InlineData(30, "mg/m3", "ppm", "co", 26.2)]
    [InlineData(2.5, "%VOL", "%", "gas_lel", 50)]
    [InlineData(25, "%LEL", "%", "gas_lel", 25)]
    [InlineData(10_000, "ppm", "%", "gas_lel", 20)]
    [InlineData(50, "%LEL", "%", "methane", 2.5)]
    [InlineData(50, "%LEL", "%VOL", "methane", 2.5)]
    [InlineData(2.5, "%VOL", "%LEL", "methane", 50)]
    [InlineData(1.2, "%VOL", "%", "methane", 1.2)]
    [InlineData(20.9, "%VOL", "%", "oxygen", 20.9)]
    [InlineData(209_000, "ppm", "%", "oxygen", 20.9)]
    [InlineData(40, "ppb", "ug/m3", "o3", 78.5)]
    public void A_gas_is_converted_by_what_it_is(double value, string from, string to, string quantity, double expected)
    {
        Assert.True(UnitsOfMeasure.TryConvert(value, from, to, new QuantityId(quantity), out var converted));
        Assert.Equal(expected, converted, expected * 1e-3);
    }

    [Theory]
    [InlineData("ppm", "mg/m3", "water_depth")]
    [InlineData("%VOL", "%", "humidity")]
    [InlineData("%LEL", "%", "oxygen")]
    [InlineData("mm", "MPa", "water_depth")]
    [InlineData("dB(C)", "dB", "laeq")]
    [InlineData("Cel", "deg", "tilt")]
    [InlineData("mm", "furlong", "water_depth")]
    [InlineData("g", "m/s2", "acceleration")]
    public void Units_of_different_things_are_refused(string from, string to, string quantity) =>
        Assert.False(UnitsOfMeasure.TryConvert(1, from, to, new QuantityId(quantity), out _));

    [Fact]
    public void Converting_there_and_back_gives_the_value_again()
    {
        var units = UnitsOfMeasure.Codes;
        var quantities = QuantityKinds.All;
        Gen.Select(Gen.Int[0, units.Length - 1], Gen.Int[0, units.Length - 1], Gen.Int[0, quantities.Length - 1], Gen.Double[-1e6, 1e6])
            .Sample((from, to, quantity, value) =>
            {
                var id = quantities[quantity].Id;
                if (!UnitsOfMeasure.TryConvert(value, units[from], units[to], id, out var there))
                {
                    Assert.False(UnitsOfMeasure.TryConvert(value, units[to], units[from], id, out _));
                    return;
                }

                Assert.True(UnitsOfMeasure.TryConvert(there, units[to], units[from], id, out var back));
                // Temperatures lose digits beside 273.15, so the bound is absolute near zero.
                Assert.Equal(value, back, Math.Max(1e-9, Math.Abs(value) * 1e-9));
            }, iter: 20_000);
    }

    [Fact]
    public void Any_text_and_any_value_is_answered()
    {
        Gen.Select(Gen.String, Gen.String, Gen.Double).Sample((from, to, value) =>
        {
            UnitsOfMeasure.TryConvert(value, from, to, NoGas, out _);
            UnitsOfMeasure.TryConvert(value, "K", "Cel", NoGas, out _);
            UnitsOfMeasure.TryConvert(value, "MW.h", "J", NoGas, out _);
        });
    }

    [Fact]
    public void Every_quantity_has_a_unit_of_the_table_and_a_range()
    {
        Assert.All(QuantityKinds.All, kind =>
        {
            Assert.Equal(kind.Unit, UnitsOfMeasure.Normalize(kind.Unit));
            Assert.True(kind.Min < kind.Max, kind.Id.Value);
            Assert.NotEmpty(kind.Name.Zh);
            Assert.NotEmpty(kind.Name.En);
        });
    }

    [Fact]
    public void Every_code_is_its_own_spelling() => Assert.All(UnitsOfMeasure.Codes, code => Assert.Equal(code, UnitsOfMeasure.Normalize(code)));
}
