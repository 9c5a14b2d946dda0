using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CitySimulator;

/// <summary>The canonical payloads: readings, events, position, status.</summary>
internal static class Payloads
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Readings(DateTimeOffset at, IReadOnlyList<(string Quantity, double Value, string Unit)> values, bool withUnits) => Write(json =>
    {
        json.WriteString("at", Text(at));
        json.WriteStartObject("values");
        foreach (var (quantity, value, _) in values)
        {
            json.WriteNumber(quantity, value);
        }

        json.WriteEndObject();
        if (withUnits)
        {
            json.WriteStartObject("units");
            foreach (var (quantity, _, unit) in values)
            {
                json.WriteString(quantity, unit);
            }

            json.WriteEndObject();
        }
    });

    public static string Event(DateTimeOffset at, string id, string type, string state, double confidence, string? snapshot) => Write(json =>
    {
        json.WriteString("id", id);
        json.WriteString("at", Text(at));
        json.WriteString("type", type);
        json.WriteString("state", state);
        json.WriteNumber("confidence", confidence);
        if (snapshot is not null)
        {
            json.WriteString("snapshot", snapshot);
        }
    });

    public static string Position(DateTimeOffset at, double longitude, double latitude, double speedKmh, double headingDeg) => Write(json =>
    {
        json.WriteString("at", Text(at));
        json.WriteNumber("lon", Math.Round(longitude, 6));
        json.WriteNumber("lat", Math.Round(latitude, 6));
        json.WriteNumber("speed", Math.Round(speedKmh, 1));
        json.WriteNumber("heading", Math.Round(headingDeg));
        json.WriteString("crs", "wgs84");
    });

    public static string Status(bool online) => Write(json => json.WriteBoolean("online", online));

    /// <summary>Beijing time with its offset, as devices of the district send it.</summary>
    public static string Text(DateTimeOffset at) => at.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture);

    private static string Write(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
