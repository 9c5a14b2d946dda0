using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>Reads typed fields of a JSON object. What is wrong is noted under <c>path + field</c>, and the usual value goes on.</summary>
internal static class JsonFields
{
    /// <summary>Longest delay, span or period of a rule: 31 days.</summary>
    public const long SecondsMax = 31 * 86_400;

    public static void Known(JsonElement element, IEnumerable<string> fields, string path, FieldErrors errors)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (!fields.Contains(property.Name))
            {
                errors.Add(path + property.Name, "unknown field");
            }
        }
    }

    /// <summary>The field when it is there and not null.</summary>
    public static JsonElement? Find(JsonElement element, string field) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static JsonElement? Object(JsonElement element, string field, string path, FieldErrors errors)
    {
        if (Find(element, field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return value;
        }

        errors.Add(path + field, "must be an object");
        return null;
    }

    public static IEnumerable<(JsonElement Item, string Path)> Objects(JsonElement element, string field, int max, string path, FieldErrors errors)
    {
        if (Find(element, field) is not { } list)
        {
            yield break;
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > max)
        {
            errors.Add(path + field, string.Create(CultureInfo.InvariantCulture, $"must be a list of at most {max} objects"));
            yield break;
        }

        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{path}{field}[{index++}]");
            if (item.ValueKind == JsonValueKind.Object)
            {
                yield return (item, place + ".");
            }
            else
            {
                errors.Add(place, "must be an object");
            }
        }
    }

    public static string? Text(JsonElement element, string field, string path, FieldErrors errors)
    {
        if (Find(element, field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 500 } text)
        {
            return text;
        }

        errors.Add(path + field, "must be a text of 1 to 500 characters");
        return null;
    }

    public static ImmutableArray<string> Texts(JsonElement element, string field, string path, FieldErrors errors)
    {
        if (Find(element, field) is not { } value)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            errors.Add(path + field, "must be a list of texts");
            return [];
        }

        return [.. value.EnumerateArray().Select(item => item.GetString()!)];
    }

    public static bool Bool(JsonElement element, string field, bool usual, string path, FieldErrors errors)
    {
        if (Find(element, field) is not { } value)
        {
            return usual;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        errors.Add(path + field, "must be true or false");
        return usual;
    }

    public static string? Word(JsonElement element, string field, string? usual, IReadOnlyCollection<string> words, string path, FieldErrors errors)
    {
        var value = Find(element, field);
        if (value is null && usual is not null)
        {
            return usual;
        }

        if (value is { ValueKind: JsonValueKind.String } given && words.Contains(given.GetString()))
        {
            return given.GetString();
        }

        errors.Add(path + field, "must be one of " + string.Join(", ", words));
        return usual;
    }

    public static double Number(JsonElement element, string field, double usual, double min, double max, string path, FieldErrors errors) =>
        Number(element, field, min, max, path, errors) ?? usual;

    /// <summary>Null when the field is absent or wrong.</summary>
    public static double? Number(JsonElement element, string field, double min, double max, string path, FieldErrors errors) =>
        Find(element, field) is { } value ? Number(value, min, max, path + field, errors) : null;

    public static double? Number(JsonElement value, double min, double max, string field, FieldErrors errors)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number) || !double.IsFinite(number))
        {
            errors.Add(field, "must be a number");
            return null;
        }

        if (number < min || number > max)
        {
            errors.Add(field, string.Create(CultureInfo.InvariantCulture, $"must be from {min} to {max}"));
            return null;
        }

        return number;
    }

    public static int Whole(JsonElement element, string field, int usual, int min, int max, string path, FieldErrors errors)
    {
        if (Number(element, field, min, max, path, errors) is not { } number)
        {
            return usual;
        }

        if (number != Math.Floor(number))
        {
            errors.Add(path + field, "must be a whole number");
        }

        return (int)number;
    }

    public static long Milliseconds(JsonElement element, string field, string path, FieldErrors errors) =>
        (long)Math.Round(Number(element, field, 0, 0, SecondsMax, path, errors) * 1000);

    public static QuantityId? Quantity(JsonElement element, string field, bool needed, string path, FieldErrors errors)
    {
        if (Text(element, field, path, errors) is not { } text)
        {
            if (needed && !errors.Has(path + field))
            {
                errors.Add(path + field, "is needed: a quantity of the vocabulary");
            }

            return null;
        }

        if (QuantityKinds.Find(new(text)) is null)
        {
            errors.Add(path + field, $"{text} is not in the vocabulary");
        }

        return new(text);
    }
}
