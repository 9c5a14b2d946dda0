using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/rules</c>: the documents, their versions, who answers for their thresholds, and what they select.</summary>
internal static class RulesApi
{
    private const string WhyHeader = "X-Why";
    private const int VersionMax = 1_000_000_000;
    private const int PathsMax = 1_000;

    public static void MapRules(this RouteGroupBuilder api)
    {
        var rules = api.MapGroup("/rules").WithTags("rules");
        rules.MapGet("", async (HttpContext context, IClusterClient cluster) =>
            BooksApi.ListDocuments(context, await Book(cluster).ListAsync())).WithSummary("The newest version of every rule.");
        rules.MapGet("/{id}", GetAsync).WithSummary("One rule; of one that is marked 待校核 also its signatures and the thresholds that nobody has signed.");
        rules.MapPut("/{id}", PutAsync).WithSummary(
            "Stores a new version; every street judges by it. Optional: why (or header X-Why, percent-encoded) and expectedVersion (or If-Match). 202 with a proposal where a second person must approve.");
        rules.MapGet("/terms", async (IClusterClient cluster) => Answers.Document(await Book(cluster).GetTermsAsync())).WithSummary("Whether changes wait for a second person, and the limits of shadow runs.");
        rules.MapGet("/{id}/versions", async (string id, IClusterClient cluster) =>
            await Book(cluster).ListVersionsAsync(new(id)) is { IsEmpty: false } versions ? List(versions.Select(Compose)) : Answers.NotFound())
            .WithSummary("Every version of a rule: shadow and open proposals first, then the newest first.");
        rules.MapGet("/{id}/versions/{number:int}", async (string id, int number, IClusterClient cluster) =>
            await Book(cluster).GetVersionAsync(new(id), number) is { } version ? Answers.Document(Compose(version)) : Answers.NotFound()).WithSummary("One version of a rule.");
        rules.MapPost("/{id}/rollback", RollBackAsync).WithSummary("The content of an earlier version as a new one: {version, why, expectedVersion}.");
        rules.MapPost("/{id}/enable", (string id, HttpContext context, IClusterClient cluster) => SetEnabledAsync(id, true, context, cluster)).WithSummary("Puts a rule into force again: {why, expectedVersion}.");
        rules.MapPost("/{id}/disable", (string id, HttpContext context, IClusterClient cluster) => SetEnabledAsync(id, false, context, cluster)).WithSummary("Takes a rule out of force; its warnings end: {why, expectedVersion}.");

        rules.MapGet("/unsigned", async (IClusterClient cluster) => List((await Book(cluster).ListUnsignedAsync()).Select(Compose)))
            .WithSummary("Rules marked 待校核 with the thresholds that nobody has signed.");
        rules.MapGet("/{id}/thresholds", async (string id, IClusterClient cluster) =>
            await Book(cluster).GetThresholdsAsync(new(id)) is { } thresholds ? Answers.Document(Compose(thresholds)) : Answers.NotFound()).WithSummary("The thresholds of a rule and who answers for them.");
        rules.MapPost("/{id}/sign", SignAsync).WithSummary("A person answers for thresholds: {paths:[\"levels.red\"], basis}.");

        rules.MapPost("/preview", PreviewAsync).WithSummary("Which devices a rule document, or the rule of an id, selects: {rule}. Nothing is stored.");
        rules.MapGet("/selected", async (HttpContext context, IClusterClient cluster) =>
            List((await cluster.GetGrain<IRuleSelectionGrain>(0).CountAsync(context.ActorOf())).Select(count => Answers.Object(count)))).WithSummary("How many devices each rule in force selects.");
    }

    internal static IRuleBookGrain Book(IClusterClient cluster) => cluster.GetGrain<IRuleBookGrain>(0);

    internal static IResult List(IEnumerable<JsonObject> items) => Answers.Document(new JsonObject { ["items"] = new JsonArray([.. items]), ["next"] = null });

    /// <summary>A record whose document is text, with the document as JSON.</summary>
    internal static JsonObject Opened<T>(T value)
    {
        var node = Answers.Object(value);
        node["document"] = Parsed(node["document"]?.GetValue<string>());
        return node;
    }

    /// <summary>What became of a change: the document in force, or 202 with the proposal.</summary>
    internal static IResult Changed(Outcome<RuleChanged> outcome, bool existed = true) => Answers.From(
        outcome,
        changed => changed.Proposal is { } proposal
            ? Answers.Document(Opened(proposal), StatusCodes.Status202Accepted)
            : Answers.Raw(changed.Document, existed ? StatusCodes.Status200OK : StatusCodes.Status201Created));

    private static async Task<IResult> GetAsync(string id, IClusterClient cluster)
    {
        if (await Book(cluster).GetAsync(new(id)) is not { } rule)
        {
            return Answers.NotFound();
        }

        if (await Book(cluster).GetThresholdsAsync(new(id)) is not { Marked: true } thresholds)
        {
            return Answers.Raw(rule);
        }

        var document = Parsed(rule)!.AsObject();
        document["signatures"] = Answers.Node(thresholds.Thresholds.Select(threshold => threshold.Signature).OfType<RuleSignature>().ToArray());
        document["unsigned"] = Answers.Node(thresholds.Thresholds.Where(threshold => threshold.Signature is null).Select(threshold => threshold.Path).ToArray());
        return Answers.Document(document);
    }

    private static async Task<IResult> PutAsync(string id, HttpContext context, IClusterClient cluster)
    {
        var (body, refusal) = await DocumentReader.ReadBytesAsync(context.Request, BooksApi.DocumentBytesMax);
        if (refusal is not null)
        {
            return refusal;
        }

        if (!DocumentReader.TryParse(body, out var element, out var error))
        {
            return Answers.Invalid("body", error);
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            return Answers.Invalid("body", "must be a JSON object");
        }

        var query = new QueryReader(context.Request.Query);
        var expected = Expected(context, query);
        var why = query.Text("why") ?? (context.Request.Headers.TryGetValue(WhyHeader, out var given) ? Uri.UnescapeDataString(given.ToString()) : null);
        if (query.Refusal() is { } wrong)
        {
            return wrong;
        }

        var existed = await Book(cluster).GetAsync(new(id)) is not null;
        return Changed(
            await Book(cluster).ChangeAsync(new() { Rule = new(id), Document = Encoding.UTF8.GetString(body.Span), Why = why, ExpectedVersion = expected }, context.ActorOf()), existed);
    }

    private static async Task<IResult> RollBackAsync(string id, HttpContext context, IClusterClient cluster)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var version = reader.Whole("version", 1, VersionMax);
        if (version is null && !reader.Has("version"))
        {
            reader.Refuse("version", "is required");
        }

        var (why, expected) = (reader.RequiredText("why", 1_000), reader.Whole("expectedVersion", 0, VersionMax));
        return reader.Refusal() ?? Changed(await Book(cluster).RollBackAsync(new(id), version!.Value, why, expected, context.ActorOf()));
    }

    private static async Task<IResult> SetEnabledAsync(string id, bool enabled, HttpContext context, IClusterClient cluster)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var (why, expected) = (reader.RequiredText("why", 1_000), reader.Whole("expectedVersion", 0, VersionMax));
        return reader.Refusal() ?? Changed(await Book(cluster).SetEnabledAsync(new(id), enabled, why, expected, context.ActorOf()));
    }

    private static async Task<IResult> SignAsync(string id, HttpContext context, IClusterClient cluster)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var command = new SignThresholds
        {
            Rule = new(id), Paths = reader.Texts("paths", PathsMax), Basis = reader.RequiredText("basis", 1_000), Said = reader.Texts("said", PathsMax, 4_000),
        };
        return reader.Refusal() ?? Answers.From(await Book(cluster).SignAsync(command, context.ActorOf()), thresholds => Answers.Document(Compose(thresholds)));
    }

    private static async Task<IResult> PreviewAsync(HttpContext context, IClusterClient cluster)
    {
        var (body, refusal) = await DocumentReader.ReadBytesAsync(context.Request, BooksApi.DocumentBytesMax);
        if (refusal is not null)
        {
            return refusal;
        }

        if (!DocumentReader.TryParse(body, out var element, out var error))
        {
            return Answers.Invalid("body", error);
        }

        var reader = DocumentReader.Of(element);
        reader.Ignore("rule");
        var (id, document) = await RuleOfAsync(element, reader, cluster);
        return reader.Refusal() ?? Answers.From(
            await cluster.GetGrain<IRuleSelectionGrain>(0).PreviewAsync(id, document, context.ActorOf()), selection => Answers.Document(selection));
    }

    /// <summary>The member <c>rule</c>: the id of a rule in force, or a document that need not be stored.</summary>
    private static async Task<(RuleId Id, string Document)> RuleOfAsync(JsonElement element, DocumentReader reader, IClusterClient cluster)
    {
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("rule", out var rule))
        {
            if (rule.ValueKind == JsonValueKind.Object)
            {
                var named = rule.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() is { Length: > 0 } own ? own : "tried";
                return (new(named), rule.GetRawText());
            }

            if (rule.ValueKind == JsonValueKind.String)
            {
                if (await Book(cluster).GetAsync(new(rule.GetString()!)) is { } document)
                {
                    return (new(rule.GetString()!), document);
                }

                reader.Refuse("rule", $"there is no rule {rule.GetString()}");
                return (new("tried"), string.Empty);
            }
        }

        reader.Refuse("rule", "is the id of a rule, or a rule document");
        return (new("tried"), string.Empty);
    }

    private static int? Expected(HttpContext context, QueryReader query)
    {
        var text = query.Text("expectedVersion") ?? context.Request.Headers.IfMatch.ToString().Trim('"', ' ');
        if (text.Length == 0 || text == "*")
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return version;
        }

        query.Refuse("expectedVersion", "must be the number of a version");
        return null;
    }

    private static JsonNode? Parsed(string? json) => json is null ? null : JsonNode.Parse(json);

    private static JsonObject Compose(RuleVersion version) => Opened(version);

    private static JsonObject Compose(RuleThresholds thresholds)
    {
        var node = Answers.Object(thresholds);
        node["unsigned"] = Answers.Node(thresholds.Marked ? thresholds.Thresholds.Where(threshold => threshold.Signature is null).Select(threshold => threshold.Path).ToArray() : []);
        node.Remove("unsignedCount");
        return node;
    }
}
