using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;
using IotIngest.Hosting;
using IotIngest.Receiving;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/ingest</c> and <c>/rejections</c>: messages over HTTP, and what was refused.</summary>
internal static class IngestApi
{
    /// <summary>A larger body is not read at all; between the broker's own limit and this one it is counted as too large.</summary>
    private const int BodyBytesMax = 32 * 1024 * 1024;

    private const int TopicLengthMax = 1_024;

    public static void MapIngest(this RouteGroupBuilder api)
    {
        api.MapPost("/ingest/{format}", async (string format, HttpContext context, IngestPipeline pipeline) =>
        {
            var (topic, body, refusal) = await ReadAsync(format, context);
            return refusal ?? Answers.Document(await pipeline.AcceptAsync(format, topic, body, context.RequestAborted), StatusCodes.Status202Accepted);
        }).WithTags("ingest").WithSummary("Takes one message; accepted is durable.");

        api.MapPost("/ingest/{format}/try", async (string format, HttpContext context, IngestPipeline pipeline) =>
        {
            var (topic, body, refusal) = await ReadAsync(format, context);
            return refusal ?? Answers.Document(pipeline.Try(format, topic, body));
        }).WithTags("ingest").WithSummary("Says what would become of a message; no effect.");

        api.MapGet("/rejections", async (HttpContext context, IClusterClient cluster) =>
        {
            var query = new QueryReader(context.Request.Query);
            var (limit, cursor) = (query.Limit(), query.Cursor());
            return query.Refusal() ?? Answers.Document(await cluster.GetGrain<IIngestLedgerGrain>(0).ListRejectionsAsync(limit, cursor, context.ActorOf()));
        }).WithTags("ingest").WithSummary("What was refused, newest first, with totals by reason.");
    }

    private static async Task<(string Topic, ReadOnlyMemory<byte> Body, IResult? Refusal)> ReadAsync(string format, HttpContext context)
    {
        var actor = context.ActorOf();
        if (!actor.Has(Role.Gateway) && !actor.Has(Role.System))
        {
            return (string.Empty, default, Answers.Refused(Refusal.NotAllowed, "Sending messages needs the role gateway or system.", ImmutableDictionary<string, ImmutableArray<string>>.Empty));
        }

        var topic = context.Request.Query["topic"].ToString();
        if (topic.Length > TopicLengthMax)
        {
            return (string.Empty, default, Answers.Invalid("topic", $"must have at most {TopicLengthMax} characters"));
        }

        if (topic.Length == 0 && format == "canonical")
        {
            return (string.Empty, default, Answers.Invalid("topic", "is required with the format canonical"));
        }

        var (body, refusal) = await DocumentReader.ReadBytesAsync(context.Request, BodyBytesMax);
        return (topic, body, refusal);
    }
}
