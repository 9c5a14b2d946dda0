using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// Dahua: what eventManager streams ("Code=VideoMotion;action=Start;index=0;data={…}", also as multipart parts), the same as JSON objects, and alarms of its platforms by number.
internal static class DahuaDecoder
{
    /// <summary>The grid on which Dahua draws, in both directions.</summary>
    private const double Grid = 8192;

    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        if (!Multipart.Is(input.Payload))
        {
            DecodeBody(input.Payload, input, into);
            return;
        }

        foreach (var body in Multipart.Of(input.Payload))
        {
            if (body.Length > 0 && body[0] < 0x80)
            {
                DecodeBody(body, input, into);
            }
        }
    }

    private static void DecodeBody(ReadOnlySpan<byte> body, in DecodeInput input, DecodedMessage into)
    {
        body = body.Trim("\r\n \t\0"u8);
        if (body.StartsWith("Heartbeat"u8))
        {
            return;
        }

        if (body.StartsWith("Code="u8) || body.StartsWith("code="u8))
        {
            DecodeLines(body, input, into);
        }
        else if (Tree.Read(body, out var why) is { } tree)
        {
            DecodeTree(tree.Root, input, into);
        }
        else
        {
            into.Refuse(RejectionReason.Malformed, why);
        }
    }

    /// <summary>One event after another; the data of one may go over many lines.</summary>
    private static void DecodeLines(ReadOnlySpan<byte> body, in DecodeInput input, DecodedMessage into)
    {
        while (!body.IsEmpty)
        {
            var next = body[1..].IndexOf("\nCode="u8);
            var one = next < 0 ? body : body[..(next + 1)];
            body = next < 0 ? [] : body[(next + 2)..];
            var data = one.IndexOf("data="u8);
            var head = System.Text.Encoding.UTF8.GetString(PayloadTexts.Utf8(data < 0 ? one : one[..data]));
            Tree.Part details = default;
            if (data >= 0 && one[(data + 5)..].Trim("\r\n \t;\0"u8) is { IsEmpty: false } json)
            {
                if (Tree.ReadJson(json, out var why) is not { } tree)
                {
                    into.Refuse(RejectionReason.Malformed, $"the data of the event is broken: {why}");
                    continue;
                }

                details = tree.Root;
            }

            DecodeEvent(new(Field(head, "Code"), Field(head, "action"), Field(head, "index"), details, default), input, into);
        }
    }

    private static string Field(string head, string name)
    {
        foreach (var range in head.AsSpan().Split(';'))
        {
            var field = head.AsSpan(range).Trim();
            if (field.Length > name.Length && field[name.Length] == '=' && field.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                return field[(name.Length + 1)..].Trim().ToString();
            }
        }

        return string.Empty;
    }

    private static void DecodeTree(in Tree.Part root, in DecodeInput input, DecodedMessage into)
    {
        if (TryDecodeObject(root, input, into))
        {
            return;
        }

        // A list, or an envelope such as {"method":…,"info":{…}} and {"params":{"eventList":[…]}}.
        var found = false;
        foreach (var member in root.Members)
        {
            found |= TryDecodeObject(member, input, into);
            foreach (var inner in member.Members)
            {
                found |= inner.HasMembers && TryDecodeObject(inner, input, into);
            }
        }

        if (!found)
        {
            into.Refuse(RejectionReason.Malformed, "there is neither a Code nor an alarmType");
        }
    }

    private static bool TryDecodeObject(in Tree.Part message, in DecodeInput input, DecodedMessage into)
    {
        if (message["Code"] is { Exists: true, HasMembers: false } code && (message["Action"].Exists || message["Data"].Exists || message["Index"].Exists))
        {
            DecodeEvent(new(code.Text, message["Action"].Text, message["Index"].Text, message["Data"], message), input, into);
            return true;
        }

        if (message.TextOf("alarmType", "alarmTypeId", "alarm_type", "alarmTypeCode", "eventType") is { Length: > 0 } number)
        {
            DecodeAlarm(number, message, input, into);
            return true;
        }

        return false;
    }

    private static void DecodeEvent(in Event happened, in DecodeInput input, DecodedMessage into)
    {
        var (details, message) = (happened.Details, happened.Message);
        if (happened.Code.Length == 0)
        {
            into.Refuse(RejectionReason.Malformed, "the event has no Code");
            return;
        }

        var (key, other) = KeyOf(message, details, happened.Index, input.Topic);
        var time = TimeOf(details, message, input.Zone);
        if (happened.Code.Equals("NumberStat", StringComparison.OrdinalIgnoreCase) || happened.Code.Equals("ManNumDetection", StringComparison.OrdinalIgnoreCase))
        {
            DecodeCounts(details, key, other, time, into);
        }

        if (DahuaWords.TypeOf(happened.Code, details) is not { } type)
        {
            return;
        }

        var phase = happened.Action.ToUpperInvariant() switch
        {
            "START" or "APPEAR" or "BEGIN" => Phase.Active,
            "STOP" or "END" or "DISAPPEAR" => Phase.Ended,
            "PULSE" or "" => Phase.Pulse,
            _ => (Phase?)null,
        };

        // A door tells each change as a pulse.
        var status = details["Status"].Text;
        phase = phase == Phase.Pulse && type == "door_open"
            ? status.Equals("Open", StringComparison.OrdinalIgnoreCase) || status.Equals("Break", StringComparison.OrdinalIgnoreCase) ? Phase.Active : Phase.Inactive : phase;
        if (phase is not { } known)
        {
            // "State" tells how a thing is set, not that something happened.
            return;
        }

        var target = details["Object"] is { Exists: true } one ? one : details["Objects"];
        var rule = $"{happened.Code}/{happened.Index}/{details.TextOf("RuleId", "RuleID", "Name", "RegionName", "Id")}";
        CameraEvents.TryAdd(new(key, type, rule, time, known) { OtherKey = other, Confidence = Confidence(target["Confidence"].Number), Box = BoxOf(target) }, input, into);
    }

    private static void DecodeCounts(in Tree.Part details, string key, string? other, DeviceTime time, DecodedMessage into)
    {
        ref var item = ref into.AddItem(ItemKind.Reading, key.AsMemory());
        (item.OtherKey, item.At, item.BadTime) = (other.AsMemory(), time.At, time.Bad);
        var found = false;
        foreach (var name in (ReadOnlySpan<string>)["Number", "Entered", "Exited", "EnteredSubtotal", "ExitedSubtotal", "InsideSubtotal", "InsideTotal"])
        {
            if (details.Find(name) is { HasMembers: false } part && part.Number is { } number)
            {
                found |= into.AddValue(name, number);
            }
        }

        if (!found || key.Length == 0)
        {
            into.DropLastItem();
        }
    }

    private static void DecodeAlarm(string number, in Tree.Part alarm, in DecodeInput input, DecodedMessage into)
    {
        var type = DahuaWords.TypeOfNumber(number) ?? ChineseAlarmWords.Find(alarm.TextOf("alarmTypeName", "alarmName", "alarmTypeDesc", "eventName", "memo"))
            ?? (char.IsAsciiDigit(number[0]) ? "other" : DahuaWords.TypeOf(number, default));
        if (type is null)
        {
            return;
        }

        var channel = alarm.TextOf("channelSeq", "channelNo", "index");
        var time = DeviceTimes.Read(alarm.TextOf("alarmDate", "alarmTime", "alarmDateStr", "eventTime", "time", "UTC"), input.Zone);
        var named = alarm.TextOf("channelId", "channelCode", "nodeCode", "deviceCode", "deviceId", "devId");
        var (key, other) = KeyOf(alarm, default, channel, input.Topic);
        (key, other) = named.Length > 0 && CameraKeys.Mac(key) is null ? (named, key.Length > 0 ? key : alarm.TextOf("deviceCode", "deviceId")) : (key, other);

        // 1 came, 2 went.
        var phase = alarm.TextOf("alarmStat", "alarmStatus", "alarmState") switch { "2" or "0" => Phase.Ended, _ => Phase.Active };
        CameraEvents.TryAdd(
            new(key, type, $"{number}/{channel}", time, phase)
            {
                OtherKey = other, Snapshot = alarm.TextOf("alarmPicture", "picture", "picUrl", "pictureUrl", "alarmPic"), Confidence = Confidence(alarm.TextOf("confidence") is { Length: > 0 } text ? Numbers.Parse(text) : null),
            },
            input, into);
    }

    private static (string Key, string? Other) KeyOf(in Tree.Part message, in Tree.Part details, string index, string topic)
    {
        var mac = message.TextOf("MAC", "macAddress", "mac") is { Length: > 0 } own ? own : details.TextOf("MAC");
        var ip = message.TextOf("IP", "ipAddress", "deviceIp", "devIp", "host");
        var (key, other) = CameraKeys.Of(mac, ip, index, topic, "dahua");
        var name = message.TextOf("name", "deviceName", "SN", "serialNo", "DeviceNo");
        return key.Length == 0 ? (name, null) : (key, other ?? (name.Length > 0 ? name : null));
    }

    private static DeviceTime TimeOf(in Tree.Part details, in Tree.Part message, TimeZoneInfo zone)
    {
        foreach (var part in (ReadOnlySpan<Tree.Part>)[details, message])
        {
            if (part.TextOf("RealUTC", "UTC") is { Length: > 0 } utc && Numbers.Parse(utc) is { } seconds && DeviceTimes.FromEpoch(seconds) is { } at)
            {
                return new(part["UTCMS"].Number is > 0 and < 1000 and var ms ? at.AddMilliseconds(Math.Floor(ms)) : at, null);
            }

            if (part.TextOf("LocaleTime", "Time", "dateTime") is { Length: > 0 } local)
            {
                return DeviceTimes.Read(local, zone);
            }
        }

        return DeviceTime.None;
    }

    /// <summary>0 is what a camera writes that does not judge.</summary>
    private static double? Confidence(double? value) => value switch
    {
        > 0 and <= 1 => value,
        > 1 and <= 100 => Math.Round(value.Value / 100, 4),
        > 100 and <= 255 => Math.Round(value.Value / 255, 4),
        _ => null,
    };

    /// <summary>Left, top, right, bottom on the grid.</summary>
    private static ImmutableArray<double> BoxOf(Tree.Part target)
    {
        Span<double> sides = stackalloc double[4];
        var count = 0;
        foreach (var side in target.All("BoundingBox"))
        {
            if (count == 4 || side.Number is not { } number)
            {
                return [];
            }

            sides[count++] = number / Grid;
        }

        return count == 4 ? CameraEvents.Box(sides[0], sides[1], sides[2] - sides[0], sides[3] - sides[1]) : [];
    }

    private readonly ref struct Event(string code, string action, string index, Tree.Part details, Tree.Part message)
    {
        public string Code { get; } = code;
        public string Action { get; } = action;
        public string Index { get; } = index;
        public Tree.Part Details { get; } = details;
        public Tree.Part Message { get; } = message;
    }
}
