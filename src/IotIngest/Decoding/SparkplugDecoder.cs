using System.Text;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// Sparkplug B 3.0: spBv1.0/{group}/{NBIRTH|NDEATH|DBIRTH|DDEATH|NDATA|DDATA|NCMD|DCMD}/{node}[/{device}], protocol buffers. A birth names every metric; data may speak of them by alias
// only. What cannot be understood for want of a birth is refused, and the node is asked to be born again. The field numbers are those of the specification, section 6.4.1.
internal static class SparkplugDecoder
{
    private const string Root = "spBv1.0/";
    private const int KeyLengthMax = 200;
    private const int NameLengthMax = 400;
    private const int TemplateDepthMax = 3;
    private const int ArrayElementsMax = 256;
    private const int RefusalsMax = 16;

    /// <summary>A node that is asked again and again does nothing but being born.</summary>
    private static readonly TimeSpan RebirthEvery = TimeSpan.FromSeconds(10);

    private enum Said { NBirth, NDeath, DBirth, DDeath, NData, DData }

    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        var levels = input.Topic.Split('/', 6);
        if (!input.Topic.StartsWith(Root, StringComparison.Ordinal) || levels.Length < 3)
        {
            into.Refuse(RejectionReason.Malformed, "the topic is not spBv1.0/{group}/{type}/{node}[/{device}]");
            return;
        }

        if (levels[1] == "STATE" || levels[2] is "NCMD" or "DCMD" or "NRECORD" or "DRECORD")
        {
            return;
        }

        if (!Enum.TryParse<Said>(levels[2], ignoreCase: true, out var said) || char.IsAsciiDigit(levels[2][0])
            || levels.Length != (said is Said.NBirth or Said.NDeath or Said.NData ? 4 : 5) || input.Topic.Length - Root.Length > KeyLengthMax)
        {
            into.Refuse(RejectionReason.Malformed, "the topic is not spBv1.0/{group}/{type}/{node}[/{device}]");
            return;
        }

        if (levels[1].Length == 0 || levels[3].Length == 0 || (levels.Length == 5 && levels[4].Length == 0))
        {
            into.Refuse(RejectionReason.Malformed, "the topic names no group, no node or no device");
            return;
        }

        var nodeKey = $"{levels[1]}/{levels[3]}";
        var device = levels.Length == 5 ? levels[4] : string.Empty;
        var at = new Place(said, nodeKey, device, device.Length == 0 ? nodeKey : $"{nodeKey}/{device}");
        if (!TryReadHead(input.Payload, out var head))
        {
            into.Refuse(RejectionReason.Malformed, "the payload is no Sparkplug B payload");
            return;
        }

        if (head.IsCompressed)
        {
            into.Refuse(RejectionReason.Unsupported, "the payload is compressed, which is not read");
            return;
        }

        // A trial of a birth reads it as if it were the first of its node.
        var nodes = input.Memory.Sparkplug;
        var node = input.IsTrial ? nodes.Find(nodeKey) ?? new SparkplugNode() : nodes.Open(nodeKey);
        lock (node.Turn)
        {
            Take(node, at, head, input, into);
        }

        if (!input.IsTrial && said is Said.NBirth or Said.DBirth)
        {
            nodes.Trim();
        }
    }

    private static void Take(SparkplugNode node, in Place at, in Head head, in DecodeInput input, DecodedMessage into)
    {
        switch (at.Said)
        {
            case Said.NBirth:
            case Said.DBirth:
                Bear(node, at, head, input, into);
                break;
            case Said.NDeath:
                Bury(node, at, head, input, into);
                break;
            case Said.DDeath:
                Follow(node, at, head, input, into);
                AddStatus(at.Key, false, TimeOf(head.TimestampMs), into);
                if (!input.IsTrial)
                {
                    node.Devices.Remove(at.Device);
                }

                break;
            default:
                Follow(node, at, head, input, into);
                AddMetrics(node, at, head, input, into, isBirth: false);
                break;
        }
    }

    private static void Bear(SparkplugNode node, in Place at, in Head head, in DecodeInput input, DecodedMessage into)
    {
        if (at.Said == Said.NBirth)
        {
            // A new session. Its devices are not called off line: they are born again in a moment, and one that is not falls silent and is seen to.
            if (!input.IsTrial)
            {
                node.Forget();
                (node.IsBorn, node.BirthSequence, node.Sequence) = (true, head.BirthSequence, head.Sequence is { } number ? (int)(number & 255) : 0);
            }
        }
        else
        {
            Follow(node, at, head, input, into);
        }

        AddStatus(at.Key, true, TimeOf(head.TimestampMs), into);
        if (!input.IsTrial && at.Device.Length > 0 && node.Size < SparkplugNodes.PartsOfNodeMax)
        {
            node.Devices.Add(at.Device);
        }

        AddMetrics(node, at, head, input, into, isBirth: true);
    }

    private static void Bury(SparkplugNode node, in Place at, in Head head, in DecodeInput input, DecodedMessage into)
    {
        // The will of an older connection may arrive after the birth of the newer one.
        if (node.IsBorn && head.BirthSequence is { } ofWill && node.BirthSequence is { } ofBirth && ofWill != ofBirth)
        {
            return;
        }

        // The will was written when the connection began, so its time is not that of the death.
        AddStatus(at.NodeKey, false, DeviceTime.None, into);
        foreach (var device in node.Devices)
        {
            AddStatus($"{at.NodeKey}/{device}", false, DeviceTime.None, into);
        }

        if (!input.IsTrial)
        {
            node.Forget();
            (node.IsBorn, node.Sequence) = (false, null);
        }
    }

    /// <summary>Checks that the message is the one that must come next.</summary>
    private static void Follow(SparkplugNode node, in Place at, in Head head, in DecodeInput input, DecodedMessage into)
    {
        if (input.IsTrial)
        {
            return;
        }

        var isNext = node.IsBorn && (head.Sequence is not { } number || node.Sequence is not { } last || (int)(number & 255) == ((last + 1) & 255));
        node.Sequence = head.Sequence is { } sequence ? (int)(sequence & 255) : node.Sequence;
        if (!isNext)
        {
            AskForRebirth(node, at, input, into);
        }
    }

    private static void AskForRebirth(SparkplugNode node, in Place at, in DecodeInput input, DecodedMessage into)
    {
        var since = input.ReceivedAt - node.RebirthAskedAt;
        if (input.IsTrial || (node.RebirthAskedAt != DateTimeOffset.MinValue && since >= TimeSpan.Zero && since < RebirthEvery))
        {
            return;
        }

        node.RebirthAskedAt = input.ReceivedAt;
        var slash = at.NodeKey.IndexOf('/', StringComparison.Ordinal);
        into.Answers.Add(SparkplugMessages.Rebirth(at.NodeKey[..slash], at.NodeKey[(slash + 1)..], input.ReceivedAt));
    }

    private static void AddMetrics(SparkplugNode node, in Place at, in Head head, in DecodeInput input, DecodedMessage into, bool isBirth)
    {
        var reader = new WireReader(input.Payload);
        var adding = new Adding { Of = at };
        while (reader.MoveNext())
        {
            if (!reader.Is(SparkplugField.PayloadMetrics, WireKind.Bytes))
            {
                continue;
            }

            var metric = SparkplugMetric.Read(reader.Bytes);
            if (metric.IsBroken)
            {
                into.ClearItems();
                into.Refusals.Clear();
                into.Refuse(RejectionReason.Malformed, "a metric of the payload is broken");
                return;
            }

            if (!TryName(node, at, metric, isBirth, input, into, out var born))
            {
                AskForRebirth(node, at, input, into);
                Refuse(into, RejectionReason.Unsupported, $"the metric with alias {metric.Alias} is known by no birth; the node is asked for one");
                continue;
            }

            if (born.Name.Length == 0 || born.Name is "bdSeq" || born.Name.StartsWith("Node Control/", StringComparison.Ordinal) || born.Name.StartsWith("Device Control/", StringComparison.Ordinal))
            {
                continue;
            }

            adding.TimestampMs = metric.TimestampMs ?? head.TimestampMs;
            if (!AddMetric(born.Name, metric, born, ref adding, into, 0))
            {
                into.Refuse(RejectionReason.Malformed, $"more than {DecodedMessage.ValuesMax} values in one message");
                return;
            }
        }
    }

    /// <summary>Finds or remembers what the metric is called; false when its alias is unknown.</summary>
    private static bool TryName(SparkplugNode node, in Place at, in SparkplugMetric metric, bool isBirth, in DecodeInput input, DecodedMessage into, out BornMetric born)
    {
        if (!metric.Name.IsEmpty)
        {
            var name = Encoding.UTF8.GetString(metric.Name.Length <= NameLengthMax ? metric.Name : metric.Name[..NameLengthMax]);
            var known = node.ByName.GetValueOrDefault((at.Device, name));
            born = new(name, metric.Type ?? known.Type, metric.Unit ?? known.Unit);
            if (isBirth && !input.IsTrial && node.Size < SparkplugNodes.PartsOfNodeMax)
            {
                node.ByName[(at.Device, name)] = born;
                if (metric.Alias is { } alias)
                {
                    node.ByAlias[alias] = born;
                }
            }

            return true;
        }

        born = new(string.Empty, 0, null);
        if (metric.Alias is not { } only)
        {
            Refuse(into, RejectionReason.Malformed, "a metric has neither name nor alias");
            return true;
        }

        if (!node.ByAlias.TryGetValue(only, out born))
        {
            return false;
        }

        born = born with { Type = metric.Type ?? born.Type, Unit = metric.Unit ?? born.Unit };
        return true;
    }

    /// <summary>False when there are too many values.</summary>
    private static bool AddMetric(string name, in SparkplugMetric metric, in BornMetric born, ref Adding adding, DecodedMessage into, int depth)
    {
        if (metric.IsNull || metric.ValueField == 0)
        {
            return true;
        }

        if (metric.IsBad)
        {
            Refuse(into, RejectionReason.NotANumber, $"\"{Short(name)}\" is marked by its writer as of bad quality");
            return true;
        }

        if (metric.ValueField == SparkplugField.DataSet)
        {
            Refuse(into, RejectionReason.Unsupported, $"\"{Short(name)}\" is a data set, which is not read");
            return true;
        }

        if (metric.ValueField == SparkplugField.Template)
        {
            return AddTemplate(name, metric.Bytes, ref adding, into, depth + 1);
        }

        if (metric.ValueField == SparkplugField.Bytes)
        {
            return born.Type is < SparkplugType.FirstArray or > SparkplugType.LastArray || AddArray(name, metric, born, ref adding, into);
        }

        OpenItem(ref adding, into);
        return into.AddValue(name, metric.Number(born.Type) ?? double.NaN, born.Unit);
    }

    /// <summary>The members of an instance, under its name; a definition only says what instances look like.</summary>
    private static bool AddTemplate(string name, ReadOnlySpan<byte> template, ref Adding adding, DecodedMessage into, int depth)
    {
        if (depth > TemplateDepthMax)
        {
            Refuse(into, RejectionReason.Unsupported, $"\"{Short(name)}\" is nested too deep");
            return true;
        }

        var flags = new WireReader(template);
        while (flags.MoveNext())
        {
            if (flags.Is(SparkplugField.TemplateIsDefinition, WireKind.Varint) && flags.Bits != 0)
            {
                return true;
            }
        }

        var members = new WireReader(template);
        while (members.MoveNext())
        {
            if (members.Is(SparkplugField.TemplateMetrics, WireKind.Bytes))
            {
                var member = SparkplugMetric.Read(members.Bytes);
                if (!member.Name.IsEmpty && member.Name.Length <= NameLengthMax && !AddMetric($"{name}/{Encoding.UTF8.GetString(member.Name)}", member, new(string.Empty, member.Type ?? 0, member.Unit), ref adding, into, depth))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool AddArray(string name, in SparkplugMetric metric, in BornMetric born, ref Adding adding, DecodedMessage into)
    {
        OpenItem(ref adding, into);
        for (var i = 0; i < ArrayElementsMax && metric.Element(born.Type, i) is { } number; i++)
        {
            if (!into.AddValue(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}.{i}"), number, born.Unit))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Metrics of one moment stand in one item.</summary>
    private static void OpenItem(ref Adding adding, DecodedMessage into)
    {
        if (adding.HasItem && adding.ItemAt == adding.TimestampMs)
        {
            return;
        }

        var time = TimeOf(adding.TimestampMs);
        ref var item = ref into.AddItem(ItemKind.Reading, adding.Of.Key.AsMemory());
        (item.At, item.BadTime) = (time.At, time.Bad);
        (adding.HasItem, adding.ItemAt) = (true, adding.TimestampMs);
    }

    private static void AddStatus(string key, bool online, DeviceTime time, DecodedMessage into)
    {
        ref var item = ref into.AddItem(ItemKind.Status, key.AsMemory());
        (item.Online, item.At, item.BadTime) = (online, time.At, time.Bad);
    }

    private static DeviceTime TimeOf(ulong? milliseconds) =>
        milliseconds is not { } number ? DeviceTime.None
        : LocalTimes.TryFromEpochMs(number, out var at) ? new(at, null)
        : new(null, number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static void Refuse(DecodedMessage into, RejectionReason reason, string detail)
    {
        if (into.Refusals.Count < RefusalsMax)
        {
            into.Refuse(reason, detail);
        }
    }

    private static string Short(string name) => name.Length <= 100 ? name : name[..100];

    private static bool TryReadHead(ReadOnlySpan<byte> payload, out Head head)
    {
        head = default;
        var reader = new WireReader(payload);
        while (reader.MoveNext())
        {
            if (reader.Is(SparkplugField.PayloadTimestamp, WireKind.Varint))
            {
                head.TimestampMs = reader.Bits;
            }
            else if (reader.Is(SparkplugField.PayloadSequence, WireKind.Varint))
            {
                head.Sequence = reader.Bits;
            }
            else if (reader.Is(SparkplugField.PayloadMetrics, WireKind.Bytes))
            {
                var metric = SparkplugMetric.Read(reader.Bytes);
                head.BirthSequence = metric.Name.SequenceEqual("bdSeq"u8) ? metric.Bits : head.BirthSequence;
            }
            else if (reader.Is(SparkplugField.PayloadUuid, WireKind.Bytes))
            {
                head.IsCompressed = reader.Bytes.SequenceEqual("SPBV1.0_COMPRESSED"u8);
            }
        }

        return !reader.IsBroken;
    }

    private struct Head
    {
        public ulong? TimestampMs;
        public ulong? Sequence;
        public ulong? BirthSequence;
        public bool IsCompressed;
    }

    private readonly record struct Place(Said Said, string NodeKey, string Device, string Key);

    private struct Adding
    {
        public Place Of;
        public ulong? TimestampMs;
        public ulong? ItemAt;
        public bool HasItem;
    }
}
