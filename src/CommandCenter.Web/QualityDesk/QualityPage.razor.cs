using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using CommandCenter.Web.Hosting;
using CommandCenter.Web.Operators;
using CommandCenter.Web.Texts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Localization;

namespace CommandCenter.Web.QualityDesk;

/// <summary>The quality page: the report of one seat and span, asked for anew each minute while the span still runs.</summary>
public sealed partial class QualityPage : IDisposable
{
    private const int FloodsShown = 8;
    private const int FalseShown = 10;
    private const int StandingShown = 8;
    private const int RecordsPage = 50;
    private static readonly int[] Periods = [1, 7, 30];
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _leaving = new();
    private Actor? actor;
    private ImmutableArray<AreaDescription> areas = [];
    private AreaId area;
    private int period = 1;
    private DateTimeOffset from;
    private DateTimeOffset to;
    private DateTimeOffset now;
    private QualityReport? report;
    private string? refusal;
    private QualityItems? records;
    private QualityRecordQuery? asked;
    private string recordsTitle = string.Empty;
    private int questions;
    private bool loadingMore;
    private ElementReference recordsPanel;
    private bool showRecords;
    private MaintenanceSection? maintenance;

    [Parameter] public string? AreaText { get; set; }

    [Inject] private ISituationFeed Feed { get; set; } = default!;
    [Inject] private IGrainFactory Grains { get; set; } = default!;
    [Inject] private DomainClock Clock { get; set; } = default!;
    [Inject] private TimeProvider Machine { get; set; } = default!;
    [Inject] private DemoState Demo { get; set; } = default!;
    [Inject] private IStringLocalizer<QualityWords> Q { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Authentication { get; set; } = default!;

    private string CsvAddress
    {
        get
        {
            if (asked is not { } query)
            {
                return string.Empty;
            }

            var parts = new List<string>
            {
                $"measure={System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(query.Measure.ToString())}", $"from={ContractJson.Format(query.Span.From)}", $"to={ContractJson.Format(query.Span.To)}", "format=csv",
            };
            if (query.Span.Area is { } seat)
            {
                parts.Add($"area={seat.Value}");
            }

            if (query.Rule is { } rule)
            {
                parts.Add($"rule={Uri.EscapeDataString(rule.Value)}");
            }

            if (query.Subject is { } subject)
            {
                parts.Add($"subject={Uri.EscapeDataString(subject)}");
            }

            if (query.Hour is { } hour)
            {
                parts.Add($"hour={ContractJson.Format(hour)}");
            }

            return "/api/v1/quality/records?" + string.Join('&', parts);
        }
    }

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        actor = ActorClaims.FromPrincipal((await Authentication.GetAuthenticationStateAsync()).User);
        now = Clock.Now;
        (from, to) = Running(period);
        if (actor is null)
        {
            refusal = Q["page.not_signed_in"];
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        if (actor is null)
        {
            return;
        }

        await Feed.Ready;
        areas = [.. Feed.Areas.Where(item => actor.SeesWholeDistrict || (item.Kind != AreaKind.District && actor.MaySee(item.Id)))];
        var wanted = AreaText is { Length: > 0 } text ? new AreaId(text) : areas.FirstOrDefault()?.Id ?? default;
        if (wanted != area)
        {
            area = wanted;
            records = null;
            await LoadAsync();
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _ = KeepFreshAsync(_leaving.Token);
        }

        if (showRecords)
        {
            showRecords = false;
            await recordsPanel.FocusAsync();
        }
    }

    /// <summary>The figures grow older under the eyes: their age is drawn each second, and a span that still runs is reckoned again each minute.</summary>
    private async Task KeepFreshAsync(CancellationToken leaving)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), Machine);
        var askedAt = Machine.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(leaving))
            {
                var due = period > 0 && Machine.GetElapsedTime(askedAt) >= AskEvery;
                askedAt = due ? Machine.GetTimestamp() : askedAt;
                await InvokeAsync(async () =>
                {
                    now = Clock.Now;
                    if (due)
                    {
                        (from, to) = Running(period);
                        await LoadAsync();
                    }

                    StateHasChanged();
                });
            }
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // The page is left.
            return;
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            // The answer to an earlier question may come after that to a later one.
            var question = ++questions;
            var outcome = await Grains.GetGrain<IQualityGrain>(0).ReportAsync(new() { Area = area, From = from, To = to }, actor!);
            if (question != questions)
            {
                return;
            }

            report = outcome.Value ?? report;
            refusal = outcome.Refusal switch
            {
                null => null,
                Refusal.NotFound => Q["page.no_area"].Value,
                Refusal.Invalid => Q["refused.span"].Value,
                { } other => QualityFigures.Say(Q, other),
            };
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            // What is shown keeps its time, so its age tells.
            refusal = report is null ? Q["page.unavailable"].Value : null;
        }

        StateHasChanged();
    }

    private Task LookAsync(QualityMeasure measure, string title, RuleId? rule = null, string? subject = null, DateTimeOffset? hour = null)
    {
        recordsTitle = title;
        asked = new() { Span = new() { Area = area, From = report?.From ?? from, To = report?.To ?? to }, Measure = measure, Rule = rule, Subject = subject, Hour = hour, Limit = RecordsPage };
        showRecords = true;
        return AskRecordsAsync(0);
    }

    private async Task MoreAsync()
    {
        if (loadingMore || records is null)
        {
            return;
        }

        loadingMore = true;
        await AskRecordsAsync(records.Items.Length);
        loadingMore = false;
    }

    private async Task AskRecordsAsync(int skip)
    {
        try
        {
            var question = asked!;
            var outcome = await Grains.GetGrain<IQualityGrain>(0).RecordsAsync(question with { Skip = skip }, actor!);
            if (question != asked || (skip > 0 && records is null))
            {
                return;
            }

            records = outcome.Value is { } page ? page with { Items = skip == 0 ? page.Items : [.. records!.Items, .. page.Items] } : records;
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            refusal = Q["page.unavailable"];
        }

        StateHasChanged();
    }

    private Task ChangePeriodAsync(int days)
    {
        period = days;
        (from, to) = Running(days);
        records = null;
        return LoadAsync();
    }

    private Task ChangeDayAsync(ChangeEventArgs change, bool first)
    {
        if (!DateTime.TryParseExact(change.Value?.ToString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return Task.CompletedTask;
        }

        var start = new DateTimeOffset(day, Parts.Times.Zone.GetUtcOffset(day)).ToUniversalTime();
        period = 0;
        (from, to) = first ? (start, to > start ? to : start.AddDays(1)) : (from < start.AddDays(1) ? from : start, start.AddDays(1));
        records = null;
        return LoadAsync();
    }

    private void ChangeArea(ChangeEventArgs change) => Navigation.NavigateTo($"/quality/{change.Value}");

    private void Suggest(QualityFalse source) => maintenance?.Suggest(
        source.Rule, new(source.Subject), Q["false.reason", QualityFigures.Number(source.Rate * 100), source.False, source.Handled]);

    private (DateTimeOffset From, DateTimeOffset To) Running(int days) => (Clock.Now.AddDays(-days), Clock.Now);

    private string AreaName(AreaId id) => Feed.Areas.FirstOrDefault(item => item.Id == id) is { } description ? Vocabulary.Say(description.Name) : id.Value;

    private static string NameOf(RuleId rule, Label? ruleName, string subject, string? subjectName) =>
        $"{subjectName ?? subject} · {rule.Value} {(ruleName is { } name ? Vocabulary.Say(name) : string.Empty)}";

    private static string Day(DateTimeOffset at) => Parts.Times.Local(at).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string F(double value) => QualityFigures.Number(value);
}
