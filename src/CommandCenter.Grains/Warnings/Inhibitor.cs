using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Warnings;

/// <summary>Holds back warnings that a graver one explains: hydrants under a burst main, cameras behind a switch that is down. What is held back follows from the
/// warnings that stand, not from which came first. Red where life is threatened is never held back, only put beside its cause.</summary>
internal sealed class Inhibitor(WarningBook book, Func<RuleId, RuleDefinition?> findRule, Func<string, DeviceRegistration?> findDevice)
{
    /// <summary>Causes at a time, gravest first; what a further one would explain speaks for itself.</summary>
    public const int CausesMax = 500;

    private const int ParentsMax = 4;
    private const int ChainMax = 16;

    private readonly Dictionary<WarningId, WarningCause> _own = [];
    private ImmutableArray<WarningCause> _foreign = [];
    private bool _foreignAwaited;
    private bool _all;

    /// <summary>Causes among the warnings here.</summary>
    public ImmutableArray<WarningCause> Own { get; private set; } = [];

    /// <summary>Incidents of warnings that turned out to be a consequence, and the incident of the cause that they belong to. The caller takes them off.</summary>
    public Dictionary<WarningId, (IncidentId From, IncidentId Into)> Joins { get; } = [];

    /// <summary>After a restart the causes elsewhere are not known yet: until they are put, what they held back stays so.</summary>
    public void AwaitForeign() => _foreignAwaited = true;

    /// <summary>Causes that stand elsewhere; true when they changed.</summary>
    public bool PutForeign(ImmutableArray<WarningCause> causes)
    {
        var awaited = _foreignAwaited;
        _all |= awaited;
        _foreignAwaited = false;
        if (causes.Length == _foreign.Length && causes.Zip(_foreign).All(pair => Same(pair.First, pair.Second)))
        {
            return awaited;
        }

        _foreign = causes;
        _all = true;
        return true;
    }

    /// <summary>The rules changed: everything is weighed again.</summary>
    public void Reconsider() => _all = true;

    /// <summary>Says of each changed warning whether a graver one explains it.</summary>
    public void Settle(DateTimeOffset now)
    {
        if (book.Unweighed.Count == 0 && !_all)
        {
            return;
        }

        var changed = book.Unweighed.ToArray();
        book.Unweighed.Clear();
        foreach (var id in _all ? book.Open.Select(warning => warning.Id).Concat(changed).ToArray() : changed)
        {
            KeepCause(id);
        }

        var weighed = _all ? book.Open.ToArray() : changed.Select(book.Find).OfType<WarningView>().ToArray();
        _all = false;
        var causes = Candidates();
        foreach (var warning in weighed)
        {
            Weigh(warning, causes, now);
        }

        book.Unweighed.Clear();
    }

    private void KeepCause(WarningId id)
    {
        var warning = book.Find(id);
        var cause = warning is { State: WarningState.Raised } && findRule(warning.Rule)?.Inhibits.Any(inhibits => warning.Colour >= inhibits.AtLeast) == true ? CauseOf(warning) : null;
        var known = _own.GetValueOrDefault(id);
        if (cause is null ? known is null : known is not null && Same(cause, known))
        {
            return;
        }

        if (cause is null)
        {
            _own.Remove(id);
        }
        else
        {
            _own[id] = cause;
        }

        Own = [.. Ordered(_own.Values).Take(CausesMax)];
        _all = true;
    }

    private void Weigh(WarningView warning, Dictionary<string, List<(WarningCause Cause, Inhibits Inhibits)>> causes, DateTimeOffset now)
    {
        var cause = warning.State == WarningState.Raised ? Explaining(warning, causes) : null;
        if (cause is null && _foreignAwaited && warning.Cause is { } before && book.Find(before) is null)
        {
            return;
        }

        var held = cause is not null && !(warning.Colour == Colour.Red && warning.Class is { } code && ClassGroup.ThreatensLife(code)) ? cause.Id : (WarningId?)null;
        if (warning.State == WarningState.Raised && (warning.Cause != cause?.Id || warning.InhibitedBy != held))
        {
            var after = warning with { Cause = cause?.Id, InhibitedBy = held, Version = warning.Version + 1 };
            book.Change(warning.InhibitedBy == held ? after
                : held is not null ? after.Noted(WarningChangeKind.Inhibited, now, text: $"{cause!.Rule.Value} {held.Value.Value}")
                : after.Noted(WarningChangeKind.InhibitionEnded, now, text: warning.InhibitedBy!.Value.Value));
        }

        if (held is not null && cause?.Incident is { } into && warning.Incident is { } from && from != into)
        {
            Joins[warning.Id] = (from, into);
        }
    }

    private WarningCause? Explaining(WarningView warning, Dictionary<string, List<(WarningCause Cause, Inhibits Inhibits)>> causes)
    {
        WarningCause? best = null;
        var device = findDevice(warning.Subject);
        var tags = TagsOf(warning.Subject, device);
        foreach (var key in (string[])[warning.Rule.Value, string.Empty])
        {
            foreach (var (cause, inhibits) in causes.GetValueOrDefault(key) ?? [])
            {
                if ((best is null || Order(cause, best) < 0) && Explains(cause, inhibits, warning, device?.Kind ?? AreaPlace.AreaKind, tags) && !InRing(warning, cause))
                {
                    best = cause;
                }
            }
        }

        return best;
    }

    private static bool Explains(WarningCause cause, Inhibits inhibits, WarningView child, string kind, IReadOnlyCollection<string> tags)
    {
        if (cause.Id == child.Id || cause.Colour < child.Colour || cause.Colour < inhibits.AtLeast || cause.Drill != child.Drill
            || (!inhibits.Kinds.IsEmpty && !inhibits.Kinds.Contains(kind)))
        {
            return false;
        }

        return inhibits.Same switch
        {
            AreaRelation.Subject => cause.Subject == child.Subject,
            AreaRelation.Street => cause.Street == child.Area || child.Areas.Contains(cause.Street),
            AreaRelation.Place => child is { Longitude: { } x, Latitude: { } y } && cause is { Longitude: { } toX, Latitude: { } toY }
                && CoordinateSystems.DistanceM(x, y, toX, toY) <= inhibits.WithinMetres,
            _ => tags.Contains(cause.Subject.StartsWith(inhibits.Tag + ":", StringComparison.Ordinal) ? cause.Subject : $"{inhibits.Tag}:{cause.Subject}"),
        };
    }

    // Of warnings that would explain each other, one must speak: the one first in order is nobody's consequence.
    private bool InRing(WarningView child, WarningCause cause)
    {
        if (!_own.TryGetValue(child.Id, out var asCause))
        {
            return false;
        }

        var ring = new List<WarningCause> { asCause };
        var at = cause;
        for (var step = 0; step < ChainMax; step++)
        {
            ring.Add(at);
            if (book.Find(at.Id)?.Cause is not { } next || (!_own.TryGetValue(next, out var further) && (further = _foreign.FirstOrDefault(known => known.Id == next)) is null))
            {
                break;
            }

            if (further.Id == child.Id)
            {
                return true;
            }

            at = further;
        }

        // Not yet decided the other way round: two that name each other are settled by their order.
        var view = book.Find(cause.Id);
        if (view is null)
        {
            return false;
        }

        var device = findDevice(view.Subject);
        var tags = TagsOf(view.Subject, device);
        var mutual = findRule(child.Rule)!.Inhibits.Any(inhibits =>
            (inhibits.Rules.IsEmpty || inhibits.Rules.Contains(view.Rule.Value)) && Explains(asCause, inhibits, view, device?.Kind ?? AreaPlace.AreaKind, tags));
        return mutual && Order(asCause, cause) < 0;
    }

    private Dictionary<string, List<(WarningCause Cause, Inhibits Inhibits)>> Candidates()
    {
        var byRule = new Dictionary<string, List<(WarningCause Cause, Inhibits Inhibits)>>(StringComparer.Ordinal);
        foreach (var cause in Ordered(_own.Values.Concat(_foreign)).Take(CausesMax))
        {
            foreach (var inhibits in findRule(cause.Rule)?.Inhibits ?? [])
            {
                foreach (var rule in inhibits.Rules.IsEmpty ? [string.Empty] : inhibits.Rules)
                {
                    if (!byRule.TryGetValue(rule, out var list))
                    {
                        byRule[rule] = list = [];
                    }

                    list.Add((cause, inhibits));
                }
            }
        }

        return byRule;
    }

    // What a device hangs on, and what that hangs on in turn: a camera on a switch on a power supply. Its own name too, for the switch is the head of its group.
    private HashSet<string> TagsOf(string subject, DeviceRegistration? device)
    {
        var found = new HashSet<string>(StringComparer.Ordinal) { subject };
        foreach (var name in AreaParsing.Tags)
        {
            found.Add($"{name}:{subject}");
        }

        for (var step = 0; device is not null && step < ParentsMax; step++)
        {
            DeviceRegistration? parent = null;
            foreach (var name in AreaParsing.Tags)
            {
                if (AreaPlan.TagOf(device.Tags, name) is { } tag && found.Add(tag))
                {
                    parent ??= findDevice(tag[(name.Length + 1)..]);
                }
            }

            device = parent;
        }

        return found;
    }

    private static WarningCause CauseOf(WarningView warning) => new()
    {
        Id = warning.Id, Rule = warning.Rule, Subject = warning.Subject, Colour = warning.Colour, OnsetAt = warning.OnsetAt, Street = warning.Area,
        Longitude = warning.Longitude, Latitude = warning.Latitude, Incident = warning.Incident, Drill = warning.Drill,
    };

    private static bool Same(WarningCause one, WarningCause other) => one.Id == other.Id && one.Colour == other.Colour && one.Incident == other.Incident;

    private static IEnumerable<WarningCause> Ordered(IEnumerable<WarningCause> causes) => causes.Order(Comparer<WarningCause>.Create(Order));

    // Gravest, then earliest, then by name: the same whichever came first.
    private static int Order(WarningCause one, WarningCause other) =>
        one.Colour != other.Colour ? other.Colour.CompareTo(one.Colour)
        : one.OnsetAt != other.OnsetAt ? one.OnsetAt.CompareTo(other.OnsetAt)
        : string.CompareOrdinal(one.Id.Value, other.Id.Value);
}
