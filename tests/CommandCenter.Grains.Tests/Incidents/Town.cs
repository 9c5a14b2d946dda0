using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Dispatching;
using CommandCenter.Grains.Incidents;
using Microsoft.Extensions.Logging.Abstractions;

namespace CommandCenter.Grains.Tests.Incidents;

/// <summary>The rooms of incidents and dispatching over stores in memory, without a silo, with a clock that stands until it is moved.</summary>
internal sealed class Town
{
    public static readonly AreaId Yonghong = new("320404002");
    public static readonly AreaId Beigang = new("320404003");
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 1, 0, 0, TimeSpan.Zero);

    public static readonly IncidentSetting Setting = new(
        new AreaId("320404"), [Yonghong, Beigang], [new AreaId("320404"), Yonghong, Beigang, new AreaId("320404400")]);

    /// <summary>The one at the desk in mode Open: every role, no unit of his own.</summary>
    public static readonly Actor Desk = new() { Id = "desk-1", Name = "值班员", Kind = ActorKind.User, Roles = [Role.Admin], SeesWholeDistrict = true };

    private readonly Dictionary<IncidentId, IncidentDesk> desks = [];

    /// <summary>The desk of the incident is loaded again when it is asked for next, as after a restart.</summary>
    public void Forget(IncidentId id) => desks.Remove(id);

    public MemoryStores Stores { get; } = new();
    public IncidentsOptions Options { get; } = new();
    public PlanBook Book { get; }
    public DispatchDesk Dispatching { get; }
    public DateTimeOffset Now { get; set; } = Start;

    private Town()
    {
        Book = new PlanBook(Stores, Stores, Setting);
        Dispatching = new DispatchDesk(Stores, Stores, new DispatchingOptions(), () => Task.FromResult(Book.List()));
    }

    public static async Task<Town> MakeAsync()
    {
        var town = new Town();
        await town.Book.LoadAsync(town.Now);
        return town;
    }

    public IntakeDesk Intake(string group = "flood") => new(group, Stores, Stores, Options, id => new Door(this, id), NullLogger.Instance);

    public async Task<IncidentDesk> DeskAsync(IncidentId id)
    {
        if (!desks.TryGetValue(id, out var desk))
        {
            desk = desks[id] = new IncidentDesk(id, Stores, Setting, Options);
            await desk.LoadAsync();
        }

        return desk;
    }

    /// <summary>An incident from one red flood warning, received and filed by the system.</summary>
    public async Task<IncidentDesk> OpenAsync(string warning = "w-1", Colour colour = Colour.Red)
    {
        var opened = await Intake().SubmitWarningAsync(Warning(warning, colour), Now);
        return await DeskAsync(opened.Value);
    }

    public async Task<Outcome<Incident>> ExecuteAsync(IncidentDesk desk, IncidentCommand command, Actor? actor = null) =>
        await desk.CommitAsync(state => IncidentLife.Decide(state!, command, actor ?? Desk, Now, Setting), actor ?? Desk, Now, "test");

    public async Task<Outcome<Incident>> ActAsync(IncidentDesk desk, TaskId task, TaskCommand command, Actor? actor = null) =>
        await desk.CommitAsync(state => IncidentLife.Decide(state!, task, command, actor ?? Desk), actor ?? Desk, Now, "test");

    public async Task<Outcome<DispatchAnswer>> DispatchAsync(IncidentDesk desk, DispatchOrder? order = null, Actor? actor = null) =>
        await Dispatching.DispatchAsync(desk, order ?? Click(), actor ?? Desk, Now);

    public static DispatchOrder Click(string key = "click-1", int level = 3) =>
        new() { Plan = new PlanId("P01"), PlanVersion = 1, ResponseLevel = level, IdempotencyKey = key };

    /// <summary>Every task of the incident accepted, arrived and reported by the desk on behalf of its unit.</summary>
    public async Task WorkAsync(IncidentDesk desk)
    {
        foreach (var task in desk.State!.View.Tasks.Where(task => task.State == TaskState.Issued))
        {
            Assert.True((await ActAsync(desk, task.Id, new AcceptTask())).Succeeded);
            Assert.True((await ActAsync(desk, task.Id, new ArriveAtTask(null, null, "photo-1"))).Succeeded);
            Assert.True((await ActAsync(desk, task.Id, new ReportTask("已处置", []))).Succeeded);
        }
    }

    public static WarningView Warning(
        string id, Colour colour = Colour.Red, DateTimeOffset? raisedAt = null, double longitude = 119.934, double latitude = 31.766, bool drill = false, string code = "SJ-04-06", long version = 1) => new()
    {
        Id = new WarningId(id), Rule = new RuleId("R01"), RuleVersion = 3, Subject = "wl-017", SubjectName = "龙江路下穿 积水1", Area = Yonghong, Longitude = longitude, Latitude = latitude,
        Quantity = new QuantityId("water_depth"), Value = 300, Unit = "mm", Colour = colour, PeakColour = colour, State = WarningState.Raised, OnsetAt = raisedAt ?? Start, RaisedAt = raisedAt ?? Start,
        Class = new ClassCode(code), Plan = code == "SJ-04-06" ? new PlanId("P01") : null, Drill = drill, Reason = "水深 300 mm", Version = version,
    };

    public static IncidentReport Report(string? externalId = "12345-1", double longitude = 119.934, double latitude = 31.766) => new()
    {
        Class = new ClassCode("SJ-04-06"), Longitude = longitude, Latitude = latitude, Text = "龙江路下穿积水,车过不去", Source = "12345", ExternalId = externalId, Area = Yonghong,
    };

    /// <summary>The opening side of an incident as its grain has it, without a silo.</summary>
    private sealed class Door(Town town, IncidentId id) : IIncidentOpening
    {
        public async Task<Outcome<IncidentView>> OpenAsync(IncidentSource source, Actor actor)
        {
            var desk = await town.DeskAsync(id);
            return Answer(await desk.CommitAsync(
                state => state is null ? IncidentSources.DecideOpen(id, source, town.Now, Setting) : Decision.AlreadySo, actor, town.Now, "incident.open", source.Drill));
        }

        public async Task<Outcome<IncidentView>> JoinAsync(IncidentSource source, Actor actor)
        {
            var desk = await town.DeskAsync(id);
            return Answer(await desk.CommitAsync(state => IncidentSources.DecideJoin(state!, source, town.Now, Setting), actor, town.Now, "incident.join"));
        }

        public Task<Outcome<IncidentView>> AbsorbAsync(IncidentId other, Actor actor) => throw new NotSupportedException();

        public Task<Outcome<IncidentView>> OpenSplitAsync(IncidentId from, Actor actor) => throw new NotSupportedException();

        private static Outcome<IncidentView> Answer(Outcome<Incident> committed) =>
            new() { Value = committed.Value?.View, Refusal = committed.Refusal, Detail = committed.Detail, Errors = committed.Errors, Repeated = committed.Repeated };
    }
}
