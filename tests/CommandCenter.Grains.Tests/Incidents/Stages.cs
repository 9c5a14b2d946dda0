using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Incidents;

namespace CommandCenter.Grains.Tests.Incidents;

/// <summary>One incident in each state, and one command of each kind: the table that explorations and the diagram walk through.</summary>
internal static class Stages
{
    public static readonly Actor Responder = new()
    {
        Id = "zhang", Name = "张工", Kind = ActorKind.User, Roles = [Role.Responder], Units = [new ResponseUnitId("u-1")], SeesWholeDistrict = true,
    };

    public static ImmutableArray<IncidentCommand> Commands { get; } =
    [
        new ReceiveIncident(), new FileIncident(4, Priority.P1), new VerifyIncident(true, "好"), new VerifyIncident(false, "未清"), new CloseIncident("已处置"), new RateIncident(5),
        new VoidIncident("误报"), new SuspendIncident("待材料"), new ResumeIncident(), new ExtendIncident(60, "水大"), new SuperviseIncident("领导关注"), new UrgeIncident("尽快"),
        new MergeIncident(new IncidentId("inc-other")), new SplitIncident(["rep-2"], []), new UpgradeIncident(2, "扩大"), new DowngradeIncident(4, "减轻"),
        new TransferIncident(Town.Beigang, "属地"), new ReportUpIncident("超出能力"), new AssignDownIncident(Town.Beigang, null), new ReopenIncident("复发"),
    ];

    public static ImmutableArray<TaskCommand> TaskCommands { get; } =
        [new AcceptTask(), new ArriveAtTask(119.934, 31.766, null), new ReportTask("好了", []), new ReturnTask("不归我管")];

    /// <summary>Name to state, in the order of the life.</summary>
    public static ImmutableArray<(string Name, Incident State)> All { get; } = Make();

    public static TaskId Task => new("inc-1.P01-2.1");

    public static Incident Then(Incident? state, By? by, params IncidentEvent[] events)
    {
        foreach (var happened in events)
        {
            state = IncidentLife.Apply(state, new StampedEvent((state?.View.Version ?? 0) + 1, Town.Start, by ?? Town.Desk.ToBy(), happened));
        }

        return state!;
    }

    private static ImmutableArray<(string, Incident)> Make()
    {
        ReportFact Report(string id) => new(id, "ZL20261123-0001-1", "12345", id, Town.Start, "积水", [], null);
        var reported = Then(
            null, null,
            new IncidentReported(
                new IncidentId("inc-1"), "ZL20261123-0001", new ClassCode("SJ-04-06"), "道路积水 龙江路", Town.Yonghong, [], Town.Yonghong, 119.934, 31.766, "12345", false, Priority.P2,
                new PlanId("P01"), StepLimits.Normal, null, Report("rep-1"), [], null),
            new ReportJoined(Report("rep-2")));
        var received = Then(reported, null, new IncidentReceived(false));
        var filed = Then(received, null, new IncidentFiled(4, Priority.P2, false), new ResponseLevelChanged(4, 3, "水深", false));
        var task = new TaskFact(Task, "P01-2", new UnitRef(new ResponseUnitId("u-1"), "交警中队"), "traffic_police", "封控", true, 1, Town.Start.AddMinutes(3), Town.Start.AddMinutes(15), Town.Start.AddMinutes(60), ["in_app"]);
        var dispatched = Then(filed, null, new PlanDispatched(
            new DispatchId("inc-1-P01-v1-l3-r1"), new PlanId("P01"), 1, "城市内涝", 3, 1, null, false, null, "body", [], [], [task], 1, EscalationFact.Default));
        var accepted = Then(dispatched, null, new TaskAccepted(Task));
        var arrived = Then(accepted, null, new TaskArrived(Task, null, null, null, "photo"));
        var handled = Then(arrived, Responder.ToBy(), new TaskReported(Task, "好了", [], "zhang"));
        var verified = Then(handled, null, new IncidentVerified(null));
        var closed = Then(verified, null, new IncidentClosed("已处置"));
        return
        [
            ("reported", reported), ("received", received), ("filed", filed), ("dispatched", dispatched), ("accepted", accepted), ("arrived", arrived), ("handled", handled),
            ("verified", verified), ("closed", closed), ("rated", Then(closed, null, new IncidentRated(90))), ("void", Then(filed, null, new IncidentVoided("误报"))),
            ("suspended", Then(arrived, null, new IncidentSuspended("待材料"))), ("merged", Then(filed, null, new IncidentMerged(new IncidentId("inc-2")))),
        ];
    }
}
