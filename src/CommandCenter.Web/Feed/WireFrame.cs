using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using CommandCenter.Grains.Contracts;
using MessagePack;
using MessagePack.Formatters;

namespace CommandCenter.Web.Feed;

/// <summary>A frame on its way to screens. It is serialized at most once per protocol, when the first screen needs it, and the bytes are shared.</summary>
[JsonConverter(typeof(WireFrameJsonConverter))]
internal sealed class WireFrame(AreaFrame frame, int part = 0, int parts = 0)
{
    private readonly Lazy<byte[]> _messagePack = new(() => FrameWriter.ToMessagePack(frame, part, parts));
    private readonly Lazy<byte[]> _json = new(() => FrameWriter.ToJson(frame, part, parts));

    public AreaFrame Frame => frame;

    /// <summary>From 1 in a snapshot; 0 for a frame.</summary>
    public int Part => part;

    public int Parts => parts;

    public ReadOnlyMemory<byte> MessagePack => _messagePack.Value;

    public ReadOnlyMemory<byte> Json => _json.Value;
}

/// <summary>The wire form of frames: maps with exactly the camelCase keys of the public contract. Devices, which are many, are written directly;
/// the other records, which are few, go through their JSON form, so that both protocols cannot differ.</summary>
internal static class FrameWriter
{
    public static byte[] ToJson(AreaFrame frame, int part, int parts)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = ContractJson.Options.Encoder });
        using var document = JsonSerializer.SerializeToDocument(frame, ContractJson.Options);
        writer.WriteStartObject();
        foreach (var property in document.RootElement.EnumerateObject())
        {
            property.WriteTo(writer);
        }

        if (part > 0)
        {
            writer.WriteNumber("part", part);
            writer.WriteNumber("parts", parts);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] ToMessagePack(AreaFrame frame, int part, int parts)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024 + (frame.Devices.Length * 256));
        var writer = new MessagePackWriter(buffer);
        writer.WriteMapHeader(part > 0 ? 13 : 11);
        writer.Write("area");
        writer.Write(frame.Area.Value);
        writer.Write("epoch");
        writer.Write(frame.Epoch);
        writer.Write("seq");
        writer.Write(frame.Seq);
        writer.Write("at");
        writer.Write(ContractJson.Format(frame.At));
        writer.Write("heartbeat");
        writer.Write(frame.Heartbeat);
        writer.Write("devices");
        writer.WriteArrayHeader(frame.Devices.Length);
        foreach (var device in frame.Devices)
        {
            WriteDevice(ref writer, device);
        }

        writer.Write("warnings");
        WriteAsJson(ref writer, frame.Warnings);
        writer.Write("incidents");
        WriteAsJson(ref writer, frame.Incidents);
        writer.Write("tasks");
        WriteAsJson(ref writer, frame.Tasks);
        writer.Write("removed");
        WriteAsJson(ref writer, frame.Removed);
        writer.Write("counts");
        WriteAsJson(ref writer, frame.Counts);
        if (part > 0)
        {
            writer.Write("part");
            writer.Write(part);
            writer.Write("parts");
            writer.Write(parts);
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteDevice(ref MessagePackWriter writer, DeviceSituation device)
    {
        writer.WriteMapHeader(14);
        writer.Write("id");
        writer.Write(device.Id.Value);
        writer.Write("state");
        writer.Write(Word(device.State));
        writer.Write("colour");
        writer.Write(Word(device.Colour));
        writer.Write("lon");
        WriteNumber(ref writer, device.Longitude);
        writer.Write("lat");
        WriteNumber(ref writer, device.Latitude);
        writer.Write("at");
        writer.Write(device.At is { } at ? ContractJson.Format(at) : null);
        writer.Write("values");
        writer.WriteMapHeader(device.Values.Count);
        foreach (var (quantity, value) in device.Values)
        {
            writer.Write(quantity);
            WriteNumber(ref writer, value);
        }

        writer.Write("kind");
        writer.Write(device.Kind);
        writer.Write("name");
        writer.Write(device.Name);
        writer.Write("areas");
        writer.WriteArrayHeader(device.Areas.Length);
        foreach (var area in device.Areas)
        {
            writer.Write(area.Value);
        }

        writer.Write("street");
        writer.Write(device.Street.Value);
        writer.Write("domain");
        writer.Write(Word(device.Domain));
        writer.Write("heading");
        WriteNumber(ref writer, device.Heading);
        writer.Write("event");
        if (device.Event is null)
        {
            writer.WriteNil();
        }
        else
        {
            WriteAsJson(ref writer, device.Event);
        }
    }

    private static void WriteAsJson<T>(ref MessagePackWriter writer, T value)
    {
        using var document = JsonSerializer.SerializeToDocument(value, ContractJson.Options);
        WriteElement(ref writer, document.RootElement);
    }

    private static void WriteElement(ref MessagePackWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteMapHeader(element.GetPropertyCount());
                foreach (var property in element.EnumerateObject())
                {
                    writer.Write(property.Name);
                    WriteElement(ref writer, property.Value);
                }

                break;
            case JsonValueKind.Array:
                writer.WriteArrayHeader(element.GetArrayLength());
                foreach (var item in element.EnumerateArray())
                {
                    WriteElement(ref writer, item);
                }

                break;
            case JsonValueKind.String:
                writer.Write(element.GetString());
                break;
            case JsonValueKind.Number when element.TryGetInt64(out var whole):
                writer.Write(whole);
                break;
            case JsonValueKind.Number:
                writer.Write(element.GetDouble());
                break;
            case JsonValueKind.True:
                writer.Write(true);
                break;
            case JsonValueKind.False:
                writer.Write(false);
                break;
            default:
                writer.WriteNil();
                break;
        }
    }

    private static void WriteNumber(ref MessagePackWriter writer, double? value)
    {
        if (value is not { } number)
        {
            writer.WriteNil();
        }
        else if (number == Math.Floor(number) && Math.Abs(number) < 1e15)
        {
            writer.Write((long)number);
        }
        else
        {
            writer.Write(number);
        }
    }

    private static string Word(DeviceState state) => state switch
    {
        DeviceState.Normal => "normal",
        DeviceState.Stale => "stale",
        DeviceState.Offline => "offline",
        DeviceState.Unknown => "unknown",
        DeviceState.Maintenance => "maintenance",
        _ => throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{state} has no word.")),
    };

    private static string? Word(Colour? colour) => colour switch
    {
        null => null,
        Colour.Blue => "blue",
        Colour.Yellow => "yellow",
        Colour.Orange => "orange",
        Colour.Red => "red",
        _ => throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{colour} has no word.")),
    };

    private static string Word(GovernanceDomain domain) => domain switch
    {
        GovernanceDomain.Urban => "urban",
        GovernanceDomain.Social => "social",
        GovernanceDomain.Safety => "safety",
        GovernanceDomain.Economic => "economic",
        _ => throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{domain} has no word.")),
    };
}

/// <summary>Hands the finished JSON to the hub's JSON protocol.</summary>
internal sealed class WireFrameJsonConverter : JsonConverter<WireFrame>
{
    public override WireFrame Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Frames are only sent.");

    public override void Write(Utf8JsonWriter writer, WireFrame value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Json.Span, skipInputValidation: true);
}

/// <summary>Hands the finished bytes to the hub's MessagePack protocol.</summary>
internal sealed class WireFrameFormatter : IMessagePackFormatter<WireFrame?>
{
    public void Serialize(ref MessagePackWriter writer, WireFrame? value, MessagePackSerializerOptions options)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteRaw(value.MessagePack.Span);
    }

    public WireFrame Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) =>
        throw new NotSupportedException("Frames are only sent.");
}

/// <summary>The formatters of the hub: frames as finished bytes, arguments as plain values.</summary>
internal sealed class WireFrameResolver : IFormatterResolver
{
    public static readonly WireFrameResolver Instance = new();

    public IMessagePackFormatter<T>? GetFormatter<T>() =>
        typeof(T) == typeof(WireFrame)
            ? (IMessagePackFormatter<T>)(object)new WireFrameFormatter()
            : MessagePack.Resolvers.StandardResolver.Instance.GetFormatter<T>();
}
