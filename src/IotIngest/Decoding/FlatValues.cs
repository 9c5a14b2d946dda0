using System.Globalization;
using System.Text.Json;

namespace IotIngest.Decoding;

/// <summary>Flattens the values of a foreign document: nested members get dotted names, elements of arrays their index, true and false are 1 and 0.</summary>
internal static class FlatValues
{
    /// <summary>False when there are too many.</summary>
    public static bool TryAdd(JsonElement element, string name, DecodedMessage into)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    if (!TryAdd(member.Value, name.Length == 0 ? member.Name : name + "." + member.Name, into))
                    {
                        return false;
                    }
                }

                return true;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var part in element.EnumerateArray())
                {
                    if (!TryAdd(part, string.Create(CultureInfo.InvariantCulture, $"{name}.{index++}"), into))
                    {
                        return false;
                    }
                }

                return true;
            case JsonValueKind.True or JsonValueKind.False:
                return into.AddValue(name, element.ValueKind == JsonValueKind.True ? 1 : 0);
            case JsonValueKind.Number:
                return into.AddValue(name, element.TryGetDouble(out var number) ? number : double.NaN);
            default:
                return into.AddValue(name, double.NaN);
        }
    }

    /// <summary>Adds the member where there is one.</summary>
    public static void AddMember(JsonElement owner, string name, DecodedMessage into)
    {
        if (owner.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Number)
        {
            TryAdd(member, name, into);
        }
    }
}
