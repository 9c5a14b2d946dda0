using System.Collections.Immutable;
using System.Text.RegularExpressions;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Incidents;

/// <summary>Merge or open, for one class group. The grain gives it one turn at a time: two sources of one flood never open two incidents.</summary>
internal sealed partial class IntakeDesk(
    string group, IIncidentStore incidents, IWarningStore warnings, IncidentsOptions options, Func<IncidentId, IIncidentOpening> incident, ILogger logger)
{
    private readonly OpenIncidents standing = new(incidents);

    private const int TextLengthMax = 4_000;
    private const int EvidenceMax = 20;
    private const int NameLengthMax = 128;
    private const int MergesFollowedMax = 16;

    public async Task<Outcome<IncidentId>> SubmitWarningAsync(WarningView warning, DateTimeOffset now)
    {
        if (await FindAsync(IncidentIds.SourceOf(warning.Id)) is { } holder)
        {
            return Outcome.Of(holder.Id, repeated: true);
        }

        var (view, _, refusal) = await PlaceAsync(
            new IncidentSource { Warning = warning }, IncidentIds.SourceOf(warning.Id), warning.Longitude, warning.Latitude, warning.RaisedAt ?? warning.OnsetAt, now, null, Actor.System);
        return view is null ? Refuse<IncidentId>(refusal!) : Outcome.Of(view.Id);
    }

    public async Task<Outcome<ReportAnswer>> SubmitReportAsync(IncidentReport report, Actor actor, DateTimeOffset now)
    {
        if (!(actor.Has(Role.Duty) || actor.Has(Role.Dispatcher) || actor.Has(Role.Gateway) || actor.Has(Role.Responder) || actor.Has(Role.Leader)))
        {
            return Outcome.Refused<ReportAnswer>(Refusal.NotAllowed, "您的角色不能上报事件。");
        }

        // JSON may put null where the record promises a text.
        report = report with { Text = report.Text ?? string.Empty, Source = report.Source ?? string.Empty };
        var errors = Check(report);
        if (!errors.IsEmpty)
        {
            return Outcome.Invalid<ReportAnswer>(errors);
        }

        if (!actor.MaySee(report.Area))
        {
            return Outcome.Refused<ReportAnswer>(Refusal.NotFound, "位置不在您的辖区。");
        }

        var source = IncidentIds.SourceOf(report);
        var reportId = $"rep-{EventLog.ShortHash(source)}";
        if (await FindAsync(source, reportId) is { } known)
        {
            return Answer(known, reportId, known.Reports.FirstOrDefault()?.Id != reportId || known.Warnings.Length > 0, repeated: true);
        }

        var linked = await LinkedAsync(report);
        IncidentView? holder = null;
        foreach (var link in linked)
        {
            holder ??= await FindAsync(IncidentIds.SourceOf(link.Id));
        }

        var free = ImmutableArray.CreateBuilder<WarningView>();
        foreach (var link in linked)
        {
            if (await FindAsync(IncidentIds.SourceOf(link.Id)) is null)
            {
                free.Add(link);
            }
        }

        var (view, merged, refusal) = await PlaceAsync(
            new IncidentSource { Report = report, Linked = free.ToImmutable() }, source, report.Longitude, report.Latitude, now, now, holder, actor);
        return view is null ? Refuse<ReportAnswer>(refusal!) : Answer(view, reportId, merged, repeated: false);
    }

    private static Outcome<T> Refuse<T>(Outcome<IncidentView> refused) => new() { Refusal = refused.Refusal, Detail = refused.Detail, Errors = refused.Errors };

    private static Outcome<ReportAnswer> Answer(IncidentView view, string reportId, bool merged, bool repeated)
    {
        var report = view.Reports.FirstOrDefault(known => known.Id == reportId)
            ?? throw new InvalidOperationException($"{view.Id} does not hold report {reportId}, though it took it.");
        return Outcome.Of(new ReportAnswer(view with { Merged = merged }, report, merged), repeated);
    }

    private async Task<(IncidentView? View, bool Merged, Outcome<IncidentView>? Refusal)> PlaceAsync(
        IncidentSource source, string key, double? longitude, double? latitude, DateTimeOffset at, DateTimeOffset now, IncidentView? holder, Actor actor)
    {
        var open = await standing.LoadAsync(ClassGroup.Members(group), now.AddDays(-options.MergeLookBackDays), source.Drill);
        var target = holder is { IsOpen: true } ? holder : MergeRule.Choose(open, longitude, latitude, at, source.Drill, options);
        while (target is not null)
        {
            var asked = target.Id;
            if (await JoinAsync(asked, source, actor) is { } joined)
            {
                if (joined.Succeeded)
                {
                    return (joined.Value, true, null);
                }

                // It ended between the look and the call: the source is a new occurrence.
                if (joined.Refusal == Refusal.NotInThisPhase)
                {
                    break;
                }

                return (null, false, joined);
            }

            // What cannot be read any more takes nothing: the next one that fits does, or a new one.
            open = open.RemoveAll(known => known.Id == asked);
            target = MergeRule.Choose(open, longitude, latitude, at, source.Drill, options);
        }

        return await PlaceNewAsync(source, key, now, actor);
    }

    private async Task<(IncidentView? View, bool Merged, Outcome<IncidentView>? Refusal)> PlaceNewAsync(IncidentSource source, string key, DateTimeOffset now, Actor actor)
    {
        var running = await incidents.NextNumberAsync(IncidentIds.DayOf(now), source.Drill);
        var id = IncidentIds.From(key);
        var opened = await incident(id).OpenAsync(source with { Number = IncidentIds.Number(IncidentIds.DayOf(now), running, source.Drill) }, actor);
        return opened.Succeeded ? (opened.Value, false, null) : (null, false, opened);
    }

    /// <summary>Null: the log of the incident is broken, so it can take no source. Any other failure passes, and the caller tries again.</summary>
    private async Task<Outcome<IncidentView>?> JoinAsync(IncidentId id, IncidentSource source, Actor actor)
    {
        try
        {
            return await incident(id).JoinAsync(source, actor);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            if (!await IsBrokenAsync(id))
            {
                throw;
            }

            LogBroken(logger, id, failure);
            return null;
        }
    }

    private async Task<bool> IsBrokenAsync(IncidentId id)
    {
        var rows = await incidents.LoadEventsAsync(id);
        try
        {
            _ = IncidentLife.Replay(EventLog.Decode(id, rows));
            return false;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return true;
        }
    }

    /// <summary>The incident that holds the source now: merges are followed, a report that a split took is found where it went.</summary>
    private async Task<IncidentView?> FindAsync(string source, string? reportId = null)
    {
        if (await incidents.FindBySourceAsync(source) is not { } id || await incidents.FindAsync(id) is not { } view)
        {
            return null;
        }

        for (var step = 0; step < MergesFollowedMax; step++)
        {
            if (view.MergedInto is { } into && await incidents.FindAsync(into) is { } next)
            {
                view = next;
            }
            else if (reportId is not null && view.Reports.All(report => report.Id != reportId) && await SplitTargetAsync(view.Id, reportId) is { } other)
            {
                view = other;
            }
            else
            {
                break;
            }
        }

        return view;
    }

    private async Task<IncidentView?> SplitTargetAsync(IncidentId id, string reportId)
    {
        var state = IncidentLife.Replay(EventLog.Decode(id, await incidents.LoadEventsAsync(id)));
        return state is not null && state.SplitOff.TryGetValue(reportId, out var to) ? await incidents.FindAsync(to) : null;
    }

    private async Task<ImmutableArray<WarningView>> LinkedAsync(IncidentReport report)
    {
        var found = ImmutableArray.CreateBuilder<WarningView>();
        foreach (var item in (report.Evidence.IsDefault ? [] : report.Evidence).Where(item => !item.Contains("://", StringComparison.Ordinal)))
        {
            if (await warnings.FindAsync(new WarningId(item)) is { } warning && warning.Drill == report.Drill)
            {
                found.Add(warning);
            }
        }

        return found.ToImmutable();
    }

    private static ImmutableDictionary<string, ImmutableArray<string>> Check(IncidentReport report)
    {
        var errors = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>();
        if (report.Class.Value is null || !ClassShape().IsMatch(report.Class.Value) || IncidentClasses.Find(report.Class) is null)
        {
            errors["class"] = ["没有这个事件类别。"];
        }

        if (report.Text.Length > TextLengthMax)
        {
            errors["text"] = [$"最多 {TextLengthMax} 字。"];
        }

        if (string.IsNullOrWhiteSpace(report.Source) || report.Source.Length > NameLengthMax)
        {
            errors["source"] = [$"必填,最多 {NameLengthMax} 字。"];
        }

        if (report.ExternalId?.Length > NameLengthMax)
        {
            errors["externalId"] = [$"最多 {NameLengthMax} 字。"];
        }

        if (report.Longitude is null != report.Latitude is null)
        {
            errors["lon"] = ["经度和纬度须同时给出。"];
        }
        else if (report.Longitude is not (null or (>= -180 and <= 180)) || report.Latitude is not (null or (>= -90 and <= 90)))
        {
            errors["lon"] = ["位置超出范围。"];
        }

        if (!report.Evidence.IsDefault && (report.Evidence.Length > EvidenceMax || report.Evidence.Any(item => item is null || item.Length > 2_000)))
        {
            errors["evidence"] = [$"最多 {EvidenceMax} 条。"];
        }

        if (string.IsNullOrEmpty(report.ExternalId) && string.IsNullOrEmpty(report.Key))
        {
            errors["externalId"] = ["没有外部编号的上报须带内部键。"];
        }

        return errors.ToImmutable();
    }

    [GeneratedRegex("^(SJ|BJ)-[0-9]{2}-[0-9]{2}$")]
    private static partial Regex ClassShape();
}
