using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/rules/proposals</c>: changes that wait for a second person.</summary>
internal static class RuleProposalsApi
{
    private const int VersionMax = 1_000_000_000;

    public static void MapRuleProposals(this RouteGroupBuilder api)
    {
        var proposals = api.MapGroup("/rules/proposals").WithTags("rules");
        proposals.MapGet("", async (HttpContext context, IClusterClient cluster) =>
        {
            var query = new QueryReader(context.Request.Query);
            var states = query.WordList<RuleProposalState>("state");
            return query.Refusal() ?? RulesApi.List((await RulesApi.Book(cluster).ListProposalsAsync(states.Length == 1 ? states[0] : null))
                .Where(proposal => states.IsEmpty || states.Contains(proposal.State)).Select(RulesApi.Opened));
        }).WithSummary("Proposed changes, newest first; state=open: those that wait.");
        proposals.MapGet("/{id}", async (string id, IClusterClient cluster) =>
            await RulesApi.Book(cluster).GetProposalAsync(id) is { } proposal ? Answers.Document(RulesApi.Opened(proposal)) : Answers.NotFound()).WithSummary("One proposal.");
        proposals.MapPost("/{id}/approve", ApproveAsync).WithSummary("A second person puts it in force: {why, inForce}. inForce is the version in force, needed when it has changed since the proposal was made.");
        proposals.MapPost("/{id}/reject", RejectAsync).WithSummary("Puts it aside: {why}. Its author may withdraw it so.");
    }

    private static async Task<IResult> ApproveAsync(string id, HttpContext context, IClusterClient cluster)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var (why, inForce) = (reader.Text("why", 1_000), reader.Whole("inForce", 0, VersionMax));
        return reader.Refusal() ?? RulesApi.Changed(await RulesApi.Book(cluster).ApproveAsync(id, why, inForce, context.ActorOf()));
    }

    private static async Task<IResult> RejectAsync(string id, HttpContext context, IClusterClient cluster)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var why = reader.RequiredText("why", 1_000);
        return reader.Refusal() ?? Answers.From(await RulesApi.Book(cluster).RejectAsync(id, why, context.ActorOf()), proposal => Answers.Document(RulesApi.Opened(proposal)));
    }
}
