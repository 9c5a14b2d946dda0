using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Tests.Storing;

/// <summary>Records with every field that the store must keep.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 23, 4, 0, 0, 123, TimeSpan.Zero);
    public static readonly AreaId First = new("320404001");
    public static readonly AreaId Second = new("320404002");
    public static readonly AreaId Overlay = new("320404400");
    public static readonly By Wang = new(ActorKind.User, "wang", "王芳");

    public static Actor In(params AreaId[] areas) => new() { Id = "wang", Name = "王芳", Kind = ActorKind.User, Roles = [Role.Duty], Areas = [.. areas] };

    public static Actor Of(string unit, AreaId area) =>
        new() { Id = unit, Name = unit, Kind = ActorKind.Unit, Roles = [Role.Responder], Areas = [area], Units = [new(unit)] };

    public static AuditRow Audit(string action, string subject = "s") => new(Noon, Wang, action, subject, "细节");

    public static DeviceRegistration Device(string id, AreaId? street = null, params AreaId[] overlays) => new()
    {
        Id = new(id), Name = "龙江路下穿 积水1", Kind = "water_level", Street = street ?? First, Longitude = 119.934, Latitude = 31.766, Domain = GovernanceDomain.Safety,
        IntervalSeconds = 30, Tags = ["underpass"], Areas = [.. overlays], Version = 3, Source = new("chirpstack", "0101"),
        Quantities = [new() { Name = new("water_depth"), Unit = "mm", From = "distance_cm", FromUnit = "cm", Scale = 2, Offset = -1, Min = 0, Max = 5000 }],
    };

    public static WarningView Warning(string id, int minute = 0, AreaId? area = null, WarningState state = WarningState.Raised, Colour colour = Colour.Red, params AreaId[] overlays) => new()
    {
        Id = new(id), Rule = new("R01"), RuleVersion = 3, Subject = "wl-017", Area = area ?? First, Longitude = 119.9, Latitude = 31.7, Quantity = new("water_depth"), Value = 300.5, Unit = "mm",
        Colour = colour, PeakColour = Colour.Red, State = state, OnsetAt = Noon.AddMinutes(minute), RaisedAt = Noon.AddMinutes(minute + 1), Reason = "积水 300 mm ≥ 250 mm", Areas = [.. overlays],
        Evidence = [new(new("wl-017"), Noon, 300.5, null, null)], Acknowledged = new("wang", Noon, "见到了", Noon.AddHours(4)), Version = 2, RuleName = new("道路积水", "Water"), Class = new("SJ-04-06"),
    };

    public static IncidentView Incident(string id, long version, int minute = 0, AreaId? area = null, IncidentState state = IncidentState.Reported, bool drill = false, params TaskView[] tasks) => new()
    {
        Id = new(id), Number = "ZL20261123-0001", Class = new("SJ-04-06"), Title = "道路积水", Area = area ?? First, Owner = area ?? First, Longitude = 119.9, Latitude = 31.7, Source = "sensor",
        State = state, Drill = drill, OpenedAt = Noon.AddMinutes(minute), Version = version, Tasks = [.. tasks], Warnings = [new("w-1")],
        Reports = [new("r-1", "ZL20261123-0001-1", "desk", "12345-1", Noon)], Clocks = [new("receive", Noon.AddMinutes(5), null)],
    };

    public static TaskView Task(string incident, string key, string unit = "u-7", TaskState state = TaskState.Issued, int minute = 0, AreaId? area = null) => new()
    {
        Id = new($"{incident}.{key}.1"), Incident = new(incident), Dispatch = new("d-1"), Key = key, Unit = new(new(unit), "交警一中队"), Action = "封道", State = state, Version = 1,
        Area = area ?? First, IssuedAt = Noon.AddMinutes(minute), AcceptBy = Noon.AddMinutes(minute + 3), Receipts = [new("in_app", ReceiptState.Queued, Noon)],
    };

    public static StoredIncidentEvent Event(string incident, long seq, bool drill = false) =>
        new(new(incident), drill, seq, "incident_reported", 1, Noon, Wang, """{"text":"积水", "n":1.50}""", string.Create(CultureInfo.InvariantCulture, $"hash-{seq}"));

    /// <summary>One event more on the incident.</summary>
    public static IncidentCommit Commit(string incident, long expectedSeq, IncidentView? view = null, params string[] sources) => new()
    {
        Incident = new(incident), Drill = view?.Drill ?? false, ExpectedSeq = expectedSeq, Events = [Event(incident, expectedSeq + 1, view?.Drill ?? false)],
        View = view ?? Incident(incident, expectedSeq + 1), Sources = sources,
    };
}
