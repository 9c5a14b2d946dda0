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
    private ElementReference desk;

    /// <summary>Null: nobody is signed in, and then the desk shows nothing.</summary>
    private Actor? actor;
    private AreaId area;
    private IDisposable? watch;
    private SituationPicture picture = SituationPicture.Empty(default);
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

    /// <summary>Rises with each preview, so that what was ticked for one preview is not carried into the next.</summary>
    private int previewNumber;
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
        incident is null ? [] : [.. picture.Warnings.Where(item => incident.Warnings.Contains(item.Id)).OrderBy(item => item.InhibitedBy is not null)];

    public void Dispose() => watch?.Dispose();

    protected override async Task OnInitializedAsync()
    {
        actor = ActorClaims.FromPrincipal((await Authentication.GetAuthenticationStateAsync()).User);
        now = Clock.Now;
        if (IncidentText is { Length: > 0 } wanted)
        {
            selected = WorkList.KeyOf(new IncidentId(wanted));
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        if (actor is null)
        {
            notice = new Notice(D["desk.not_signed_in"], Good: false);
            return;
        }

        await Feed.Ready;
        areas = [.. Feed.Areas.Where(item => actor.SeesWholeDistrict || actor.MaySee(item.Id))];
        var wanted = AreaText is { Length: > 0 } text ? new AreaId(text) : areas.FirstOrDefault()?.Id ?? default;
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
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await desk.FocusAsync();
        }
    }

    private Task ShowAsync(SituationPicture shown) => AskAsync(async () =>
    {
        picture = shown;
        now = Clock.Now;
        queue = WorkList.From(shown, mode);
        picked.IntersectWith(shown.Warnings.Select(item => item.Id));
        StateHasChanged();
        if (selected is null && queue is [var first, ..])
        {
            await SelectAsync(first.Key);
        }
        else
        {
            await RefreshSelectionAsync();
        }
    });

    private Task SelectAsync(string key) => AskAsync(async () =>
    {
        selected = key;
        incident = null;
        warning = null;
        group = null;
        Forget(ref preview);
        StateHasChanged();
        await RefreshSelectionAsync();
    });

    /// <summary>Follows what is selected: a warning that became an incident is followed into it, a newer version is fetched with its timeline.
    /// The selection may change while the grain answers; an answer for what is no longer selected is let go.</summary>
    private async Task RefreshSelectionAsync()
    {
        // What is held back is looked at for itself, though the incident of its cause holds it.
        if (mode == WorkMode.Waiting && warning is not null && picture.Warnings.FirstOrDefault(item => item.Id == warning.Id) is { Incident: { } opened, InhibitedBy: null })
        {
            selected = WorkList.KeyOf(opened);
            warning = null;
        }

        if (selected is null)
        {
            return;
        }

        group = queue.FirstOrDefault(item => item.Key == selected && !item.Group.IsEmpty);
        if (selected.StartsWith("warning:", StringComparison.Ordinal) && picture.Warnings.FirstOrDefault(item => WorkList.KeyOf(item.Id) == selected) is { } raised)
        {
            warning = raised;
            incident = null;
            return;
        }

        if (!selected.StartsWith("incident:", StringComparison.Ordinal))
        {
            warning = null;
            return;
        }

        var id = new IncidentId(selected["incident:".Length..]);
        var live = picture.Incidents.FirstOrDefault(item => item.Id == id);
        if (incident?.Id != id || (live is not null && live.Version > incident.Version))
        {
            var newest = await Grains.GetGrain<IIncidentGrain>(id.Value).GetAsync(actor!) ?? live;
            if (selected != WorkList.KeyOf(id))
            {
                return;
            }

            if (incident is null || newest is null || incident.Tasks.Length != newest.Tasks.Length || incident.ResponseLevel != newest.ResponseLevel)
            {
                Forget(ref preview);
            }

            incident = newest;
        }

        if (incident is { IsOpen: true } && preview is null && !previewLoading && previewRefused is null)
        {
            await LoadPreviewAsync(null);
        }
    }

    private Task LoadPreviewAsync(PlanId? plan) => AskAsync(async () =>
    {
        if (incident is not { } target)
        {
            return;
        }

        previewLoading = true;
        previewRefused = null;
        StateHasChanged();
        try
        {
            var outcome = await Grains.GetGrain<IIncidentGrain>(target.Id.Value).PreviewAsync(plan, actor!);
            var free = await Grains.GetGrain<IPlanBookGrain>(0).ListUnitsAsync(actor!);
            if (incident?.Id != target.Id)
            {
                return;
            }

            units = free;
            preview = outcome.Value;
            previewNumber++;
            previewRefused = outcome.Succeeded ? null : outcome.Detail ?? D["send.no_plan"];
            dispatchKey = NewKey();
        }
        finally
        {
            previewLoading = false;
        }
    });

    private void Forget(ref DispatchPreview? old)
    {
        old = null;
        previewRefused = null;
    }

    private Task DispatchAsync(DispatchOrder order) => ActAsync(async target =>
    {
        // The preview on the screen must be the one of the incident on the screen: nothing else may be sent.
        if (preview?.Incident != incident!.Id)
        {
            Refuse(Refusal.StaleVersion, null);
            return;
        }

        var outcome = await target.DispatchAsync(order with { IdempotencyKey = dispatchKey }, actor!);
        if (outcome.Value is { } answer)
        {
            Say(D["said.dispatched", answer.Tasks.Length, answer.Notices]);
        }
        else
        {
            Refuse(outcome.Refusal, outcome.Detail);
        }
    });

    private Task OrderAsync(FreeOrder order) => ActAsync(async target =>
    {
        var outcome = await target.OrderAsync(order with { IdempotencyKey = dispatchKey }, actor!);
        if (outcome.Value is { } task)
        {
            Say(D["said.ordered", task.Unit.Name]);
        }
        else
        {
            Refuse(outcome.Refusal, outcome.Detail);
        }
    });

    private Task ExecuteAsync(IncidentCommand command) => ActAsync(async target =>
    {
        var outcome = await target.ExecuteAsync(command, actor!);
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
        var outcome = await target.ActAsync(act.Task, act.Command, actor!);
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
    private Task ActAsync(Func<IIncidentGrain, Task> act) => BusyAsync(async () =>
    {
        if (incident is not { } shown)
        {
            return;
        }

        var target = Grains.GetGrain<IIncidentGrain>(shown.Id.Value);
        await act(target);
        var newest = await target.GetAsync(actor!);
        if (incident?.Id == shown.Id && newest is not null)
        {
            if (newest.Tasks.Length != shown.Tasks.Length || newest.ResponseLevel != shown.ResponseLevel)
            {
                Forget(ref preview);
            }

            incident = newest;
        }
    });

    /// <summary>A suggestion becomes an incident: the operator reports it with the warning as evidence, and the same warning never opens a second one.</summary>
    private Task OpenIncidentAsync() => BusyAsync(async () =>
    {
        if (warning is not { Class: { } incidentClass } source)
        {
            return;
        }

        var report = new IncidentReport
        {
            Class = incidentClass,
            Longitude = source.Longitude,
            Latitude = source.Latitude,
            Text = source.Reason,
            Source = "desk",
            Evidence = [source.Id.Value],
            Key = $"desk:{source.Id}",
            Area = source.Area,
            Drill = source.Drill,
        };
        var outcome = await Grains.GetGrain<IIntakeGrain>(ClassGroup.Of(incidentClass)).SubmitReportAsync(report, actor!);
        if (outcome.Value is { } answer)
        {
            selected = WorkList.KeyOf(answer.Incident.Id);
            warning = null;
            incident = null;
            Forget(ref preview);
            Say(D["said.opened"]);
            await RefreshSelectionAsync();
        }
        else
        {
            Refuse(outcome.Refusal, outcome.Detail);
        }
    });

    private Task BusyAsync(Func<Task> act) => AskAsync(async () =>
    {
        if (busy)
        {
            return;
        }

        busy = true;
        notice = null;
        StateHasChanged();
        try
        {
            await act();
        }
        finally
        {
            busy = false;
        }
    });

    /// <summary>Every call into the silo goes through here: one that is not answered is said, and the desk stays alive.</summary>
    private async Task AskAsync(Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            Refuse(Refusal.Unavailable, null);
        }

        StateHasChanged();
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
            "j" => Math.Min(at + 1, Math.Min(queue.Length, WorkList.RowsMax) - 1),
            "k" => Math.Max(at - 1, 0),
            _ => -1,
        };
        if (at >= 0 && key.Key == "x")
        {
            Pick(queue[at]);
        }
        else if (at >= 0 && key.Key == "o" && !queue[at].Consequences.IsEmpty)
        {
            Fold(queue[at].Key);
        }
        else if (key.Key == "q" && picked.Count > 0)
        {
            await AcknowledgePickedAsync();
        }

        if (next >= 0)
        {
            await SelectAsync(queue[next].Key);
        }
    }

    private void ChangeArea(ChangeEventArgs change) =>
        Navigation.NavigateTo($"/desk/{change.Value}");

    private void Say(string text) => notice = new Notice(text, Good: true);

    private void Refuse(Refusal? refusal, string? detail)
    {
        var word = D[$"refusal.{Word(refusal ?? Refusal.Unavailable)}"];
        notice = new Notice(detail is null ? word : $"{word} {detail}", Good: false);
    }

    private string AreaName(AreaId id) => areas.FirstOrDefault(item => item.Id == id) is { } description ? Name(description) : id.Value;

    /// <summary>The text of a key that comes from outside; a word that nobody translated is shown as it came.</summary>
    internal static string TextOr(IStringLocalizer texts, string room, string word) => texts[$"{room}.{word}"] is { ResourceNotFound: false } text ? text : word;

    private static string Name(AreaDescription description) => Text(description.Name);

    private static string Text(Label label) => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "zh" ? label.Zh : label.En;

    private static string TitleOf(QueueItem item) => item switch
    {
        { Incident: { } one } => one.Title,
        { Group: [var first, ..] } => $"{(first.RuleName is { } name ? Text(name) : first.Rule.Value)} ×{item.Group.Length}",
        { Warning: { } one } => $"{one.SubjectName ?? one.Subject} · {(one.RuleName is { } name ? Text(name) : one.Rule.Value)}",
        _ => item.Key,
    };

    private string StateOf(QueueItem item) => item switch
    {
        { Incident: { } one } => D[$"state.{Word(one.State)}"],
        { Group: [{ InhibitedBy: not null, Shelved: null } first, ..] } => D["warning.inhibited_by", NameOfCause(first)],
        { Group: { IsEmpty: false } members } when members[0] is { Silenced: { } hush, Shelved: null } => D[$"warning.silence.{Word(hush.Why)}"],
        { Group: { IsEmpty: false } members } => D["group.state", members.Count(member => member.Acknowledged is null)],
        { Warning: { Shelved: { } shelved } } => D["warning.shelved_until", Parts.Times.Moment(shelved.Until, now)],
        { Warning: { InhibitedBy: not null } held } => D["warning.inhibited_by", NameOfCause(held)],
        { Warning: { Silenced: { } silence } } => D[$"warning.silence.{Word(silence.Why)}"],
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
