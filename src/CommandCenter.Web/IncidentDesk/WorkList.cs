using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;

namespace CommandCenter.Web.IncidentDesk;

/// <summary>What the list on the left holds.</summary>
public enum WorkMode
{
    /// <summary>What waits for a person: open incidents, and raised warnings that no incident holds.</summary>
    Waiting,
    /// <summary>Every shown warning, also those of incidents.</summary>
    Warnings,
    /// <summary>What stands and is silent: shelved, in maintenance, inhibited, only recorded, cooling down.</summary>
    Quiet,
}

/// <summary>One line of the list: an open incident, a raised warning, or several warnings of one colour, area and class. Exactly one of the three is set.</summary>
public sealed record QueueItem
{
    /// <summary>Stable while the thing lives; the selection hangs on it.</summary>
    public required string Key { get; init; }
    public IncidentView? Incident { get; init; }
    public WarningView? Warning { get; init; }

    /// <summary>Two and more, newest first; empty for a single one.</summary>
    public ImmutableArray<WarningView> Group { get; init; } = [];
    public required AreaId Area { get; init; }
    public required Colour? Colour { get; init; }
    public required DateTimeOffset Since { get; init; }

    /// <summary>A limit has passed unmet.</summary>
    public required bool Overdue { get; init; }

    /// <summary>Nobody has acted on it yet: a warning not acknowledged, an incident not dispatched.</summary>
    public required bool Untouched { get; init; }

    /// <summary>How far it, or the furthest of the group, has climbed.</summary>
    public EscalationStep Step { get; init; }

    /// <summary>Warnings that this line explains and that make no sound therefore, gravest first: they stand beneath it, folded.</summary>
    public ImmutableArray<WarningView> Consequences { get; init; } = [];

    /// <summary>The warnings that the line stands for.</summary>
    public IEnumerable<WarningView> Warnings => Warning is not null ? [Warning] : Group;
}

/// <summary>The order in which a dispatcher should look at things: untouched before touched, graver before lesser, overdue before on time, older before newer.</summary>
public static class WorkList
{
    /// <summary>Beyond so many single warnings they join by colour, area and class also without a flood: nobody reads more.</summary>
    public const int SinglesMax = 60;

    /// <summary>Lines that the list shows; the gravest come first, so what is cut is the least.</summary>
    public const int RowsMax = 200;

    public static ImmutableArray<QueueItem> From(SituationPicture picture, WorkMode mode = WorkMode.Waiting)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var climbed = picture.Warnings.Where(warning => warning.Incident is not null && StepOf(warning) > EscalationStep.Seat)
            .GroupBy(warning => warning.Incident!.Value).ToDictionary(group => group.Key, group => group.Max(StepOf));
        var beneath = Beneath(picture.Warnings);
        var incidents = mode == WorkMode.Waiting ? picture.Incidents.Where(incident => incident.IsOpen).Select(incident => Item(incident) with
        {
            Step = climbed.GetValueOrDefault(incident.Id), Consequences = Gather(beneath, incident.Warnings),
        }) : [];
        var open = mode == WorkMode.Waiting ? picture.Incidents.Where(incident => incident.IsOpen).Select(incident => incident.Id).ToHashSet() : [];
        var warnings = picture.Warnings.Where(warning => mode switch
        {
            WorkMode.Waiting => warning.IsShown && (warning.Incident is not { } id || !open.Contains(id)),
            WorkMode.Warnings => warning.IsShown,
            _ => warning.State == WarningState.Raised && (!warning.IsShown || warning.Silenced is not null),
        }).ToList();
        return
        [
            .. incidents.Concat(Lines(warnings, picture.Counts.Seat.Flood || warnings.Count > SinglesMax)
                    .Select(line => mode == WorkMode.Quiet ? line : line with { Consequences = Gather(beneath, line.Warnings.Select(warning => warning.Id)) }))
                .OrderByDescending(item => item.Untouched)
                .ThenByDescending(item => item.Colour ?? 0)
                .ThenByDescending(item => item.Overdue)
                .ThenBy(item => item.Since)
                .ThenBy(item => item.Key, StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<QueueItem> Lines(List<WarningView> warnings, bool joined) => !joined
        ? warnings.Select(Item)
        : warnings.GroupBy(warning => (warning.Colour, warning.Area, Class: warning.Class?.Value ?? warning.Rule.Value, Why: WhySilent(warning)))
            .Select(group => Item([.. group.OrderByDescending(warning => warning.RaisedAt)], $"group:{group.Key.Colour}:{group.Key.Area}:{group.Key.Class}{group.Key.Why}"));

    // What is silent for different reasons is not one line, for the line says why.
    private static string WhySilent(WarningView warning) =>
        warning.Shelved is not null ? ":shelved" : warning.InhibitedBy is { } cause ? $":{cause}" : warning.Silenced is { } silence ? $":{silence.Why}" : string.Empty;

    /// <summary>What is held back, under the one at the root of it: a camera behind a switch without power stands beneath the power.</summary>
    private static ILookup<WarningId, WarningView> Beneath(ImmutableArray<WarningView> warnings)
    {
        const int chainMax = 16;
        var held = warnings.Where(warning => warning is { State: WarningState.Raised, InhibitedBy: not null, Shelved: null }).ToDictionary(warning => warning.Id);
        return held.Values.OrderByDescending(warning => warning.Colour).ThenByDescending(warning => warning.RaisedAt).ThenBy(warning => warning.Id.Value, StringComparer.Ordinal).ToLookup(warning =>
        {
            var root = warning.InhibitedBy!.Value;
            for (var step = 0; step < chainMax && held.TryGetValue(root, out var next); step++)
            {
                root = next.InhibitedBy!.Value;
            }

            return root;
        });
    }

    private static ImmutableArray<WarningView> Gather(ILookup<WarningId, WarningView> beneath, IEnumerable<WarningId> causes) =>
        beneath.Count == 0 ? [] : [.. causes.SelectMany(cause => beneath[cause])];

    private static EscalationStep StepOf(WarningView warning) => warning.Acknowledged is null ? warning.Escalation?.Step ?? EscalationStep.Seat : EscalationStep.Seat;

    /// <summary>The key under which a warning or its incident is found in the queue.</summary>
    public static string KeyOf(IncidentId incident) => $"incident:{incident}";

    /// <inheritdoc cref="KeyOf(IncidentId)"/>
    public static string KeyOf(WarningId warning) => $"warning:{warning}";

    private static QueueItem Item(IncidentView incident) => new()
    {
        Key = KeyOf(incident.Id),
        Incident = incident,
        Area = incident.Owner,
        Colour = incident.Colour,
        Since = incident.OpenedAt,
        Overdue = incident.Tasks.Any(task => !task.Overdue.IsEmpty) || incident.Clocks.Any(clock => clock.FiredAt is not null),
        Untouched = incident.Tasks.IsEmpty,
    };

    private static QueueItem Item(WarningView warning) => new()
    {
        Key = KeyOf(warning.Id),
        Warning = warning,
        Area = warning.Area,
        Colour = warning.Colour,
        Since = warning.RaisedAt ?? warning.OnsetAt,
        Overdue = false,
        Untouched = warning.Acknowledged is null && warning.Silenced is null && warning.IsShown,
        Step = StepOf(warning),
    };

    private static QueueItem Item(ImmutableArray<WarningView> group, string key) => group is [var only] ? Item(only) : new()
    {
        Key = key,
        Group = group,
        Area = group[0].Area,
        Colour = group[0].Colour,
        Since = group[^1].RaisedAt ?? group[^1].OnsetAt,
        Overdue = false,
        Untouched = group.Any(warning => Item(warning).Untouched),
        Step = group.Max(StepOf),
    };
}
