using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Decoding;

// The contract's own format: city/v1/{street}/{device}/readings|events|position|status, each one JSON object, readings and events also an array.
// The readings path allocates nothing: names stay UTF-8 in the arena of the decoded message.
internal static class CanonicalDecoder
{
    private const int DepthMax = 16;
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = DepthMax };

    public static void Decode(in DecodeInput input, DecodedMessage into)
    {
        if (!TrySplit(input.Topic, out var street, out var device, out var channel))
        {
            into.Refuse(RejectionReason.UnknownFormat, "the topic is not city/v1/{street}/{device}/{channel}");
            return;
        }

        into.Street = input.Topic.AsMemory(street);
        var key = input.Topic.AsMemory(device);
        var name = input.Topic.AsSpan(channel);
        if (name is "commands" or "replies")
        {
            return;
        }

        if (name is not ("readings" or "events" or "position" or "status"))
        {
            into.Refuse(RejectionReason.UnknownFormat, $"\"{name}\" is not a channel of a device");
            return;
        }

        var payload = input.Payload.StartsWith("\uFEFF"u8) ? input.Payload[3..] : input.Payload;
        if (payload.IsEmpty)
        {
            if (name is not "status")
            {
                into.Refuse(RejectionReason.Malformed, "the payload is empty");
            }

            // An empty retained status is how MQTT takes back a retained message: it tells us nothing.
            return;
        }

        if (!TryDecodeJson(payload, name, key, input.Zone, into, out var why)
            && !(BareWords.TryQuote(payload, out var quoted) && TryDecodeJson(quoted, name, key, input.Zone, into, out _)))
        {
            into.ClearItems();
            into.Refusals.Clear();
            into.Refuse(RejectionReason.Malformed, why);
        }
    }

    private static bool TrySplit(string topic, out Range street, out Range device, out Range channel)
    {
        (street, device, channel) = (default, default, default);
        const int start = 8;
        if (topic.Length <= start)
        {
            return false;
        }

        var first = topic.IndexOf('/', start);
        var second = first < 0 ? -1 : topic.IndexOf('/', first + 1);
        if (second < 0 || first == start || second == first + 1 || second == topic.Length - 1 || second - first - 1 > 64
            || !topic.StartsWith("city/v1/", StringComparison.Ordinal))
        {
            return false;
        }

        (street, device, channel) = (start..first, (first + 1)..second, (second + 1)..);
        return true;
    }

    private static bool TryDecodeJson(
        ReadOnlySpan<byte> payload, ReadOnlySpan<char> channel, ReadOnlyMemory<char> key, TimeZoneInfo zone, DecodedMessage into, out string why)
    {
        into.ClearItems();
        into.Refusals.Clear();
        try
        {
            var reader = new Utf8JsonReader(payload, ReaderOptions);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
                {
                    DecodeOne(ref reader, channel, key, zone, into, payload);
                }
            }
            else
            {
                DecodeOne(ref reader, channel, key, zone, into, payload);
            }

            // Reads on to the end, so that bytes behind the document are an error.
            reader.Read();
            why = string.Empty;
            return true;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or FormatException)
        {
            why = broken is JsonException json ? Shorten(json.Message) : "a text is not valid UTF-8";
            return false;
        }
    }

    private static void DecodeOne(
        ref Utf8JsonReader reader, ReadOnlySpan<char> channel, ReadOnlyMemory<char> key, TimeZoneInfo zone, DecodedMessage into, ReadOnlySpan<byte> payload)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            into.Refuse(RejectionReason.Malformed, "expected an object");
            return;
        }

        switch (channel[0])
        {
            case 'r':
                DecodeReading(ref reader, key, zone, into);
                break;
            case 'e':
                DecodeEvent(ref reader, key, zone, into, payload);
                break;
            case 'p':
                DecodePosition(ref reader, key, zone, into);
                break;
            default:
                DecodeStatus(ref reader, key, zone, into);
                break;
        }
    }

    private static void DecodeReading(ref Utf8JsonReader reader, ReadOnlyMemory<char> key, TimeZoneInfo zone, DecodedMessage into)
    {
        ref var item = ref into.AddItem(ItemKind.Reading, key);
        var hasValues = false;
        var complete = true;
        Utf8JsonReader units = default;
        var hasUnits = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("values"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    hasValues = true;
                    complete &= ReadValues(ref reader, default, into);
                }
                else
                {
                    reader.Skip();
                }
            }
            else if (reader.ValueTextEquals("at"u8))
            {
                reader.Read();
                ReadTime(ref reader, zone, ref item);
            }
            else if (reader.ValueTextEquals("units"u8))
            {
                reader.Read();
                units = reader;
                hasUnits = reader.TokenType == JsonTokenType.StartObject;
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (!hasValues || !complete)
        {
            into.DropLastItem();
            into.Refuse(RejectionReason.Malformed, hasValues ? $"more than {DecodedMessage.ValuesMax} values in one message" : "there is no object \"values\"");
        }
        else if (hasUnits)
        {
            ReadUnits(ref units, into);
        }
    }

    /// <summary>Reads an object or array of values; what is nested gets a dotted name.</summary>
    private static bool ReadValues(ref Utf8JsonReader reader, TextSlice prefix, DecodedMessage into)
    {
        var complete = true;
        var inArray = reader.TokenType == JsonTokenType.StartArray;
        for (var index = 0; reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray); index++)
        {
            TextSlice name;
            if (inArray)
            {
                name = IndexedName(prefix, index, into);
            }
            else
            {
                name = NameOf(ref reader, prefix, into);
                reader.Read();
            }

            switch (reader.TokenType)
            {
                case JsonTokenType.Number:
                    var isNumber = reader.TryGetDouble(out var number) && double.IsFinite(number);
                    complete &= into.AddValue(name, number, isNumber ? ValueShape.Number : ValueShape.NotANumber);
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    complete &= ReadValues(ref reader, name, into);
                    break;
                default:
                    complete &= into.AddValue(name, double.NaN, ValueShape.NotANumber);
                    break;
            }
        }

        return complete;
    }

    private static TextSlice NameOf(ref Utf8JsonReader reader, TextSlice prefix, DecodedMessage into)
    {
        var room = into.ReserveText(prefix.Length + 1 + reader.ValueSpan.Length);
        var used = 0;
        if (prefix.Length > 0)
        {
            into.TextOf(prefix).CopyTo(room);
            room[prefix.Length] = (byte)'.';
            used = prefix.Length + 1;
        }

        used += reader.CopyString(room[used..]);
        return into.TakeText(used);
    }

    private static TextSlice IndexedName(TextSlice prefix, int index, DecodedMessage into)
    {
        var room = into.ReserveText(prefix.Length + 12);
        into.TextOf(prefix).CopyTo(room);
        room[prefix.Length] = (byte)'.';
        System.Buffers.Text.Utf8Formatter.TryFormat(index, room[(prefix.Length + 1)..], out var digits);
        return into.TakeText(prefix.Length + 1 + digits);
    }

    private static void ReadUnits(ref Utf8JsonReader reader, DecodedMessage into)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = NameOf(ref reader, default, into);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                into.SetUnit(into.TextOf(name), reader.GetString()!);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadTime(ref Utf8JsonReader reader, TimeZoneInfo zone, ref DecodedItem item)
    {
        item.At = null;
        item.BadTime = null;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                break;
            case JsonTokenType.Number when reader.TryGetDouble(out var milliseconds) && LocalTimes.TryFromEpochMs(milliseconds, out var at):
                item.At = at;
                break;
            case JsonTokenType.String when TryReadTimeText(ref reader, zone, out var at):
                item.At = at;
                break;
            default:
                item.BadTime = Shorten(Encoding.UTF8.GetString(reader.ValueSpan));
                reader.Skip();
                break;
        }
    }

    /// <summary>Some writers escape the plus sign of the offset, so the text is unescaped where it must be.</summary>
    private static bool TryReadTimeText(ref Utf8JsonReader reader, TimeZoneInfo zone, out DateTimeOffset at)
    {
        if (!reader.ValueIsEscaped)
        {
            return LocalTimes.TryParse(reader.ValueSpan, zone, out at);
        }

        at = default;
        Span<byte> text = stackalloc byte[256];
        return reader.ValueSpan.Length <= text.Length && LocalTimes.TryParse(text[..reader.CopyString(text)], zone, out at);
    }

    private static void DecodeEvent(ref Utf8JsonReader reader, ReadOnlyMemory<char> key, TimeZoneInfo zone, DecodedMessage into, ReadOnlySpan<byte> payload)
    {
        var start = (int)reader.TokenStartIndex;
        ref var item = ref into.AddItem(ItemKind.Event, key);
        string? wrong = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            reader.Read();
            switch (field)
            {
                case "id":
                    item.EventId = reader.TokenType == JsonTokenType.Number ? Encoding.UTF8.GetString(reader.ValueSpan) : TextOrNull(ref reader, ref wrong, field);
                    break;
                case "type":
                    item.EventType = TextOrNull(ref reader, ref wrong, field);
                    break;
                case "state":
                    item.EventState = EventStateOf(TextOrNull(ref reader, ref wrong, field), ref wrong);
                    break;
                case "confidence":
                    item.Confidence = NumberOrNull(ref reader, ref wrong, field);
                    break;
                case "snapshot":
                    item.Snapshot = TextOrNull(ref reader, ref wrong, field);
                    break;
                case "clip":
                    item.Clip = TextOrNull(ref reader, ref wrong, field);
                    break;
                case "box":
                    item.Box = BoxOf(ref reader);
                    break;
                case "at":
                    ReadTime(ref reader, zone, ref item);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (wrong is null && item.EventType is not { Length: > 0 and <= 64 })
        {
            wrong = "an event needs a \"type\" of 1 to 64 characters";
        }

        if (wrong is null && item.EventId is { Length: > 128 })
        {
            wrong = "an event's \"id\" has at most 128 characters";
        }

        if (wrong is not null)
        {
            into.DropLastItem();
            into.Refuse(RejectionReason.Malformed, wrong);
            return;
        }

        if (string.IsNullOrEmpty(item.EventId))
        {
            // The same bytes are the same event, so that a repeat is still recognised.
            var bytes = payload[start..(int)reader.BytesConsumed];
            item.EventId = "x-" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes).AsSpan(0, 8));
        }
    }

    private static void DecodePosition(ref Utf8JsonReader reader, ReadOnlyMemory<char> key, TimeZoneInfo zone, DecodedMessage into)
    {
        ref var item = ref into.AddItem(ItemKind.Position, key);
        string? wrong = null;
        double? longitude = null, latitude = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            reader.Read();
            switch (field)
            {
                case "lon":
                    longitude = NumberOrNull(ref reader, ref wrong, field);
                    break;
                case "lat":
                    latitude = NumberOrNull(ref reader, ref wrong, field);
                    break;
                case "speed":
                    item.SpeedKmh = NumberOrNull(ref reader, ref wrong, field);
                    break;
                case "heading":
                    item.HeadingDeg = NumberOrNull(ref reader, ref wrong, field);
                    break;
                case "crs":
                    item.Crs = TextOrNull(ref reader, ref wrong, field);
                    break;
                case "at":
                    ReadTime(ref reader, zone, ref item);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (wrong is null && (longitude is null || latitude is null))
        {
            wrong = "a position needs \"lon\" and \"lat\"";
        }

        if (wrong is not null)
        {
            into.DropLastItem();
            into.Refuse(RejectionReason.Malformed, wrong);
            return;
        }

        item.Longitude = longitude!.Value;
        item.Latitude = latitude!.Value;
    }

    private static void DecodeStatus(ref Utf8JsonReader reader, ReadOnlyMemory<char> key, TimeZoneInfo zone, DecodedMessage into)
    {
        ref var item = ref into.AddItem(ItemKind.Status, key);
        bool? online = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("online"u8))
            {
                reader.Read();
                online = reader.TokenType switch { JsonTokenType.True => true, JsonTokenType.False => false, _ => null };
                reader.Skip();
            }
            else if (reader.ValueTextEquals("at"u8))
            {
                reader.Read();
                ReadTime(ref reader, zone, ref item);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (online is null)
        {
            into.DropLastItem();
            into.Refuse(RejectionReason.Malformed, "a status needs \"online\", true or false");
            return;
        }

        item.Online = online.Value;
    }

    private static string? TextOrNull(ref Utf8JsonReader reader, ref string? wrong, string field)
    {
        if (reader.TokenType is JsonTokenType.String or JsonTokenType.Null)
        {
            return reader.GetString();
        }

        reader.Skip();
        wrong ??= $"\"{field}\" is not a text";
        return null;
    }

    private static double? NumberOrNull(ref Utf8JsonReader reader, ref string? wrong, string field)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) && double.IsFinite(number))
        {
            return number;
        }

        reader.Skip();
        wrong ??= $"\"{field}\" is not a number";
        return null;
    }

    private static EventState EventStateOf(string? word, ref string? wrong)
    {
        switch (word)
        {
            case null or "start":
                return EventState.Start;
            case "update":
                return EventState.Update;
            case "end":
                return EventState.End;
            default:
                wrong ??= "\"state\" is not start, update or end";
                return EventState.Start;
        }
    }

    private static ImmutableArray<double> BoxOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return [];
        }

        var box = ImmutableArray.CreateBuilder<double>(4);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.Number && box.Count < 5)
            {
                box.Add(reader.GetDouble());
            }
            else
            {
                reader.Skip();
            }
        }

        return box.Count == 4 && box.All(double.IsFinite) ? box.ToImmutable() : [];
    }

    private static string Shorten(string message) => message.Length <= 200 ? message : message[..200];
}
