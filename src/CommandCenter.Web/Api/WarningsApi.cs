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
        warnings.MapGet("/{id}", GetAsync).WithSummary("One warning, with reason, evidence, what happened to it, and the rule it rests on.");
        warnings.MapPost("/acknowledge", AcknowledgeGroupAsync).WithSummary("An operator has seen a group of them; one answer each.");

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

    private static async Task<IResult> GetAsync(string id, HttpContext context, IClusterClient cluster)
    {
        var actor = context.ActorOf();
        if (await cluster.GetGrain<IRecordsGrain>(0).GetWarningAsync(new WarningId(id), actor) is not { } warning)
        {
            return Answers.NotFound();
        }

        if (warning.State != WarningState.Cleared)
        {
            // The street holds further readings than the last change has stored.
            warning = await cluster.LookUpAsync(warning, actor) ?? warning;
        }

        var document = Answers.Object(warning);
        var rule = await cluster.GetGrain<IRuleBookGrain>(0).GetAsync(warning.Rule);
        var node = rule is null ? null : System.Text.Json.Nodes.JsonNode.Parse(rule);

        // The rule as it is now is only shown as the reason when it still is the version that judged.
        document["ruleDocument"] = node is not null && node["version"]?.GetValue<int>() == warning.RuleVersion ? node : null;
        return Answers.Document(document);
    }

    private static async Task<IResult> AcknowledgeGroupAsync(HttpContext context, IClusterClient cluster)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var ids = reader.Texts("ids", WarningGroups.IdsMax, 64);
        var command = new AcknowledgeWarning(reader.Text("comment", 1_000));
        if (ids.IsEmpty && reader.Errors.Count == 0)
        {
            reader.Refuse("ids", "must name at least one warning");
        }

        if (reader.Refusal() is { } wrong)
        {
            return wrong;
        }

        var outcomes = await WarningGroups.ExecuteAsync(cluster, [.. ids.Select(id => new WarningId(id))], command, context.ActorOf());
        return Answers.Document(new
        {
            Acknowledged = outcomes.Count(outcome => outcome is { Succeeded: true, Repeated: false }),
            Items = ids.Select((id, index) => new
            {
                Id = id,
                Result = outcomes[index] switch
                {
                    { Refusal: { } reason } => Words.Of(reason),
                    { Repeated: true } => "already_acknowledged",
                    _ => "acknowledged",
                },
                outcomes[index].Value?.Acknowledged,
            }),
        });
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

        var outcome = await cluster.ExecuteOnAsync(warning, command, actor);

        // A shelving that waits for a second person is taken and not yet carried out.
        return Answers.From(outcome, value => Answers.Document(
            value, command is ShelveWarning && value is { Shelved: null, ShelveRequested: not null } ? StatusCodes.Status202Accepted : StatusCodes.Status200OK));
    }
}
