using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/maintenance</c>: times during which stated devices or rules do not ring.</summary>
internal static class MaintenanceApi
{
    private const int NamesMax = 1_000;

    public static void MapMaintenance(this RouteGroupBuilder api)
    {
        var windows = api.MapGroup("/maintenance").WithTags("maintenance");
        windows.MapGet("", async (HttpContext context, IClusterClient cluster) =>
        {
            var query = new QueryReader(context.Request.Query);
            var states = query.WordList<MaintenanceState>("state");
            return query.Refusal() ?? Answers.List(new Page<MaintenanceWindow>(await cluster.GetGrain<IMaintenanceGrain>(0).ListAsync(states, context.ActorOf()), null));
        }).WithSummary("Maintenance windows, newest first.");
        windows.MapGet("/{id}", async (string id, HttpContext context, IClusterClient cluster) =>
            await cluster.GetGrain<IMaintenanceGrain>(0).GetAsync(id, context.ActorOf()) is { } window ? Answers.Document(window) : Answers.NotFound()).WithSummary("One maintenance window.");
        windows.MapPost("", CreateAsync).WithSummary("Plans or begins a maintenance window.");
        windows.MapPost("/{id}/end", async (string id, HttpContext context, IClusterClient cluster) =>
            Answers.From(await cluster.GetGrain<IMaintenanceGrain>(0).EndAsync(id, context.ActorOf()), window => Answers.Document(window))).WithSummary("Ends it early.");
    }

    private static async Task<IResult> CreateAsync(HttpContext context, IClusterClient cluster, DomainClock clock)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var to = reader.Time("to");
        if (to is null && !reader.Has("to"))
        {
            reader.Refuse("to", "is required");
        }

        var window = new MaintenanceWindow
        {
            Kind = reader.Word<MaintenanceKind>("kind") ?? MaintenanceKind.Maintenance,
            Reason = reader.RequiredText("reason", 1_000),
            From = reader.Time("from") ?? clock.Now,
            To = to ?? DateTimeOffset.UnixEpoch,
            Devices = Names(reader, "devices", name => new DeviceId(name)),
            Tags = Names(reader, "tags", name => name),
            Kinds = Names(reader, "kinds", name => name),
            Areas = Names(reader, "areas", name => new AreaId(name)),
            Rules = Names(reader, "rules", name => new RuleId(name)),
        };
        return reader.Refusal() ?? Answers.Created(await cluster.GetGrain<IMaintenanceGrain>(0).CreateAsync(window, context.ActorOf()));
    }

    private static ImmutableArray<T> Names<T>(DocumentReader reader, string field, Func<string, T> make) => [.. reader.Texts(field, NamesMax).Select(make)];
}
