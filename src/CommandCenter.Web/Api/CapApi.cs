using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/cap</c> and <c>/api/v1/warnings/{id}/cap</c>: official warnings in, ours out.</summary>
internal static class CapApi
{
    private const int DocumentBytesMax = 1 << 20;

    public static void MapCap(this RouteGroupBuilder api)
    {
        api.MapPost("/cap", TakeAsync).WithTags("warnings").WithSummary("Takes an official warning: CAP 1.1, CAP 1.2 or the national exchange form.");
        api.MapGet("/warnings/{id}/cap", async (string id, HttpContext context, IClusterClient cluster) =>
            await cluster.GetGrain<IOfficialWarningsGrain>(0).WriteAsync(new WarningId(id), context.ActorOf()) is { } document
                ? Results.Text(document, "application/cap+xml; charset=utf-8")
                : Answers.NotFound()).WithTags("warnings").WithSummary("A raised or cleared warning as a CAP 1.2 document.");
    }

    private static async Task<IResult> TakeAsync(HttpContext context, IClusterClient cluster)
    {
        var (body, refusal) = await DocumentReader.ReadBytesAsync(context.Request, DocumentBytesMax);
        if (refusal is not null)
        {
            return refusal;
        }

        var outcome = await cluster.GetGrain<IOfficialWarningsGrain>(0).TakeAsync(ImmutableArray.Create(body.Span), context.ActorOf());
        if (outcome is { Refusal: Refusal.Unprocessable })
        {
            return Results.Problem(
                statusCode: StatusCodes.Status422UnprocessableEntity, detail: outcome.Detail, title: "The document is refused as a whole.",
                extensions: new Dictionary<string, object?> { ["errors"] = outcome.Errors.ToDictionary(error => error.Key, error => error.Value.ToArray()) });
        }

        return Answers.From(outcome, answer => Answers.Document(answer, answer.Action == CapAction.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK));
    }
}
