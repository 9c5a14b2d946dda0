using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Api;

/// <summary>The answers of the HTTP interface: documents in the one JSON form, refusals as RFC 9457 problems.</summary>
internal static class Answers
{
    public static IResult Document<T>(T value, int status = StatusCodes.Status200OK) => Results.Json(value, ContractJson.Options, statusCode: status);

    /// <summary>A document that already is JSON.</summary>
    public static IResult Raw(string json, int status = StatusCodes.Status200OK) => Results.Text(json, "application/json; charset=utf-8", statusCode: status);

    public static IResult List<T>(Page<T> page) => Document(new ListDocument<T>(page.Items, page.Next));

    public static IResult NotFound() => Results.Problem(statusCode: StatusCodes.Status404NotFound, detail: "There is no such thing, or it is out of scope.");

    public static IResult Invalid(string field, string message) =>
        Invalid(ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add(field, [message]));

    public static IResult Invalid(IReadOnlyDictionary<string, ImmutableArray<string>> errors) => Results.Problem(
        statusCode: StatusCodes.Status400BadRequest,
        title: "One or more fields are wrong.",
        extensions: new Dictionary<string, object?> { ["errors"] = errors.ToDictionary(error => error.Key, error => error.Value.ToArray()) });

    /// <summary>The document of a command's outcome, or the problem that its refusal stands for.</summary>
    public static IResult From<T>(Outcome<T> outcome, Func<T, IResult> document) =>
        outcome.Refusal is { } refusal ? Refused(refusal, outcome.Detail, outcome.Errors) : document(outcome.Value!);

    /// <summary>201 the first time, 200 when it had been carried out before.</summary>
    public static IResult Created<T>(Outcome<T> outcome) =>
        From(outcome, value => Document(value, outcome.Repeated ? StatusCodes.Status200OK : StatusCodes.Status201Created));

    public static IResult Refused(Refusal refusal, string? detail, ImmutableDictionary<string, ImmutableArray<string>> errors)
    {
        if (refusal == Refusal.Invalid)
        {
            return Invalid(errors.IsEmpty ? errors.Add("body", [detail ?? "is wrong"]) : errors);
        }

        var status = refusal switch
        {
            Refusal.NotFound => StatusCodes.Status404NotFound,
            Refusal.NotInThisPhase or Refusal.StaleVersion or Refusal.HandledBySame => StatusCodes.Status409Conflict,
            Refusal.KeyReused or Refusal.Unprocessable => StatusCodes.Status422UnprocessableEntity,
            Refusal.NotAllowed => StatusCodes.Status403Forbidden,
            Refusal.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => throw new InvalidOperationException($"{refusal} has no status."),
        };
        return Results.Problem(
            statusCode: status,
            detail: detail,
            extensions: new Dictionary<string, object?> { ["reason"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(refusal.ToString()) });
    }

    /// <summary>The JSON form of a record, to add members to.</summary>
    public static JsonObject Object<T>(T value) => JsonSerializer.SerializeToNode(value, ContractJson.Options)!.AsObject();

    /// <summary>The node of a value inside a document.</summary>
    public static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, ContractJson.Options);

    private sealed record ListDocument<T>(ImmutableArray<T> Items, string? Next);
}
