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
            if (refusal is not null)
            {
                return refusal;
            }

            try
            {
                return Answers.Document(await pipeline.AcceptAsync(format, topic, body, context.ActorOf(), context.RequestAborted), StatusCodes.Status202Accepted);
            }
            catch (TimeoutException full)
            {
                return Answers.Refused(Refusal.Unavailable, full.Message, ImmutableDictionary<string, ImmutableArray<string>>.Empty);
            }
        }).WithTags("ingest").WithSummary("Takes one message; accepted is durable.");

        api.MapPost("/ingest/{format}/try", async (string format, HttpContext context, IngestPipeline pipeline) =>
        {
            var (topic, body, refusal) = await ReadAsync(format, context);
            return refusal ?? Answers.Document(pipeline.Try(format, topic, body, context.ActorOf()));
        }).WithTags("ingest").WithSummary("Says what would become of a message; no effect.");

        api.MapGet("/rejections", async (HttpContext context, IClusterClient cluster) =>
        {
            var query = new QueryReader(context.Request.Query);
            var wanted = new RejectionQuery
            {
                Reasons = query.WordList<RejectionReason>("reason"),
                Devices = query.List("device"),
                Format = query.Text("format"),
                From = query.Time("from"),
                To = query.Time("to"),
                Limit = query.Limit(),
                Cursor = query.Cursor(),
            };
            query.CheckRange(wanted.From, wanted.To);
            return query.Refusal() ?? Answers.Document(await cluster.GetGrain<IIngestLedgerGrain>(0).QueryRejectionsAsync(wanted, context.ActorOf()));
        }).WithTags("ingest").WithSummary("What was refused, newest first, with totals by reason.");

        api.MapPost("/rejections/decode", DecodeAgainAsync).WithTags("ingest")
            .WithSummary("Decodes kept messages again after a mapping fix.")
            .WithDescription(
                "Body: {\"reasons\":[\"unknown_device\"],\"devices\":[\"wl-017\"],\"format\":null,\"from\":null,\"to\":null,\"ids\":[],\"limit\":200,\"cursor\":null}; every member may be absent. "
                + "Takes the oldest matching messages, as many as limit says (1 to 500). What now passes goes to history and, where it is younger than 24 h and nothing newer is known, to the live rules; "
                + "its rejections go from the list. What is still refused stays with its new reason. The same call again changes nothing. Call with next as cursor until next is null. "
                + "Answer: {\"messages\":3,\"passed\":2,\"refused\":1,\"live\":2,\"historyOnly\":0,\"byReason\":{\"unknown_quantity\":1},\"next\":null}. "
                + "Kept whole are messages up to Ingest:KeptMessageBytesMax (64 KiB), the newest 128 MiB or 20,000 of them; too_large and not_allowed are never kept.");
    }

    private static async Task<IResult> DecodeAgainAsync(HttpContext context, IClusterClient cluster, DecodingAgain again)
    {
        var actor = context.ActorOf();
        if (!actor.Has(Role.System))
        {
            return Answers.Refused(Refusal.NotAllowed, "Decoding messages again needs the role system.", ImmutableDictionary<string, ImmutableArray<string>>.Empty);
        }

        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var wanted = new RejectionQuery
        {
            Reasons = ReadReasons(reader),
            Devices = reader.Texts("devices", 100, 256),
            Format = reader.Text("format", 32),
            From = reader.Time("from"),
            To = reader.Time("to"),
            Ids = reader.Texts("ids", 500, 256),
            Limit = reader.Whole("limit", 1, KeptMessages.PageMax) ?? KeptMessages.PageDefault,
            Cursor = reader.Text("cursor", 1_000),
        };
        if (reader.Refusal() is { } wrong)
        {
            return wrong;
        }

        try
        {
            return Answers.Document(await KeptMessages.DecodePageAsync(cluster, again, wanted, actor, context.RequestAborted));
        }
        catch (ArgumentException)
        {
            return Answers.Invalid("cursor", "is not a cursor of this list");
        }
    }

    private static ImmutableArray<RejectionReason> ReadReasons(DocumentReader reader)
    {
        var reasons = ImmutableArray.CreateBuilder<RejectionReason>();
        foreach (var text in reader.Texts("reasons", 20, 32))
        {
            if (Words.TryParse<RejectionReason>(text, out var reason))
            {
                reasons.Add(reason);
            }
            else
            {
                reader.Refuse("reasons", $"'{text}' must be one of {Words.List<RejectionReason>()}");
            }
        }

        return reasons.ToImmutable();
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
