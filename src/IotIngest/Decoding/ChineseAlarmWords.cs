namespace IotIngest.Decoding;

/// <summary>What Chinese alarm names mean, for alarms whose number says nothing or is unknown. The first word that the text holds decides, so narrow words stand before wide ones.</summary>
internal static class ChineseAlarmWords
{
    private static readonly (string Word, string Type)[] Words =
    [
        ("高空抛物", "high_altitude_throw"), ("电瓶车", "ebike_in_elevator"), ("电动车", "ebike_in_elevator"), ("消防通道", "fire_lane_blocked"), ("困人", "elevator_trapped"),
        ("烟雾", "smoke"), ("烟感", "smoke"), ("烟火", "fire_smoke"), ("火焰", "fire_smoke"), ("火警", "fire_smoke"), ("火点", "fire_smoke"), ("火灾", "fire_smoke"), ("着火", "fire_smoke"),
        ("燃气", "gas_leak"), ("漏水", "water_leak"), ("积水", "waterlogging"), ("井盖缺失", "cover_missing"), ("井盖", "cover_open"),
        ("游摊", "street_vending"), ("游商", "street_vending"), ("流动摊", "street_vending"), ("占道经营", "street_vending"), ("店外经营", "shop_occupation"), ("出店经营", "shop_occupation"),
        ("违章倾倒", "garbage_dumping"), ("暴露垃圾", "exposed_garbage"), ("满溢", "overflowing_bin"), ("门前脏乱", "dirty_storefront"),
        ("非机动车", "bicycle_parking"), ("机动车违停", "illegal_parking"), ("违停", "illegal_parking"), ("违章停车", "illegal_parking"), ("停车", "illegal_parking"),
        ("跌倒", "fall"), ("倒地", "fall"), ("打架", "fight"), ("斗殴", "fight"), ("剧烈运动", "fight"), ("求救", "sos"), ("呼救", "sos"), ("紧急", "sos"),
        ("聚集", "crowd"), ("密度", "crowd"), ("密集", "crowd"), ("流量", "crowd"),
        ("遗留", "object_left"), ("移除", "object_removed"), ("拿取", "object_removed"), ("绊线", "line_crossing"), ("越界", "line_crossing"), ("警戒线", "line_crossing"), ("跨线", "line_crossing"),
        ("进入区域", "region_entrance"), ("离开区域", "region_exit"), ("区域入侵", "intrusion"), ("入侵", "intrusion"), ("周界", "intrusion"),
        ("徘徊", "loitering"), ("逆行", "wrong_way"), ("快速移动", "fast_movement"), ("奔跑", "fast_movement"),
        ("遮挡", "tamper"), ("防拆", "tamper"), ("场景变更", "tamper"), ("视频丢失", "video_loss"), ("信号丢失", "video_loss"),
        ("动检", "motion"), ("移动侦测", "motion"), ("动态检测", "motion"), ("运动目标", "motion"), ("人脸", "face"), ("车牌", "licence_plate"), ("音频", "sound"), ("声音", "sound"),
        ("离线", "offline"), ("高温", "high_temperature"), ("低温", "low_temperature"), ("硬盘", "device_fault"), ("磁盘", "device_fault"), ("存储", "device_fault"), ("风扇", "device_fault"), ("故障", "device_fault"),
        ("开关量", "input"), ("外部报警", "input"), ("报警输入", "input"),
    ];

    /// <summary>Null when no word is known.</summary>
    public static string? Find(string text)
    {
        foreach (var (word, type) in Words)
        {
            if (text.Contains(word, StringComparison.Ordinal))
            {
                return type;
            }
        }

        return null;
    }
}
