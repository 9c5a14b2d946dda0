using System.Collections.Immutable;
using System.Text;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/plans</c>, <c>/units</c>: what is written down beforehand.</summary>
internal static class BooksApi
{
    public const int DocumentBytesMax = 256 * 1024;

    public static void MapBooks(this RouteGroupBuilder api)
    {
        var plans = api.MapGroup("/plans").WithTags("work");
        plans.MapGet("", async (HttpContext context, IClusterClient cluster) =>
            ListDocuments(context, await cluster.GetGrain<IPlanBookGrain>(0).ListPlansAsync())).WithSummary("The newest version of every plan.");
        plans.MapGet("/{id}", async (string id, IClusterClient cluster) =>
            await cluster.GetGrain<IPlanBookGrain>(0).GetPlanAsync(new PlanId(id)) is { } plan ? Answers.Raw(plan) : Answers.NotFound()).WithSummary("One plan.");
        plans.MapPut("/{id}", async (string id, HttpContext context, IClusterClient cluster) =>
            await PutDocumentAsync(
                context,
                document => cluster.GetGrain<IPlanBookGrain>(0).PutPlanAsync(new PlanId(id), document, context.ActorOf()),
                async () => await cluster.GetGrain<IPlanBookGrain>(0).GetPlanAsync(new PlanId(id)) is not null)).WithSummary("Stores a new version of a plan.");

        var units = api.MapGroup("/units").WithTags("work");
        units.MapGet("", async (HttpContext context, IClusterClient cluster) =>
        {
            var query = new QueryReader(context.Request.Query);
            var (limit, cursor) = (query.Limit(QueryReader.LimitMax), query.Cursor());
            if (query.Refusal() is { } refusal)
            {
                return refusal;
            }

            var all = await cluster.GetGrain<IPlanBookGrain>(0).ListUnitsAsync(context.ActorOf());
            var after = all.OrderBy(unit => unit.Unit.Id.Value, StringComparer.Ordinal)
                .Where(unit => cursor is null || string.CompareOrdinal(unit.Unit.Id.Value, cursor) > 0).ToArray();
            return Answers.Document(new System.Text.Json.Nodes.JsonObject
            {
                ["items"] = new System.Text.Json.Nodes.JsonArray([.. after.Take(limit).Select(Compose)]),
                ["next"] = after.Length > limit ? after[limit - 1].Unit.Id.Value : null,
            });
        }).WithSummary("Every response unit and what binds it.");
        units.MapGet("/{id}", async (string id, HttpContext context, IClusterClient cluster) =>
            await cluster.GetGrain<IPlanBookGrain>(0).GetUnitAsync(new ResponseUnitId(id), context.ActorOf()) is { } unit
                ? Answers.Document(Compose(unit))
                : Answers.NotFound()).WithSummary("One response unit.");
        units.MapPut("/{id}", PutUnitAsync).WithSummary("Creates or changes a response unit.");
    }

    public static IResult ListDocuments(HttpContext context, ImmutableArray<string> documents)
    {
        var query = new QueryReader(context.Request.Query);
        var (limit, cursor) = (query.Limit(QueryReader.LimitMax), query.Cursor());
        var start = 0;
        if (cursor is not null && (!int.TryParse(cursor, System.Globalization.CultureInfo.InvariantCulture, out start) || start < 0))
        {
            query.Refuse("cursor", "is not a cursor of this list");
        }

        if (query.Refusal() is { } refusal)
        {
            return refusal;
        }

        var items = documents.Skip(start).Take(limit).ToArray();
        var next = start + items.Length < documents.Length ? $"\"{start + items.Length}\"" : "null";
        return Answers.Raw($"{{\"items\":[{string.Join(',', items)}],\"next\":{next}}}");
    }

    private static async Task<IResult> PutDocumentAsync(HttpContext context, Func<string, Task<Outcome<string>>> put, Func<Task<bool>> exists)
    {
        var (body, refusal) = await DocumentReader.ReadBytesAsync(context.Request, DocumentBytesMax);
        if (refusal is not null)
        {
            return refusal;
        }

        if (!DocumentReader.TryParse(body, out var element, out var error))
        {
            return Answers.Invalid("body", error);
        }

        if (element.ValueKind != System.Text.Json.JsonValueKind.Object)
        {
            return Answers.Invalid("body", "must be a JSON object");
        }

        var existed = await exists();
        return Answers.From(
            await put(Encoding.UTF8.GetString(body.Span)),
            document => Answers.Raw(document, existed ? StatusCodes.Status200OK : StatusCodes.Status201Created));
    }

    private static async Task<IResult> PutUnitAsync(string id, HttpContext context, IClusterClient cluster, ISituationFeed feed)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        reader.Ignore("version", "tasks", "state");
        if (!DeviceDocument.IsId(id))
        {
            reader.Refuse("id", "must have 1 to 64 of the characters A-Z a-z 0-9 - _ . :");
        }

        if (reader.Text("id", 64) is { } own && own != id)
        {
            reader.Refuse("id", "must be the id of the address, or absent");
        }

        var areas = await AreasApi.AreasByIdAsync(cluster, feed);
        var area = new AreaId(reader.RequiredText("area", 16));
        if (areas.TryGetValue(area, out var known))
        {
            area = known.Id;
        }
        else if (area.Value.Length > 0)
        {
            reader.Refuse("area", $"'{area}' is not an area");
        }

        var (longitude, latitude) = DeviceDocument.ReadPosition(reader);
        var unit = new ResponseUnit
        {
            Id = new ResponseUnitId(id),
            Name = reader.RequiredText("name", 100),
            Role = reader.RequiredText("role", 64),
            Area = area,
            Longitude = longitude,
            Latitude = latitude,
            Capacity = reader.Whole("capacity", 1, 1_000) ?? 1,
            Phone = reader.Text("phone", 32),
            Enabled = reader.Flag("enabled") ?? true,
        };
        if (reader.Refusal() is { } wrong)
        {
            return wrong;
        }

        var outcome = await cluster.GetGrain<IPlanBookGrain>(0).PutUnitAsync(unit, context.ActorOf());
        return Answers.From(outcome, value => Answers.Document(value, value.Version == 1 && !outcome.Repeated ? StatusCodes.Status201Created : StatusCodes.Status200OK));
    }

    /// <summary>The unit's own members, with its state and tasks beside them, so that the document can be sent back.</summary>
    private static System.Text.Json.Nodes.JsonObject Compose(ResponseUnitView view)
    {
        var document = Answers.Object(view.Unit);
        document["state"] = view.State;
        document["tasks"] = Answers.Node(view.Tasks);
        return document;
    }
}
