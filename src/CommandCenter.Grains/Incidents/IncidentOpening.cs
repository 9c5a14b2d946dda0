using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;
using Orleans.Concurrency;

namespace CommandCenter.Grains.Incidents;

/// <summary>A source on its way into an incident: a warning, or a report with the warnings that it rests on, or several warnings that join at once.</summary>
[GenerateSerializer, Immutable, Alias("IncidentSource")]
internal sealed record IncidentSource
{
    [Id(0)] public WarningView? Warning { get; init; }
    [Id(1)] public IncidentReport? Report { get; init; }
    [Id(2)] public ImmutableArray<WarningView> Linked { get; init; } = [];

    /// <summary>The number of the incident when this source opens it.</summary>
    [Id(3)] public string Number { get; init; } = string.Empty;

    public bool Drill => Warning?.Drill ?? Report?.Drill ?? Linked.FirstOrDefault()?.Drill ?? false;
}

/// <summary>The side of an incident that only intake and other incidents see.</summary>
[Alias("IIncidentOpening")]
internal interface IIncidentOpening : IGrainWithStringKey
{
    /// <summary>Opens the incident with its first source; when it is open already, answers it.</summary>
    [Alias("Open")]
    Task<Outcome<IncidentView>> OpenAsync(IncidentSource source, Actor actor);

    /// <summary>One more source; refused when the incident has ended.</summary>
    [Alias("Join")]
    Task<Outcome<IncidentView>> JoinAsync(IncidentSource source, Actor actor);

    /// <summary>Takes the sources of the other incident, once. It interleaves, because the other waits in its own turn: two that are merged into each other at the same moment would else wait for ever.</summary>
    [Alias("Absorb"), AlwaysInterleave]
    Task<Outcome<IncidentView>> AbsorbAsync(IncidentId other, Actor actor);

    /// <summary>Opens the incident that a split made, from the log of the one that it left.</summary>
    [Alias("OpenSplit")]
    Task<Outcome<IncidentView>> OpenSplitAsync(IncidentId from, Actor actor);
}

/// <summary>Makes the facts and first events of an incident from what came in.</summary>
internal static class IncidentSources
{
    private const int TitleLengthMax = 40;

    public static WarningFact FactOf(WarningView warning, IncidentSetting setting)
    {
        var first = warning.Evidence.IsDefaultOrEmpty ? (DeviceId?)null : warning.Evidence[0].Device;
        var device = first ?? (setting.Owners.Contains(new AreaId(warning.Subject)) || warning.Subject == AreaId.Outside.Value ? null : new DeviceId(warning.Subject));
        return new WarningFact(
            warning.Id, warning.Rule, warning.RuleVersion, warning.Subject, warning.SubjectName, device, warning.Colour, warning.PeakColour, warning.State,
            warning.Value, warning.Unit, warning.RaisedAt ?? warning.OnsetAt, warning.ClearedAt, warning.Version, warning.Reason);
    }

    public static (ReportFact Fact, ImmutableArray<PersonRow> Persons) FactOf(IncidentReport report, string number, DateTimeOffset now)
    {
        var source = IncidentIds.SourceOf(report);
        var person = report.Reporter is { } reporter && (reporter.Name ?? reporter.Phone) is not null
            ? new PersonRow($"per-{EventLog.ShortHash(source)}", reporter.Name, reporter.Phone)
            : null;
        var fact = new ReportFact(
            $"rep-{EventLog.ShortHash(source)}", number, report.Source, report.ExternalId, now, WithoutPerson(report.Text, report.Reporter),
            report.Evidence.IsDefault ? [] : report.Evidence, person?.Ref);
        return (fact, person is null ? [] : [person]);
    }

    /// <summary>The caller's own name and number stay out of the log even when the text repeats them.</summary>
    public static string WithoutPerson(string text, Reporter? reporter)
    {
        if (reporter is { Name: { Length: > 0 } name })
        {
            text = text.Replace(name, "〔来电人〕", StringComparison.Ordinal);
        }

        return reporter is { Phone: { Length: > 0 } phone } ? text.Replace(phone, "〔来电号码〕", StringComparison.Ordinal) : text;
    }

    public static Decision DecideOpen(IncidentId id, IncidentSource source, DateTimeOffset now, IncidentSetting setting)
    {
        if (source.Warning is { } warning)
        {
            var priority = PriorityOf(warning.Colour);
            var fact = FactOf(warning, setting);
            var code = warning.Class ?? ClassGroup.Unnamed;
            return Decision.Of(
                new IncidentReported(
                    id, source.Number, code, Title(code, warning.SubjectName ?? warning.Subject), AreaOf(warning.Area, setting), warning.Areas.IsDefault ? [] : warning.Areas,
                    OwnerOf(warning.Area, setting), warning.Longitude, warning.Latitude, "sensor", warning.Drill, priority, warning.Plan,
                    LimitsOf(priority, warning.Colour), fact, null, fact.Device is { } device ? [device] : [], null),
                new IncidentReceived(Auto: true),
                new IncidentFiled(null, priority, Auto: true)) with { Sources = [IncidentIds.SourceOf(warning.Id)] };
        }

        var report = source.Report ?? throw new InvalidOperationException("A source is a warning or a report.");
        var linked = source.Linked;
        var gravest = linked.Select(link => (Colour?)link.Colour).DefaultIfEmpty(null).Max();
        var urgency = gravest is { } colour ? PriorityOf(colour) : PriorityOf(report.Class);
        var (reportFact, persons) = FactOf(report, $"{source.Number}-1", now);
        var facts = linked.Select(link => FactOf(link, setting)).ToImmutableArray();
        return Decision.Of(
        [
            new IncidentReported(
                id, source.Number, report.Class, Title(report.Class, reportFact.Text), AreaOf(report.Area, setting), OverlaysOf(report.Area, setting), OwnerOf(report.Area, setting),
                report.Longitude ?? linked.FirstOrDefault()?.Longitude, report.Latitude ?? linked.FirstOrDefault()?.Latitude, report.Source, report.Drill, urgency,
                linked.FirstOrDefault()?.Plan, LimitsOf(urgency, gravest), null, reportFact, [.. facts.Select(fact => fact.Device).OfType<DeviceId>().Distinct()], null),
            .. facts.Select(fact => (IncidentEvent)new WarningJoined(fact)),
        ]) with
        {
            Sources = [IncidentIds.SourceOf(report), .. linked.Select(link => IncidentIds.SourceOf(link.Id))],
            Persons = persons,
        };
    }

    public static Decision DecideJoin(Incident state, IncidentSource source, DateTimeOffset now, IncidentSetting setting)
    {
        if (source.Warning is { } warning)
        {
            return IncidentLife.DecideJoin(state, null, FactOf(warning, setting)) with { Sources = [IncidentIds.SourceOf(warning.Id)] };
        }

        if (source.Report is null)
        {
            return DecideJoin(state, source.Linked, setting);
        }

        var report = source.Report;
        var (fact, persons) = FactOf(report, string.Empty, now);
        return IncidentLife.DecideJoin(state, fact, null) with { Sources = [IncidentIds.SourceOf(report)], Persons = persons };
    }

    private static Decision DecideJoin(Incident state, ImmutableArray<WarningView> warnings, IncidentSetting setting)
    {
        if (!state.View.IsOpen)
        {
            return IncidentLife.DecideJoin(state, null, null);
        }

        var known = state.Warnings.Select(warning => warning.Id).ToHashSet();
        var fresh = warnings.Where(warning => known.Add(warning.Id)).ToImmutableArray();
        return Decision.Of([.. fresh.Select(warning => (IncidentEvent)new WarningJoined(FactOf(warning, setting)))]) with { Sources = [.. fresh.Select(warning => IncidentIds.SourceOf(warning.Id))] };
    }

    /// <summary>The incident that a split made: it starts at the step where the other stood before any unit was sent.</summary>
    public static Decision DecideSplit(IncidentId id, string number, Incident from, ImmutableArray<ReportFact> reports, ImmutableArray<WarningFact> warnings)
    {
        var view = from.View;
        var colour = warnings.Select(warning => (Colour?)warning.Colour).DefaultIfEmpty(null).Max();
        var opened = new IncidentReported(
            id, number, view.Class, view.Title, view.Area, view.Areas, view.Owner, view.Longitude, view.Latitude, warnings.IsEmpty ? reports[0].Source : "sensor", view.Drill,
            colour is { } known ? PriorityOf(known) : view.Priority, view.Plan, LimitsOf(view.Priority, colour), warnings.FirstOrDefault(), reports.FirstOrDefault(),
            [.. warnings.Select(warning => warning.Device).OfType<DeviceId>().Distinct()], from.View.Id);
        return Decision.Of(
        [
            opened,
            .. warnings.Skip(1).Select(warning => (IncidentEvent)new WarningJoined(warning)),
            .. reports.Skip(1).Select(report => (IncidentEvent)new ReportJoined(report)),
            new IncidentReceived(Auto: true),
            new IncidentFiled(null, opened.Priority, Auto: true),
        ]) with { Sources = [$"split:{id}"] };
    }

    public static Priority PriorityOf(Colour colour) => colour switch
    {
        Colour.Red => Priority.P1, Colour.Orange => Priority.P2, Colour.Yellow => Priority.P3, _ => Priority.P4,
    };

    /// <summary>What threatens life is urgent whoever tells of it.</summary>
    private static Priority PriorityOf(ClassCode code) =>
        ClassGroup.Of(code) is "gas" or "fire" || code.Value is "SJ-21-03" or "SJ-21-04" or "SJ-21-09" or "SJ-21-26" ? Priority.P1 : Priority.P2;

    private static StepLimits LimitsOf(Priority priority, Colour? colour) => colour >= Colour.Orange ? StepLimits.Urgent : StepLimits.For(priority);

    /// <summary>The street that shows it. What lies in no street is shown by the one that holds everything outside.</summary>
    private static AreaId AreaOf(AreaId area, IncidentSetting setting) => setting.Streets.Contains(area) ? area : AreaId.Outside;

    private static AreaId OwnerOf(AreaId area, IncidentSetting setting) => setting.Owners.Contains(area) ? area : setting.District;

    private static ImmutableArray<AreaId> OverlaysOf(AreaId area, IncidentSetting setting) =>
        setting.Owners.Contains(area) && !setting.Streets.Contains(area) && area != setting.District ? [area] : [];

    private static string Title(ClassCode code, string place)
    {
        var name = IncidentClasses.Find(code)?.Name.Zh ?? code.Value;
        var line = place.ReplaceLineEndings(" ").Trim();
        var shown = line.Length > TitleLengthMax ? line[..TitleLengthMax] + "…" : line;
        return shown.Length == 0 ? name : $"{name} {shown}";
    }
}
