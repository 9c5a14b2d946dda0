namespace IotIngest.Decoding;

/// <summary>What an ONVIF topic speaks of. Null as a type: of nothing that happens in the city.</summary>
internal readonly record struct OnvifMeaning(string? Type, bool IsNothing = false);

/// <summary>ONVIF topics, those of Axis among them, in the words of the vocabulary. The first line whose words all stand in the topic decides.</summary>
internal static class OnvifTopics
{
    private static readonly (string[] Words, string? Type)[] Lines =
    [
        // How the device is set, moved and used.
        (["PTZController"], null), (["Configuration"], null), (["Media"], null), (["RecordingConfig"], null), (["RecordingHistory"], null), (["Monitoring", "OperatingTime"], null), (["Light"], null), (["LightControl"], null),
        (["Trigger", "Relay"], null), (["DayNightVision"], null), (["SystemReady"], null), (["SystemInitialized"], null), (["LiveStreamAccessed"], null), (["UserAlarm"], null), (["Heater"], null), (["OperationMode"], null), (["Recording"], null),
        (["ABR"], null), (["MQTT"], null), (["LogicalDevice"], null), (["SystemMessage"], null), (["EventLogger"], null), (["Advancedsecurity"], null), (["HardwareConfiguration"], null), (["ClockStatus"], null), (["Intercom"], null), (["LastReset"], null), (["LastReboot"], null), (["LastClockSynchronization"], null),

        (["FenceGuard"], "intrusion"), (["LoiteringGuard"], "loitering"), (["MotionGuard"], "motion"), (["VMD"], "motion"), (["CrossLineDetection"], "line_crossing"), (["TrueViewPeopleCounter"], "crowd"),
        (["LineDetector"], "line_crossing"), (["LineCrossing"], "line_crossing"), (["LineCross"], "line_crossing"), (["ObjectsInside"], "intrusion"), (["FieldDetector"], "intrusion"), (["IntrusionDetector"], "intrusion"), (["Intrusion"], "intrusion"),
        (["Loitering"], "loitering"), (["LoiteringDetector"], "loitering"), (["ObjectIsLoitering"], "loitering"), (["Entering"], "region_entrance"), (["EnteringArea"], "region_entrance"), (["Exiting"], "region_exit"), (["ExitingArea"], "region_exit"),
        (["ObjectIsLeft"], "object_left"), (["ObjectIsTaken"], "object_removed"), (["AbandonedObject"], "object_left"), (["RemovedObject"], "object_removed"), (["LeftObject"], "object_left"), (["Dwell"], "loitering"),
        (["LicensePlate"], "licence_plate"), (["LicensePlateRecognition"], "licence_plate"), (["FaceRecognition"], "face"), (["FaceDetect"], "face"), (["FaceDetection"], "face"), (["FaceDetector"], "face"), (["Recognition", "Face"], "face"),
        (["PeopleDetect"], "person"), (["VehicleDetect"], "vehicle"), (["DogCatDetect"], "animal"), (["Package"], "object_left"), (["Visitor"], "person"), (["HumanBody"], "person"), (["HumanShapeDetect"], "person"),
        (["CrowdDetector"], "crowd"), (["Crowd"], "crowd"), (["Queue"], "crowd"), (["Fall"], "fall"), (["FallDetector"], "fall"), (["WrongDirection"], "wrong_way"), (["DirectionDetector"], "wrong_way"), (["Speeding"], "fast_movement"),
        (["FireDetection"], "fire_smoke"), (["Fire"], "fire_smoke"), (["FireAlarm"], "fire_smoke"), (["Smoke"], "fire_smoke"), (["IllegalParking"], "illegal_parking"), (["StoppedVehicle"], "illegal_parking"),
        (["CellMotionDetector"], "motion"), (["MotionRegionDetector"], "motion"), (["MotionDetector"], "motion"), (["MotionAlarm"], "motion"), (["MyMotionDetector"], "motion"), (["PIR"], "motion"), (["ObjectAnalytics"], "motion"), (["Motion"], "motion"), (["IRMotion"], "motion"),
        (["TamperDetector"], "tamper"), (["Tampering"], "tamper"), (["Tamper"], "tamper"), (["GlobalSceneChange"], "tamper"), (["SceneChange"], "tamper"), (["ImageTooBlurry"], "tamper"), (["ImageTooDark"], "tamper"), (["ImageTooBright"], "tamper"), (["CasingOpen"], "tamper"), (["ShockDetected"], "tamper"), (["CameraTampering"], "tamper"),
        (["SignalLoss"], "video_loss"), (["VideoLoss"], "video_loss"), (["ConnectionFailed"], "video_loss"),
        (["TriggerLevel"], "sound"), (["AudioAnalytics"], "sound"), (["DetectedSound"], "sound"), (["AudioSource"], "sound"), (["CryDetect"], "sound"), (["AdaptiveAudioDetection"], "sound"),
        (["DigitalInput"], "input"), (["IO", "Port"], "input"), (["IO", "VirtualPort"], "input"), (["IO", "VirtualInput"], "input"), (["IO", "SupervisedPort"], "input"), (["AlarmIn"], "input"),
        (["Temperature", "Low"], "low_temperature"), (["TemperatureBelow"], "low_temperature"), (["Temperature", "High"], "high_temperature"), (["TemperatureCritical"], "high_temperature"), (["TemperatureAbove"], "high_temperature"), (["TemperatureDetection"], "high_temperature"), (["ThermalTemperature"], "high_temperature"), (["Above_Operating_temperature"], "high_temperature"),
        (["Status", "Temperature"], "high_temperature"), (["Below_Operating_temperature"], "low_temperature"),
        (["HardwareFailure"], "device_fault"), (["StorageFailure"], "device_fault"), (["Storage"], "device_fault"), (["Disk"], "device_fault"), (["FanFailure"], "device_fault"), (["PowerSupplyFailure"], "device_fault"), (["HardwareProblem"], "device_fault"), (["RingPowerLimitExceeded"], "device_fault"), (["PowerFailure"], "device_fault"),
        (["Door"], "door_open"), (["DoorState"], "door_open"), (["Network", "Lost"], "offline"), (["WaterLeak"], "water_leak"),
    ];

    /// <summary>Every level of a topic without its namespace prefix.</summary>
    public static string[] LevelsOf(string topic)
    {
        var levels = topic.Split('/', 24, StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < levels.Length; i++)
        {
            levels[i] = levels[i][(levels[i].IndexOf(':', StringComparison.Ordinal) + 1)..];
        }

        return levels;
    }

    public static OnvifMeaning MeaningOf(ReadOnlySpan<string> levels)
    {
        foreach (var (words, type) in Lines)
        {
            if (HasAll(levels, words))
            {
                return new(type, type is null);
            }
        }

        // A rule engine's topics are the device's own findings, whatever they are called.
        return levels.IndexOf("RuleEngine") >= 0 || levels.IndexOf("CameraApplicationPlatform") >= 0 ? new(CameraEvents.OwnWord(NameOf(levels))) : default;
    }

    /// <summary>The level behind the one that tells the group.</summary>
    private static string NameOf(ReadOnlySpan<string> levels)
    {
        for (var i = 0; i < levels.Length - 1; i++)
        {
            if (levels[i] is "RuleEngine" or "CameraApplicationPlatform")
            {
                return levels[i + 1];
            }
        }

        return levels.Length > 0 ? levels[^1] : string.Empty;
    }

    private static bool HasAll(ReadOnlySpan<string> levels, string[] words)
    {
        foreach (var word in words)
        {
            var found = false;
            foreach (var level in levels)
            {
                found |= level.Equals(word, StringComparison.OrdinalIgnoreCase);
            }

            if (!found)
            {
                return false;
            }
        }

        return true;
    }
}
