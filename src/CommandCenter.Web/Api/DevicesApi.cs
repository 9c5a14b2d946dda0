using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/devices</c>: the registry.</summary>
internal static class DevicesApi
{
    /// <summary>A wrong clock is named as long as nothing was heard since with a right one for this many intervals, and at least this long.</summary>
    private static readonly TimeSpan ClockGraceMin = TimeSpan.FromMinutes(2);

    public static void MapDevices(this RouteGroupBuilder api)
    {
        var devices = api.MapGroup("/devices").WithTags("devices");
        devices.MapGet("", ListAsync).WithSummary("Registered devices; GeoJSON by Accept: application/geo+json.");
        devices.MapGet("/unregistered", ListUnregisteredAsync).WithSummary("Devices that speak but are not registered.");
        devices.MapGet("/clocks", ListWrongClocksAsync).WithSummary("Devices whose own time is more than 5 min from ours: how far, since when.");
        devices.MapPost("/import", ImportAsync).WithSummary("Registers the lines of a CSV table.");
        devices.MapGet("/{id}", GetAsync).WithSummary("One device with its state and latest values.");
        devices.MapPut("/{id}", PutAsync).WithSummary("Registers or changes a device; the next publish counts.");
        devices.MapGet("/{id}/readings", ReadingsApi.ReadAsync).WithSummary("Readings of one quantity, raw or per interval.");
        devices.MapPost("/{id}/readings", ReadingsApi.ImportAsync).WithSummary("Adds readings to history only, from a JSON array or a CSV table of any length.");
        devices.MapGet("/{id}/readings/imports", ReadingsApi.ListImportsAsync).WithSummary("Imports of readings that run or ran on this node.");
        devices.MapGet("/{id}/readings/imports/{import}", ReadingsApi.GetImportAsync).WithSummary("How far an import is; its name is given by the client as ?import= or stands in the answer.");
        devices.MapCredentials();
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

    private static async Task<IResult> ListWrongClocksAsync(HttpContext context, IClusterClient cluster) =>
        Answers.List(new Page<WrongClockDocument>(await WrongClocksAsync(cluster, context.ActorOf()), null));

    /// <summary>The wrong clocks of registered devices, the largest error first. A device that has spoken with a right time since is no longer among them.</summary>
    internal static async Task<ImmutableArray<WrongClockDocument>> WrongClocksAsync(IGrainFactory grains, Actor actor)
    {
        var clocks = await grains.GetGrain<IIngestLedgerGrain>(0).ListWrongClocksAsync(actor);
        var devices = await grains.GetGrain<IRegistryGrain>(0).GetManyAsync([.. clocks.Select(clock => clock.Device)], actor);
        var conditions = await ConditionsOfAsync(grains, [.. devices.OfType<DeviceRegistration>()]);
        return
        [
            .. clocks.Zip(devices)
                .Where(pair => pair.Second is { } device && IsStillWrong(pair.First, device, conditions.GetValueOrDefault(device.Id)))
                .Select(pair => new WrongClockDocument(pair.First.Device, pair.Second!.Name, pair.Second.Street, pair.First.OffsetMs, pair.First.SinceAt, pair.First.LastAt, pair.First.Count)),
        ];
    }

    private static bool IsStillWrong(WrongClock clock, DeviceRegistration device, DeviceCondition? condition)
    {
        var grace = TimeSpan.FromSeconds(3 * device.IntervalSeconds);
        return !(condition?.LastSeenAt > clock.LastAt + (grace > ClockGraceMin ? grace : ClockGraceMin));
    }

    private static async Task<IResult> ImportAsync(HttpContext context, IClusterClient cluster, ISituationFeed feed)
    {
        var actor = context.ActorOf();
        if (!actor.Has(Role.System))
        {
            return Answers.Refused(Refusal.NotAllowed, "Devices are registered by the role system.", ImmutableDictionary<string, ImmutableArray<string>>.Empty);
        }

        var (body, refusal) = await DocumentReader.ReadBytesAsync(context.Request, ImportRun.BytesMax);
        if (refusal is not null)
        {
            return refusal;
        }

        var (run, wrong) = ImportRun.Read(body);
        if (run is null)
        {
            return Answers.Invalid("body", wrong!);
        }

        var registry = cluster.GetGrain<IRegistryGrain>(0);
        await run.CheckAsync(registry, await AreasApi.AreasByIdAsync(cluster, feed), actor);
        return Answers.From(await run.RegisterAsync(registry, actor, cancellation: context.RequestAborted), answer => Answers.Document(answer));
    }

    internal static async Task<Dictionary<DeviceId, DeviceCondition>> ConditionsOfAsync(IGrainFactory cluster, ImmutableArray<DeviceRegistration> devices)
    {
        var conditions = await Task.WhenAll(devices.GroupBy(device => device.Street).Select(street =>
            cluster.GetGrain<IStreetGrain>(street.Key.Value).GetDevicesAsync([.. street.Select(device => device.Id)])));
        return conditions.SelectMany(street => street).ToDictionary(condition => condition.Id);
    }
}

/// <summary>A device with a wrong clock; positive: it is ahead.</summary>
public sealed record WrongClockDocument(
    DeviceId Device, string Name, AreaId Street, long OffsetMs, DateTimeOffset Since, DateTimeOffset LastAt, long Count);
