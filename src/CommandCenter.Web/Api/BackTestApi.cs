using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>POST /api/v1/rules/backtest</c>: a rule, stored or not, tried on the stored past.</summary>
internal static class BackTestApi
{
    public static void MapBackTest(this RouteGroupBuilder api) =>
        api.MapPost("/rules/backtest", TestAsync).WithTags("rules").WithSummary("The warnings that a rule would have raised over stored history.");

    private static async Task<IResult> TestAsync(HttpContext context, IClusterClient cluster)
    {
        var (body, tooLarge) = await DocumentReader.ReadBytesAsync(context.Request, 1 << 20);
        if (tooLarge is not null)
        {
            return tooLarge;
        }

        if (!DocumentReader.TryParse(body, out var document, out var broken))
        {
            return Answers.Invalid("body", broken);
        }

        var reader = DocumentReader.Of(document);
        reader.Ignore("rule");
        var devices = reader.Texts("devices", 10_000, 64);
        var (from, to) = (reader.Time("from"), reader.Time("to"));
        RequireTime(reader, "from", from);
        RequireTime(reader, "to", to);
        var (rule, text) = RuleOf(document, reader);
        if (reader.Refusal() is { } refusal)
        {
            return refusal;
        }

        var order = new BackTestOrder { Rule = rule, Document = text, Devices = [.. devices.Select(device => new DeviceId(device))], From = from!.Value, To = to!.Value };
        return await RunAsync(cluster, order, context);
    }

    private static async Task<IResult> RunAsync(IClusterClient cluster, BackTestOrder order, HttpContext context)
    {
        var test = cluster.GetGrain<IBackTestGrain>("http-" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture));
        try
        {
            var state = await test.StartAsync(order, context.ActorOf());
            while (state.Outcome is null)
            {
                context.RequestAborted.ThrowIfCancellationRequested();
                state = await test.WaitAsync();
            }

            return Answers.From(state.Outcome, answer => Answers.Document(answer));
        }
        finally
        {
            // Whoever has gone does not need the rest.
            await test.CancelAsync();
        }
    }

    private static void RequireTime(DocumentReader reader, string field, DateTimeOffset? value)
    {
        if (value is null && !reader.Has(field))
        {
            reader.Refuse(field, "is required");
        }
    }

    private static (RuleId? Rule, string? Document) RuleOf(JsonElement document, DocumentReader reader)
    {
        if (document.ValueKind == JsonValueKind.Object && document.TryGetProperty("rule", out var rule))
        {
            if (rule.ValueKind == JsonValueKind.String)
            {
                return (new RuleId(rule.GetString()!), null);
            }

            if (rule.ValueKind == JsonValueKind.Object)
            {
                return (rule.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() is { Length: > 0 } name ? new RuleId(name) : null, rule.GetRawText());
            }
        }

        reader.Refuse("rule", "is the id of a rule, or a rule document");
        return (null, null);
    }
}
