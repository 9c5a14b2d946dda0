using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/devices</c>: the registry.</summary>
internal static class DevicesApi
{
    private const int ImportBytesMax = 16 * 1024 * 1024;
    private const int ImportLinesMax = 50_000;

    public static void MapDevices(this RouteGroupBuilder api)
    {
        var devices = api.MapGroup("/devices").WithTags("devices");
        devices.MapGet("", ListAsync).WithSummary("Registered devices; GeoJSON by Accept: application/geo+json.");
        devices.MapGet("/unregistered", ListUnregisteredAsync).WithSummary("Devices that speak but are not registered.");
        devices.MapPost("/import", ImportAsync).WithSummary("Registers the lines of a CSV table.");
        devices.MapGet("/{id}", GetAsync).WithSummary("One device with its state and latest values.");
        devices.MapPut("/{id}", PutAsync).WithSummary("Registers or changes a device; the next publish counts.");
        devices.MapGet("/{id}/readings", ReadingsApi.ReadAsync).WithSummary("Readings of one quantity, raw or per interval.");
        devices.MapPost("/{id}/readings", ReadingsApi.ImportAsync).WithSummary("Adds readings to history only.");
    }

    private static async Task<IResult> ListAsync(HttpContext context, IClusterClient cluster)
    {
        var query = new QueryReader(context.Request.Query);
        var states = query.WordList<DeviceState>("state");
        var wanted = new DeviceQuery
        {
            Areas = [.. query.List("area").Select(area => new AreaId(area))],
            Kinds = query.List("kind"),
            Limit = query.Limit(),
            Cursor = query.Cursor(),
        };
        if (query.Refusal() is { } refusal)
        {
            return refusal;
        }

        // State follows from time and is not stored, so a page is filled by reading on; a page never overshoots, which keeps the cursor exact.
        var actor = context.ActorOf();
        var found = new List<(DeviceRegistration Device, DeviceCondition? Condition)>();
        var cursor = wanted.Cursor;
        do
        {
            var page = await cluster.GetGrain<IRecordsGrain>(0).ListDevicesAsync(wanted with { Cursor = cursor, Limit = wanted.Limit - found.Count }, actor);
            var conditions = await ConditionsOfAsync(cluster, page.Items);
            foreach (var device in page.Items.Where(device => !device.Internal))
            {
                var condition = conditions.GetValueOrDefault(device.Id);
                if (states.IsEmpty || states.Contains(condition?.State ?? DeviceState.Unknown))
                {
                    found.Add((device, condition));
                }
            }

            cursor = page.Next;
        }
        while (cursor is not null && found.Count < wanted.Limit && !context.RequestAborted.IsCancellationRequested);

        if (context.Request.Headers.Accept.ToString().Contains("application/geo+json", StringComparison.OrdinalIgnoreCase))
        {
            var collection = new JsonObject
            {
                ["type"] = "FeatureCollection",
                ["features"] = new JsonArray([.. found.Select(item => DeviceDocument.ComposeFeature(item.Device, item.Condition))]),
                ["next"] = cursor,
            };
            return Results.Text(collection.ToJsonString(ContractJson.Options), "application/geo+json; charset=utf-8");
        }

        return Answers.Document(new JsonObject
        {
            ["items"] = new JsonArray([.. found.Select(item => DeviceDocument.Compose(item.Device, item.Condition))]),
            ["next"] = cursor,
        });
    }

    private static async Task<IResult> GetAsync(string id, HttpContext context, IClusterClient cluster)
    {
        var device = await cluster.GetGrain<IRegistryGrain>(0).GetAsync(new DeviceId(id), context.ActorOf());
        if (device is null)
        {
            return Answers.NotFound();
        }

        var conditions = await ConditionsOfAsync(cluster, [device]);
        return Answers.Document(DeviceDocument.Compose(device, conditions.GetValueOrDefault(device.Id)));
    }

    private static async Task<IResult> PutAsync(string id, HttpContext context, IClusterClient cluster, ISituationFeed feed)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var areas = await AreasApi.AreasByIdAsync(cluster, feed);
        var device = DeviceDocument.Parse(reader, new DeviceId(id), areas);
        if (reader.Refusal() is { } wrong)
        {
            return wrong;
        }

        var outcome = await cluster.GetGrain<IRegistryGrain>(0).PutAsync(device, context.ActorOf());
        if (outcome.Refusal is not null)
        {
            return Answers.Refused(outcome.Refusal.Value, outcome.Detail, outcome.Errors);
        }

        var conditions = await ConditionsOfAsync(cluster, [outcome.Value!]);
        return Answers.Document(
            DeviceDocument.Compose(outcome.Value!, conditions.GetValueOrDefault(outcome.Value!.Id)),
            outcome is { Repeated: false, Value.Version: 1 } ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> ListUnregisteredAsync(HttpContext context, IClusterClient cluster)
    {
        var query = new QueryReader(context.Request.Query);
        var (limit, cursor) = (query.Limit(), query.Cursor());
        return query.Refusal() ?? Answers.List(await cluster.GetGrain<IIngestLedgerGrain>(0).ListUnregisteredAsync(limit, cursor, context.ActorOf()));
    }

    private static async Task<IResult> ImportAsync(HttpContext context, IClusterClient cluster, ISituationFeed feed)
    {
        var (body, refusal) = await DocumentReader.ReadBytesAsync(context.Request, ImportBytesMax);
        if (refusal is not null)
        {
            return refusal;
        }

        var areas = await AreasApi.AreasByIdAsync(cluster, feed);
        var actor = context.ActorOf();
        var registry = cluster.GetGrain<IRegistryGrain>(0);
        var rejections = new List<DeviceImport.Refused>();
        var table = CsvTable.Parse(Encoding.UTF8.GetString(body.Span));
        if (DeviceImport.CheckHeading(table.Heading) is { } wrong)
        {
            return Answers.Invalid("body", wrong);
        }

        if (table.Rows.Count > ImportLinesMax)
        {
            return Answers.Invalid("body", string.Create(CultureInfo.InvariantCulture, $"must have at most {ImportLinesMax} lines"));
        }

        var before = new Dictionary<DeviceId, DeviceRegistration?>();
        var devices = new List<(int Line, DeviceRegistration Device)>();
        var taken = new HashSet<DeviceId>();
        foreach (var row in table.Rows)
        {
            if (row["id"] is { } id && DeviceDocument.IsId(id) && !before.ContainsKey(new DeviceId(id)))
            {
                before[new DeviceId(id)] = await registry.GetAsync(new DeviceId(id), actor);
            }

            var (device, refused) = DeviceImport.Parse(row.Line, column => row[column], key => before.GetValueOrDefault(key), areas);
            if (refused is null && !taken.Add(device!.Id))
            {
                refused = new DeviceImport.Refused(row.Line, "id", "repeated");
            }

            if (refused is null)
            {
                devices.Add((row.Line, device!));
            }
            else
            {
                rejections.Add(refused);
            }
        }

        var outcomes = devices.Count == 0 ? [] : await registry.PutManyAsync([.. devices.Select(item => item.Device)], actor);
        var (created, updated, unchanged) = (0, 0, 0);
        for (var i = 0; i < outcomes.Length; i++)
        {
            var (line, device) = devices[i];
            if (outcomes[i].Refusal == Refusal.NotAllowed)
            {
                return Answers.Refused(Refusal.NotAllowed, outcomes[i].Detail, outcomes[i].Errors);
            }

            if (outcomes[i].Refusal is { } reason)
            {
                rejections.Add(new(line, outcomes[i].Errors.Keys.FirstOrDefault() ?? "id", outcomes[i].Detail ?? Words.Of(reason)));
            }
            else if (before.GetValueOrDefault(device.Id) is not { } known)
            {
                created++;
            }
            else if (outcomes[i].Value!.Version == known.Version)
            {
                unchanged++;
            }
            else
            {
                updated++;
            }
        }

        return Answers.Document(new ImportAnswer(created, updated, unchanged, [.. rejections.OrderBy(rejection => rejection.Line)]));
    }

    private static async Task<Dictionary<DeviceId, DeviceCondition>> ConditionsOfAsync(IClusterClient cluster, ImmutableArray<DeviceRegistration> devices)
    {
        var conditions = await Task.WhenAll(devices.GroupBy(device => device.Street).Select(street =>
            cluster.GetGrain<IStreetGrain>(street.Key.Value).GetDevicesAsync([.. street.Select(device => device.Id)])));
        return conditions.SelectMany(street => street).ToDictionary(condition => condition.Id);
    }

    private sealed record ImportAnswer(int Created, int Updated, int Unchanged, ImmutableArray<DeviceImport.Refused> Rejections);
}
