using System.Collections.Frozen;

namespace IotIngest.Decoding;

/// <summary>Dahua's event codes and alarm numbers in the words of the vocabulary.</summary>
internal static class DahuaWords
{
    private static readonly FrozenDictionary<string, string> Codes = new Dictionary<string, string>
    {
        ["VideoMotion"] = "motion", ["MoveDetection"] = "motion", ["VideoMotionInfo"] = "motion", ["SmartMotionHuman"] = "person", ["SmartMotionVehicle"] = "vehicle", ["HumanTrait"] = "person", ["PIRAlarm"] = "motion",
        ["CrossLineDetection"] = "line_crossing", ["CrossRegionDetection"] = "intrusion", ["CrossFenceDetection"] = "line_crossing", ["PasteDetection"] = "other",
        ["LeftDetection"] = "object_left", ["LeftLuggage"] = "object_left", ["TakenAwayDetection"] = "object_removed", ["WanderDetection"] = "loitering", ["StayDetection"] = "loitering",
        ["RioterDetection"] = "crowd", ["CrowdDetection"] = "crowd", ["CrowdSituation"] = "crowd", ["ManNumDetection"] = "crowd", ["NumberStat"] = "",
        ["FightDetection"] = "fight", ["ViolenceDetection"] = "fight", ["FallDetection"] = "fall", ["TumbleDetection"] = "fall", ["RetrogradeDetection"] = "wrong_way", ["TrafficRetrograde"] = "wrong_way",
        ["ParkingDetection"] = "illegal_parking", ["TrafficParking"] = "illegal_parking", ["TrafficParkingStatistics"] = "", ["CityMotorParking"] = "illegal_parking", ["CityNonMotorParking"] = "bicycle_parking",
        ["FireLaneOccupation"] = "fire_lane_blocked", ["FireLaneDetection"] = "fire_lane_blocked", ["ShopPresence"] = "shop_occupation", ["FlowBusiness"] = "street_vending", ["GarbageExposure"] = "exposed_garbage", ["DustbinOverFlow"] = "overflowing_bin",
        ["DumpMaterials"] = "garbage_dumping", ["DoorFrontDirty"] = "dirty_storefront", ["HighTossDetect"] = "high_altitude_throw", ["HighAltitudeThrow"] = "high_altitude_throw", ["ElectricBicycleDetection"] = "ebike_in_elevator", ["ElevatorAbnormal"] = "elevator_trapped",
        ["FireDetection"] = "fire_smoke", ["SmokeDetection"] = "fire_smoke", ["FireWarning"] = "fire_smoke", ["SmokeAlarm"] = "smoke", ["WaterlineDetection"] = "waterlogging", ["WaterLevelDetection"] = "waterlogging",
        ["FaceDetection"] = "face", ["FaceRecognition"] = "face", ["TrafficJunction"] = "licence_plate", ["TrafficSnapPicture"] = "licence_plate", ["TrafficFlowStat"] = "",
        ["VideoLoss"] = "video_loss", ["VideoBlind"] = "tamper", ["VideoAbnormalDetection"] = "tamper", ["VideoUnFocus"] = "tamper", ["SceneChange"] = "tamper", ["SafetyAbnormal"] = "device_fault", ["ChassisIntruded"] = "tamper", ["Tamper"] = "tamper",
        ["AlarmLocal"] = "input", ["AlarmInputSourceSignal"] = "input", ["AlarmExtend"] = "input", ["ProfileAlarmTransmit"] = "input", ["AlarmNet"] = "input",
        ["AudioMutation"] = "sound", ["AudioAnomaly"] = "sound", ["AudioDetection"] = "sound", ["DoorStatus"] = "door_open", ["DoorNotClosed"] = "door_open", ["BreakIn"] = "intrusion", ["Duress"] = "sos", ["UrgencyButton"] = "sos", ["HelpAlarm"] = "sos", ["EmergencyCall"] = "sos",
        ["StorageFailure"] = "device_fault", ["StorageLowSpace"] = "device_fault", ["StorageNotExist"] = "device_fault", ["HardDiskFault"] = "device_fault", ["IPConflict"] = "device_fault", ["MACConflict"] = "device_fault", ["FanSpeedAbnormal"] = "device_fault", ["PowerFault"] = "device_fault",
        ["NetAbort"] = "offline", ["BatteryLowPower"] = "low_battery", ["HeatImagingTemper"] = "high_temperature", ["TemperatureAlarm"] = "high_temperature", ["HotSpot"] = "high_temperature",

        // What a device does or is told to do.
        ["RtspSessionDisconnect"] = "", ["NTPAdjustTime"] = "", ["TimeChange"] = "", ["NewFile"] = "", ["UserManage"] = "", ["Reboot"] = "", ["Upgrade"] = "", ["ConfigChange"] = "", ["InterVideoAccess"] = "", ["PTZPreset"] = "", ["SIPRegisterResult"] = "",
        ["Login"] = "", ["Logout"] = "", ["LoginFailure"] = "", ["RecordDelete"] = "", ["Invite"] = "", ["CallNoAnswered"] = "", ["BackKeyLight"] = "", ["PhoneCallDetect"] = "", ["AccessControl"] = "", ["DoorControl"] = "", ["DoorCard"] = "", ["RequestCallState"] = "", ["CallSnap"] = "",
        ["NetworkChange"] = "", ["NetMonitorAbort"] = "", ["StorageChange"] = "", ["DGSErrorReport"] = "", ["VideoTalk"] = "", ["LeFunctionStatusSync"] = "", ["AlarmOutput"] = "", ["SceneSnap"] = "", ["SystemState"] = "", ["TimerSnap"] = "", ["UploadFile"] = "", ["SecurityImExport"] = "",
        ["PassiveHungup"] = "", ["ProfileAlarmTransmitState"] = "", ["HDSpacePlan"] = "", ["KeepLightOn"] = "", ["LensMaskOpen"] = "", ["LensMaskClose"] = "",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, string> Numbers = new Dictionary<string, string>
    {
        ["881"] = "fire_smoke", ["882"] = "shop_occupation", ["883"] = "garbage_dumping", ["887"] = "street_vending", ["890"] = "exposed_garbage", ["892"] = "dirty_storefront", ["893"] = "illegal_parking",
        ["894"] = "bicycle_parking", ["895"] = "overflowing_bin",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Null: the code tells of nothing that happened in the city.</summary>
    public static string? TypeOf(string code, in Tree.Part details)
    {
        if (!Codes.TryGetValue(code, out var type))
        {
            return CameraEvents.OwnWord(code);
        }

        var sense = type == "input" ? details.TextOf("SenseMethod", "SenseType", "SensorType").ToUpperInvariant() : string.Empty;
        return sense switch
        {
            "SMOKING" or "SMOKINGSENSOR" or "SMOKESENSOR" => "smoke",
            "DOORMAGNETISM" or "DOORCONTACT" => "door_open",
            "PASSIVEINFRA" or "PASSIVEINFRARED" or "PIR" => "motion",
            "GASSENSOR" or "GAS" => "gas_leak",
            "URGENCYBUTTON" or "EMERGENCYBUTTON" => "sos",
            "WATERSENSOR" or "WATER" => "water_leak",
            _ => type.Length == 0 ? null : type,
        };
    }

    /// <summary>Null: the number is not one of those that are the same everywhere.</summary>
    public static string? TypeOfNumber(string number) => Numbers.GetValueOrDefault(number);
}
