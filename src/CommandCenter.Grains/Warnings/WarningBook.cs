using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Warnings;

/// <summary>The open warnings of a street (pending and raised) and what of them changed since it was last stored and shown. Pure: no clock, no storage.</summary>
internal sealed class WarningBook(WarningsOptions options)
{
    private readonly Dictionary<string, List<WarningView>> _bySubject = new(StringComparer.Ordinal);

    // The last one of each rule and subject that was cleared within the cool-down, or whose shelving is still in force.
    private readonly Dictionary<(RuleId Rule, string Subject), WarningView> _cleared = [];
    private readonly Dictionary<WarningId, string> _subjects = [];

    // Reached a colour since the last settling: about whom, and after which one that was cleared.
    private readonly Dictionary<WarningId, (DeviceRegistration? Device, WarningView? Previous)> _reached = [];

    /// <summary>Changed and not yet stored, newest form. Cleared ones are here until they are stored.</summary>
    public Dictionary<WarningId, WarningView> Unsaved { get; } = [];

    /// <summary>Pendings that came to nothing and are still stored.</summary>
    public HashSet<WarningId> DroppedUnsaved { get; } = [];

    /// <summary>Changed since the picture last took them.</summary>
    public HashSet<WarningId> Touched { get; } = [];

    /// <summary>Raised since they were last stored: their predecessor is still to be looked up.</summary>
    public HashSet<WarningId> NewlyRaised { get; } = [];

    /// <summary>Maintenance windows that have not long ended.</summary>
    public ImmutableArray<MaintenanceWindow> Windows { get; set; } = [];

    /// <summary>Changed since it was last weighed whether a graver one explains them.</summary>
    public HashSet<WarningId> Unweighed { get; } = [];

    /// <summary>Steps climbed and not yet stored.</summary>
    public List<Escalated> Climbed { get; } = [];

    /// <summary>Something began to call, or no longer does, since the seat was last looked at.</summary>
    public bool CallsChanged { get; set; }

    /// <summary>What was raised in each second of the flood window, by seat.</summary>
    public RaiseCounts Raises { get; } = new(options);

    public IEnumerable<WarningView> Open => _bySubject.Values.SelectMany(list => list);
    public int OpenCount => _subjects.Count;

    /// <summary>Takes up a stored open warning.</summary>
    public void Load(WarningView warning)
    {
        Put(warning);
        Unweighed.Add(warning.Id);
    }

    /// <summary>Takes up a stored cleared one that a return could be linked to.</summary>
    public void Remember(WarningView cleared)
    {
        if (!_cleared.TryGetValue((cleared.Rule, cleared.Subject), out var known) || known.OnsetAt <= cleared.OnsetAt)
        {
            _cleared[(cleared.Rule, cleared.Subject)] = cleared;
        }
    }

    public WarningView? Find(WarningId id) =>
        _subjects.TryGetValue(id, out var subject) ? _bySubject[subject].Find(warning => warning.Id == id) : null;

    public WarningView? Find(RuleId rule, string subject) =>
        _bySubject.TryGetValue(subject, out var list) ? list.Find(warning => warning.Rule == rule) : null;

    /// <summary>The gravest colour of the subject's shown warnings.</summary>
    public Colour? ColourOf(string subject)
    {
        if (!_bySubject.TryGetValue(subject, out var list))
        {
            return null;
        }

        Colour gravest = 0;
        foreach (var warning in list)
        {
            if (warning.IsShown && warning.Colour > gravest)
            {
                gravest = warning.Colour;
            }
        }

        return gravest == 0 ? null : gravest;
    }

    /// <summary>Applies a verdict.</summary>
    public void Apply(in Verdict verdict, SubjectFacts subject)
    {
        var current = Find(verdict.Rule.Id, verdict.Subject);
        var after = AreaReasons.WithMembers(WarningDeciding.Decide(current, in verdict, subject), current, subject);
        if (ReferenceEquals(after, current))
        {
            return;
        }

        if (after is null)
        {
            Drop(current!);
        }
        else if (verdict.Kind == VerdictKind.Seen && verdict.Event is null)
        {
            // A further reading is shown at once and stored with the next change: it decides nothing, and history has it. An event is told of here alone, so it is stored like a change.
            Put(after);
            Touch(after.Id);
            if (Unsaved.ContainsKey(after.Id))
            {
                Unsaved[after.Id] = after;
            }
        }
        else
        {
            Change(Reached(current, after, subject.Device));
        }
    }

    /// <summary>Puts a warning in place that no rule judged: it counts and rings like any other.</summary>
    public void Put(WarningView? before, WarningView after) => Change(Reached(before is { State: WarningState.Raised } ? before : null, after, null));

    /// <summary>Puts a changed warning in place; a cleared one leaves the open ones.</summary>
    public void Change(WarningView after)
    {
        Unsaved[after.Id] = after;
        Touch(after.Id);
        if (after.State == WarningState.Cleared)
        {
            Remove(after);
            Remember(after);
        }
        else
        {
            Put(after);
        }
    }

    /// <summary>Puts another form of a warning that is about to be stored in place.</summary>
    public void Replace(WarningView warning)
    {
        Unsaved[warning.Id] = warning;
        if (_subjects.ContainsKey(warning.Id))
        {
            Put(warning);
            Touch(warning.Id);
        }
    }

    /// <summary>Forgets a warning that the store knows better.</summary>
    public void Discard(WarningView warning)
    {
        Remove(warning);
        Unsaved.Remove(warning.Id);
        Touch(warning.Id);
    }

    /// <summary>Ends a warning that nothing judges any more.</summary>
    public void Withdraw(WarningView warning, bool manualClear, DateTimeOffset now)
    {
        if (WarningDeciding.Withdraw(warning, manualClear, now) is { } after)
        {
            Change(after);
        }
        else
        {
            Drop(warning);
        }
    }

    /// <summary>What follows from time alone: acknowledgements, shelvings and silences that are over.</summary>
    public void Expire(DateTimeOffset now)
    {
        List<WarningView>? changed = null;
        foreach (var warning in Open)
        {
            var after = Sounded(WarningDeciding.Expire(warning, now), now);
            if (!ReferenceEquals(after, warning))
            {
                (changed ??= []).Add(after);
            }
        }

        Forget(now);

        foreach (var warning in changed ?? [])
        {
            Change(warning);
        }
    }

    public WarningCounts Count()
    {
        int red = 0, orange = 0, yellow = 0, blue = 0, unacknowledged = 0;
        foreach (var warning in Open)
        {
            if (!warning.IsShown)
            {
                continue;
            }

            _ = warning.Colour switch
            {
                Colour.Red => red++,
                Colour.Orange => orange++,
                Colour.Yellow => yellow++,
                _ => blue++,
            };
            unacknowledged += warning.Acknowledged is null ? 1 : 0;
        }

        return new(red, orange, yellow, blue, unacknowledged);
    }

    /// <summary>Decides whether what reached a colour rings, and says since when each changed warning has been calling for a person. The time is the
    /// one at which it would ring, not the device's own: what arrives late rings late. Call before they are stored.</summary>
    public void Settle(DateTimeOffset now)
    {
        foreach (var (id, reached) in _reached)
        {
            // One that is over by now, within one batch, is silent or not all the same: it may still want an incident.
            if ((Find(id) ?? Unsaved.GetValueOrDefault(id)) is { State: not WarningState.Pending } warning)
            {
                var hushed = Hushed(warning, reached, now);
                Refresh(hushed);
                if (NewlyRaised.Contains(id) && (hushed.IsShown || hushed.State == WarningState.Cleared))
                {
                    Raises.Add(hushed, now);
                }
            }
        }

        _reached.Clear();
        if (Unsaved.Count == 0)
        {
            return;
        }

        foreach (var warning in Unsaved.Values.Where(warning => warning.IsCalling != warning.CallingSince is not null).ToArray())
        {
            CallsChanged = true;
            Refresh(warning.IsCalling ? warning with { CallingSince = now, Escalation = null } : warning with { CallingSince = null });
        }
    }

    /// <summary>Lets what nobody acknowledges climb, at most so many in one call.</summary>
    public void Climb(DateTimeOffset now)
    {
        List<Escalated>? climbed = null;
        foreach (var warning in Open)
        {
            if (Escalating.Next(warning, now, options) is { } step)
            {
                (climbed ??= []).Add(step);
                if (climbed.Count == options.EscalationsPerTickMax)
                {
                    break;
                }
            }
        }

        foreach (var step in climbed ?? [])
        {
            Change(step.Warning);
            Climbed.Add(step);
        }
    }

    // Another form of a warning that already waits to be stored under its version.
    private void Refresh(WarningView after)
    {
        Unsaved[after.Id] = after;
        if (_subjects.ContainsKey(after.Id))
        {
            Put(after);
            Touch(after.Id);
        }
        else if (after.State == WarningState.Cleared)
        {
            Remember(after);
        }
    }

    private WarningView Reached(WarningView? before, WarningView after, DeviceRegistration? device)
    {
        var raised = after.State == WarningState.Raised && before?.State != WarningState.Raised;
        if (!raised && !(after.State == WarningState.Raised && after.Colour > before!.Colour))
        {
            return after;
        }

        WarningView? previous = null;
        if (raised)
        {
            NewlyRaised.Add(after.Id);
            previous = _cleared.TryGetValue((after.Rule, after.Subject), out var cleared) && cleared.OnsetAt < after.OnsetAt ? cleared : null;
        }

        _reached[after.Id] = (device, previous ?? (_reached.TryGetValue(after.Id, out var known) ? known.Previous : null));
        return previous is null ? after : after with { Previous = previous.Id };
    }

    private WarningView Hushed(WarningView warning, (DeviceRegistration? Device, WarningView? Previous) reached, DateTimeOffset now)
    {
        var after = WarningSilencing.AtRaise(warning, reached.Device, reached.Previous, Windows, now, options) is { } silence
            ? (warning with { Silenced = silence }).Noted(WarningChangeKind.Silenced, now, text: silence.Reason)
            : warning;
        return WarningSilencing.ShelvedOn(warning, reached.Previous, now) is { } shelved
            ? (after with { Shelved = shelved }).Noted(WarningChangeKind.Shelved, now, text: shelved.Reason)
            : after;
    }

    private WarningView Sounded(WarningView warning, DateTimeOffset now)
    {
        if (warning.Silenced is not { } silence)
        {
            return warning;
        }

        var still = WarningSilencing.At(silence, Windows, now);
        if (ReferenceEquals(still, silence))
        {
            return warning;
        }

        var after = warning with { Silenced = still, Version = warning.Version + 1 };
        return still is null ? after.Noted(WarningChangeKind.Sounding, now) : after;
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (key, cleared) in _cleared)
        {
            if (cleared.ClearedAt?.AddMinutes(options.CoolDownMinutes) <= now && !(cleared.Shelved?.Until > now) && !(cleared.Silenced?.Until > now))
            {
                _cleared.Remove(key);
            }
        }
    }

    private void Touch(WarningId id)
    {
        Touched.Add(id);
        Unweighed.Add(id);
    }

    private void Drop(WarningView warning)
    {
        Remove(warning);
        Unsaved.Remove(warning.Id);
        DroppedUnsaved.Add(warning.Id);
        Touch(warning.Id);
    }

    private void Put(WarningView warning)
    {
        DroppedUnsaved.Remove(warning.Id);
        _subjects[warning.Id] = warning.Subject;
        if (!_bySubject.TryGetValue(warning.Subject, out var list))
        {
            _bySubject[warning.Subject] = list = new(1);
        }

        var index = list.FindIndex(known => known.Id == warning.Id);
        if (index < 0)
        {
            list.Add(warning);
        }
        else
        {
            list[index] = warning;
        }
    }

    private void Remove(WarningView warning)
    {
        _subjects.Remove(warning.Id);
        if (_bySubject.TryGetValue(warning.Subject, out var list))
        {
            list.RemoveAll(known => known.Id == warning.Id);
            if (list.Count == 0)
            {
                _bySubject.Remove(warning.Subject);
            }
        }
    }
}
