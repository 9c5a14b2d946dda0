using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Warnings;

/// <summary>The open warnings of a street (pending and raised) and what of them changed since it was last stored and shown. Pure: no clock, no storage.</summary>
internal sealed class WarningBook
{
    private readonly Dictionary<string, List<WarningView>> _bySubject = new(StringComparer.Ordinal);
    private readonly Dictionary<WarningId, string> _subjects = [];

    /// <summary>Changed and not yet stored, newest form. Cleared ones are here until they are stored.</summary>
    public Dictionary<WarningId, WarningView> Unsaved { get; } = [];

    /// <summary>Pendings that came to nothing and are still stored.</summary>
    public HashSet<WarningId> DroppedUnsaved { get; } = [];

    /// <summary>Changed since the picture last took them.</summary>
    public HashSet<WarningId> Touched { get; } = [];

    public IEnumerable<WarningView> Open => _bySubject.Values.SelectMany(list => list);
    public int OpenCount => _subjects.Count;

    /// <summary>Takes up a stored open warning.</summary>
    public void Load(WarningView warning) => Put(warning);

    public WarningView? Find(WarningId id) =>
        _subjects.TryGetValue(id, out var subject) ? _bySubject[subject].Find(warning => warning.Id == id) : null;

    public WarningView? Find(RuleId rule, string subject) =>
        _bySubject.TryGetValue(subject, out var list) ? list.Find(warning => warning.Rule == rule) : null;

    /// <summary>The gravest colour of the subject's raised, unshelved warnings.</summary>
    public Colour? ColourOf(string subject)
    {
        if (!_bySubject.TryGetValue(subject, out var list))
        {
            return null;
        }

        Colour gravest = 0;
        foreach (var warning in list)
        {
            if (warning.State == WarningState.Raised && warning.Shelved is null && warning.Colour > gravest)
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
        else if (verdict.Kind == VerdictKind.Seen)
        {
            // A further reading is shown at once and stored with the next change: it decides nothing.
            Put(after);
            Touched.Add(after.Id);
            if (Unsaved.ContainsKey(after.Id))
            {
                Unsaved[after.Id] = after;
            }
        }
        else
        {
            Change(after);
        }
    }

    /// <summary>Puts a changed warning in place; a cleared one leaves the open ones.</summary>
    public void Change(WarningView after)
    {
        Unsaved[after.Id] = after;
        Touched.Add(after.Id);
        if (after.State == WarningState.Cleared)
        {
            Remove(after);
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
            Touched.Add(warning.Id);
        }
    }

    /// <summary>Forgets a warning that the store knows better.</summary>
    public void Discard(WarningView warning)
    {
        Remove(warning);
        Unsaved.Remove(warning.Id);
        Touched.Add(warning.Id);
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

    public void Expire(DateTimeOffset now)
    {
        List<WarningView>? changed = null;
        foreach (var warning in Open)
        {
            var after = WarningDeciding.Expire(warning, now);
            if (!ReferenceEquals(after, warning))
            {
                (changed ??= []).Add(after);
            }
        }

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
            if (warning.State != WarningState.Raised || warning.Shelved is not null)
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

    private void Drop(WarningView warning)
    {
        Remove(warning);
        Unsaved.Remove(warning.Id);
        DroppedUnsaved.Add(warning.Id);
        Touched.Add(warning.Id);
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
