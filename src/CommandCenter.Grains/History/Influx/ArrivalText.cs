using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.History.Influx;

/// <summary>A batch as one JSON text and back. Names stand once and items are rows of numbers, because the text is stored beside the readings themselves.</summary>
internal static class ArrivalText
{
    public static string Write(IngestBatch batch)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            var names = new Names();
            json.WriteStartObject();
            json.WriteStartArray("r");
            foreach (ref readonly var reading in InfluxLines.OrEmpty(batch.Readings).AsSpan())
            {
                json.WriteStartArray();
                json.WriteNumberValue(names.Of(reading.Device.Value));
                json.WriteNumberValue(names.Of(reading.Quantity.Value));
                json.WriteNumberValue(reading.Value);
                json.WriteNumberValue((int)reading.Quality);
                Times(json, reading.ObservedAt, reading.ReceivedAt);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            Rows(json, "e", batch.Events, item =>
            {
                json.WriteNumberValue(names.Of(item.Device.Value));
                json.WriteStringValue(item.EventId);
                json.WriteNumberValue(names.Of(item.Type.Value));
                json.WriteNumberValue((int)item.State);
                NumberOrNull(json, item.Confidence);
                json.WriteStringValue(item.Snapshot);
                json.WriteStringValue(item.Clip);
                json.WriteStartArray();
                foreach (var part in InfluxLines.OrEmpty(item.Box))
                {
                    json.WriteNumberValue(part);
                }

                json.WriteEndArray();
                Times(json, item.ObservedAt, item.ReceivedAt);
            });
            Rows(json, "p", batch.Positions, item =>
            {
                json.WriteNumberValue(names.Of(item.Device.Value));
                json.WriteNumberValue(item.Longitude);
                json.WriteNumberValue(item.Latitude);
                NumberOrNull(json, item.SpeedKmh);
                NumberOrNull(json, item.HeadingDeg);
                Times(json, item.ObservedAt, item.ReceivedAt);
            });
            Rows(json, "s", batch.Statuses, item =>
            {
                json.WriteNumberValue(names.Of(item.Device.Value));
                json.WriteBooleanValue(item.Online);
                Times(json, item.ObservedAt, item.ReceivedAt);
            });
            json.WriteStartArray("n");
            foreach (var name in names.All)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        // The writer escapes everything beyond ASCII, so that a text may be cut anywhere and its length is its bytes.
        return Encoding.ASCII.GetString(buffer.WrittenSpan);
    }

    /// <summary>The batch without what was received before; throws <see cref="JsonException"/> when the text is none of ours.</summary>
    public static IngestBatch Read(string node, long sequence, AreaId street, string text, long receivedFromMs)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        var names = root.GetProperty("n").EnumerateArray().Select(name => name.GetString()!).ToArray();
        return new IngestBatch
        {
            Node = node,
            Sequence = sequence,
            Street = street,
            Readings = Items(root, "r", 4, (row, at, received) =>
                new Reading(new(names[row[0].GetInt32()]), new(names[row[1].GetInt32()]), row[2].GetDouble(), at, received, (Quality)row[3].GetInt32())),
            Events = Items(root, "e", 8, (row, at, received) => new DeviceEvent(
                new(names[row[0].GetInt32()]), row[1].GetString()!, new(names[row[2].GetInt32()]), (EventState)row[3].GetInt32(), NumberOrNull(row[4]),
                row[5].GetString(), row[6].GetString(), [.. row[7].EnumerateArray().Select(part => part.GetDouble())], at, received)),
            Positions = Items(root, "p", 5, (row, at, received) =>
                new DevicePosition(new(names[row[0].GetInt32()]), row[1].GetDouble(), row[2].GetDouble(), NumberOrNull(row[3]), NumberOrNull(row[4]), at, received)),
            Statuses = Items(root, "s", 2, (row, at, received) => new DeviceStatus(new(names[row[0].GetInt32()]), row[1].GetBoolean(), at, received)),
        };

        ImmutableArray<T> Items<T>(JsonElement of, string name, int times, Func<JsonElement, DateTimeOffset, DateTimeOffset, T> make)
        {
            var items = ImmutableArray.CreateBuilder<T>();
            foreach (var row in of.GetProperty(name).EnumerateArray())
            {
                var received = row[times + 1].GetInt64();
                if (received >= receivedFromMs)
                {
                    items.Add(make(row, DateTimeOffset.FromUnixTimeMilliseconds(row[times].GetInt64()), DateTimeOffset.FromUnixTimeMilliseconds(received)));
                }
            }

            return items.ToImmutable();
        }
    }

    private static void Rows<T>(Utf8JsonWriter json, string name, ImmutableArray<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in InfluxLines.OrEmpty(items))
        {
            json.WriteStartArray();
            write(item);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void Times(Utf8JsonWriter json, DateTimeOffset observed, DateTimeOffset received)
    {
        json.WriteNumberValue(observed.ToUnixTimeMilliseconds());
        json.WriteNumberValue(received.ToUnixTimeMilliseconds());
    }

    private static void NumberOrNull(Utf8JsonWriter json, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static double? NumberOrNull(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetDouble();

    private sealed class Names
    {
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

        public List<string> All { get; } = [];

        public int Of(string name)
        {
            if (!_numbers.TryGetValue(name, out var number))
            {
                number = All.Count;
                _numbers.Add(name, number);
                All.Add(name);
            }

            return number;
        }
    }
}
