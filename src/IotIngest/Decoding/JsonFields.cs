using System.Text.Json;

namespace IotIngest.Decoding;

/// <summary>Reads single members of a foreign document. What is missing or of another kind is null: each decoder says itself what it cannot do without.</summary>
internal static class JsonFields
{
    public static JsonElement? Field(this JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    /// <summary>The member where it is an object.</summary>
    public static JsonElement? ObjectField(this JsonElement owner, string name) => owner.Field(name) is { ValueKind: JsonValueKind.Object } member ? member : null;

    /// <summary>The member where it is a text that is not empty.</summary>
    public static string? TextField(this JsonElement owner, string name) =>
        owner.Field(name) is { ValueKind: JsonValueKind.String } member && member.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>The member where it is a text or a number, as text: identities come either way.</summary>
    public static string? IdField(this JsonElement owner, string name) =>
        owner.Field(name) is { } member ? IdOf(member) : null;

    public static string? IdOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String when element.GetString() is { Length: > 0 } text => text,
        JsonValueKind.Number => element.GetRawText(),
        _ => null,
    };

    /// <summary>The member where it is a finite number, also one written as text.</summary>
    public static double? NumberField(this JsonElement owner, string name) =>
        owner.Field(name) is { ValueKind: JsonValueKind.Number or JsonValueKind.String } member && FlatValues.NumberOf(member) is var number && double.IsFinite(number) ? number : null;

    public static bool? BoolField(this JsonElement owner, string name) => owner.Field(name) is { } member ? BoolOf(member) : null;

    public static bool? BoolOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when string.Equals(element.GetString(), "true", StringComparison.OrdinalIgnoreCase) => true,
        JsonValueKind.String when string.Equals(element.GetString(), "false", StringComparison.OrdinalIgnoreCase) => false,
        _ => null,
    };
}
