using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Feed;

namespace CommandCenter.Web.IncidentDesk;

/// <summary>One thing that waits for a person: an open incident, or a raised warning that no incident holds yet. Exactly one of the two is set.</summary>
public sealed record QueueItem
{
    /// <summary>Stable while the thing lives; the selection hangs on it.</summary>
    public required string Key { get; init; }
    public IncidentView? Incident { get; init; }
    public WarningView? Warning { get; init; }
    public required AreaId Area { get; init; }
    public required Colour? Colour { get; init; }
    public required DateTimeOffset Since { get; init; }

    /// <summary>A limit has passed unmet.</summary>
    public required bool Overdue { get; init; }

    /// <summary>Nobody has acted on it yet: a warning not acknowledged, an incident not dispatched.</summary>
    public required bool Untouched { get; init; }
}

/// <summary>The order in which a dispatcher should look at things: untouched before touched, graver before lesser, overdue before on time, older before newer.</summary>
public static class WorkList
{
    public static ImmutableArray<QueueItem> From(SituationPicture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var incidents = picture.Incidents.Where(incident => incident.IsOpen).Select(Item);
        var warnings = picture.Warnings.Where(warning => WaitsForAPerson(warning, picture)).Select(Item);
        return
        [
            .. incidents.Concat(warnings)
                .OrderByDescending(item => item.Untouched)
                .ThenByDescending(item => item.Colour ?? 0)
                .ThenByDescending(item => item.Overdue)
                .ThenBy(item => item.Since)
                .ThenBy(item => item.Key, StringComparer.Ordinal),
        ];
    }

    /// <summary>The key under which a warning or its incident is found in the queue.</summary>
    public static string KeyOf(IncidentId incident) => $"incident:{incident}";

    /// <inheritdoc cref="KeyOf(IncidentId)"/>
    public static string KeyOf(WarningId warning) => $"warning:{warning}";

    /// <summary>A warning whose incident was closed while it still stands waits again: nobody works on it.</summary>
    private static bool WaitsForAPerson(WarningView warning, SituationPicture picture) =>
        warning is { State: WarningState.Raised, Shelved: null, InhibitedBy: null }
        && (warning.Incident is not { } id || !picture.Incidents.Any(incident => incident.Id == id && incident.IsOpen));

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
        Untouched = warning.Acknowledged is null,
    };
}
