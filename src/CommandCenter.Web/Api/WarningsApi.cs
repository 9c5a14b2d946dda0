using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/warnings</c>.</summary>
internal static class WarningsApi
{
    public static void MapWarnings(this RouteGroupBuilder api)
    {
        var warnings = api.MapGroup("/warnings").WithTags("warnings");
        warnings.MapGet("", ListAsync).WithSummary("Warnings by area, state, colour and onset.");
        warnings.MapGet("/{id}", async (string id, HttpContext context, IClusterClient cluster) =>
            await cluster.GetGrain<IRecordsGrain>(0).GetWarningAsync(new WarningId(id), context.ActorOf()) is { } warning
                ? Answers.Document(warning)
                : Answers.NotFound()).WithSummary("One warning, with reason and evidence.");

        warnings.MapPost("/{id}/acknowledge", (string id, HttpContext context, IClusterClient cluster) =>
            ExecuteAsync(id, context, cluster, reader => new AcknowledgeWarning(reader.Text("comment", 1_000)))).WithSummary("An operator has seen it.");
        warnings.MapPost("/{id}/shelve", (string id, HttpContext context, IClusterClient cluster) =>
            ExecuteAsync(id, context, cluster, reader =>
            {
                var until = reader.Time("until");
                if (until is null && !reader.Has("until"))
                {
                    reader.Refuse("until", "is required");
                }

                return new ShelveWarning(until ?? DateTimeOffset.UnixEpoch, reader.RequiredText("reason", 1_000));
            })).WithSummary("Hides it until a stated time.");
        warnings.MapPost("/{id}/unshelve", (string id, HttpContext context, IClusterClient cluster) =>
            ExecuteAsync(id, context, cluster, _ => new UnshelveWarning())).WithSummary("Shows it again.");
    }

    private static async Task<IResult> ListAsync(HttpContext context, IClusterClient cluster)
    {
        var query = new QueryReader(context.Request.Query);
        var wanted = new WarningQuery
        {
            Areas = [.. query.List("area").Select(area => new AreaId(area))],
            States = query.WordList<WarningState>("state"),
            Colours = query.WordList<Colour>("colour"),
            From = query.Time("from"),
            To = query.Time("to"),
            Limit = query.Limit(),
            Cursor = query.Cursor(),
        };
        query.CheckRange(wanted.From, wanted.To);
        return query.Refusal() ?? Answers.List(await cluster.GetGrain<IRecordsGrain>(0).ListWarningsAsync(wanted, context.ActorOf()));
    }

    private static async Task<IResult> ExecuteAsync(string id, HttpContext context, IClusterClient cluster, Func<DocumentReader, WarningCommand> parse)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var command = parse(reader);
        if (reader.Refusal() is { } wrong)
        {
            return wrong;
        }

        var actor = context.ActorOf();
        if (await cluster.GetGrain<IRecordsGrain>(0).GetWarningAsync(new WarningId(id), actor) is not { } warning)
        {
            return Answers.NotFound();
        }

        var outcome = await cluster.GetGrain<IStreetGrain>(warning.Area.Value).ExecuteAsync(warning.Id, command, actor);
        return Answers.From(outcome, value => Answers.Document(value));
    }
}
