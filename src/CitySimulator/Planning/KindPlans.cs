namespace CitySimulator;

/// <summary>How many devices of a kind there are, how they are named and what they measure. To add a kind, add a line.</summary>
/// <param name="Share">Devices in a city of 302.</param>
internal sealed record KindPlan(string Kind, string Prefix, int Share, int IntervalSeconds, string Domain, string NameEnd, params SimulatedQuantity[] Quantities);

internal static class KindPlans
{
    public static readonly KindPlan[] All =
    [
        new("water_level", "wl", 36, 20, "urban", "积水监测点", new("water_depth", "mm"), new("battery", "%")),
        new("camera", "cam", 48, 60, "urban", "视频监控", new SimulatedQuantity("packet_loss", "%")),
        new("gas", "gas", 30, 20, "safety", "燃气阀井", new("gas_lel", "%"), new("battery", "%")),
        new("smoke", "smk", 28, 60, "safety", "独立烟感", new("smoke", "1"), new("temperature", "Cel"), new("battery", "%")),
        new("manhole", "mh", 28, 60, "urban", "智能井盖", new("tilt", "deg"), new("battery", "%")),
        new("elevator", "ele", 18, 60, "safety", "电梯", new SimulatedQuantity("temperature", "Cel")),
        new("hydrant", "hyd", 16, 60, "safety", "消火栓", new SimulatedQuantity("pressure", "MPa")),
        new("noise", "noi", 12, 30, "urban", "噪声监测站", new SimulatedQuantity("laeq", "dB")),
        new("air", "air", 12, 60, "urban", "空气微站", new("pm25", "ug/m3"), new("pm10", "ug/m3"), new("temperature", "Cel"), new("humidity", "%")),
        new("elder_care", "eld", 12, 120, "social", "独居关爱终端", new("temperature", "Cel"), new("battery", "%")),
        new("rain_gauge", "rain", 8, 60, "urban", "雨量站", new SimulatedQuantity("rainfall", "mm")),
        new("weather", "wea", 8, 60, "urban", "微型气象站", new("temperature", "Cel"), new("humidity", "%"), new("wind_speed", "m/s")),
        new("crowd", "crd", 8, 30, "social", "人群密度监测点", new("crowd_density", "1/m2"), new("crowd_count", "1")),
        new("vehicle", "veh", 8, 10, "urban", "巡查车", new SimulatedQuantity("vehicle_speed", "km/h")),
        new("power", "pwr", 8, 60, "economic", "配电房", new("power", "kW"), new("current", "A"), new("temperature", "Cel")),
        new("link", "lnk", 8, 30, "urban", "政务外网链路", new SimulatedQuantity("packet_loss", "%")),
        new("bridge", "brg", 6, 60, "safety", "桥梁监测点", new("tilt", "deg"), new("temperature", "Cel")),
        new("river_gauge", "riv", 4, 60, "urban", "河道水位站", new SimulatedQuantity("water_level", "m")),
        new("server", "srv", 4, 30, "urban", "政务云主机", new("cpu", "%"), new("disk", "%")),
    ];
}
