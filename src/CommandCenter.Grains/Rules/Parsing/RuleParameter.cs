using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

internal enum ParameterType { Number, Whole, Seconds, Word, Texts, YesNo, Quantity, Json }

/// <summary>One parameter of a rule kind, as the document names it: its type, range and usual value. The parser, the written form and the
/// documentation follow from it.</summary>
/// <param name="Usual">Number, text or bool; null: none.</param>
/// <param name="Words">The words that are allowed.</param>
internal sealed record RuleParameter(string Name, ParameterType Type, bool Needed = false, double Min = 0, double Max = double.MaxValue, object? Usual = null, string? Unit = null)
{
    public ImmutableArray<string> Words { get; init; } = [];

    public static RuleParameter Of(string name, ImmutableArray<string> words, string usual) => new(name, ParameterType.Word, Usual: usual) { Words = words };

    public static RuleParameter Seconds(string name, bool needed = false, double min = 0.001, object? usual = null) =>
        new(name, ParameterType.Seconds, needed, min, JsonFields.SecondsMax, usual, "s");
}

/// <summary>The parameters of one condition as read: every one of the kind is there, null when it was not given and has no usual value.</summary>
internal sealed class ParameterValues
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);
    private readonly ImmutableArray<RuleParameter> _known;

    private ParameterValues(ImmutableArray<RuleParameter> known) => _known = known;

    public static ParameterValues Empty { get; } = new([]);

    public static ParameterValues Read(ImmutableArray<RuleParameter> known, JsonElement? given, string path, FieldErrors errors)
    {
        var values = new ParameterValues(known);
        if (given is { } all)
        {
            JsonFields.Known(all, known.Select(parameter => parameter.Name), path, errors);
        }

        foreach (var parameter in known)
        {
            values._values[parameter.Name] = Read(parameter, given ?? default, path, errors);
        }

        return values;
    }

    public bool Has(string name) => _values.GetValueOrDefault(name) is not null;

    public double Number(string name) => (double)_values[name]!;

    public double? NumberOrNull(string name) => (double?)_values[name];

    public int Whole(string name) => (int)(double)_values[name]!;

    public long Milliseconds(string name) => MillisecondsOrNull(name)!.Value;

    public long? MillisecondsOrNull(string name) => _values[name] is double seconds ? (long)Math.Round(seconds * 1000) : null;

    public string Word(string name) => (string)_values[name]!;

    public bool YesNo(string name) => (bool)_values[name]!;

    public QuantityId? Quantity(string name) => _values.GetValueOrDefault(name) is string text ? new QuantityId(text) : null;

    public ImmutableArray<string> Texts(string name) => (ImmutableArray<string>)_values[name]!;

    /// <summary>The raw JSON of a parameter that its kind reads by itself; null when it was not given.</summary>
    public JsonElement? Json(string name) => (JsonElement?)_values[name];

    /// <summary>Every parameter of the kind; null where there is none.</summary>
    public void Write(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject(name);
        foreach (var parameter in _known)
        {
            writer.WritePropertyName(parameter.Name);
            Write(writer, _values[parameter.Name]);
        }

        writer.WriteEndObject();
    }

    /// <summary>Only what has a value, into an object that is already begun.</summary>
    public void WriteGiven(Utf8JsonWriter writer)
    {
        foreach (var parameter in _known)
        {
            if (_values[parameter.Name] is { } value)
            {
                writer.WritePropertyName(parameter.Name);
                Write(writer, value);
            }
        }
    }

    private static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case double number:
                writer.WriteNumberValue(number);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool yes:
                writer.WriteBooleanValue(yes);
                break;
            case ImmutableArray<string> texts:
                writer.WriteStartArray();
                foreach (var text in texts)
                {
                    writer.WriteStringValue(text);
                }

                writer.WriteEndArray();
                break;
            case JsonElement json:
                json.WriteTo(writer);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    private static object? Read(RuleParameter parameter, JsonElement given, string path, FieldErrors errors)
    {
        var name = parameter.Name;
        var value = JsonFields.Find(given, name);
        if (value is null && parameter.Type != ParameterType.Texts)
        {
            if (parameter.Needed)
            {
                errors.Add(path + name, parameter.Type == ParameterType.Quantity ? "is needed: a quantity of the vocabulary" : "is needed");
            }

            return parameter.Usual is int or long ? Convert.ToDouble(parameter.Usual, CultureInfo.InvariantCulture) : parameter.Usual;
        }

        return parameter.Type switch
        {
            ParameterType.Number or ParameterType.Seconds => JsonFields.Number(given, name, parameter.Min, parameter.Max, path, errors),
            ParameterType.Whole => (double)JsonFields.Whole(given, name, (int)parameter.Min, (int)parameter.Min, (int)parameter.Max, path, errors),
            ParameterType.Word => JsonFields.Word(given, name, (string?)parameter.Usual, parameter.Words, path, errors),
            ParameterType.YesNo => JsonFields.Bool(given, name, (bool)parameter.Usual!, path, errors),
            ParameterType.Quantity => JsonFields.Quantity(given, name, parameter.Needed, path, errors)?.Value,
            ParameterType.Texts => Texts(parameter, given, path, errors),
            // Kept beyond the document that it came from.
            ParameterType.Json => value!.Value.Clone(),
            _ => throw new InvalidOperationException($"Unknown parameter type {parameter.Type}."),
        };
    }

    private static ImmutableArray<string> Texts(RuleParameter parameter, JsonElement given, string path, FieldErrors errors)
    {
        var texts = JsonFields.Texts(given, parameter.Name, path, errors);
        if (texts.IsEmpty && parameter.Needed && !errors.Has(path + parameter.Name))
        {
            errors.Add(path + parameter.Name, "at least one is needed");
        }

        return texts;
    }
}
