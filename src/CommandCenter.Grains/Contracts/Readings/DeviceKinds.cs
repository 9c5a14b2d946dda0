using System.Collections.Frozen;
using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>The device kinds of the vocabulary. To add a kind, add a line here.</summary>
public static class DeviceKinds
{
    public static ImmutableArray<VocabularyWord> All { get; } =
    [
        new("water_level", new("积水监测", "Road water gauge")),
        new("rain_gauge", new("雨量站", "Rain gauge")),
        new("river_gauge", new("河道水位站", "River gauge")),
        new("gas", new("气体监测", "Gas detector")),
        new("smoke", new("烟感", "Smoke detector")),
        new("hydrant", new("消火栓", "Hydrant")),
        new("manhole", new("智能井盖", "Manhole cover")),
        new("noise", new("噪声监测", "Noise monitor")),
        new("air", new("空气监测", "Air monitor")),
        new("weather", new("气象站", "Weather station")),
        new("camera", new("摄像机", "Camera")),
        new("crowd", new("人群监测", "Crowd counter")),
        new("elevator", new("电梯", "Elevator")),
        new("elder_care", new("独居老人关爱", "Elder care")),
        new("vehicle", new("车辆", "Vehicle")),
        new("bridge", new("桥梁监测", "Bridge monitor")),
        new("power", new("用电监测", "Power monitor")),
        new("server", new("服务器", "Server")),
        new("link", new("网络链路", "Network link")),
        new("pump", new("泵站", "Pump station")),
        new("water_quality", new("水质监测", "Water quality monitor")),
        new("water_meter", new("水表", "Water meter")),
        new("pipe", new("供水管网", "Water main")),
        new("bin", new("垃圾桶", "Waste bin")),
        new("gas_regulator", new("燃气调压站", "Gas regulator")),
        new("settlement", new("沉降监测", "Settlement monitor")),
        new("traffic", new("交通检测", "Traffic detector")),
        new("plant", new("企业装置", "Industrial plant")),
        new("security", new("安全设备", "Security monitor")),
        new("hotline", new("热线诉求点", "Hotline point")),
        new("light", new("路灯", "Street light")),
        new("door", new("门磁", "Door sensor")),
        new("drone", new("无人机", "Drone")),
        new("responder", new("处置终端", "Responder terminal")),
        new("actuator", new("执行设备", "Actuator")),
        new("other", new("其他", "Other")),
    ];

    private static readonly FrozenDictionary<string, VocabularyWord> ByName = All.ToFrozenDictionary(word => word.Id, StringComparer.Ordinal);

    /// <summary>Null when the vocabulary has no such kind.</summary>
    public static VocabularyWord? Find(string? id) => id is null ? null : ByName.GetValueOrDefault(id);
}
