using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/tasks</c>: what units do with their work.</summary>
internal static class TasksApi
{
    public static void MapTasks(this RouteGroupBuilder api)
    {
        var tasks = api.MapGroup("/tasks").WithTags("work");
        tasks.MapGet("", ListAsync).WithSummary("Tasks by unit and state.");
        tasks.MapGet("/{id}", async (string id, HttpContext context, IClusterClient cluster) =>
            await cluster.GetGrain<IRecordsGrain>(0).GetTaskAsync(new TaskId(id), context.ActorOf()) is { } task ? Answers.Document(task) : Answers.NotFound())
            .WithSummary("One task.");
        tasks.MapPost("/{id}/accept", (string id, HttpContext context, IClusterClient cluster) =>
            ActAsync(id, context, cluster, _ => new AcceptTask())).WithSummary("签收");
        tasks.MapPost("/{id}/arrive", (string id, HttpContext context, IClusterClient cluster) => ActAsync(id, context, cluster, reader =>
        {
            var (longitude, latitude) = DeviceDocument.ReadPosition(reader);
            var photo = reader.Text("photo", 1_000);
            if (longitude is null && photo is null && !reader.Has("lon") && !reader.Has("lat") && !reader.Has("photo"))
            {
                reader.Refuse("lon", "a position or a photo is required");
            }

            return new ArriveAtTask(longitude, latitude, photo);
        })).WithSummary("到场");
        tasks.MapPost("/{id}/report", (string id, HttpContext context, IClusterClient cluster) => ActAsync(id, context, cluster, reader =>
            new ReportTask(reader.RequiredText("text"), reader.Texts("photos", 20, 1_000)))).WithSummary("处置反馈");
        tasks.MapPost("/{id}/return", (string id, HttpContext context, IClusterClient cluster) => ActAsync(id, context, cluster, reader =>
            new ReturnTask(reader.RequiredText("reason", 1_000)))).WithSummary("退回");
    }

    private static async Task<IResult> ListAsync(HttpContext context, IClusterClient cluster)
    {
        var query = new QueryReader(context.Request.Query);
        var wanted = new TaskQuery
        {
            Units = [.. query.List("unit").Select(unit => new ResponseUnitId(unit))],
            States = query.WordList<TaskState>("state"),
            Limit = query.Limit(),
            Cursor = query.Cursor(),
        };
        return query.Refusal() ?? Answers.List(await cluster.GetGrain<IRecordsGrain>(0).ListTasksAsync(wanted, context.ActorOf()));
    }

    private static async Task<IResult> ActAsync(string id, HttpContext context, IClusterClient cluster, Func<DocumentReader, TaskCommand> parse)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        var actor = context.ActorOf();
        var command = parse(reader);
        if (reader.Child("by") is { } by)
        {
            if (!actor.Has(Role.Gateway))
            {
                reader.Refuse("by", "is for the role gateway only");
            }

            var unit = by.RequiredText("unit", 64);
            command = command with { OnBehalfOf = new By(ActorKind.Unit, unit, by.Text("name", 100) ?? unit) };
        }

        if (reader.Refusal() is { } wrong)
        {
            return wrong;
        }

        var task = new TaskId(id);
        return Answers.From(await cluster.GetGrain<IIncidentGrain>(task.Incident.Value).ActAsync(task, command, actor), value => Answers.Document(value));
    }
}
