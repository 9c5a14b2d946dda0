using System.Collections.Frozen;
using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>The event types of the vocabulary: what a device can recognise. To add a type, add a line here.</summary>
public static class EventTypes
{
    public static ImmutableArray<VocabularyWord> All { get; } =
    [
        // Safety of life.
        new("smoke", new("烟感报警", "Smoke alarm")),
        new("fire_smoke", new("烟火", "Fire or smoke seen")),
        new("elevator_trapped", new("电梯困人", "Trapped in an elevator")),
        new("sos", new("紧急呼救", "Call for help")),
        new("fall", new("人员跌倒", "Person fallen")),
        new("fight", new("打架斗殴", "Fight")),
        new("high_altitude_throw", new("高空抛物", "Object thrown from height")),
        new("fire_lane_blocked", new("消防通道占用", "Fire lane blocked")),
        new("ebike_in_elevator", new("电动车进电梯", "E-bike in an elevator")),
        new("ebike_wire_charging", new("飞线充电", "E-bike charged by a hung wire")),
        new("group_fight", new("群殴", "Brawl")),
        new("gas_leak", new("燃气泄漏", "Gas leak")),

        // Order of the street.
        new("street_vending", new("游商占道", "Street vending")),
        new("shop_occupation", new("店外经营", "Shop occupying the pavement")),
        new("exposed_garbage", new("暴露垃圾", "Exposed garbage")),
        new("garbage_dumping", new("垃圾违章倾倒", "Illegal dumping")),
        new("overflowing_bin", new("垃圾桶满溢", "Overflowing bin")),
        new("dirty_storefront", new("门前脏乱", "Dirty storefront")),
        new("illegal_parking", new("机动车违停", "Illegal parking")),
        new("bicycle_parking", new("非机动车乱停", "Bicycles parked in disorder")),
        new("waterlogging", new("路面积水", "Water on the road")),
        new("cover_missing", new("井盖缺失", "Manhole cover missing")),
        new("cover_open", new("井盖开启", "Manhole cover open")),
        new("road_void", new("路面空洞", "Void under the road")),
        new("truck_uncovered", new("渣土车未密闭", "Uncovered muck truck")),

        // Video analytics.
        new("crowd", new("人群聚集", "Crowd")),
        new("person", new("人员", "Person")),
        new("vehicle", new("车辆", "Vehicle")),
        new("animal", new("动物", "Animal")),
        new("face", new("人脸", "Face")),
        new("licence_plate", new("车牌", "Licence plate")),
        new("intrusion", new("区域入侵", "Intrusion")),
        new("line_crossing", new("越线", "Line crossing")),
        new("region_entrance", new("进入区域", "Region entrance")),
        new("region_exit", new("离开区域", "Region exit")),
        new("loitering", new("徘徊", "Loitering")),
        new("wrong_way", new("逆行", "Wrong way")),
        new("fast_movement", new("快速移动", "Fast movement")),
        new("object_left", new("遗留物", "Object left behind")),
        new("object_removed", new("物体移除", "Object removed")),
        new("motion", new("移动侦测", "Motion")),
        new("sound", new("声音异常", "Abnormal sound")),

        // Plant and platform.
        new("interlock_failure", new("联锁失效", "Interlock failed")),
        new("audit_chain_broken", new("审计断链", "Audit chain broken")),
        new("ransomware", new("勒索攻击", "Ransomware")),
        new("web_tamper", new("网页篡改", "Web page tampered with")),
        new("data_leak", new("数据泄露", "Data leak")),

        // State of the device.
        new("tamper", new("防拆或遮挡", "Tampering")),
        new("video_loss", new("视频丢失", "Video loss")),
        new("offline", new("离线", "Off line")),
        new("input", new("开关量输入", "Digital input")),
        new("device_fault", new("设备故障", "Device fault")),
        new("low_battery", new("电量低", "Low battery")),
        new("high_temperature", new("高温", "High temperature")),
        new("low_temperature", new("低温", "Low temperature")),
        new("water_leak", new("漏水", "Water leak")),
        new("door_open", new("门打开", "Door open")),
        new("other", new("其他", "Other")),
    ];

    private static readonly FrozenDictionary<string, VocabularyWord> ByName = All.ToFrozenDictionary(word => word.Id, StringComparer.Ordinal);

    /// <summary>Null when the vocabulary has no such type.</summary>
    public static VocabularyWord? Find(EventTypeId id) => id.Value is null ? null : ByName.GetValueOrDefault(id.Value);
}
