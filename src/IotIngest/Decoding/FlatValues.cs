using System.Globalization;
using System.Text.Json;

namespace IotIngest.Decoding;

/// <summary>The unit of a value by its flat name: what the message says, and what the format's documentation says. Null: nothing.</summary>
internal delegate (string? Unit, string? UsualUnit) UnitOf(string name);

/// <summary>Flattens the values of a foreign document: nested members get dotted names, elements of arrays their index, true and false (and ON and OFF) are 1 and 0.
/// A text that is a plain number is that number; any other stays under its name as no number, so that a quantity mapped to it is refused and not missed in silence.</summary>
internal static class FlatValues
{
    /// <summary>No one maps longer names, and a long name over many values would swell beyond any payload.</summary>
    public const int NameLengthMax = 200;

    /// <summary>False when there are too many.</summary>
    /// <param name="numbersOnly">Texts are left out, also those that look like a number.</param>
    public static bool TryAdd(JsonElement element, string name, DecodedMessage into, UnitOf? units = null, bool numbersOnly = false)
    {
        if (name.Length > NameLengthMax || (numbersOnly && element.ValueKind is JsonValueKind.String or JsonValueKind.Null))
        {
            return true;
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    if (!TryAdd(member.Value, name.Length == 0 ? member.Name : name + "." + member.Name, into, units, numbersOnly))
                    {
                        return false;
                    }
                }

                return true;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var part in element.EnumerateArray())
                {
                    if (!TryAdd(part, string.Create(CultureInfo.InvariantCulture, $"{name}.{index++}"), into, units, numbersOnly))
                    {
                        return false;
                    }
                }

                return true;
            default:
                var (unit, usualUnit) = units?.Invoke(name) ?? default;
                return into.AddValue(name, NumberOf(element), unit, usualUnit);
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

    /// <summary>NaN for what is no number.</summary>
    public static double NumberOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.Number => element.TryGetDouble(out var number) ? number : double.NaN,
        JsonValueKind.String => NumberOf(element.GetString()),
        _ => double.NaN,
    };

    /// <summary>Only plain decimals: a text such as 00000566 or 5937E90 is an identity and not a number.</summary>
    public static double NumberOf(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Equals("on", StringComparison.OrdinalIgnoreCase) || text.Equals("true", StringComparison.OrdinalIgnoreCase))
        {
            return 1;
        }

        if (text.Equals("off", StringComparison.OrdinalIgnoreCase) || text.Equals("false", StringComparison.OrdinalIgnoreCase))
        {
            return 0;
        }

        var digits = text.TrimStart('-');
        return digits.Length is > 0 and <= 16 && !(digits.Length > 1 && digits[0] == '0' && digits[1] != '.') && char.IsAsciiDigit(digits[0])
            && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
    }
}
