using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;

namespace CommandCenter.Web.Tests.Wall;

/// <summary>A district in a rainstorm, the same at each call: what the screens' tests look at.</summary>
internal static class PretendedCity
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 6, 20, 0, TimeSpan.Zero);
    public static readonly AreaId District = new("320404");
    public static readonly AreaId Wuxing = new("320404001");
    public static readonly AreaId Beigang = new("320404003");

    private static readonly (string Id, string Zh, string En, double Longitude, double Latitude)[] Streets =
    [
        ("320404001", "五星街道", "Wuxing", 119.920, 31.792), ("320404002", "永红街道", "Yonghong", 119.915, 31.768), ("320404003", "北港街道", "Beigang", 119.880, 31.804),
        ("320404004", "西林街道", "Xilin", 119.886, 31.770), ("320404005", "南大街街道", "Nandajie", 119.945, 31.777), ("320404006", "荷花池街道", "Hehuachi", 119.940, 31.788),
        ("320404007", "新闸街道", "Xinzha", 119.862, 31.817), ("320404116", "邹区镇", "Zouqu", 119.790, 31.790),
    ];

    public static ImmutableArray<AreaDescription> Areas { get; } =
    [
        new(District, new("钟楼区", "Zhonglou"), AreaKind.District, null, false, 119.857, 31.788),
        .. Streets.Select(street => new AreaDescription(new(street.Id), new(street.Zh, street.En), AreaKind.Street, District, true, street.Longitude, street.Latitude)),
        new(new("320404400"), new("经开区", "Economic Zone"), AreaKind.Overlay, District, true, 119.868, 31.808),
    ];

    public static ImmutableArray<DeviceSituation> Devices { get; } = MakeDevices();

    public static WarningView Warning(string id, string subject, string name, Colour colour, int minutesAgo, bool acknowledged = false, string rule = "R01", double value = 262,
        string unit = "mm", string? incident = null, AreaId? area = null, string ruleName = "道路积水")
    {
        var device = Devices.FirstOrDefault(device => device.Id.Value == subject);
        return new()
        {
            Id = new(id), Rule = new(rule), RuleVersion = 1, Subject = subject, SubjectName = name, Area = area ?? device?.Street ?? Beigang, Colour = colour, PeakColour = colour,
            State = WarningState.Raised, OnsetAt = Now.AddMinutes(-minutesAgo - 2), RaisedAt = Now.AddMinutes(-minutesAgo), Quantity = new("water_depth"), Value = value, Unit = unit,
            Longitude = device?.Longitude, Latitude = device?.Latitude, Class = new("SJ-04-06"), Plan = new("P01"), RuleName = new(ruleName, ruleName), Version = 1,
            Reason = $"{name} 积水深度 {value} mm,达到红色阈值 250 mm 并持续 60 秒(规则 {rule} v1)。", Incident = incident is null ? null : new(incident),
            Acknowledged = acknowledged ? new("值班席", Now.AddMinutes(-1), null, null) : null,
            Evidence = [new(new(subject), Now.AddMinutes(-2), 231, null, null), new(new(subject), Now.AddMinutes(-1), value, null, null)],
        };
    }

    public static TaskView Task(string incident, int number, string unit, string action, TaskState state, int dueInMinutes, bool overdue = false) => new()
    {
        Id = new($"{incident}.P01-{number}.1"), Incident = new(incident), Dispatch = new($"{incident}/1"), Key = $"P01-{number}", Unit = new(new($"u-{number}"), unit), Action = action,
        State = state, AcceptBy = Now.AddMinutes(dueInMinutes), ArriveBy = Now.AddMinutes(dueInMinutes + 12), Overdue = overdue ? ["accept"] : [], Version = 1, Area = Beigang,
        IssuedAt = Now.AddMinutes(-4), AcceptedAt = state == TaskState.Issued ? null : Now.AddMinutes(-3), ArrivedAt = state == TaskState.Arrived ? Now.AddMinutes(-1) : null,
    };

    public static ImmutableArray<TaskView> Tasks { get; } =
    [
        Task("inc-1", 2, "钟楼交警大队二中队", "下穿路段封控,诱导绕行", TaskState.Arrived, -2),
        Task("inc-1", 3, "北港街道综合执法局", "现场围挡,守点劝离", TaskState.Accepted, -1),
        Task("inc-1", 4, "排水管理处泵车组", "清箅,泵车抽排", TaskState.Issued, -1, overdue: true),
        Task("inc-1", 5, "城管应急车队", "协调车辆装备,清障", TaskState.Issued, 3),
        Task("inc-1", 6, "北港街道网格组", "低洼户排查转移", TaskState.Reported, 3),
    ];

    public static IncidentView Incident(string id, string title, Colour? colour, IncidentState state, int minutesAgo, ImmutableArray<TaskView> tasks, int dueInMinutes) => new()
    {
        Id = new(id), Number = $"ZL20261123-00{id[^1]}1", Class = new("SJ-04-06"), Title = title, Area = Beigang, Owner = Beigang, Longitude = 119.876, Latitude = 31.806, Source = "sensor",
        State = state, ResponseLevel = 4, OpenedAt = Now.AddMinutes(-minutesAgo), Version = 3, Colour = colour, Tasks = tasks, Plan = new("P01"), PlanVersion = 1,
        Clocks = [new(state == IncidentState.Filed ? "dispatch" : "handle", Now.AddMinutes(dueInMinutes), null)], Devices = [new("wl-001")],
    };

    public static SituationPicture Picture() => new()
    {
        Area = District, Epoch = "e-7f3a21", Seq = 812, At = Now, Live = true,
        Counts = new()
        {
            Devices = new(274, 6, 9, 3, 2), Warnings = new(2, 2, 2, 1, 3), Incidents = new(2, 1), Tasks = new(4, 1), LastReadingAt = Now.AddSeconds(-1), CanaryMs = 4,
            Vitals =
            [
                new("road_water_max", 262, "mm", Now.AddSeconds(-20), VitalBand.Abnormal), new("rain_hour_max", 41.5, "mm", Now.AddSeconds(-40), VitalBand.Attention),
                new("river_level_max", 4.18, "m", Now.AddSeconds(-60), VitalBand.Normal), new("pm25_mean", 38, "ug/m3", Now.AddSeconds(-55), VitalBand.Normal),
                new("crowd_density_max", 1.8, "1/m2", Now.AddSeconds(-9), VitalBand.Normal), new("gas_lel_max", null, "%", null, VitalBand.Normal),
            ],
            Children = [.. Streets.Select(street => new SituationView { Area = new(street.Id), Epoch = "s", Seq = 5, At = Now, Devices = new(34, 1, 1, 0, 0), LastReadingAt = Now.AddSeconds(-3) })],
        },
        Warnings =
        [
            Warning("w-1", "wl-001", "龙江路下穿 积水1", Colour.Red, 3, incident: "inc-1"),
            Warning("w-2", "wl-004", "星港路 积水2", Colour.Red, 9, acknowledged: true, value: 255, incident: "inc-1"),
            Warning("w-3", "rg-002", "北港 雨量站", Colour.Orange, 5, rule: "R04", value: 51.5, unit: "mm", ruleName: "小时雨强"),
            Warning("w-4", "gas-003", "怀德苑 燃气3", Colour.Orange, 1, rule: "R12", value: 12.4, unit: "%", incident: "inc-2", ruleName: "可燃气体泄漏"),
            Warning("w-5", "air-002", "清潭 空气站", Colour.Yellow, 22, acknowledged: true, rule: "R34", value: 121, unit: "ug/m3", ruleName: "PM2.5 超标"),
            Warning("w-6", "wl-009", "勤业路 积水9", Colour.Yellow, 12, acknowledged: true, value: 158),
            Warning("w-7", "mh-004", "邹新路 井盖4", Colour.Blue, 44, acknowledged: true, rule: "R09", value: 6, unit: "deg", ruleName: "井盖倾斜"),
        ],
        Incidents =
        [
            Incident("inc-2", "怀德苑燃气浓度超限", Colour.Orange, IncidentState.Filed, 1, [], 2),
            Incident("inc-1", "龙江路下穿通道积水", Colour.Red, IncidentState.Dispatched, 6, Tasks, 114),
        ],
        Tasks = Tasks,
        EventDevices = [.. Devices.Where(device => device.Event is not null)],
    };

    private static ImmutableArray<DeviceSituation> MakeDevices()
    {
        (string Kind, string Prefix, string Name, GovernanceDomain Domain)[] kinds =
        [
            ("water_level", "wl", "积水", GovernanceDomain.Urban), ("rain_gauge", "rg", "雨量站", GovernanceDomain.Urban), ("gas", "gas", "燃气", GovernanceDomain.Safety),
            ("smoke", "sm", "烟感", GovernanceDomain.Safety), ("camera", "cam", "摄像机", GovernanceDomain.Social), ("air", "air", "空气站", GovernanceDomain.Urban),
            ("manhole", "mh", "井盖", GovernanceDomain.Urban), ("elevator", "el", "电梯", GovernanceDomain.Safety), ("power", "pw", "配电房", GovernanceDomain.Economic),
            ("vehicle", "ve", "巡逻车", GovernanceDomain.Social), ("noise", "no", "噪声", GovernanceDomain.Social), ("hydrant", "hy", "消火栓", GovernanceDomain.Safety),
        ];
        string[] happenings = ["illegal_parking", "street_vending", "exposed_garbage", "fire_smoke", "crowd"];
        var devices = ImmutableArray.CreateBuilder<DeviceSituation>();
        var place = 1;
        foreach (var (kind, prefix, name, domain) in kinds)
        {
            for (var number = 1; number <= 24; number++)
            {
                var street = Streets[(number + prefix.Length) % Streets.Length];
                // A fixed low-discrepancy sequence spreads the devices over the street without a source of chance.
                place = (place * 73 + 41) % 9973;
                var (dx, dy) = ((place % 97 / 97.0) - 0.5, (place % 89 / 89.0) - 0.5);
                var id = $"{prefix}-{number:000}";
                var colour = id switch
                {
                    "wl-001" or "wl-004" => Colour.Red,
                    "rg-002" or "gas-003" => Colour.Orange,
                    "air-002" or "wl-009" => Colour.Yellow,
                    "mh-004" => Colour.Blue,
                    _ => (Colour?)null,
                };
                devices.Add(new()
                {
                    Id = new(id), Kind = kind, Name = $"{street.Zh[..2]} {name}{number}", Street = new(street.Id), Domain = domain, At = Now.AddSeconds(-number), Colour = colour,
                    State = number switch { 17 => DeviceState.Stale, 21 => DeviceState.Offline, 23 when prefix.Length == 2 => DeviceState.Unknown, 24 when kind == "camera" => DeviceState.Maintenance, _ => DeviceState.Normal },
                    Longitude = street.Longitude + (dx * 0.035), Latitude = street.Latitude + (dy * 0.026), Heading = kind == "vehicle" ? place % 360 : null,
                    Values = kind == "water_level" ? ImmutableSortedDictionary<string, double>.Empty.Add("water_depth", 12 + number) : ImmutableSortedDictionary<string, double>.Empty,
                    Event = kind == "camera" && number <= happenings.Length
                        ? new($"e-{number}", new(happenings[number - 1]), EventState.Start, 0.8 + (number / 100.0), null, Now.AddSeconds(-40 * number)) : null,
                });
            }
        }

        return devices.ToImmutable();
    }
}
