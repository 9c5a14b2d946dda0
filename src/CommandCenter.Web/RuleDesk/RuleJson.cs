using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.RuleDesk;

/// <summary>Reads a rule document. What is not there, or of another type, is null: the server has the last word on what a document may say.</summary>
internal static class RuleJson
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The words of the four colours, lesser first, as documents name them.</summary>
    public static readonly string[] Colours = ["blue", "yellow", "orange", "red"];

    public static JsonObject Parse(string document) => JsonNode.Parse(document)!.AsObject();

    public static string Write(JsonNode node) => node.ToJsonString(Readable);

    public static string? Text(JsonObject? from, string name) => from?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static double? Number(JsonObject? from, string name) => from?[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? Double(value) : null;

    public static bool Flag(JsonObject? from, string name, bool usual = false) => from?[name] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : usual;

    public static JsonObject? Object(JsonObject? from, string name) => from?[name] as JsonObject;

    public static IReadOnlyList<JsonObject> Objects(JsonObject? from, string name) => from?[name] is JsonArray list ? [.. list.OfType<JsonObject>()] : [];

    public static IReadOnlyList<string> Texts(JsonObject? from, string name) =>
        from?[name] is JsonArray list ? [.. list.OfType<JsonValue>().Select(item => item.TryGetValue<string>(out var text) ? text : item.ToString())] : [];

    public static Label Name(JsonObject document, string id)
    {
        var name = Object(document, "name");
        return name is null ? new(Text(document, "name") ?? id, Text(document, "name") ?? id) : new(Text(name, "zh") ?? id, Text(name, "en") ?? Text(name, "zh") ?? id);
    }

    /// <summary>The levels that the rule has, lesser colours first.</summary>
    public static IEnumerable<(Colour Colour, string Word, JsonObject Level)> Levels(JsonObject document)
    {
        var levels = Object(document, "levels");
        for (var i = 0; i < Colours.Length; i++)
        {
            if (Object(levels, Colours[i]) is { } level)
            {
                yield return ((Colour)(i + 1), Colours[i], level);
            }
        }
    }

    /// <summary>What the condition measures: at its top for a threshold, among the parameters for the other kinds.</summary>
    public static string? Quantity(JsonObject condition) => Text(condition, "quantity") ?? Text(Object(condition, "parameters"), "quantity");

    public static string Kind(JsonObject condition) => Text(condition, "kind") ?? "threshold";

    /// <summary>As it is typed and read back: all figures, without thousands.</summary>
    public static string Plain(double value) => value.ToString("0.############", CultureInfo.InvariantCulture);

    /// <summary>Documents hold whole numbers and fractions; both are one number here.</summary>
    private static double Double(JsonValue value) => JsonSerializer.Deserialize<double>(value.ToJsonString());
}
