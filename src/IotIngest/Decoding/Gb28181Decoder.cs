using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// GB/T 28181: the MANSCDP bodies that a video gateway passes on, XML in UTF-8 or GB 2312, or the gateway's JSON with the same names. An alarm is one moment: the standard has no end of it.
// https://openstd.samr.gov.cn, GB/T 28181-2022 A.2.5.
internal static class Gb28181Decoder
{
    // Alarms of the device (method 2), of the picture (5) and of faults (6) by AlarmType.
    private static readonly string[] DeviceTypes = ["other", "video_loss", "tamper", "device_fault", "high_temperature", "low_temperature"];
    private static readonly string[] PictureTypes =
    [
        "other", "other", "motion", "object_left", "object_removed", "line_crossing", "intrusion", "wrong_way", "loitering", "crowd", "crowd", "device_fault", "fast_movement", "tamper",
    ];

    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        if (Tree.Read(input.Payload, out var why) is not { } tree)
        {
            into.Refuse(RejectionReason.Malformed, why);
            return;
        }

        var root = tree.Root;
        if (root.Name.Length == 0 && !IsAlarm(root) && root["CmdType"].Text.Length == 0)
        {
            // A gateway's JSON may keep the name of the XML root, or hold several messages.
            foreach (var member in root.Members)
            {
                if (member.HasMembers)
                {
                    DecodeMessage(member, input, into);
                }
            }

            if (!root.HasMembers || !root.Find("DeviceID").Exists)
            {
                into.Refuse(RejectionReason.Malformed, "there is no CmdType and no DeviceID");
            }

            return;
        }

        DecodeMessage(root, input, into);
    }

    private static bool IsAlarm(in Tree.Part message) => message["AlarmMethod"].Exists || message["AlarmTime"].Exists || message["AlarmPriority"].Exists;

    private static void DecodeMessage(in Tree.Part message, in DecodeInput input, DecodedMessage into)
    {
        var command = message["CmdType"].Text;
        if (message.Is("Query") || message.Is("Control"))
        {
            return;
        }

        if (message.Is("Response"))
        {
            if (command.Equals("DeviceStatus", StringComparison.OrdinalIgnoreCase) && message["Online"].Text is { Length: > 0 } online)
            {
                AddStatus(message["DeviceID"].Text, !online.Equals("OFFLINE", StringComparison.OrdinalIgnoreCase), message.TextOf("DeviceTime"), input, into);
            }

            return;
        }

        switch (command.ToUpperInvariant())
        {
            case "ALARM":
            case "" when IsAlarm(message):
                DecodeAlarm(message, input, into);
                break;
            case "MOBILEPOSITION":
                DecodePositions(message, input, into);
                break;
            case "KEEPALIVE":
                AddStatus(message["DeviceID"].Text, true, string.Empty, input, into);
                break;
            case "CATALOG":
                DecodeChanges(message["DeviceList"], input, into);
                break;
            case "":
                into.Refuse(RejectionReason.Malformed, "there is no CmdType");
                break;
            default:
                // Media status, broadcasts and the rest of signalling are the gateway's business.
                break;
        }
    }

    private static void DecodeAlarm(in Tree.Part alarm, in DecodeInput input, DecodedMessage into)
    {
        var device = alarm.TextOf("DeviceID", "deviceId");
        var channel = alarm.TextOf("ChannelID", "gbChannelId");
        var method = alarm["AlarmMethod"].Text;
        var details = alarm["Info"];
        var kind = alarm.TextOf("AlarmType") is { Length: > 0 } own ? own : details.TextOf("AlarmType");
        var time = DeviceTimes.Read(alarm.TextOf("AlarmTime"), input.Zone);
        var type = TypeOf(method, kind, details.FindText("EventType"), device, alarm.TextOf("AlarmDescription", "AlarmDescribe"));
        var key = IsChannel(channel) ? channel : device;
        if (!CameraEvents.TryAdd(new(key, type, $"{method}/{kind}", time, Phase.Pulse) { OtherKey = key == device ? null : device }, input, into))
        {
            return;
        }

        // Zero, and what lies outside of the country whose standard this is, means that the device does not know.
        if (alarm["Longitude"].Number is > 73 and < 136 && alarm["Latitude"].Number is > 3 and < 54)
        {
            AddPosition(alarm, key, time, input, into);
        }
    }

    private static bool IsChannel(string text) => text.Length == 20 && text.All(char.IsAsciiDigit);

    private static string TypeOf(string method, string kind, string eventType, string device, string description)
    {
        var number = int.TryParse(kind, out var read) ? read : 0;
        var known = LastDigit(method) switch
        {
            2 => number > 0 && number < DeviceTypes.Length ? DeviceTypes[number] : IsAlarmInput(device) ? "input" : null,
            5 => number == 6 && eventType == "2" ? "region_exit" : number > 0 && number < PictureTypes.Length ? PictureTypes[number] : null,
            6 => "device_fault",
            _ => null,
        };
        return known is null or "other" ? ChineseAlarmWords.Find(description) ?? known ?? "other" : known;
    }

    /// <summary>One method; of several written together, as in "1/5", the last.</summary>
    private static int LastDigit(string method) => method.Length > 0 && char.IsAsciiDigit(method[^1]) ? method[^1] - '0' : 0;

    /// <summary>Digits 11 to 13 of the national code tell what kind of thing it is; 134 is an alarm input.</summary>
    private static bool IsAlarmInput(string device) => device.Length == 20 && device.AsSpan(10, 3) is "134";

    private static void DecodePositions(in Tree.Part message, in DecodeInput input, DecodedMessage into)
    {
        var found = false;
        var list = message["DeviceList"];
        foreach (var item in list.Members)
        {
            if (item.Is("Item") && item["Longitude"].Exists)
            {
                found = true;
                Locate(item, item.TextOf("DeviceID"), message, input, into);
            }
        }

        if (!found)
        {
            Locate(message, message.TextOf("TargetID", "DeviceID"), message, input, into);
        }
    }

    private static void Locate(in Tree.Part place, string key, in Tree.Part message, in DecodeInput input, DecodedMessage into)
    {
        var time = place.TextOf("Time", "CaptureTime") is { Length: > 0 } own ? own : message.TextOf("Time");
        if (key.Length == 0)
        {
            into.Refuse(RejectionReason.Malformed, "there is no DeviceID");
        }
        else if (place["Longitude"].Number is not { } longitude || place["Latitude"].Number is not { } latitude)
        {
            into.Refuse(RejectionReason.Malformed, "the position has no longitude and latitude");
        }
        else if (longitude != 0 || latitude != 0)
        {
            AddPosition(place, key, DeviceTimes.Read(time, input.Zone), input, into);
        }
    }

    private static void AddPosition(in Tree.Part place, string key, DeviceTime time, in DecodeInput input, DecodedMessage into)
    {
        ref var item = ref into.AddItem(ItemKind.Position, key.AsMemory());
        (item.Longitude, item.Latitude) = (place["Longitude"].Number!.Value, place["Latitude"].Number!.Value);
        (item.SpeedKmh, item.HeadingDeg) = (place["Speed"].Number, place["Direction"].Number);
        (item.At, item.BadTime) = (time.At, time.Bad);
    }

    /// <summary>The changes of a subscribed catalogue say which cameras went and came; the catalogue itself says nothing of the city.</summary>
    private static void DecodeChanges(in Tree.Part list, in DecodeInput input, DecodedMessage into)
    {
        foreach (var item in list.Members)
        {
            switch (item["Event"].Text.ToUpperInvariant())
            {
                case "ON":
                    AddStatus(item["DeviceID"].Text, true, string.Empty, input, into);
                    break;
                case "OFF":
                    AddStatus(item["DeviceID"].Text, false, string.Empty, input, into);
                    break;
                case "VLOST":
                    CameraEvents.TryAdd(new(item["DeviceID"].Text, "video_loss", "catalog", DeviceTime.None, Phase.Active, Holds: true), input, into);
                    break;
                default:
                    break;
            }
        }
    }

    private static void AddStatus(string key, bool online, string time, in DecodeInput input, DecodedMessage into)
    {
        if (key.Length == 0)
        {
            into.Refuse(RejectionReason.Malformed, "there is no DeviceID");
            return;
        }

        ref var item = ref into.AddItem(ItemKind.Status, key.AsMemory());
        item.Online = online;
        var read = DeviceTimes.Read(time, input.Zone);
        (item.At, item.BadTime) = (read.At, read.Bad);
    }
}
