using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;
using CommandCenter.Web.Hosting;
using CommandCenter.Web.Operators;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Localization;

namespace CommandCenter.Web.IncidentDesk;

/// <summary>The desk's state: the live picture, the selection, and the commands. Another operator's moves arrive with the picture.</summary>
public sealed partial class Desk : IDisposable
{
    private static readonly AreaId District = new("320404");

    private ElementReference desk;
    private Actor actor = ActorClaims.LocalDesk;
    private AreaId area = District;
    private IDisposable? watch;
    private SituationPicture picture = SituationPicture.Empty(District);
    private ImmutableArray<QueueItem> queue = [];
    private ImmutableArray<AreaDescription> areas = [];
    private ImmutableArray<ResponseUnitView> units = [];
    private DateTimeOffset now;
    private string? selected;
    private IncidentView? incident;
    private WarningView? warning;
    private DispatchPreview? preview;
    private bool previewLoading;
    private string? previewRefused;
    private bool busy;
    private Notice? notice;

    /// <summary>One key per intended dispatch: a second press of the button repeats it instead of sending twice.</summary>
    private string dispatchKey = string.Empty;

    [Parameter] public string? AreaText { get; set; }

    [SupplyParameterFromQuery(Name = "incident")] public string? IncidentText { get; set; }

    [Inject] private ISituationFeed Feed { get; set; } = default!;
    [Inject] private IGrainFactory Grains { get; set; } = default!;
    [Inject] private DomainClock Clock { get; set; } = default!;
    [Inject] private DemoState Demo { get; set; } = default!;
    [Inject] private IStringLocalizer<DeskWords> D { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Authentication { get; set; } = default!;

    private sealed record Notice(string Text, bool Good);

    private ImmutableArray<WarningView> warningsOfIncident =>
        incident is null ? [] : [.. picture.Warnings.Where(item => incident.Warnings.Contains(item.Id))];

    public void Dispose() => watch?.Dispose();

    protected override async Task OnInitializedAsync()
    {
        actor = ActorClaims.FromPrincipal((await Authentication.GetAuthenticationStateAsync()).User) ?? actor;
        now = Clock.Now;
        if (IncidentText is { Length: > 0 } wanted)
        {
            selected = WorkList.KeyOf(new IncidentId(wanted));
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        var wanted = AreaText is { Length: > 0 } text ? new AreaId(text) : actor.SeesWholeDistrict ? District : actor.Areas.FirstOrDefault(District);
        if (watch is not null && wanted == area)
        {
            return;
        }

        watch?.Dispose();
        area = wanted;
        picture = SituationPicture.Empty(area);
        try
        {
            watch = Feed.Watch(area, actor, shown => _ = InvokeAsync(() => ShowAsync(shown)));
        }
        catch (KeyNotFoundException)
        {
            notice = new Notice(D["desk.no_area"], Good: false);
        }

        units = await Grains.GetGrain<IPlanBookGrain>(0).ListUnitsAsync(actor);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await desk.FocusAsync();
        }
    }

    private async Task ShowAsync(SituationPicture shown)
    {
        picture = shown;
        now = Clock.Now;
        areas = Feed.Areas;
        queue = WorkList.From(shown);
        if (selected is null && queue is [var first, ..])
        {
            await SelectAsync(first.Key);
        }
        else
        {
            await RefreshSelectionAsync();
        }

        StateHasChanged();
    }

    private async Task SelectAsync(string key)
    {
        selected = key;
        incident = null;
        warning = null;
        preview = null;
        previewRefused = null;
        await RefreshSelectionAsync();
        StateHasChanged();
    }

    /// <summary>Follows what is selected: a warning that became an incident is followed into it, a newer version is fetched with its timeline.</summary>
    private async Task RefreshSelectionAsync()
    {
        if (selected is null)
        {
            return;
        }

        if (queue.FirstOrDefault(item => item.Key == selected)?.Warning is { } raised)
        {
            warning = raised;
            incident = null;
            return;
        }

        if (warning is not null && picture.Warnings.FirstOrDefault(item => item.Id == warning.Id)?.Incident is { } opened)
        {
            selected = WorkList.KeyOf(opened);
            warning = null;
        }

        if (!selected.StartsWith("incident:", StringComparison.Ordinal))
        {
            warning = null;
            return;
        }

        var id = new IncidentId(selected["incident:".Length..]);
        var live = picture.Incidents.FirstOrDefault(item => item.Id == id);
        if (incident is null || (live is not null && live.Version > incident.Version))
        {
            incident = await Grains.GetGrain<IIncidentGrain>(id.Value).GetAsync(actor) ?? live;
            if (incident is { IsOpen: true } && preview is null && !previewLoading && previewRefused is null)
            {
                await LoadPreviewAsync(null);
            }
        }
    }

    private async Task LoadPreviewAsync(PlanId? plan)
    {
        if (incident is null)
        {
            return;
        }

        previewLoading = true;
        previewRefused = null;
        var outcome = await Grains.GetGrain<IIncidentGrain>(incident.Id.Value).PreviewAsync(plan, actor);
        previewLoading = false;
        preview = outcome.Value;
        previewRefused = outcome.Succeeded ? null : outcome.Detail ?? D["send.no_plan"];
        units = await Grains.GetGrain<IPlanBookGrain>(0).ListUnitsAsync(actor);
        dispatchKey = NewKey();
    }

    private Task DispatchAsync(DispatchOrder order) => ActAsync(async target =>
    {
        var outcome = await target.DispatchAsync(order with { IdempotencyKey = dispatchKey }, actor);
        if (outcome.Value is { } answer)
        {
            dispatchKey = NewKey();
            Say(D["said.dispatched", answer.Tasks.Length, answer.Notices]);
        }
        else
        {
            Refuse(outcome.Refusal, outcome.Detail);
        }
    });

    private Task OrderAsync(FreeOrder order) => ActAsync(async target =>
    {
        var outcome = await target.OrderAsync(order with { IdempotencyKey = dispatchKey }, actor);
        if (outcome.Value is { } task)
        {
            dispatchKey = NewKey();
            Say(D["said.ordered", task.Unit.Name]);
        }
        else
        {
            Refuse(outcome.Refusal, outcome.Detail);
        }
    });

    private Task ExecuteAsync(IncidentCommand command) => ActAsync(async target =>
    {
        var outcome = await target.ExecuteAsync(command, actor);
        if (outcome.Value is { } after)
        {
            Say(D["said.state", D[$"state.{Word(after.State)}"]]);
        }
        else
        {
            Refuse(outcome.Refusal, outcome.Detail);
        }
    });

    private Task ActAsync((TaskId Task, TaskCommand Command) act) => ActAsync(async target =>
    {
        var outcome = await target.ActAsync(act.Task, act.Command, actor);
        if (outcome.Value is { } task)
        {
            Say(D["said.task", task.Unit.Name, D[$"task.{Word(task.State)}"]]);
        }
        else
        {
            Refuse(outcome.Refusal, outcome.Detail);
        }
    });

    /// <summary>Runs one command on the selected incident; while it runs every button is off, and afterwards the newest version is shown at once.</summary>
    private async Task ActAsync(Func<IIncidentGrain, Task> act)
    {
        if (incident is null || busy)
        {
            return;
        }

        busy = true;
        notice = null;
        StateHasChanged();
        try
        {
            var target = Grains.GetGrain<IIncidentGrain>(incident.Id.Value);
            await act(target);
            incident = await target.GetAsync(actor) ?? incident;
        }
        finally
        {
            busy = false;
        }
    }

    private async Task AcknowledgeAsync(string comment)
    {
        if (warning is null || busy)
        {
            return;
        }

        busy = true;
        var outcome = await Grains.GetGrain<IStreetGrain>(warning.Area.Value).ExecuteAsync(warning.Id, new AcknowledgeWarning(comment.Length == 0 ? null : comment), actor);
        busy = false;
        if (outcome.Value is { } after)
        {
            warning = after;
            Say(D["said.acknowledged"]);
        }
        else
        {
            Refuse(outcome.Refusal, outcome.Detail);
        }
    }

    /// <summary>A suggestion becomes an incident: the warning is the evidence, and the same warning never opens a second one.</summary>
    private async Task OpenIncidentAsync()
    {
        if (warning is not { } source || source.Class is not { } incidentClass || busy)
        {
            return;
        }

        busy = true;
        var outcome = await Grains.GetGrain<IIntakeGrain>(ClassGroup.Of(incidentClass)).SubmitWarningAsync(source);
        busy = false;
        if (outcome.Succeeded)
        {
            selected = WorkList.KeyOf(outcome.Value);
            warning = null;
            incident = null;
            await RefreshSelectionAsync();
            Say(D["said.opened"]);
        }
        else
        {
            Refuse(outcome.Refusal, outcome.Detail);
        }
    }

    private async Task OnKeyAsync(KeyboardEventArgs key)
    {
        if (key.CtrlKey || key.AltKey || key.MetaKey || queue.IsEmpty)
        {
            return;
        }

        var at = queue.ToList().FindIndex(item => item.Key == selected);
        var next = key.Key switch
        {
            "j" => Math.Min(at + 1, queue.Length - 1),
            "k" => Math.Max(at - 1, 0),
            _ => -1,
        };
        if (next >= 0)
        {
            await SelectAsync(queue[next].Key);
        }
    }

    private void ChangeArea(ChangeEventArgs change) =>
        Navigation.NavigateTo(change.Value is string value && value != District.Value ? $"/desk/{value}" : "/desk");

    private void Say(string text) => notice = new Notice(text, Good: true);

    private void Refuse(Refusal? refusal, string? detail)
    {
        var word = D[$"refusal.{Word(refusal ?? Refusal.Unavailable)}"];
        notice = new Notice(detail is null ? word : $"{word} {detail}", Good: false);
    }

    private string AreaName(AreaId id) => areas.FirstOrDefault(item => item.Id == id) is { } description ? Name(description) : id.Value;

    private static string Name(AreaDescription description) => Text(description.Name);

    private static string Text(Label label) => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "zh" ? label.Zh : label.En;

    private static string TitleOf(QueueItem item) => item switch
    {
        { Incident: { } one } => one.Title,
        { Warning: { } one } => $"{one.SubjectName ?? one.Subject} · {(one.RuleName is { } name ? Text(name) : one.Rule.Value)}",
        _ => item.Key,
    };

    private string StateOf(QueueItem item) => item switch
    {
        { Incident: { } one } => D[$"state.{Word(one.State)}"],
        { Warning: { Acknowledged: null } } => D["warning.unacknowledged"],
        _ => D["warning.acknowledged"],
    };

    /// <summary>The lower-case word of a state, as documents and text keys write it.</summary>
    internal static string Word<TWord>(TWord word)
        where TWord : struct, Enum =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString());

    // The key is made at the border, where a click is the one thing that is not repeatable.
    private static string NewKey() => Guid.NewGuid().ToString("N");
}
