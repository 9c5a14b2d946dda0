using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace CommandCenter.Web.RuleDesk;

/// <summary>How a field of a rule kind is asked for.</summary>
public enum RuleFieldType { Number, Seconds, Word, YesNo, Quantity, Events }

/// <summary>One parameter of a rule kind in the form. Its name is the document's; its label and help come from the resources.</summary>
public sealed record RuleField(string Name, RuleFieldType Type)
{
    public ImmutableArray<string> Words { get; init; } = [];

    /// <summary>What the server takes when nothing is said; shown as the choice that stands.</summary>
    public string? Usual { get; init; }
    public bool Needed { get; init; }

    /// <summary>Only asked for when another parameter has this value.</summary>
    public (string Name, string Word)? When { get; init; }
}

/// <summary>The forms of the ten kinds: which parameters are asked for. Areas, shapes and expressions have forms of their own.</summary>
internal static class RuleSchema
{
    public static readonly string[] Kinds = ["threshold", "rate", "window", "event", "absence", "stuck", "geofence", "baseline", "count", "composite"];

    /// <summary>Kinds that measure one device, so that they can stand beside another condition or inside a composite.</summary>
    public static readonly string[] AlsoKinds = ["threshold", "rate", "window", "stuck", "baseline"];
    public static readonly string[] InnerKinds = ["threshold", "rate", "window", "event", "absence", "stuck", "baseline"];
    public static readonly string[] Per = ["street", "overlay", "district", "place", "building", "gateway", "switch", "power"];
    public static readonly string[] Same = ["subject", "place", "street", "overlay", "district", "building", "gateway", "switch", "power"];
    public static readonly string[] Relative = ["none", "difference", "share", "percent", "deviation"];
    public static readonly string[] Incident = ["never", "suggest", "open"];
    public static readonly string[] Days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    public static ImmutableArray<RuleField> Of(string kind) => kind switch
    {
        "rate" =>
        [
            Quantity, Word("when", "rise", "fall", "either"), new("periodSeconds", RuleFieldType.Seconds) { Needed = true }, Word("method", "slope", "change"),
            new("percent", RuleFieldType.YesNo) { Usual = "false" }, new("lookBackSeconds", RuleFieldType.Seconds), new("minSpanSeconds", RuleFieldType.Seconds), new("maxGapSeconds", RuleFieldType.Seconds),
        ],
        "window" =>
        [
            Quantity with { Needed = false }, new("types", RuleFieldType.Events), new("aggregate", RuleFieldType.Word) { Words = ["sum", "mean", "max", "min", "range", "count", "laeq", "p50", "p90", "p95", "p99"], Needed = true },
            Word("when", "above", "below"), new("spanSeconds", RuleFieldType.Seconds) { Needed = true }, new("stepSeconds", RuleFieldType.Seconds), new("minCoverage", RuleFieldType.Number),
            Word("countWhen", "above", "below") with { When = ("aggregate", "count") }, new("countValue", RuleFieldType.Number) { When = ("aggregate", "count") }, new("minConfidence", RuleFieldType.Number) { Usual = "0", When = ("aggregate", "count") },
        ],
        "event" => [new("types", RuleFieldType.Events) { Needed = true }, new("endsAfterQuietSeconds", RuleFieldType.Seconds)],
        "absence" => [new("multiple", RuleFieldType.Number) { Usual = "3" }],
        "stuck" => [Quantity, new("epsilon", RuleFieldType.Number) { Usual = "0" }, new("maxGapSeconds", RuleFieldType.Seconds)],
        "geofence" => [Word("when", "inside", "outside", "enter", "exit"), new("minSpeedKmh", RuleFieldType.Number), new("maxSpeedKmh", RuleFieldType.Number)],
        "baseline" =>
        [
            Quantity, Word("by", "hour_of_week", "last_days"), Word("when", "either", "above", "below"), Word("measure", "percent", "sigma"), new("minHistory", RuleFieldType.Number),
            new("minReadings", RuleFieldType.Number) { Usual = "3" }, new("minBaseline", RuleFieldType.Number) { Usual = "0" },
        ],
        "count" =>
        [
            new("measure", RuleFieldType.Word) { Words = ["devices", "percent", "streets"], Usual = "devices" }, new("per", RuleFieldType.Word) { Words = [.. Per], Usual = "street" }, new("scope", RuleFieldType.Word) { Words = ["street", "district"] },
            new("withinMetres", RuleFieldType.Number), new("withinMinutes", RuleFieldType.Number), new("minPopulation", RuleFieldType.Number),
        ],
        "composite" =>
        [
            new("per", RuleFieldType.Word) { Words = [.. Per], Usual = "street" }, new("scope", RuleFieldType.Word) { Words = ["street", "district"] }, new("withinMetres", RuleFieldType.Number),
        ],
        _ => [],
    };

    /// <summary>Whether a level of the kind has a value.</summary>
    public static bool HasValue(string kind) => kind is not ("event" or "absence" or "composite");

    public static bool Measures(string kind) => kind is "threshold" or "rate" or "window" or "stuck" or "baseline";

    /// <summary>What a new rule of the kind begins with. It is off until somebody turns it on.</summary>
    public static JsonObject Fresh(string kind)
    {
        var document = new JsonObject
        {
            ["name"] = new JsonObject { ["zh"] = string.Empty, ["en"] = string.Empty }, ["kind"] = kind, ["enabled"] = false,
            ["select"] = new JsonObject { ["kinds"] = new JsonArray(), ["tags"] = new JsonArray(), ["notTags"] = new JsonArray(), ["areas"] = new JsonArray(), ["devices"] = new JsonArray() },
        };
        if (kind == "threshold")
        {
            (document["quantity"], document["when"]) = ("water_depth", "above");
        }
        else
        {
            document["parameters"] = Parameters(kind);
        }

        var yellow = new JsonObject { ["onDelaySeconds"] = kind is "event" or "stuck" or "composite" ? 0 : 60 };
        document["levels"] = new JsonObject { ["yellow"] = yellow };
        document["minSamples"] = kind is "event" or "stuck" or "geofence" or "count" or "composite" ? 1 : 2;
        document["offDelaySeconds"] = 300;
        return document;
    }

    /// <summary>The parameters that a fresh condition of the kind begins with.</summary>
    public static JsonObject Parameters(string kind) => kind switch
    {
        "rate" => new() { ["quantity"] = "water_depth", ["when"] = "rise", ["periodSeconds"] = 600 },
        "window" => new() { ["quantity"] = "rainfall", ["aggregate"] = "sum", ["spanSeconds"] = 3600 },
        "stuck" => new() { ["quantity"] = "water_level" },
        "baseline" => new() { ["quantity"] = "power" },
        "event" => new() { ["types"] = new JsonArray() },
        "absence" => new() { ["multiple"] = 3 },
        "geofence" => new() { ["when"] = "inside" },
        "count" => new() { ["of"] = new JsonObject(), ["measure"] = "devices", ["per"] = "street" },
        "composite" => new() { ["per"] = "place", ["when"] = new JsonObject { ["all"] = new JsonArray(new JsonObject()) } },
        _ => [],
    };

    private static RuleField Quantity => new("quantity", RuleFieldType.Quantity) { Needed = true };

    private static RuleField Word(string name, params string[] words) => new(name, RuleFieldType.Word) { Words = [.. words], Usual = words[0] };
}
