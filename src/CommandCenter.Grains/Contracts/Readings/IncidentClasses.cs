using System.Collections.Frozen;
using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>The classes of incidents: city components (BJ, 部件) and events (SJ, 事件) of the 数字城管 dictionary, and the local extension SJ-21.
/// To add a class, add a line here.</summary>
public static class IncidentClasses
{
    public static ImmutableArray<VocabularyWord> All { get; } =
    [
        .. Group("SJ-01",
            (1, "私搭乱建", "Unlawful structure"), (2, "暴露垃圾", "Exposed garbage"), (3, "积存垃圾渣土", "Heaped rubbish and muck"),
            (4, "道路不洁", "Dirty road"), (5, "水域不洁", "Dirty water body"), (6, "绿地脏乱", "Untidy green space"), (7, "废弃车辆", "Abandoned vehicle"),
            (8, "废弃家具设备", "Abandoned furniture"), (9, "非装饰性树挂", "Litter in trees"), (10, "道路破损", "Damaged road"), (11, "河堤破损", "Damaged embankment"),
            (12, "道路遗撒", "Spillage on the road"), (13, "建筑物外立面不洁", "Dirty facade"), (14, "水域秩序问题", "Disorder on the water"),
            (15, "焚烧垃圾、树叶", "Burning of rubbish or leaves"), (16, "油烟污染", "Cooking fumes"), (17, "动物尸体清理", "Dead animal"),
            (18, "擅自饲养家禽家畜", "Unlawful keeping of livestock"), (99, "其他市容环境问题", "Other appearance of the city")),
        .. Group("SJ-02",
            (1, "非法小广告", "Illegal stickers"), (2, "违章张贴悬挂广告牌匾", "Unlawful signboard"), (3, "占道广告牌", "Signboard on the pavement"),
            (4, "街头散发广告", "Leafleting"), (5, "广告招牌破损", "Damaged signboard")),
        .. Group("SJ-03",
            (1, "施工扰民", "Disturbing construction"), (2, "工地扬尘", "Dust of a building site"), (3, "施工废弃料", "Construction waste"),
            (4, "施工占道", "Construction on the road"), (5, "无证掘路", "Road opened without permit"), (99, "其他施工管理问题", "Other construction")),
        .. Group("SJ-04",
            (1, "路面塌陷", "Road collapse"), (2, "自来水管破裂", "Burst water main"), (3, "燃气管道破裂", "Broken gas pipe"), (4, "下水道堵塞或破损", "Blocked or broken sewer"),
            (5, "热力管道破裂", "Broken heating pipe"), (6, "道路积水", "Water on the road"), (7, "道路积雪结冰", "Snow or ice on the road"),
            (8, "架空线缆损坏", "Damaged overhead line"), (9, "群发性事件", "Mass incident"), (99, "其他突发事件", "Other emergency")),
        .. Group("SJ-05",
            (1, "无照经营游商", "Unlicensed vending"), (2, "流浪乞讨", "Vagrancy and begging"), (3, "占道废品收购", "Scrap buying on the pavement"), (4, "店外经营", "Trade outside the shop"),
            (5, "机动车乱停放", "Motor vehicle parked unlawfully"), (6, "非机动车乱停放", "Bicycle parked in disorder"), (7, "乱堆物堆料", "Heaped goods"),
            (8, "商业噪音", "Commercial noise"), (9, "黑车拉客", "Unlicensed taxi"), (10, "露天烧烤", "Open-air barbecue"), (11, "沿街晾挂", "Laundry along the street"),
            (12, "非法出版物销售", "Sale of illegal publications"), (13, "空调室外机低挂", "Low-hung air conditioner"), (99, "其他街面秩序问题", "Other street order")),
        .. Group("SJ-21",
            (1, "可燃气体超限", "Combustible gas over the limit"), (2, "火灾报警", "Fire alarm"), (3, "电梯困人", "Trapped in an elevator"), (4, "独居老人异常", "Elder living alone in need"),
            (5, "高空抛物", "Object thrown from height"), (6, "人群密集", "Dense crowd"), (7, "桥梁异常", "Bridge anomaly"), (8, "河道超警", "River above warning level"),
            (9, "有限空间气体", "Gas in a confined space"), (10, "空气质量", "Air quality"), (11, "噪声超标", "Noise over the limit"), (12, "企业/危化异常", "Plant or chemicals anomaly"),
            (13, "用电异常", "Power anomaly"), (14, "政务云异常", "Government cloud anomaly"), (15, "网络中断", "Network outage"), (16, "网络安全", "Network security"),
            (17, "气象预警", "Weather warning"), (18, "供水异常", "Water supply anomaly"), (19, "泵闸异常", "Pump or sluice anomaly"), (20, "大风/树木", "Gale or trees"),
            (21, "感知离线", "Sensors off line"), (22, "电动车隐患", "E-bike hazard"), (23, "消防设施欠压", "Low fire-water pressure"), (24, "消防通道占用", "Fire lane blocked"),
            (25, "渣土车违规", "Muck truck violation"), (26, "人员倒地/冲突", "Person down or conflict"), (27, "水质异常", "Water quality anomaly")),
        .. Group("BJ-01",
            (1, "上水井盖", "Water main cover"), (2, "污水井盖", "Sewer cover"), (3, "雨水井盖", "Storm drain cover"), (4, "雨水箅子", "Gully grate"), (5, "电力井盖", "Power cover"),
            (6, "路灯井盖", "Street light cover"), (7, "通信(电信)井盖", "Telecom cover"), (8, "有线电视井盖", "Cable television cover"), (9, "网络井盖", "Network cover"),
            (10, "热力井盖", "Heating cover"), (11, "燃气井盖", "Gas cover"), (12, "公安井盖", "Police cover"), (13, "消防设施", "Fire equipment"), (14, "无主(不明)井盖", "Cover without owner"),
            (15, "通信交接箱", "Telecom cabinet"), (16, "电力设施", "Power equipment"), (17, "电杆(立杆)", "Pole"), (18, "路灯", "Street light"), (19, "地灯", "Ground light"),
            (20, "射灯(景观灯)", "Spotlight"), (21, "报刊亭", "News stand"), (22, "电话亭", "Telephone box"), (23, "邮筒", "Letter box"), (24, "信息亭", "Information kiosk"),
            (25, "自动售货机", "Vending machine"), (26, "健身设施", "Fitness equipment"), (27, "中水井盖", "Reclaimed water cover"), (33, "燃气调压站(箱)", "Gas regulator"), (39, "铁塔", "Tower")),
        .. Group("BJ-02",
            (1, "停车场", "Car park"), (2, "停车咪表", "Parking meter"), (3, "公交站亭", "Bus shelter"), (4, "出租车站牌", "Taxi stand"), (5, "过街天桥", "Footbridge"),
            (6, "地下通道", "Underpass"), (7, "高架立交桥", "Viaduct"), (8, "跨河桥", "River bridge"), (9, "交通标志牌", "Traffic sign"), (10, "交通控制箱", "Traffic control box"),
            (11, "交通护栏", "Guard rail"), (12, "存车支架", "Bicycle rack"), (13, "路名牌", "Street name sign"), (14, "交通信号灯", "Traffic light"), (15, "路边停车场", "Roadside parking"),
            (16, "交通涵洞", "Culvert"), (17, "道路信息显示屏", "Road information screen"), (18, "道路隔音屏", "Noise barrier"), (19, "交通岗亭", "Traffic booth")),
        .. Group("BJ-03",
            (1, "公共厕所", "Public toilet"), (2, "化粪池", "Septic tank"), (3, "公厕指示牌", "Toilet sign"), (4, "垃圾间(楼)", "Refuse room"), (5, "垃圾箱", "Waste bin"),
            (6, "灯箱霓虹灯", "Light box or neon sign"), (7, "广告牌匾", "Billboard"), (8, "环境监测站", "Environmental station")),
        .. Group("BJ-04",
            (1, "古树名木", "Protected tree"), (2, "行道树", "Street tree"), (3, "树池箅子", "Tree grate"), (4, "花架花钵", "Flower stand"), (5, "绿地", "Green space"),
            (6, "雕塑", "Sculpture"), (7, "街头坐椅", "Street bench"), (9, "绿地维护设施", "Green space equipment")),
        .. Group("BJ-05",
            (1, "宣传栏", "Notice board"), (2, "人防工事", "Civil defence works"), (3, "公房地下室", "Public basement")),
    ];

    private static readonly FrozenDictionary<string, VocabularyWord> ByCode = All.ToFrozenDictionary(word => word.Id, StringComparer.Ordinal);

    /// <summary>Null when the dictionary has no such class.</summary>
    public static VocabularyWord? Find(ClassCode code) => code.Value is null ? null : ByCode.GetValueOrDefault(code.Value);

    private static IEnumerable<VocabularyWord> Group(string major, params (int Minor, string Zh, string En)[] classes) =>
        classes.Select(entry => new VocabularyWord($"{major}-{entry.Minor:00}", new(entry.Zh, entry.En)));
}
