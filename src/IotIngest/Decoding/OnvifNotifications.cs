using System.Collections.Frozen;

namespace IotIngest.Decoding;

/// <summary>One notification of an ONVIF device, however it was written.</summary>
/// <param name="Topic">The local topic without prefixes; the source tokens may follow.</param>
/// <param name="Rule">What tells this source apart from others under the same topic.</param>
/// <param name="Operation">Initialized, Changed or Deleted; empty: not said.</param>
internal readonly ref struct OnvifNotification(string[] topic, string rule, DeviceTime time, string operation, Tree.Part source, Tree.Part data)
{
    public string[] Topic { get; } = topic;
    public string Rule { get; } = rule;
    public DeviceTime Time { get; } = time;
    public string Operation { get; } = operation;
    public Tree.Part Source { get; } = source;
    public Tree.Part Data { get; } = data;
}

// Makes events and readings of ONVIF notifications: JSON over MQTT, Axis' own JSON and the XML of metadata streams say the same in three ways.
internal static class OnvifNotifications
{
    /// <summary>The members that tell whether a condition holds.</summary>
    private static readonly string[] Conditions =
    [
        "IsMotion", "State", "LogicalState", "active", "triggered", "IsInside", "Inside", "IsTamper", "IsLoitering", "IsSoundDetected", "Loss", "Tampering", "Alarm", "Failed", "Value", "Detected", "isDetected",
        "IsCrossed", "IsObject", "lost", "Crossed", "IsHuman", "Occupied", "ready", "alert", "disruption", "limit_exceeded", "tampering", "sensor_level", "Status", "IsFace", "IsPeople", "IsVehicle", "IsDogCat", "IsVisitor", "IsPackage", "motion", "Open", "on_preset", "is_moving", "Triggered",
    ];

    /// <summary>Topics whose numbers are readings.</summary>
    private static readonly FrozenSet<string> Measuring = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, ["Counter", "OccupancyCounter", "CountAggregation", "CountAgregation", "PeopleCounter", "TrueViewPeopleCounter", "Sensor", "SensorData", "Monitoring"]);

    public static void Add(in OnvifNotification told, string key, string? otherKey, in DecodeInput input, DecodedMessage into)
    {
        var meaning = OnvifTopics.MeaningOf(told.Topic);
        if (meaning.IsNothing)
        {
            return;
        }

        var condition = ConditionOf(told.Data);
        var isTold = told.Operation.Length == 0 || !told.Operation.Equals("Initialized", StringComparison.OrdinalIgnoreCase);
        if (told.Operation.Equals("Deleted", StringComparison.OrdinalIgnoreCase))
        {
            AddEvent(meaning.Type, Phase.Ended, told, key, otherKey, input, into);
            return;
        }

        if (condition is null && (!told.Data.HasMembers || (TryAddReadings(told, key, otherKey, into) && meaning.Type is not ("high_temperature" or "low_temperature"))))
        {
            return;
        }

        // Without a condition the notification itself is what happened: a line crossed, a plate read, a limit passed.
        var phase = condition switch { true => Phase.Active, false => isTold ? Phase.Ended : Phase.Inactive, null => Phase.Pulse };
        if (phase == Phase.Pulse && meaning.Type is "high_temperature" or "low_temperature")
        {
            phase = Phase.Active;
        }

        AddEvent(meaning.Type, phase, told, key, otherKey, input, into);
    }

    /// <summary>The type where the message itself says what was seen.</summary>
    private static string TypeOf(string type, in Tree.Part data)
    {
        var seen = ValueOf(data, "ClassTypes") is { Length: > 0 } classes ? classes : ValueOf(data, "ClassType") is { Length: > 0 } one ? one : ValueOf(data, "objectClass") is { Length: > 0 } own ? own : ValueOf(data, "type");
        seen = seen.Length > 0 ? seen : data.Find("Class").FindText("Type");
        return type is "motion" or "object" or "object_detection" or "object_track" ? OnvifFrames.TypeOf(seen) ?? type : type;
    }

    private static void AddEvent(string? type, Phase phase, in OnvifNotification told, string key, string? otherKey, in DecodeInput input, DecodedMessage into)
    {
        if (type is null)
        {
            return;
        }

        var confidence = Numbers.Parse(ValueOf(told.Data, "Likelihood"));
        CameraEvents.TryAdd(
            new(key, TypeOf(type, told.Data), told.Rule, told.Time, phase, Holds: true)
            {
                OtherKey = otherKey, Confidence = confidence is >= 0 and <= 1 ? confidence : null, Snapshot = ValueOf(told.Data, "ImageUri") is { Length: > 0 } link ? link : ValueOf(told.Data, "Image"),
            },
            input, into);
    }

    /// <summary>Null: nothing in the data is a yes or a no.</summary>
    private static bool? ConditionOf(in Tree.Part data)
    {
        foreach (var name in Conditions)
        {
            switch (ValueOf(data, name).ToUpperInvariant())
            {
                case "TRUE" or "ACTIVE" or "ON" or "OPEN" or "YES":
                case "1" when name != "Value":
                    return true;
                case "FALSE" or "INACTIVE" or "OFF" or "CLOSED" or "NO":
                case "0" when name != "Value":
                    return false;
                default:
                    break;
            }
        }

        return null;
    }

    private static bool TryAddReadings(in OnvifNotification told, string key, string? otherKey, DecodedMessage into)
    {
        if (key.Length == 0)
        {
            return false;
        }

        var quantity = QuantityOf(told.Topic);
        if (quantity is null && !Array.Exists(told.Topic, Measuring.Contains))
        {
            return false;
        }

        var added = false;
        foreach (var value in new NamedValues(told.Data))
        {
            if (Numbers.Parse(value.Value) is not { } number || value.Name.Length is 0 or > 100 || value.Name is "ObjectId" or "UtcTime")
            {
                continue;
            }

            if (!added)
            {
                ref var item = ref into.AddItem(ItemKind.Reading, key.AsMemory());
                (item.OtherKey, item.At, item.BadTime) = (otherKey.AsMemory(), told.Time.At, told.Time.Bad);
                added = true;
            }

            // The quantity's own name beside the message's, so that a sensor counts without a mapping.
            var unit = quantity == "temperature" ? UnitOf(told, number) : null;
            into.AddValue(value.Name, number, unit);
            if (quantity is not null && value.Name.Equals("Value", StringComparison.OrdinalIgnoreCase))
            {
                into.AddValue(quantity, number, unit);
            }
        }

        return added;
    }

    /// <summary>The specification's unit is the kelvin, also where devices write degrees Celsius; no street is as warm as 200 °C or as cold as 200 K.</summary>
    private static string UnitOf(in OnvifNotification told, double number) => number >= 200 ? "K" : "Cel";

    private static string? QuantityOf(ReadOnlySpan<string> topic)
    {
        foreach (var level in topic)
        {
            switch (level.ToUpperInvariant())
            {
                case "TEMPERATURE":
                    return "temperature";
                case "HUMIDITY":
                    return "humidity";
                default:
                    break;
            }
        }

        return null;
    }

    /// <summary>The value of that name, written as a member or as a SimpleItem.</summary>
    public static string ValueOf(in Tree.Part items, string name)
    {
        foreach (var value in new NamedValues(items))
        {
            if (value.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return value.Value;
            }
        }

        return string.Empty;
    }

    /// <summary>Every value of a source in document order, as one text.</summary>
    public static string TextOf(in Tree.Part items)
    {
        var text = new System.Text.StringBuilder();
        foreach (var value in new NamedValues(items))
        {
            text.Append(text.Length > 0 ? "/" : string.Empty).Append(value.Value);
            if (text.Length > 300)
            {
                break;
            }
        }

        return text.ToString();
    }

    /// <summary>The values of a Source, Key or Data: members of their own name, or SimpleItems with Name and Value.</summary>
    private struct NamedValues(Tree.Part items)
    {
        private Tree.Part.MemberList members = items.Members;

        public (string Name, string Value) Current { get; private set; }

        public readonly NamedValues GetEnumerator() => this;

        public bool MoveNext()
        {
            while (members.MoveNext())
            {
                var member = members.Current;
                if (member.Is("SimpleItem"))
                {
                    Current = (member["Name"].Text, member["Value"].Text);
                    return true;
                }

                if (!member.HasMembers)
                {
                    Current = (member.Name, member.Text);
                    return true;
                }
            }

            return false;
        }
    }
}
