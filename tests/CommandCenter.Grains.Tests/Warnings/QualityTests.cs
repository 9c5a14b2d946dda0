using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;
using CommandCenter.Grains.Tests.Storing;
using CommandCenter.Grains.Warnings;

namespace CommandCenter.Grains.Tests.Warnings;

/// <summary>Alarm quality from stored warnings against a plain calculation that knows nothing of the program's own.</summary>
public sealed class QualityTests
{
    private static readonly DateTimeOffset From = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset To = From.AddHours(30);
    private static readonly AreaId[] Streets = [new("320404001"), new("320404002")];
    private static readonly AreaId Overlay = new("320404400");
    private static readonly WarningsOptions Options = new();
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Every_figure_is_that_of_a_plain_calculation_over_what_is_stored(int seed)
    {
        var warnings = Random(seed);
        await using var store = OpenStore.InFolder();
        await store.Warnings.SaveAsync(warnings, [], [], Cancelled);
        var (data, endings) = await LoadAsync(store, warnings);

        foreach (var area in (AreaId?[])[null, Streets[0], Streets[1], Overlay])
        {
            Compare(QualityReckoning.Report(data, area, Streets, To, Options), [.. warnings.Where(warning => area is null || warning.Area == area || warning.Areas.Contains(area.Value))], endings, seed);
        }

        var whole = QualityReckoning.Report(data, null, Streets, To, Options);
        Assert.Equal(whole.Raised, whole.Seats.Sum(seat => seat.Raised));
    }

    [Fact]
    public async Task The_records_behind_each_figure_sum_to_it()
    {
        var warnings = Random(7);
        await using var store = OpenStore.InFolder();
        await store.Warnings.SaveAsync(warnings, [], [], Cancelled);
        var (data, _) = await LoadAsync(store, warnings);
        var report = QualityReckoning.Report(data, null, Streets, To, Options);

        Assert.Equal(report.Raised, Count(QualityMeasure.Raised));
        Assert.Equal(
            (report.Red, report.Orange, report.Yellow, report.Blue),
            (Count(QualityMeasure.Red), Count(QualityMeasure.Orange), Count(QualityMeasure.Yellow), Count(QualityMeasure.Blue)));
        Assert.Equal(report.Raised, report.Red + report.Orange + report.Yellow + report.Blue);
        Assert.Equal(report.Floods.Sum(flood => flood.Raised), Count(QualityMeasure.Flood));
        Assert.Equal(report.Top.Sum(source => source.Raised), Count(QualityMeasure.Top));
        Assert.Equal(report.StandingCount, Count(QualityMeasure.Standing));
        Assert.Equal(report.FalseAlarms.Sum(source => source.False), Count(QualityMeasure.False));
        Assert.Equal((report.Drills, report.InMaintenance, report.Inhibited), (Count(QualityMeasure.Drills), Count(QualityMeasure.InMaintenance), Count(QualityMeasure.Inhibited)));
        Assert.All(report.Hours, hour => Assert.Equal(hour.Raised, QualityReckoning.Records(data, Query(QualityMeasure.Raised) with { Hour = hour.From }, Options).Count));
        Assert.All(report.Top, source => Assert.Equal(source.Raised, QualityReckoning.Records(data, Query(QualityMeasure.Raised) with { Rule = source.Rule, Subject = source.Subject }, Options).Count));
        Assert.All(report.FalseAlarms, source => Assert.Equal(source.False, QualityReckoning.Records(data, Query(QualityMeasure.False) with { Rule = source.Rule, Subject = source.Subject }, Options).Count));

        int Count(QualityMeasure measure) => QualityReckoning.Records(data, Query(measure), Options).Count;
    }

    [Fact]
    public async Task Who_sees_one_street_reckons_with_that_street_alone()
    {
        var warnings = Random(11);
        await using var store = OpenStore.InFolder();
        await store.Warnings.SaveAsync(warnings, [], [], Cancelled);
        var quality = new QualityStore(store.Database);

        var own = await quality.LoadRaisedAsync([], Samples.In(Streets[0]), From, To, 10_000, Cancelled);
        var overlay = await quality.LoadRaisedAsync([Overlay], Actor.System, From, To, 10_000, Cancelled);

        Assert.Equal(warnings.Count(warning => warning.Area == Streets[0] && warning.RaisedAt >= From && warning.RaisedAt < To), own.Length);
        Assert.Equal(warnings.Count(warning => warning.Areas.Contains(Overlay) && warning.RaisedAt >= From && warning.RaisedAt < To), overlay.Length);
        Assert.Equal(own.OrderBy(record => record.RaisedAt).ThenBy(record => record.Id.Value, StringComparer.Ordinal), own);
    }

    [Fact]
    public void A_source_is_suggested_to_be_muted_above_seventy_of_a_hundred_and_three_judged()
    {
        Assert.True(Judged(3, 3).SuggestsMute);
        Assert.False(Judged(2, 2).SuggestsMute);
        Assert.False(Judged(10, 7).SuggestsMute);
        Assert.True(Judged(10, 8).SuggestsMute);
        Assert.Equal((10, 8, 0.8), (Judged(10, 8).Handled, Judged(10, 8).False, Judged(10, 8).Rate));
    }

    [Fact]
    public void An_incident_that_was_voided_for_another_reason_or_goes_on_judges_nothing()
    {
        var records = Enumerable.Range(0, 4).Select(n => Record(n) with { Incident = new($"inc-{n}") }).ToImmutableArray();
        var report = QualityReckoning.Report(
            Data(records, new("inc-0", true, "误报，探头进水"), new("inc-1", true, "与 0001 重复"), new("inc-2", false, "已处置")), null, [], To, Options);

        var source = Assert.Single(report.FalseAlarms);
        Assert.Equal((2, 1), (source.Handled, source.False));
    }

    [Fact]
    public void A_thing_that_comes_and_goes_and_comes_within_ten_minutes_chatters()
    {
        var twice = Record(0) with { ClearedAt = From.AddMinutes(4) };
        Assert.Equal(0, Report(twice).ChatteringSources);
        Assert.Equal((1, 3), (Report(twice, Record(9)).ChatteringSources, Report(twice, Record(9)).Chattering[0].Transitions));
        Assert.Equal(0, Report(twice, Record(14)).ChatteringSources);

        QualityReport Report(params QualityRecord[] records) => QualityReckoning.Report(Data([.. records]), null, [], To, Options);
    }

    private static QualityFalse Judged(int handled, int wrong)
    {
        var records = Enumerable.Range(0, handled).Select(n => Record(n) with { Incident = new($"inc-{n}") }).ToImmutableArray();
        return Assert.Single(QualityReckoning.Report(
            Data(records, [.. Enumerable.Range(0, handled).Select(n => (Id: $"inc-{n}", Voided: n < wrong, Reason: n < wrong ? "误报" : "已处置"))]), null, [], To, Options).FalseAlarms);
    }

    private static QualityRecord Record(int minute) =>
        new(new($"w-{minute}"), Streets[0], string.Empty, new("R01"), "wl-1", null, Colour.Orange, From.AddMinutes(minute), null, null, false, false, null);

    private static QualityData Data(ImmutableArray<QualityRecord> records, params (string Id, bool Voided, string Reason)[] endings) => new()
    {
        From = From, To = To, Raised = records, Standing = [], WithIncident = [.. records.Where(record => record.Incident is not null)],
        Endings = endings.ToImmutableDictionary(ending => new IncidentId(ending.Id), ending => new IncidentEnding(new(ending.Id), ending.Voided, ending.Reason, To)),
    };

    private static QualityRecordQuery Query(QualityMeasure measure) => new() { Span = new() { From = From, To = To }, Measure = measure };

    private static async Task<(QualityData Data, ImmutableDictionary<IncidentId, IncidentEnding> Endings)> LoadAsync(OpenStore store, List<WarningView> warnings)
    {
        var quality = new QualityStore(store.Database);
        var raised = await quality.LoadRaisedAsync([], Actor.System, From.AddHours(-2), To, 100_000, Cancelled);
        var standing = await quality.LoadStandingAsync([], Actor.System, To, 100_000, Cancelled);
        var endings = warnings.Where(warning => warning.Incident is not null).Select(warning => warning.Incident!.Value).Distinct()
            .Select((incident, n) => new IncidentEnding(incident, n % 3 != 2, (n % 4) switch { 0 => "误报", 1 => "重复", _ => "已处置" }, To))
            .Where((_, n) => n % 5 != 4)
            .ToImmutableDictionary(ending => ending.Incident);
        return (new()
        {
            From = From, To = To, Raised = raised, Standing = standing, WithIncident = raised.RemoveAll(record => record.Incident is null), Endings = endings,
        }, endings);
    }

    private static List<WarningView> Random(int seed)
    {
        // The seed is the case: the same numbers on every machine.
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, 400).Select(n =>
            {
                var burst = random.Next(3) == 0;
                var raised = From.AddSeconds(burst ? 36_000 + random.Next(900) : random.Next(-36_000, 108_000));
                var cleared = random.Next(6) == 0 ? (DateTimeOffset?)null : raised.AddSeconds(1 + random.Next(900));
                var subject = $"wl-{random.Next(15):00}";
                return Samples.Warning($"w-{n:000}", 0, Streets[random.Next(2)], cleared is null ? WarningState.Raised : WarningState.Cleared, Colour.Blue) with
                {
                    Rule = new(random.Next(2) == 0 ? "R01" : "R02"), Subject = subject, OnsetAt = raised.AddSeconds(-60), RaisedAt = raised, ClearedAt = cleared,
                    PeakColour = (Colour)(1 + random.Next(4)), Areas = random.Next(4) == 0 ? [Overlay] : [], Drill = random.Next(20) == 0,
                    Silenced = random.Next(15) == 0 ? new(SilenceWhy.Maintenance, "m", raised, null) : random.Next(15) == 0 ? new(SilenceWhy.CoolDown, "w", raised, null) : null,
                    InhibitedBy = random.Next(15) == 0 ? new WarningId("w-parent") : null, Incident = random.Next(3) == 0 ? new IncidentId($"inc-{random.Next(40)}") : null,
                };
            }),
        ];
    }

    // Loops over the warnings themselves, once for each figure.
    private static void Compare(QualityReport report, List<WarningView> all, ImmutableDictionary<IncidentId, IncidentEnding> endings, int seed)
    {
        bool Presented(WarningView warning) => !warning.Drill && warning.Silenced?.Why != SilenceWhy.Maintenance && warning.InhibitedBy is null;
        var presented = all.Where(warning => warning.RaisedAt >= From && warning.RaisedAt < To && Presented(warning)).ToList();
        Assert.True(presented.Count == report.Raised, $"seed {seed}: {presented.Count} raised, the report says {report.Raised}");
        Assert.Equal(presented.Count / 30.0, report.PerHour, 9);
        for (var hour = 0; hour < 30; hour++)
        {
            Assert.Equal(presented.Count(warning => (int)Math.Floor((warning.RaisedAt!.Value - From).TotalHours) == hour), report.Hours[hour].Raised);
        }

        Assert.Equal(report.Hours.Max(hour => hour.Raised), report.BusiestHour);
        Assert.Equal((report.Hours.Count(hour => hour.Raised > 6), report.Hours.Count(hour => hour.Raised > 12)), (report.HoursAboveAcceptable, report.HoursAboveManageable));
        Assert.Equal(presented.Count(warning => warning.PeakColour == Colour.Red), report.Red);
        Assert.Equal(presented.Count(warning => warning.PeakColour == Colour.Blue), report.Blue);

        // The flood, second by second, from two hours before.
        var times = all.Where(Presented).Select(warning => (int)(warning.RaisedAt!.Value - From).TotalSeconds).ToList();
        var (flood, seconds) = (false, 0);
        for (var second = -7200; second < 108_000; second++)
        {
            var within = times.Count(time => time <= second && time > second - 600 && time >= -7200);
            flood = flood ? within >= 5 : within > 10;
            seconds += flood && second >= 0 ? 1 : 0;
        }

        Assert.True(Math.Abs((seconds / 108_000.0) - report.FloodShare) < 0.0001, $"seed {seed}: {seconds} s of flood, the report says {report.FloodShare * 108_000}");
        var bySource = presented.GroupBy(warning => (warning.Rule, warning.Subject)).ToList();
        Assert.Equal(bySource.Count, report.Sources);
        Assert.Equal(bySource.Select(source => source.Count()).OrderDescending().Take(10), report.Top.Select(source => source.Raised));
        Assert.Equal(bySource.Select(source => source.Count()).OrderDescending().Take(10).Sum() / (double)presented.Count, report.Top10Share, 9);
        var chattering = bySource.Count(source =>
        {
            var moments = source.Select(warning => warning.RaisedAt!.Value).Concat(source.Where(warning => warning.ClearedAt < To).Select(warning => warning.ClearedAt!.Value)).ToList();
            return moments.Any(moment => moments.Count(other => other >= moment && other < moment.AddMinutes(10)) >= 3);
        });
        Assert.Equal(chattering, report.ChatteringSources);
        Assert.Equal(
            all.Count(warning => Presented(warning) && warning.RaisedAt < To.AddHours(-24) && (warning.ClearedAt is null || warning.ClearedAt > To)), report.StandingCount);
        var judged = all.Where(warning => Presented(warning) && warning.RaisedAt >= From.AddHours(-2) && warning.RaisedAt < To && warning.Incident is { } incident && endings.ContainsKey(incident)).ToList();
        Assert.Equal(judged.Count(warning => endings[warning.Incident!.Value].Reason == "误报"), report.FalseAlarms.Sum(source => source.False));
        Assert.All(report.FalseAlarms, source => Assert.Equal(
            judged.Count(warning => warning.Rule == source.Rule && warning.Subject == source.Subject && (endings[warning.Incident!.Value].Reason == "误报" || !endings[warning.Incident.Value].Voided)),
            source.Handled));
        Assert.Equal(all.Count(warning => warning.Drill && warning.RaisedAt >= From && warning.RaisedAt < To), report.Drills);
    }
}
