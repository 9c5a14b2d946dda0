using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Texts;
using Orleans.Runtime;

namespace CommandCenter.Web.RuleDesk;

/// <summary>What is done with a rule: edited, copied, saved with a reason, turned off and on, rolled back, approved.</summary>
public sealed partial class RulesPage
{
    private static readonly TimeSpan LookAfter = TimeSpan.FromMilliseconds(500);

    private RuleDraft? draft;
    private RuleSelection? draftSelection;
    private string? proposed;
    private bool choosingKind;
    private bool toggling;
    private bool discarding;
    private string? whyFault;
    private IReadOnlyList<RuleDifference>? saving;
    private RuleRow? conflict;
    private IReadOnlyList<RuleDifference> theirs = [];
    private long edits;
    private bool shadowing;
    private int shadowDays = 3;

    private IEnumerable<int> ShadowDays => ((int[])[1, 2, 3, 5, 7, 14, 30]).Where(days => days <= Math.Max(1, terms.ShadowDaysMax));

    private void EditAsync()
    {
        if (chosen is { } row)
        {
            Open(RuleDraft.Edit(row.Id.Value, RuleJson.Write(row.Document), row.Version));
        }
    }

    private void CopyAsync()
    {
        if (chosen is { } row)
        {
            Open(RuleDraft.CopyOf(row.Document));
        }
    }

    private void BeginNew(string kind)
    {
        (choosingKind, chosen) = (false, null);
        Open(RuleDraft.Fresh(kind));
    }

    private void Open(RuleDraft opened)
    {
        DropDraft();
        draft = opened;
        draft.Edited += Edited;
        (tab, notice, draftSelection) = (RuleTab.Read, null, selection);
        _ = LookAsync(++edits);
    }

    private void DropDraft()
    {
        if (draft is { } before)
        {
            before.Edited -= Edited;
        }

        (draft, saving, conflict, draftSelection, discarding, shadowing) = (null, null, null, null, false, false);
    }

    private void Edited()
    {
        _ = LookAsync(++edits);
        StateHasChanged();
    }

    /// <summary>A moment after the last edit: what would be selected, and what is wrong at fields that were filled in.</summary>
    private async Task LookAsync(long edit)
    {
        try
        {
            await Task.Delay(LookAfter, Machine, leaving.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await InvokeAsync(async () =>
        {
            if (edit != edits || draft is not { } form || busy)
            {
                return;
            }

            await AskAsync(async () =>
            {
                var found = await Selecting.PreviewAsync(new RuleId(form.Id.Length == 0 ? "new" : form.Id), form.ToJson(), actor!);
                if (edit == edits && found.Value is { } value)
                {
                    draftSelection = value;
                }
            });
            StateHasChanged();
        });
    }

    /// <summary>Asks the server what is wrong. Every fault stands at its field, and the first one has the cursor.</summary>
    private async Task<bool> CheckAsync(RuleDraft form)
    {
        var typed = form.Unread.ToArray();
        form.Faults.Clear();
        foreach (var field in typed)
        {
            form.Faults.Add(field, "must be a number");
        }

        if (form.Id.Length == 0)
        {
            form.Faults.Add("id", "is needed");
        }
        else if (form.IsNew && rows.Any(row => row.Id.Value == form.Id))
        {
            form.Faults.Add("id", "is taken");
        }

        var looked = await Selecting.PreviewAsync(new RuleId(form.Id.Length == 0 ? "new" : form.Id), form.ToJson(), actor!);
        form.Faults.Add(looked.Errors);
        draftSelection = looked.Value ?? draftSelection;
        if (form.Faults.Any)
        {
            await FaultyAsync(form);
        }

        return !form.Faults.Any;
    }

    /// <summary>Checks first; only what is right is asked a reason for.</summary>
    private Task BeginSaveAsync() => BusyAsync(async () =>
    {
        var form = draft!;
        if (!await CheckAsync(form))
        {
            return;
        }

        if (!form.IsChanged)
        {
            notice = new Notice(L["form.unchanged"], Good: true);
            return;
        }

        var diff = new RuleDiff(speaker!, desk!, L);
        (saving, whyFault, conflict) = (diff.Between(chosen?.Document ?? [], RuleJson.Parse(form.ToJson())), null, null);
        CheckConflict(form);
    });

    /// <summary>Somebody else saved meanwhile: what they changed is shown before anything is decided.</summary>
    private void CheckConflict(RuleDraft form)
    {
        if (form.IsNew || rows.FirstOrDefault(row => row.Id.Value == form.Id) is not { } newest || newest.Version == form.BaseVersion)
        {
            return;
        }

        conflict = newest;
        var based = versions.FirstOrDefault(version => version.Number == form.BaseVersion);
        theirs = based is null ? [] : new RuleDiff(speaker!, desk!, L).Between(RuleJson.Parse(based.Document), newest.Document);
    }

    private Task SaveAsync(string why) => BusyAsync(async () =>
    {
        var form = draft!;

        // Whoever has been shown the other's changes saves over the version that they saw.
        var expected = conflict?.Version ?? form.BaseVersion;
        var outcome = await Book.ChangeAsync(new RuleChange { Rule = new RuleId(form.Id), Document = form.ToJson(), Why = why, ExpectedVersion = expected }, actor!);
        if (outcome.Value is { } changed)
        {
            var id = new RuleId(form.Id);
            DropDraft();
            await LoadAsync();
            await ChooseAsync(id, changed.Proposal is null ? RuleTab.Read : RuleTab.Versions);
            notice = new Notice(changed.Proposal is { } waits ? L["notice.proposed", waits.Id] : outcome.Repeated ? L["form.unchanged"] : L["notice.saved", id.Value, changed.Version ?? 1], Good: true);
            return;
        }

        if (outcome.Refusal == Refusal.StaleVersion)
        {
            await LoadAsync();
            versions = await Book.ListVersionsAsync(new RuleId(form.Id));
            CheckConflict(form);
            whyFault = L["conflict.again"];
            return;
        }

        if (outcome.Errors.TryGetValue("why", out var wrong))
        {
            whyFault = RuleFaults.Translate(wrong[0], L);
            return;
        }

        saving = null;
        form.Faults.Add(outcome.Errors);
        notice = form.Faults.Any ? null : new Notice(Say(outcome.Refusal, outcome.Detail), Good: false);
        await FaultyAsync(form);
    });

    private Task BeginShadowAsync() => BusyAsync(async () =>
    {
        if (await CheckAsync(draft!))
        {
            (shadowing, whyFault) = (true, null);
        }
    });

    private Task StartShadowAsync(string why) => BusyAsync(async () =>
    {
        var form = draft!;
        var outcome = await Book.StartShadowAsync(new StartShadow { Rule = new RuleId(form.Id), Document = form.ToJson(), Until = Clock.Now.AddDays(shadowDays), Why = why }, actor!);
        if (outcome.Value is null)
        {
            whyFault = outcome.Errors.Values.FirstOrDefault() is { IsDefaultOrEmpty: false } wrong ? RuleFaults.Translate(wrong[0], L) : Say(outcome.Refusal, outcome.Detail);
            return;
        }

        var id = new RuleId(form.Id);
        DropDraft();
        await LoadAsync();
        await ChooseAsync(id, RuleTab.Shadow);
        notice = new Notice(L["notice.shadow", id.Value], Good: true);
    });

    private async Task FaultyAsync(RuleDraft form)
    {
        StateHasChanged();

        // The fields are drawn before one of them can be gone to.
        await Task.Yield();
        await form.FocusFirstFaultAsync();
    }

    private Task CancelAsync()
    {
        if (draft is { IsChanged: true })
        {
            discarding = true;
        }
        else
        {
            Discard();
        }

        return Task.CompletedTask;
    }

    private void Discard()
    {
        DropDraft();
        tab = RuleTab.Read;
    }

    private Task ToggleAsync(string why) => BusyAsync(async () =>
    {
        if (chosen is not { } row)
        {
            return;
        }

        var outcome = await Book.SetEnabledAsync(row.Id, !row.Enabled, why, row.Version, actor!);
        toggling = outcome.Refusal is not null;
        whyFault = outcome.Refusal is null ? null : Say(outcome.Refusal, outcome.Detail);
        await DoneAsync(outcome, L[row.Enabled ? "notice.disabled" : "notice.enabled", row.Id.Value]);
    });

    private Task RollBackAsync((int Number, string Why) back) => BusyAsync(async () =>
    {
        var outcome = await Book.RollBackAsync(chosen!.Id, back.Number, back.Why, chosen.Version, actor!);
        await DoneAsync(outcome, L["notice.rolled_back", chosen.Id.Value, back.Number]);
    });

    private Task DecideAsync((RuleProposal Proposal, bool Approve, string Why) decision) => BusyAsync(async () =>
    {
        if (decision.Approve)
        {
            var outcome = await Book.ApproveAsync(decision.Proposal.Id, decision.Why, decision.Proposal.Outdated ? decision.Proposal.InForce : null, actor!);
            await DoneAsync(outcome, L["notice.approved", decision.Proposal.Rule.Value]);
            return;
        }

        var rejected = await Book.RejectAsync(decision.Proposal.Id, decision.Why, actor!);
        notice = rejected.Refusal is null ? new Notice(L["notice.rejected", decision.Proposal.Rule.Value], Good: true) : new Notice(Say(rejected.Refusal, rejected.Detail), Good: false);
        await LoadAsync();
        await LoadChosenAsync();
    });

    private async Task DoneAsync(Outcome<RuleChanged> outcome, string good)
    {
        await LoadAsync();
        await LoadChosenAsync();
        notice = outcome.Value is { } changed ? new Notice(changed.Proposal is { } waits ? L["notice.proposed", waits.Id] : good, Good: true) : new Notice(Say(outcome.Refusal, outcome.Detail), Good: false);
    }

    /// <summary>A proposal, or an earlier version, is tried beside the one in force.</summary>
    private void TryVersionAsync(string document) => (tab, proposed) = (RuleTab.Try, document);

    private async Task<IReadOnlyList<(string Value, string Text)>> FindDevicesAsync(string text)
    {
        var found = await Registry.SearchAsync(new DeviceSearch { Text = text, KnownSequence = -1 }, actor!);
        return [.. (found?.Devices ?? []).Take(60).Select(device => (device.Id.Value, $"{device.Name} {device.Id.Value}"))];
    }

    private string Say(Refusal? why, string? detail) =>
        detail is { Length: > 0 } && System.Globalization.CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "zh" ? detail : L["refusal." + System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName((why ?? Refusal.Unavailable).ToString())];

    private async Task BusyAsync(Func<Task> act)
    {
        if (busy)
        {
            return;
        }

        (busy, notice) = (true, null);
        try
        {
            await act();
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            // What was typed stands; whether the silo did it is seen when it answers again.
            notice = new Notice(L["refusal.unavailable"], Good: false);
        }
        finally
        {
            busy = false;
        }
    }
}
