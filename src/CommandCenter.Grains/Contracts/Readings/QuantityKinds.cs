using System.Collections.Frozen;
using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>The quantity kinds of the vocabulary: one entry each, with unit, plausible range and label. To add a kind, add a line here.</summary>
public static class QuantityKinds
{
    /// <summary>When the canary was published, milliseconds since 1970. Known to the check, listed nowhere.</summary>
    public static readonly QuantityId CanaryPublished = new("canary_published_ms");

    /// <summary>Every kind that documents may name, in the order of the list that operators see.</summary>
    public static ImmutableArray<QuantityKind> All { get; } =
    [
        // Water and weather.
        Of("water_depth", "积水深度", "Water depth", "mm", 0, 10_000),
        Of("water_level", "水位", "Water level above datum", "m", -20, 100),
        Of("freeboard", "液位距井口", "Level below the rim", "m", -5, 30),
        Of("liquid_level", "液位", "Liquid level", "m", 0, 100),
        Of("distance", "距离", "Distance", "mm", 0, 100_000),
        Of("rainfall", "降雨量", "Rainfall", "mm", 0, 500, additive: true),
        Of("rain_intensity", "雨强", "Rain intensity", "mm/h", 0, 1_000),
        Of("flow_rate", "流量", "Flow rate", "m3/h", -1_000_000, 1_000_000),
        Of("flow_velocity", "流速", "Flow velocity", "m/s", -20, 20),
        Of("wind_speed", "风速", "Wind speed", "m/s", 0, 100),
        Of("gust_speed", "阵风风速", "Gust speed", "m/s", 0, 120),
        Of("wind_direction", "风向", "Wind direction", "deg", 0, 360),
        Of("air_pressure", "气压", "Air pressure", "hPa", 500, 1_100),
        Of("dew_point", "露点", "Dew point", "Cel", -80, 60),
        Of("snow_depth", "积雪深度", "Snow depth", "mm", 0, 5_000),
        Of("road_temperature", "路面温度", "Road surface temperature", "Cel", -50, 100),
        Of("road_wet", "路面潮湿", "Road wet", "1", 0, 1),
        Of("illuminance", "照度", "Illuminance", "lx", 0, 200_000),
        Of("solar_irradiance", "太阳辐照度", "Solar irradiance", "W/m2", 0, 1_600),
        Of("soil_moisture", "土壤含水率", "Soil moisture", "%", 0, 100),
        Of("temperature", "温度", "Temperature", "Cel", -60, 150),
        Of("humidity", "相对湿度", "Relative humidity", "%", 0, 100),

        // Gas, fire, confined spaces. "%" of gas_lel is % of the lower explosive limit; "%" of methane and oxygen is % by volume.
        Of("gas_lel", "可燃气体浓度", "Combustible gas (LEL)", "%", 0, 100),
        Of("methane", "甲烷浓度", "Methane", "%", 0, 100),
        Of("h2s", "硫化氢浓度", "Hydrogen sulphide", "mg/m3", 0, 2_000),
        Of("oxygen", "氧气浓度", "Oxygen", "%", 0, 100),
        Of("co", "一氧化碳浓度", "Carbon monoxide", "ppm", 0, 10_000),
        Of("co2", "二氧化碳浓度", "Carbon dioxide", "ppm", 0, 1_000_000),
        Of("nh3", "氨气浓度", "Ammonia", "mg/m3", 0, 10_000),
        Of("smoke", "烟雾报警", "Smoke", "1", 0, 1),
        Of("smoke_obscuration", "烟雾浓度", "Smoke obscuration", "%/m", 0, 100),
        Of("residual_current", "剩余电流", "Residual current", "mA", 0, 30_000),
        Of("wire_temperature", "线缆温度", "Cable temperature", "Cel", -60, 400),
        Of("pressure", "压力", "Pressure", "MPa", -0.1, 100),

        // Air and noise.
        Of("pm25", "PM2.5", "PM2.5", "ug/m3", 0, 2_000),
        Of("pm10", "PM10", "PM10", "ug/m3", 0, 5_000),
        Of("tsp", "总悬浮颗粒物", "Total suspended particles", "ug/m3", 0, 20_000),
        Of("so2", "二氧化硫", "Sulphur dioxide", "ug/m3", 0, 10_000),
        Of("no2", "二氧化氮", "Nitrogen dioxide", "ug/m3", 0, 5_000),
        Of("o3", "臭氧", "Ozone", "ug/m3", 0, 5_000),
        Of("tvoc", "总挥发性有机物", "Total volatile organic compounds", "ug/m3", 0, 1_000_000),
        Of("aqi", "空气质量指数", "Air quality index", "1", 0, 500),
        Of("laeq", "等效声级", "Equivalent sound level (LAeq)", "dB", 0, 180),
        Of("lamax", "最大声级", "Maximum sound level (LAmax)", "dB", 0, 200),

        // Water quality.
        Of("ammonia_nitrogen", "氨氮", "Ammonia nitrogen", "mg/L", 0, 1_000),
        Of("dissolved_oxygen", "溶解氧", "Dissolved oxygen", "mg/L", 0, 50),
        Of("residual_chlorine", "余氯", "Residual chlorine", "mg/L", 0, 50),
        Of("turbidity", "浊度", "Turbidity", "{NTU}", 0, 10_000),
        Of("ph", "酸碱度", "Acidity (pH)", "[pH]", 0, 14),
        Of("conductivity", "电导率", "Conductivity", "uS/cm", 0, 200_000),
        Of("cod", "化学需氧量", "Chemical oxygen demand", "mg/L", 0, 100_000),

        // Structures and road.
        Of("tilt", "倾角", "Tilt", "deg", -180, 180),
        Of("cover_open", "开盖", "Cover open", "1", 0, 1),
        Of("settlement", "沉降", "Settlement", "mm", -10_000, 10_000),
        Of("deflection", "挠度", "Deflection", "mm", -10_000, 10_000),
        Of("strain", "应变", "Strain", "um/m", -100_000, 100_000),
        Of("vibration", "振动速度", "Vibration velocity", "mm/s", 0, 10_000),
        Of("acceleration", "加速度", "Acceleration", "m/s2", -10_000, 10_000),
        Of("load_ratio", "限值占比", "Share of the limit", "%", 0, 1_000),
        Of("vehicle_weight", "车辆总重", "Vehicle weight", "t", 0, 1_000),
        Of("vehicle_speed", "车速", "Vehicle speed", "km/h", 0, 400),
        Of("vehicle_count", "车流量", "Vehicles passed", "1", 0, 1_000_000, additive: true),
        Of("queue_length", "排队长度", "Queue length", "m", 0, 50_000),

        // People.
        Of("crowd_density", "人群密度", "Crowd density", "1/m2", 0, 20),
        Of("crowd_count", "在场人数", "People present", "1", 0, 1_000_000),
        Of("capacity_ratio", "承载率", "Share of rated capacity", "%", 0, 1_000),
        Of("people_in", "进入人数", "People entered", "1", 0, 1_000_000, additive: true),
        Of("people_out", "离开人数", "People left", "1", 0, 1_000_000, additive: true),
        Of("water_use", "用水量", "Water used", "m3", 0, 10_000, additive: true),
        Of("motion", "活动", "Motion", "1", 0, 1),
        Of("door_open", "门开", "Door open", "1", 0, 1),
        Of("heart_rate", "心率", "Heart rate", "/min", 0, 400),

        // Power, plant, platform.
        Of("power", "功率", "Power", "kW", -1_000_000, 1_000_000),
        Of("energy", "电量", "Energy (meter reading)", "kW.h", 0, 1e12),
        Of("current", "电流", "Current", "A", -100_000, 100_000),
        Of("voltage", "电压", "Voltage", "V", -1_000_000, 1_000_000),
        Of("frequency", "频率", "Frequency", "Hz", 0, 1_000_000),
        Of("power_factor", "功率因数", "Power factor", "1", -1, 1),
        Of("pump_running", "泵运行", "Pump running", "1", 0, 1),
        Of("valve_open", "阀门开度", "Valve opening", "%", 0, 100),
        Of("fill_level", "满溢度", "Fill level", "%", 0, 150),
        Of("water_volume", "水表读数", "Water meter reading", "m3", 0, 1e9),
        Of("cpu", "处理器使用率", "Processor load", "%", 0, 100),
        Of("memory", "内存使用率", "Memory used", "%", 0, 100),
        Of("disk", "存储使用率", "Storage used", "%", 0, 100),
        Of("packet_loss", "丢包率", "Packet loss", "%", 0, 100),
        Of("latency", "时延", "Latency", "ms", 0, 600_000),
        Of("throughput", "吞吐量", "Throughput", "Mbit/s", 0, 1_000_000),
        Of("link_up", "链路通", "Link up", "1", 0, 1),
        Of("backup_age", "备份时龄", "Age of the last backup", "h", 0, 100_000),
        Of("replica_lag", "复制滞后", "Replica lag", "min", 0, 1_000_000),
        Of("security_grade", "网络安全事件级", "Grade of a security event", "1", 0, 4),
        Of("login_failures", "登录失败", "Failed logins", "1", 0, 1_000_000, additive: true),
        Of("admin_login_failures", "管理员登录失败", "Failed logins of administrators", "1", 0, 1_000_000, additive: true),
        Of("access_denials", "越权访问", "Denied access", "1", 0, 1_000_000, additive: true),
        Of("complaints", "同址诉求件数", "Complaints about the place", "1", 0, 100_000, additive: true),
        Of("battery", "电池电量", "Battery", "%", 0, 100),
        Of("battery_voltage", "电池电压", "Battery voltage", "V", 0, 100),
        Of("signal_strength", "信号强度", "Signal strength", "dB{1mW}", -200, 50),
    ];

    private static readonly QuantityKind Canary = new(CanaryPublished, new("回环报文发布时间", "Canary published"), "ms", 0, 1e15, false);

    private static readonly FrozenDictionary<string, QuantityKind> ByName =
        All.Add(Canary).ToFrozenDictionary(kind => kind.Id.Value, StringComparer.Ordinal);

    /// <summary>Null when the vocabulary has no such kind.</summary>
    public static QuantityKind? Find(QuantityId id) => id.Value is null ? null : ByName.GetValueOrDefault(id.Value);

    private static QuantityKind Of(string id, string zh, string en, string unit, double min, double max, bool additive = false) =>
        new(new(id), new(zh, en), unit, min, max, additive);
}
