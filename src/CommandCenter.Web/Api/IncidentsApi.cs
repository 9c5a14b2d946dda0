using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/incidents</c>: reports, commands, preview and dispatch.</summary>
internal static class IncidentsApi
{
    /// <summary>An extension that names no minutes.</summary>
    private const int ExtensionMinutes = 60;

    private const string KeyHeader = "Idempotency-Key";

    public static void MapIncidents(this RouteGroupBuilder api)
    {
        var incidents = api.MapGroup("/incidents").WithTags("incidents");
        incidents.MapPost("", ReportAsync).WithSummary("A report: opens an incident, or joins an open one.");
        incidents.MapGet("", ListAsync).WithSummary("Incidents by area and state.");
        incidents.MapGet("/{id}", async (string id, HttpContext context, IClusterClient cluster) =>
            await cluster.GetGrain<IIncidentGrain>(id).GetAsync(context.ActorOf()) is { } incident ? Answers.Document(incident) : Answers.NotFound())
            .WithSummary("One incident with its timeline.");
        incidents.MapGet("/{id}/dispatch/preview", async (string id, string? plan, HttpContext context, IClusterClient cluster) =>
            Answers.From(
                await cluster.GetGrain<IIncidentGrain>(id).PreviewAsync(string.IsNullOrWhiteSpace(plan) ? null : new PlanId(plan), context.ActorOf()),
                preview => Answers.Document(preview))).WithSummary("What one click would do.");
        incidents.MapPost("/{id}/dispatch", DispatchAsync).WithSummary("The click; needs Idempotency-Key.");
        incidents.MapPost("/{id}/tasks", OrderAsync).WithSummary("A free order (临时指令).");
        incidents.MapPost("/{id}/{command}", ExecuteAsync).WithSummary("A command of the incident's life.");
    }

    private static async Task<IResult> ReportAsync(HttpContext context, IClusterClient cluster)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var actor = context.ActorOf();
        var code = new ClassCode(reader.RequiredText("class", 16));
        if (code.Value.Length > 0 && IncidentClasses.Find(code) is null)
        {
            reader.Refuse("class", $"'{code}' is not a class of the vocabulary");
        }

        var (longitude, latitude) = DeviceDocument.ReadPosition(reader);
        var reporter = reader.Child("reporter");
        var report = new IncidentReport
        {
            Class = code,
            Longitude = longitude,
            Latitude = latitude,
            Text = reader.Text("text", 4_000) ?? string.Empty,
            Source = reader.Text("source", 64) ?? "desk",
            ExternalId = reader.Text("externalId", 128),
            Reporter = reporter is null ? null : new Reporter(reporter.Text("name", 100), reporter.Text("phone", 32)),
            Evidence = reader.Texts("evidence", 20, 1_000),
            Drill = reader.Flag("drill") ?? false,
            Key = Guid.CreateVersion7().ToString("N"),
        };
        if (reader.Refusal() is { } wrong)
        {
            return wrong;
        }

        // Where it lies is found here, at the border; a caller bound to one area reports there when the place is not known.
        var area = longitude is { } x && latitude is { } y
            ? await cluster.GetGrain<IRecordsGrain>(0).LocateAsync(x, y)
            : actor.SeesWholeDistrict || actor.Areas.IsEmpty ? AreaId.Outside : actor.Areas[0];
        var outcome = await cluster.GetGrain<IIntakeGrain>(ClassGroup.Of(code)).SubmitReportAsync(report with { Area = area }, actor);
        return Answers.From(outcome, answer =>
        {
            var document = Answers.Object(answer.Incident);
            document["merged"] = answer.Merged;
            document["report"] = Answers.Node(answer.Report);
            return Answers.Document(document, answer.Merged || outcome.Repeated ? StatusCodes.Status200OK : StatusCodes.Status201Created);
        });
    }

    private static async Task<IResult> ListAsync(HttpContext context, IClusterClient cluster)
    {
        var query = new QueryReader(context.Request.Query);

        // "open" stands for every state of work that goes on.
        var words = query.List("state");
        var states = ImmutableArray.CreateBuilder<IncidentState>();
        foreach (var word in words.Where(word => word != "open"))
        {
            if (Words.TryParse<IncidentState>(word, out var state))
            {
                states.Add(state);
            }
            else
            {
                query.Refuse("state", $"'{word}' must be open or one of {Words.List<IncidentState>()}");
            }
        }

        var wanted = new IncidentQuery
        {
            Areas = [.. query.List("area").Select(area => new AreaId(area))],
            States = states.ToImmutable(),
            OpenOnly = words.Contains("open"),
            Limit = query.Limit(),
            Cursor = query.Cursor(),
        };
        return query.Refusal() ?? Answers.List(await cluster.GetGrain<IRecordsGrain>(0).ListIncidentsAsync(wanted, context.ActorOf()));
    }

    private static async Task<IResult> DispatchAsync(string id, HttpContext context, IClusterClient cluster)
    {
        var key = context.Request.Headers[KeyHeader].ToString().Trim();
        if (key.Length is 0 or > 200)
        {
            return Answers.Invalid(KeyHeader, "the header is required, with 1 to 200 characters");
        }

        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var units = ImmutableDictionary.CreateBuilder<string, ResponseUnitId>(StringComparer.Ordinal);
        foreach (var (task, unit) in reader.Members("units"))
        {
            if (unit.ValueKind == System.Text.Json.JsonValueKind.String)
            {
                units[task] = new ResponseUnitId(unit.GetString()!);
            }
            else
            {
                reader.Refuse($"units.{task}", "must be the id of a unit");
            }
        }

        var planVersion = reader.Whole("planVersion", 1, int.MaxValue);
        if (planVersion is null && !reader.Has("planVersion"))
        {
            reader.Refuse("planVersion", "is required");
        }

        var order = new DispatchOrder
        {
            Plan = new PlanId(reader.RequiredText("plan", 64)),
            PlanVersion = planVersion ?? 0,
            ResponseLevel = reader.Whole("responseLevel", 1, 4) ?? 4,
            Reason = reader.Text("reason", 1_000),
            Omit = reader.Texts("omit", 100, 64),
            Units = units.ToImmutable(),
            IdempotencyKey = key,
        };
        if (reader.Refusal() is { } wrong)
        {
            return wrong;
        }

        var outcome = await cluster.GetGrain<IIncidentGrain>(id).DispatchAsync(order, context.ActorOf());
        return Answers.From(outcome, answer =>
        {
            var repeated = outcome.Repeated || answer.Repeated;
            return Answers.Document(answer with { Repeated = repeated }, repeated ? StatusCodes.Status200OK : StatusCodes.Status201Created);
        });
    }

    private static async Task<IResult> OrderAsync(string id, HttpContext context, IClusterClient cluster)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        // Without a key each call is an order of its own.
        var key = context.Request.Headers[KeyHeader].ToString().Trim();
        var order = new FreeOrder(
            new ResponseUnitId(reader.RequiredText("unit", 64)),
            reader.RequiredText("action", 500),
            reader.Whole("handleMinutes", 1, 60 * 24 * 30),
            key.Length > 0 ? key : Guid.CreateVersion7().ToString("N"));
        return reader.Refusal() ?? Answers.Created(await cluster.GetGrain<IIncidentGrain>(id).OrderAsync(order, context.ActorOf()));
    }

    private static async Task<IResult> ExecuteAsync(string id, string command, HttpContext context, IClusterClient cluster)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        if (Parse(command, reader) is not { } parsed)
        {
            return Answers.NotFound();
        }

        parsed = parsed with { ExpectedVersion = reader.Whole("version", 0, int.MaxValue) };
        return reader.Refusal() ?? Answers.From(await cluster.GetGrain<IIncidentGrain>(id).ExecuteAsync(parsed, context.ActorOf()), incident => Answers.Document(incident));
    }

    /// <summary>Null when there is no such command.</summary>
    internal static IncidentCommand? Parse(string command, DocumentReader reader) => command switch
    {
        "receive" => new ReceiveIncident(),
        "file" => new FileIncident(reader.Whole("grade", 1, 4), reader.Word<Priority>("priority")),
        "verify" => new VerifyIncident(RequiredFlag(reader, "passed"), reader.Text("comment", 1_000)),
        "close" => new CloseIncident(reader.RequiredText("reason", 1_000)),
        "rate" => new RateIncident(RequiredWhole(reader, "score", 1, 5)),
        "void" => new VoidIncident(reader.RequiredText("reason", 1_000)),
        "suspend" => new SuspendIncident(Reason(reader)),
        "resume" => new ResumeIncident(),
        "extend" => new ExtendIncident(reader.Whole("minutes", 1, 60 * 24 * 15) ?? ExtensionMinutes, Reason(reader)),
        "supervise" => new SuperviseIncident(Reason(reader)),
        "urge" => new UrgeIncident(reader.Text("comment", 1_000)),
        "merge" => new MergeIncident(new IncidentId(reader.RequiredText("into", 64))),
        "split" => new SplitIncident(reader.Texts("reports"), [.. reader.Texts("warnings").Select(warning => new WarningId(warning))]),
        "upgrade" => new UpgradeIncident(RequiredWhole(reader, "responseLevel", 1, 4), reader.RequiredText("reason", 1_000)),
        "downgrade" => new DowngradeIncident(RequiredWhole(reader, "responseLevel", 1, 4), reader.RequiredText("reason", 1_000)),
        "transfer" => new TransferIncident(new AreaId(reader.RequiredText("to", 16)), reader.RequiredText("reason", 1_000)),
        "report-up" => new ReportUpIncident(Reason(reader)),
        "assign-down" => new AssignDownIncident(new AreaId(reader.RequiredText("to", 16)), reader.Text("comment", 1_000)),
        "reopen" => new ReopenIncident(Reason(reader)),
        _ => null,
    };

    /// <summary>The contract shows these commands without a body: a machine that gives no reason is taken at its word, and the log says so.</summary>
    private static string Reason(DocumentReader reader) => reader.Text("reason", 1_000) ?? "未填写";

    private static bool RequiredFlag(DocumentReader reader, string field)
    {
        if (!reader.Has(field))
        {
            reader.Refuse(field, "is required");
        }

        return reader.Flag(field) ?? false;
    }

    private static int RequiredWhole(DocumentReader reader, string field, int min, int max)
    {
        if (!reader.Has(field))
        {
            reader.Refuse(field, "is required");
        }

        return reader.Whole(field, min, max) ?? min;
    }
}
