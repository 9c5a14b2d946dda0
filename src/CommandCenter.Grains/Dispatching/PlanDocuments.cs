using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Dispatching;

/// <summary>The stored form of a plan: the document as it came, with id and version set.</summary>
internal static class PlanDocuments
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // By the document itself, not by its text: the plan book keeps the same strings until a plan changes, and with them goes what was read from them.
    private static readonly ConditionalWeakTable<string, Plan> Parsed = [];

    public static string Stamp(string document, PlanId id, int version)
    {
        var given = (JsonObject)JsonNode.Parse(document)!;
        var stamped = new JsonObject { ["id"] = id.Value, ["version"] = version };
        foreach (var (name, value) in given.Where(member => member.Key is not ("id" or "version")))
        {
            stamped[name] = value?.DeepClone();
        }

        return stamped.ToJsonString(Indented);
    }

    /// <summary>Whether both say the same but for the version.</summary>
    public static bool SameContent(string one, string other, PlanId id) =>
        JsonNode.DeepEquals(JsonNode.Parse(Stamp(one, id, 0)), JsonNode.Parse(Stamp(other, id, 0)));

    public static (PlanId Id, int Version) Head(string document)
    {
        using var json = JsonDocument.Parse(document);
        return (new PlanId(json.RootElement.GetProperty("id").GetString()!), json.RootElement.GetProperty("version").GetInt32());
    }

    /// <summary>A document that was checked when it was stored; read once as long as the plan book holds it.</summary>
    public static Plan ParseStored(string document) => Parsed.GetValue(document, Parse);

    private static Plan Parse(string document)
    {
        var (id, version) = Head(document);
        var parsed = PlanParsing.Parse(id, version, document);
        return parsed.Value ?? throw new InvalidOperationException($"The stored plan {id} version {version} cannot be read: {parsed.Detail}");
    }
}
