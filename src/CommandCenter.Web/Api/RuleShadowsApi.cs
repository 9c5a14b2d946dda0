using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/rules/shadows</c>: new versions that run beside those in force and call nobody.</summary>
internal static class RuleShadowsApi
{
    private const int VersionMax = 1_000_000_000;

    public static void MapRuleShadows(this RouteGroupBuilder api)
    {
        var shadows = api.MapGroup("/rules/shadows").WithTags("rules");
        shadows.MapGet("", async (IClusterClient cluster) => RulesApi.List((await RulesApi.Book(cluster).ListShadowsAsync()).Select(RulesApi.Opened)))
            .WithSummary("Shadow runs, newest first.");
        shadows.MapGet("/{id}", CompareAsync).WithSummary("What the shadow did next to what the version in force did: figures, both lists, and what only one of them raised.");
        shadows.MapPost("/{id}/promote", PromoteAsync).WithSummary("The shadow becomes a version, or a proposal: {why, expectedVersion}.");
        shadows.MapPost("/{id}/drop", DropAsync).WithSummary("Ends it and puts it away: {why}.");
        api.MapPost("/rules/{id}/shadow", StartAsync).WithTags("rules").WithSummary("Begins a shadow run: {rule:{…}, until, why}.");
    }

    private static async Task<IResult> CompareAsync(string id, HttpContext context, IClusterClient cluster)
    {
        if (await RulesApi.Book(cluster).CompareShadowAsync(id, context.ActorOf()) is not { } comparison)
        {
            return Answers.NotFound();
        }

        var node = Answers.Object(comparison);
        node["shadow"] = RulesApi.Opened(comparison.Shadow);
        return Answers.Document(node);
    }

    private static async Task<IResult> StartAsync(string id, HttpContext context, IClusterClient cluster)
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
        var (until, why) = (reader.Time("until"), reader.Text("why", 1_000));
        if (until is null && !reader.Has("until"))
        {
            reader.Refuse("until", "is required");
        }

        var rule = default(JsonElement);
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("rule", out rule) || rule.ValueKind != JsonValueKind.Object)
        {
            reader.Refuse("rule", "is a rule document");
        }

        return reader.Refusal() ?? Answers.From(
            await RulesApi.Book(cluster).StartShadowAsync(new() { Rule = new(id), Document = rule.GetRawText(), Until = until!.Value, Why = why }, context.ActorOf()),
            shadow => Answers.Document(RulesApi.Opened(shadow), StatusCodes.Status201Created));
    }

    private static async Task<IResult> PromoteAsync(string id, HttpContext context, IClusterClient cluster)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var (why, expected) = (reader.RequiredText("why", 1_000), reader.Whole("expectedVersion", 0, VersionMax));
        return reader.Refusal() ?? RulesApi.Changed(await RulesApi.Book(cluster).PromoteShadowAsync(id, why, expected, context.ActorOf()));
    }

    private static async Task<IResult> DropAsync(string id, HttpContext context, IClusterClient cluster)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var why = reader.RequiredText("why", 1_000);
        return reader.Refusal() ?? Answers.From(await RulesApi.Book(cluster).DropShadowAsync(id, why, context.ActorOf()), shadow => Answers.Document(RulesApi.Opened(shadow)));
    }
}
