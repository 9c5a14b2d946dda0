using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace CommandCenter.Grains.Warnings;

/// <summary>Reads the records of a span and reckons. Keeps nothing: the stored warnings are the truth, over any restart.</summary>
[StatelessWorker]
internal sealed class QualityGrain(IQualityStore quality, IWarningStore warnings, AreaMap map, DomainClock clock, IOptions<WarningsOptions> options) : Grain, IQualityGrain
{
    private const int RecordsMax = 300_000;
    private static readonly TimeSpan SpanMax = TimeSpan.FromDays(92);

    // A flood that was on when the span began is only known from what came before.
    private static readonly TimeSpan LookBack = TimeSpan.FromHours(2);

    public async Task<Outcome<QualityReport>> ReportAsync(QualityQuery query, Actor actor)
    {
        if (Resolve(ref query, actor) is { } refusal)
        {
            return new() { Refusal = refusal.Refusal, Errors = refusal.Errors };
        }

        var now = clock.Now;
        var data = await LoadAsync(query, actor, now);
        var report = QualityReckoning.Report(data, query.Area, Seats(actor), now, options.Value);
        if (actor.SeesWholeDistrict)
        {
            // The district's own seat is everything together.
            var whole = QualityReckoning.Report(data, null, [], now, options.Value);
            report = report with { Seats = report.Seats.Insert(0, new(map.District.Id, whole.Raised, whole.PerHour, whole.BusiestHour, whole.Floods.Length, whole.FloodShare)) };
        }

        return Outcome.Of(await NamedAsync(report, data));
    }

    public async Task<Outcome<QualityItems>> RecordsAsync(QualityRecordQuery query, Actor actor)
    {
        var span = query.Span;
        if (Resolve(ref span, actor) is { } refusal)
        {
            return new() { Refusal = refusal.Refusal, Errors = refusal.Errors };
        }

        var data = await LoadAsync(span, actor, clock.Now);
        var records = QualityReckoning.Records(data, query with { Span = span }, options.Value);
        var page = records.Skip(query.Skip).Take(query.Limit).ToArray();
        var names = (await warnings.FindManyAsync([.. page.Select(record => record.Id)])).ToDictionary(warning => warning.Id, warning => warning.SubjectName);
        return Outcome.Of(new QualityItems(
            records.Count,
            [
                .. page.Select(record => new QualityItem(
                    record.Id, record.Rule, record.Subject, names.GetValueOrDefault(record.Id), record.Area, record.PeakColour, record.RaisedAt, record.ClearedAt, record.Incident)),
            ]));
    }

    /// <summary>Codes in use elsewhere become ours, and the district becomes everything.</summary>
    private Outcome<QualityReport>? Resolve(ref QualityQuery query, Actor actor)
    {
        if (query.To <= query.From || query.To - query.From > SpanMax)
        {
            return Outcome.Invalid<QualityReport>("to", $"must be after from and at most {SpanMax.TotalDays:0} days later");
        }

        if (query.Area is not { } area)
        {
            return null;
        }

        if (map.Find(area) is not { } known || !(known.Id == map.District.Id ? actor.SeesWholeDistrict : actor.MaySee(known.Id)))
        {
            return Outcome.Refused<QualityReport>(Refusal.NotFound);
        }

        query = query with { Area = known.Id == map.District.Id ? null : known.Id };
        return null;
    }

    private IEnumerable<AreaId> Seats(Actor actor) => map.Areas.Where(area => area.Kind != AreaKind.District && actor.MaySee(area.Id)).Select(area => area.Id);

    private async Task<QualityData> LoadAsync(QualityQuery query, Actor actor, DateTimeOffset now)
    {
        var to = query.To < now ? query.To : now;
        to = to < query.From ? query.From : to;
        var before = query.From - LookBack;
        var raised = await quality.LoadRaisedAsync([], actor, before, to, RecordsMax);
        var standing = await quality.LoadStandingAsync([], actor, to, RecordsMax);
        var week = to - QualityReckoning.FalseWindow;
        var judged = week >= before ? raised.RemoveAll(record => record.RaisedAt < week) : await quality.LoadRaisedAsync([], actor, week, to, RecordsMax);
        judged = judged.RemoveAll(record => record.Incident is null);
        var endings = await quality.LoadEndingsAsync([.. judged.Select(record => record.Incident!.Value).Distinct()]);
        return new()
        {
            From = query.From, To = to, Raised = raised, Standing = standing, WithIncident = judged, Endings = endings.ToImmutableDictionary(ending => ending.Incident),
            Truncated = raised.Length == RecordsMax || standing.Length == RecordsMax,
        };
    }

    // The lists are short; one warning of each source tells the names.
    private async Task<QualityReport> NamedAsync(QualityReport report, QualityData data)
    {
        var wanted = report.Top.Concat(report.Chattering).Select(source => (source.Rule, source.Subject)).Concat(report.FalseAlarms.Select(source => (source.Rule, source.Subject))).ToHashSet();
        var samples = new Dictionary<(RuleId Rule, string Subject), WarningId>();
        foreach (var record in data.Raised.Concat(data.WithIncident).Where(record => wanted.Contains((record.Rule, record.Subject))))
        {
            samples[(record.Rule, record.Subject)] = record.Id;
        }

        var found = (await warnings.FindManyAsync([.. samples.Values, .. report.Standing.Select(standing => standing.Warning)])).ToDictionary(warning => warning.Id);
        WarningView? Sample(RuleId rule, string subject) => samples.TryGetValue((rule, subject), out var id) ? found.GetValueOrDefault(id) : null;
        QualitySource Named(QualitySource source) => source with { SubjectName = Sample(source.Rule, source.Subject)?.SubjectName, RuleName = Sample(source.Rule, source.Subject)?.RuleName };
        return report with
        {
            Top = [.. report.Top.Select(Named)],
            Chattering = [.. report.Chattering.Select(Named)],
            FalseAlarms = [.. report.FalseAlarms.Select(source => source with { SubjectName = Sample(source.Rule, source.Subject)?.SubjectName, RuleName = Sample(source.Rule, source.Subject)?.RuleName })],
            Standing = [.. report.Standing.Select(standing => standing with { SubjectName = found.GetValueOrDefault(standing.Warning)?.SubjectName })],
        };
    }
}
