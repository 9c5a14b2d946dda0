using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;
using Microsoft.AspNetCore.Http.Features;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/devices/{id}/readings</c>: the kept readings.</summary>
internal static class ReadingsApi
{
    private const long ImportBytesMax = 4L * 1024 * 1024 * 1024;

    public static async Task<IResult> ReadAsync(string id, HttpContext context, IClusterClient cluster, DomainClock clock)
    {
        var query = new QueryReader(context.Request.Query);
        var quantity = new QuantityId(query.RequiredText("quantity"));
        var kind = QuantityKinds.Find(quantity);
        if (kind is null && quantity.Value.Length > 0)
        {
            query.Refuse("quantity", $"'{quantity}' is not a quantity of the vocabulary");
        }

        var to = query.Time("to") ?? clock.Now;
        var from = query.Time("from") ?? to.AddDays(-1);
        query.CheckRange(from, to);
        var every = query.Interval("every");
        var (limit, cursor) = (query.Limit(QueryReader.LimitMax), query.Cursor());
        if (query.Refusal() is { } refusal)
        {
            return refusal;
        }

        if (await cluster.GetGrain<IRegistryGrain>(0).GetAsync(new DeviceId(id), context.ActorOf()) is null)
        {
            return Answers.NotFound();
        }

        var history = cluster.GetGrain<IReadingHistoryGrain>(0);
        if (every is null)
        {
            var raw = await history.ReadRawAsync(new DeviceId(id), quantity, from, to, limit, cursor);
            return Answers.Document(new ReadingsDocument<HistoryPoint>(id, quantity, kind!.Unit, null, raw.Items, raw.Next));
        }

        var intervals = await history.ReadEveryAsync(new DeviceId(id), quantity, from, to, every.Value, limit, cursor);
        return Answers.Document(new ReadingsDocument<HistoryInterval>(id, quantity, kind!.Unit, query.Text("every"), intervals.Items, intervals.Next));
    }

    public static async Task<IResult> ImportAsync(string id, HttpContext context, IClusterClient cluster, DomainClock clock, ReadingImports imports)
    {
        var actor = context.ActorOf();
        if (await cluster.GetGrain<IRegistryGrain>(0).GetAsync(new DeviceId(id), actor) is not { } device)
        {
            return Answers.NotFound();
        }

        if (!actor.Has(Role.System) && !actor.Has(Role.Gateway) && !actor.Has(Role.Dispatcher))
        {
            return Answers.Refused(Refusal.NotAllowed, "Importing readings needs the role system, gateway or dispatcher.", ImmutableDictionary<string, ImmutableArray<string>>.Empty);
        }

        if (context.Request.ContentLength > ImportBytesMax)
        {
            return Results.Problem(statusCode: StatusCodes.Status413PayloadTooLarge, detail: $"The body may have at most {ImportBytesMax} bytes.");
        }

        var name = new QueryReader(context.Request.Query).Text("import");
        if (name is { Length: > 64 })
        {
            return Answers.Invalid("import", "must have at most 64 characters");
        }

        if (imports.Start(device.Id, name, context.Request.ContentLength) is not { } progress)
        {
            return Results.Problem(statusCode: StatusCodes.Status429TooManyRequests, detail: "As many imports run as may, or one of this name; come again when one has ended.");
        }

        // The body is read as it comes, at the pace of the history; what the client need not wait for is not in memory.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = ImportBytesMax;
        }

        string? problem = "The connection ended, or history took no more.";
        try
        {
            var import = new ReadingImport(device, clock.Now, progress, cluster.GetGrain<IReadingHistoryGrain>(0));
            await using var body = new CountedStream(context.Request.Body, progress);
            var read = context.Request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) == true
                ? await import.AddTableAsync(body, context.RequestAborted)
                : await import.AddArrayAsync(body, context.RequestAborted);
            await import.FlushAsync();
            problem = read;
        }
        finally
        {
            progress.End(clock.Now, problem);
        }

        var done = progress.Document();
        return problem is null
            ? Answers.Document(new ImportAnswer(done.Accepted, done.Duplicates, done.Rejections, done.Rejected, done.BeyondRetention, done.Id))
            : Answers.Invalid("body", done.Accepted + done.Duplicates == 0 ? problem : FormattableString.Invariant($"{problem} ({done.Accepted + done.Duplicates} readings before it are kept; the same body again changes nothing of them)"));
    }

    /// <summary>The imports of a device on this node, the newest first.</summary>
    public static async Task<IResult> ListImportsAsync(string id, HttpContext context, IClusterClient cluster, ReadingImports imports) =>
        await cluster.GetGrain<IRegistryGrain>(0).GetAsync(new DeviceId(id), context.ActorOf()) is null
            ? Answers.NotFound()
            : Answers.List(new Page<ReadingImportDocument>([.. imports.Of(new DeviceId(id)).Select(import => import.Document())], null));

    public static async Task<IResult> GetImportAsync(string id, string import, HttpContext context, IClusterClient cluster, ReadingImports imports) =>
        await cluster.GetGrain<IRegistryGrain>(0).GetAsync(new DeviceId(id), context.ActorOf()) is not null && imports.Find(new DeviceId(id), import) is { } found
            ? Answers.Document(found.Document())
            : Answers.NotFound();

    internal sealed record ImportRejection(long Index, string Reason, string Detail);

    private sealed record ImportAnswer(long Accepted, long Duplicates, ImmutableArray<ImportRejection> Rejections, long Rejected, long BeyondRetention, string Import);

    private sealed record ReadingsDocument<T>(string Device, QuantityId Quantity, string Unit, string? Every, ImmutableArray<T> Points, string? Next);
}
