using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/areas</c>, <c>/situation</c>, <c>/vocabulary</c>, <c>/audit</c>: what can be named, and how it stands.</summary>
internal static class AreasApi
{
    public static void MapAreas(this RouteGroupBuilder api)
    {
        api.MapGet("/areas", async (HttpContext context, IClusterClient cluster, ISituationFeed feed) =>
        {
            var actor = context.ActorOf();
            var areas = await AreasByIdAsync(cluster, feed);
            return Answers.List(new Page<AreaDescription>(
                [.. areas.Values.Distinct().Where(area => actor.MaySee(area.Id)).OrderBy(area => area.Kind).ThenBy(area => area.Id.Value, StringComparer.Ordinal)], null));
        }).WithTags("situation").WithSummary("Every area with a wall.");

        api.MapGet("/situation/{area}", async (string area, HttpContext context, ISituationFeed feed) =>
        {
            await feed.Ready.WaitAsync(TimeSpan.FromSeconds(30), context.RequestAborted);
            return feed.Find(new AreaId(area), context.ActorOf()) is { } picture
                ? Answers.Document(SituationView.From(picture.Area, picture.Epoch, picture.Seq, picture.At, picture.Counts))
                : Answers.NotFound();
        }).WithTags("situation").WithSummary("The counts of an area, as its wall shows them.");

        api.MapGet("/vocabulary", async (IClusterClient cluster) => Answers.Document(await cluster.GetGrain<IRecordsGrain>(0).GetVocabularyAsync()))
            .WithTags("vocabulary").WithSummary("Quantities, device kinds, event types, classes.");

        api.MapGet("/audit", async (HttpContext context, IClusterClient cluster) =>
        {
            var actor = context.ActorOf();
            var query = new QueryReader(context.Request.Query);
            var (limit, cursor) = (query.Limit(), query.Cursor());
            if (query.Refusal() is { } refusal)
            {
                return refusal;
            }

            return actor.Has(Role.Audit)
                ? Answers.List(await cluster.GetGrain<IRecordsGrain>(0).ListAuditAsync(limit, cursor, actor))
                : Answers.Refused(Refusal.NotAllowed, "The audit trail needs the role audit.", ImmutableDictionary<string, ImmutableArray<string>>.Empty);
        }).WithTags("audit").WithSummary("The audit trail, newest first.");
    }

    /// <summary>The areas by code, also by the codes that other lists give them, from the feed; asked of the silo while the feed does not know them.</summary>
    public static async Task<IReadOnlyDictionary<AreaId, AreaDescription>> AreasByIdAsync(IClusterClient cluster, ISituationFeed feed)
    {
        var areas = feed.Areas.IsEmpty ? await cluster.GetGrain<IRecordsGrain>(0).ListAreasAsync() : feed.Areas;
        return areas.SelectMany(area => area.Aliases.Prepend(area.Id).Select(code => (Code: code, Area: area))).ToDictionary(item => item.Code, item => item.Area);
    }
}
