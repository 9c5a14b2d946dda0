using System.Collections.Frozen;
using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// Hikvision ISAPI: EventNotificationAlert of many firmwares, as XML, as JSON with the same names, and as parts of a multipart alert stream. A camera repeats an active event every
// second; "videoloss inactive" is its heartbeat.
internal static class HikvisionDecoder
{
    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        ["vmd"] = "motion", ["motion"] = "motion", ["motiondetection"] = "motion", ["pir"] = "motion", ["pircamera"] = "motion", ["microwavesensor"] = "motion",
        ["linedetection"] = "line_crossing", ["fielddetection"] = "intrusion", ["regionentrance"] = "region_entrance", ["regionexiting"] = "region_exit",
        ["loitering"] = "loitering", ["group"] = "crowd", ["peopledensity"] = "crowd", ["persondensitydetection"] = "crowd", ["framespeoplecounting"] = "crowd",
        ["rapidmove"] = "fast_movement", ["parking"] = "illegal_parking", ["illegalparking"] = "illegal_parking", ["unattendedbaggage"] = "object_left", ["attendedbaggage"] = "object_removed",
        ["shelteralarm"] = "tamper", ["tamperdetection"] = "tamper", ["tamper"] = "tamper", ["hidedetection"] = "tamper", ["scenechangedetection"] = "tamper", ["defocus"] = "tamper", ["defocusdetection"] = "tamper",
        ["videoloss"] = "video_loss", ["badvideo"] = "video_loss",
        ["diskfull"] = "device_fault", ["diskerror"] = "device_fault", ["hdfull"] = "device_fault", ["hderror"] = "device_fault", ["hdbadsectordetection"] = "device_fault", ["raidfault"] = "device_fault",
        ["recordexception"] = "device_fault", ["videomismatch"] = "device_fault", ["nicbroken"] = "device_fault", ["ipconflict"] = "device_fault", ["storagedetection"] = "device_fault", ["poepoweroverload"] = "device_fault",
        ["audioexception"] = "sound", ["audiodetection"] = "sound", ["audioabnormal"] = "sound",
        ["facedetection"] = "face", ["facesnap"] = "face", ["facecapture"] = "face", ["alarmresult"] = "face", ["facesnapmodeling"] = "face",
        ["anpr"] = "licence_plate", ["vehicledetection"] = "vehicle", ["vehicledetct"] = "vehicle", ["vehicle"] = "vehicle", ["humanrecognition"] = "person", ["humandetection"] = "person", ["persondetection"] = "person",
        ["io"] = "input", ["inputalarm"] = "input", ["alarminput"] = "input",
        ["firedetection"] = "fire_smoke", ["smokedetection"] = "fire_smoke", ["smokeandfiredetection"] = "fire_smoke", ["firesmartdetection"] = "fire_smoke", ["fireescapedetection"] = "fire_lane_blocked",
        ["fireescape"] = "fire_lane_blocked", ["shipsdetection"] = "vehicle", ["tma"] = "high_temperature", ["tmpa"] = "high_temperature", ["thermometry"] = "high_temperature", ["temperaturealarm"] = "high_temperature",
        ["temperaturedifference"] = "high_temperature", ["preventtemperaturealarm"] = "high_temperature",
        ["falldown"] = "fall", ["fall"] = "fall", ["personfall"] = "fall", ["failuredown"] = "fall", ["violentmotion"] = "fight", ["physicalconfrontation"] = "fight", ["fighting"] = "fight",
        ["advreachheight"] = "intrusion", ["reachheight"] = "intrusion", ["overtimetarry"] = "loitering", ["highaltitudethrow"] = "high_altitude_throw", ["hightossdetection"] = "high_altitude_throw", ["highthrow"] = "high_altitude_throw",
        ["ebikedetection"] = "ebike_in_elevator", ["electricbicycle"] = "ebike_in_elevator", ["elevatorebike"] = "ebike_in_elevator", ["sos"] = "sos", ["emergency"] = "sos", ["paniclalarm"] = "sos",
        ["wrongdirection"] = "wrong_way", ["retrograde"] = "wrong_way", ["garbageexposure"] = "exposed_garbage", ["garbageoverflow"] = "overflowing_bin", ["streetvendor"] = "street_vending", ["mobilevendor"] = "street_vending",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Documents read of one multipart body: so many in any, and more in a long one. An alert has at least a few hundred bytes.</summary>
    private const int DocumentsAlways = 4;
    private const int BytesPerDocument = 320;

    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        if (!Multipart.Is(input.Payload))
        {
            DecodeDocument(input.Payload, input, into);
            return;
        }

        var parts = 0;
        var partsMax = DocumentsAlways + (input.Payload.Length / BytesPerDocument);
        foreach (var body in Multipart.Of(input.Payload))
        {
            // Pictures come as parts of their own.
            if (body.Length > 0 && body[0] is (byte)'<' or (byte)'{' or (byte)'[' or 0xef)
            {
                parts++;
                DecodeDocument(body, input, into);
                if (parts == partsMax || (into.Refusals.Count > 0 && into.Refusals[^1].Reason == RejectionReason.Malformed))
                {
                    // What follows a broken document is no better, and reading each piece as one would cost more than it is worth.
                    break;
                }
            }
        }

        if (parts == 0 && !input.Payload.ContainsAnyInRange((byte)0x80, (byte)0xff))
        {
            into.Refuse(RejectionReason.Malformed, "no part of the body holds a document");
        }
    }

    private static void DecodeDocument(ReadOnlySpan<byte> body, in DecodeInput input, DecodedMessage into)
    {
        if (Tree.Read(body, out var why) is not { } tree)
        {
            into.Refuse(RejectionReason.Malformed, why);
            return;
        }

        var root = tree.Root;
        var found = false;
        if (root["eventType"].Exists)
        {
            DecodeAlert(root, input, into);
            return;
        }

        // JSON may wrap the alert in its name, and a list holds several.
        foreach (var member in root.Members)
        {
            if (member["eventType"].Exists)
            {
                found = true;
                DecodeAlert(member, input, into);
            }
        }

        if (!found && (root.Is("EventNotificationAlert") || root.Name.Length == 0))
        {
            into.Refuse(RejectionReason.Malformed, "there is no eventType");
        }
    }

    private static void DecodeAlert(in Tree.Part alert, in DecodeInput input, DecodedMessage into)
    {
        var name = alert["eventType"].Text;
        var goesOn = name.Equals("duration", StringComparison.OrdinalIgnoreCase);
        name = goesOn ? alert.FindText("relationEvent") : name;
        var state = alert["eventState"].Text;
        var isActive = !state.Equals("inactive", StringComparison.OrdinalIgnoreCase);
        if (name.Length == 0 || (isActive && name.Equals("heartBeat", StringComparison.OrdinalIgnoreCase)))
        {
            if (!goesOn && name.Length == 0)
            {
                into.Refuse(RejectionReason.Malformed, "the eventType is empty");
            }

            return;
        }

        var channel = alert.TextOf("channelID", "dynChannelID", "channelId");
        var serial = alert.Find("serialNumber").Text;
        var (key, other) = CameraKeys.Of(alert.TextOf("macAddress", "MACAddress", "macAddr"), alert.TextOf("ipAddress", "ipv4Address"), channel, input.Topic, "hikvision", serial);
        var time = DeviceTimes.Read(alert.TextOf("dateTime", "absTime"), input.Zone);
        if (name.Equals("PeopleCounting", StringComparison.OrdinalIgnoreCase))
        {
            DecodeCount(alert, key, other, time, into);
            return;
        }

        var region = alert.Find("DetectionRegionEntry");
        var rule = $"{name}/{channel}/{region.TextOf("regionID")}/{alert.TextOf("inputIOPortID", "dynInputIOPortID")}";
        CameraEvents.TryAdd(
            new(key, TypeOf(name, alert), rule, time, isActive ? Phase.Active : Phase.Inactive)
            {
                OtherKey = other, GoesOn = goesOn, Box = BoxOf(alert), Snapshot = alert.FindText("bkgUrl", "backgroundImageURL", "picURL", "pictureURL", "visiblePicURL", "URL"),
                Confidence = ConfidenceOf(alert),
            },
            input, into);
    }

    private static string TypeOf(string name, in Tree.Part alert)
    {
        if (Types.TryGetValue(name, out var known))
        {
            return known;
        }

        var description = alert["eventDescription"].Text;
        return ChineseAlarmWords.Find(description) ?? CameraEvents.OwnWord(name);
    }

    private static ImmutableArray<double> BoxOf(in Tree.Part alert)
    {
        var box = alert.Find("TargetRect");
        return CameraEvents.Box(box["X"].Number, box["Y"].Number, box["width"].Number, box["height"].Number);
    }

    private static double? ConfidenceOf(in Tree.Part alert) => Numbers.Parse(alert.FindText("confidence", "confidenceLevel")) switch
    {
        > 0 and <= 1 and var share => share,
        > 1 and <= 100 and var percent => percent / 100,
        _ => null,
    };

    private static void DecodeCount(in Tree.Part alert, string key, string? other, DeviceTime time, DecodedMessage into)
    {
        var counts = alert["peopleCounting"];
        if (key.Length == 0)
        {
            into.Refuse(RejectionReason.Malformed, "the message names no device, and neither does its topic");
            return;
        }

        ref var item = ref into.AddItem(ItemKind.Reading, key.AsMemory());
        (item.OtherKey, item.At, item.BadTime) = (other.AsMemory(), time.At, time.Bad);
        foreach (var name in (ReadOnlySpan<string>)["enter", "exit", "pass"])
        {
            if (counts[name].Number is { } number)
            {
                into.AddValue(name, number);
            }
        }
    }
}
