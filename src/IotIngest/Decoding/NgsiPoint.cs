using System.Globalization;
using System.Text.Json;

namespace IotIngest.Decoding;

/// <summary>The point of an entity: GeoJSON, or the text "latitude, longitude" of NGSI v2.</summary>
internal static class NgsiPoint
{
    public static bool TryRead(JsonElement place, out double longitude, out double latitude)
    {
        (longitude, latitude) = (0, 0);
        if (place.ValueKind == JsonValueKind.String)
        {
            var parts = place.GetString()!.Split(',', 3);
            return parts.Length == 2 && TryNumber(parts[0], out latitude) && TryNumber(parts[1], out longitude) && Correct(ref longitude, ref latitude);
        }

        return "Point".Equals(place.TextField("type"), StringComparison.OrdinalIgnoreCase) && place.Field("coordinates") is { ValueKind: JsonValueKind.Array } coordinates
            && coordinates.GetArrayLength() >= 2 && FlatValues.NumberOf(coordinates[0]) is var first && FlatValues.NumberOf(coordinates[1]) is var second
            && double.IsFinite(first) && double.IsFinite(second) && ((longitude, latitude) = (first, second)) is var _ && Correct(ref longitude, ref latitude);
    }

    /// <summary>Some models' own examples write the latitude first. In China every longitude is above 73° and every latitude below 54°, so here an exchanged pair gives itself away.</summary>
    private static bool Correct(ref double longitude, ref double latitude)
    {
        if (longitude is >= 3 and <= 54 && latitude is >= 73 and <= 136)
        {
            (longitude, latitude) = (latitude, longitude);
        }

        return true;
    }

    private static bool TryNumber(string text, out double number) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
