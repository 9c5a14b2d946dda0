using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using CommandCenter.Web.Hosting;
using CommandCenter.Web.Operators;
using CommandCenter.Web.Texts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Localization;
using Orleans.Runtime;

namespace CommandCenter.Web.RuleDesk;

/// <summary>The sides of one rule.</summary>
public enum RuleTab { Read, Try, Versions, Shadow, Sign }

/// <summary>The rule desk's life: who works here, the list as it is asked for again and again, and the keyboard. What is done with a rule stands in the other part.</summary>
public sealed partial class RulesPage : IAsyncDisposable
{
    /// <summary>The book is asked so often for what others changed; the registry is counted once in so many of these.</summary>
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(4);
    private const int CountEvery = 8;

    private readonly CancellationTokenSource leaving = new();
    private ElementReference root;
    private RuleList? list;
    private Actor? actor;
    private string? refusal;
    private RuleDeskContext? desk;
    private RuleSpeaker? speaker;
    private Notice? notice;
    private bool busy;
    private bool asking;
    private DateTimeOffset now;
    private ImmutableArray<RuleRow> rows = [];
    private ImmutableArray<RuleRow> shown = [];
    private RuleFilter filter = new();
    private RuleRow? chosen;
    private RuleTab tab;
    private Dictionary<string, int> counts = new(StringComparer.Ordinal);
    private Dictionary<string, int> open = new(StringComparer.Ordinal);
    private RuleSelection? selection;
    private int? week;
    private RuleBookTerms terms = new(false, [], 0, 0);
    private ImmutableArray<RuleVersion> versions = [];
    private ImmutableArray<RuleProposal> proposals = [];
    private bool showProposals;
    private IReadOnlyList<(string Value, string Text)> tags = [];
    private AreaId district;

    [Parameter] public string? IdText { get; set; }

    [SupplyParameterFromQuery(Name = "tab")] public string? TabText { get; set; }

    [Inject] private ISituationFeed Feed { get; set; } = default!;
    [Inject] private IGrainFactory Grains { get; set; } = default!;
    [Inject] private DomainClock Clock { get; set; } = default!;
    [Inject] private TimeProvider Machine { get; set; } = default!;
    [Inject] private DemoState Demo { get; set; } = default!;
    [Inject] private MapSettings Map { get; set; } = default!;
    [Inject] private IStringLocalizer<RuleWords> L { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Authentication { get; set; } = default!;

    private sealed record Notice(string Text, bool Good);

    private IRuleBookGrain Book => Grains.GetGrain<IRuleBookGrain>(0);

    private IRuleSelectionGrain Selecting => Grains.GetGrain<IRuleSelectionGrain>(0);

    private IRegistryGrain Registry => Grains.GetGrain<IRegistryGrain>(0);

    private bool MayEdit => actor?.Has(Role.System) == true;

    private string TitleOfDetail => draft is { } edited ? edited.IsNew ? L["form.new"] : L["form.edit", edited.Id]
        : chosen is { } row ? $"{row.Id.Value} {Vocabulary.Say(row.Name)}" : string.Empty;

    public async ValueTask DisposeAsync()
    {
        await leaving.CancelAsync();
        leaving.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        now = Clock.Now;
        actor = ActorClaims.FromPrincipal((await Authentication.GetAuthenticationStateAsync()).User);
        if (actor is null)
        {
            refusal = "refused.not_signed_in";
            return;
        }

        await Feed.Ready;
        district = new AreaId(Map.District);
        var plans = await Grains.GetGrain<IPlanBookGrain>(0).ListPlansAsync();
        desk = new RuleDeskContext(
            actor, [.. Feed.Areas.Where(area => actor.SeesWholeDistrict || actor.MaySee(area.Id))],
            new Vocabulary(await Grains.GetGrain<IRecordsGrain>(0).GetVocabularyAsync()), [.. plans.Select(PlanOf).OrderBy(plan => plan.Id, StringComparer.Ordinal)]);
        speaker = new RuleSpeaker(L, desk);
        terms = await Book.GetTermsAsync();
        await LoadAsync();
        await CountAsync();
        if (IdText is { Length: > 0 } wanted)
        {
            await ChooseAsync(new RuleId(wanted), Enum.TryParse<RuleTab>(TabText, ignoreCase: true, out var first) ? first : RuleTab.Read);
        }
    }

    protected override Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _ = KeepFreshAsync(leaving.Token);
        }

        return Task.CompletedTask;
    }

    private static PlanName PlanOf(string document)
    {
        var json = RuleJson.Parse(document);
        var id = RuleJson.Text(json, "id") ?? string.Empty;
        return new(id, RuleJson.Name(json, id));
    }

    /// <summary>Moves the page's beat each second; what others change arrives by asking.</summary>
    private async Task KeepFreshAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), Machine);
        var asked = 0L;
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                await InvokeAsync(async () =>
                {
                    now = Clock.Now;
                    CountOpen();
                    if (desk is not null && !asking && !busy && ++asked % (int)AskInterval.TotalSeconds == 0)
                    {
                        await AskAsync(async () =>
                        {
                            await LoadAsync();
                            if (asked % ((int)AskInterval.TotalSeconds * CountEvery) == 0)
                            {
                                await CountAsync();
                            }
                        });
                    }

                    StateHasChanged();
                });
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The person has left the page.
            asking = false;
        }
    }

    /// <summary>Asks the silo; when it does not answer that is said, and asked again with the next beat.</summary>
    private async Task AskAsync(Func<Task> ask)
    {
        asking = true;
        try
        {
            await ask();
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            notice = new Notice(L["refusal.unavailable"], Good: false);
        }
        finally
        {
            asking = false;
        }
    }

    private async Task LoadAsync()
    {
        var summaries = await Book.ListSummariesAsync();
        rows = RuleFilter.Sort(summaries.Select(summary => rows.FirstOrDefault(row => row.Id == summary.Rule) is { } known && IsSame(known, summary) ? known : RuleRow.Of(summary)));
        desk!.Learn(rows);
        proposals = rows.Any(row => row.Proposals.Length > 0) ? await Book.ListProposalsAsync(RuleProposalState.Open) : [];
        showProposals &= proposals.Length > 0;
        Cut();
        if (chosen is { } before)
        {
            chosen = rows.FirstOrDefault(row => row.Id == before.Id);
            if (chosen is null || chosen.Version != before.Version || chosen.UnsignedThresholds != before.UnsignedThresholds || chosen.Proposals.Length != before.Proposals.Length || chosen.Shadow != before.Shadow)
            {
                await LoadChosenAsync();
            }
        }

        StateHasChanged();
    }

    private static bool IsSame(RuleRow row, RuleSummary summary) =>
        row.Version == summary.Version && row.UnsignedThresholds == summary.UnsignedCount && row.Shadow == summary.Shadow && row.Proposals.SequenceEqual(summary.Proposals);

    private async Task LoadChosenAsync()
    {
        if (chosen is not { } row)
        {
            (selection, week, versions) = (null, null, []);
            return;
        }

        var found = await Selecting.PreviewAsync(row.Id, RuleJson.Write(row.Document), actor!);
        var stored = await Book.ListVersionsAsync(row.Id);
        if (chosen?.Id == row.Id)
        {
            (selection, versions) = (found.Value, stored);
            StateHasChanged();
        }

        var records = await Grains.GetGrain<IQualityGrain>(0).RecordsAsync(
            new() { Span = new() { From = Clock.Now.AddDays(-7), To = Clock.Now }, Measure = QualityMeasure.Raised, Rule = row.Id, Limit = 1 }, actor!);
        if (chosen?.Id == row.Id)
        {
            week = records.Value?.Total;
        }
    }

    private async Task CountAsync()
    {
        counts = (await Selecting.CountAsync(actor!)).ToDictionary(count => count.Of, count => count.Count, StringComparer.Ordinal);
        var devices = (await Registry.SearchAsync(new DeviceSearch { KnownSequence = -1 }, actor!))?.Devices ?? [];
        tags = [.. devices.SelectMany(device => device.Tags).GroupBy(tag => tag, StringComparer.Ordinal).OrderByDescending(group => group.Count()).Take(500).Select(group => (group.Key, L["form.tag_count", group.Key, group.Count()].Value))];
    }

    private void CountOpen()
    {
        if (actor is null || desk is null || Feed.Find(district, actor) is not { } picture)
        {
            return;
        }

        open = picture.Warnings.Where(warning => warning.State == WarningState.Raised).GroupBy(warning => warning.Rule.Value, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
    }

    private int OpenOf(RuleId id) => open.GetValueOrDefault(id.Value);

    private void Cut() => shown = [.. rows.Where(row => filter.Takes(row, Known(row), OpenOf(row.Id)))];

    private string Known(RuleRow row)
    {
        var code = RuleJson.Text(row.Document, "class") ?? string.Empty;
        var quantity = RuleJson.Quantity(row.Document);
        return string.Join(' ', row.Name.Zh, row.Name.En, code, desk!.Vocabulary.Class(code), quantity, quantity is null ? string.Empty : desk.Vocabulary.Quantity(quantity), RuleJson.Text(row.Document, "plan"));
    }

    private void FilterAsync(RuleFilter next)
    {
        filter = next;
        Cut();
    }

    private async Task ChooseAsync(RuleId id, RuleTab? side = null)
    {
        if (draft is { IsChanged: true } && !(draft.Id == id.Value && !draft.IsNew))
        {
            discarding = true;
            return;
        }

        DropDraft();
        chosen = rows.FirstOrDefault(row => row.Id == id);
        if (chosen is null)
        {
            notice = new Notice(L["page.no_rule", id.Value], Good: false);
            return;
        }

        (tab, notice, selection, week, versions, proposed, showProposals) = (side ?? tab, null, null, null, [], null, false);
        SayAddress();
        StateHasChanged();
        await AskAsync(LoadChosenAsync);
    }

    private void ShowTabAsync(RuleTab next)
    {
        (tab, proposed) = (next, null);
        SayAddress();
    }

    private void SayAddress()
    {
        var address = chosen is null ? "/rules" : $"/rules/{Uri.EscapeDataString(chosen.Id.Value)}{(tab == RuleTab.Read ? "" : "?tab=" + tab.ToString().ToLowerInvariant())}";
        if (draft is null)
        {
            Navigation.NavigateTo(address, new NavigationOptions { ReplaceHistoryEntry = true });
        }
    }

    private async Task CloseAsync()
    {
        if (draft is not null)
        {
            await CancelAsync();
            return;
        }

        (chosen, notice, showProposals) = (null, null, false);
        SayAddress();
    }

    private async Task OnKeyAsync(KeyboardEventArgs key)
    {
        if (desk is null || key.CtrlKey || key.MetaKey || key.AltKey || draft is not null)
        {
            return;
        }

        switch (key.Key)
        {
            case "/" when list is not null:
                await list.FocusAsync();
                break;
            case "j" or "k" or "ArrowDown" or "ArrowUp" when shown.Length > 0:
                var at = chosen is null ? -1 : shown.IndexOf(shown.FirstOrDefault(row => row.Id == chosen.Id)!);
                await ChooseAsync(shown[Math.Clamp(key.Key is "j" or "ArrowDown" ? at + 1 : at - 1, 0, shown.Length - 1)].Id);
                break;
            case "n" when MayEdit:
                choosingKind = true;
                break;
            case "e" when MayEdit && chosen is not null:
                EditAsync();
                break;
            case "1" or "2" or "3" or "4" or "5" when chosen is not null:
                ShowTabAsync((RuleTab)(key.Key[0] - '1'));
                break;
            case "Escape":
                await CloseAsync();
                break;
        }
    }

    private static JsonObject Clone(JsonObject document) => document.DeepClone().AsObject();
}
