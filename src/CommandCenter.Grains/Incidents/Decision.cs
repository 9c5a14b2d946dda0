using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Incidents;

/// <summary>What a command comes to: events (none: it is already so) with what must be stored beside them, or one refusal.</summary>
internal sealed record Decision
{
    /// <summary>Nothing to do: what was asked for already holds.</summary>
    public static readonly Decision AlreadySo = new();

    public ImmutableArray<IncidentEvent> Events { get; init; } = [];
    public Refusal? Refusal { get; init; }
    public string? Detail { get; init; }
    public ImmutableDictionary<string, ImmutableArray<string>> Errors { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Who stands in the timeline when it is not the actor: the unit that a gateway or desk speaks for.</summary>
    public By? By { get; init; }
    public ImmutableArray<string> Sources { get; init; } = [];
    public ImmutableArray<OutboxItem> Outbox { get; init; } = [];
    public ImmutableArray<PersonRow> Persons { get; init; } = [];

    public static Decision Of(params ReadOnlySpan<IncidentEvent> events) => new() { Events = [.. events] };

    public static Decision Refused(Refusal refusal, string? detail = null) => new() { Refusal = refusal, Detail = detail };

    public static Decision NotInThisPhase(string detail) => Refused(Contracts.Refusal.NotInThisPhase, detail);

    public static Decision Invalid(string field, string message) => new()
    {
        Refusal = Contracts.Refusal.Invalid,
        Detail = $"{field}: {message}",
        Errors = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add(field, [message]),
    };

    public Outcome<T> ToRefusal<T>() => new() { Refusal = Refusal, Detail = Detail, Errors = Errors };
}

/// <summary>What decisions need to know of the district.</summary>
/// <param name="District">The district's own area.</param>
/// <param name="Streets">Areas that have a street grain and a picture, without <see cref="AreaId.Outside"/>.</param>
/// <param name="Owners">Areas that can answer for an incident: the district, streets and overlays.</param>
internal sealed record IncidentSetting(AreaId District, ImmutableHashSet<AreaId> Streets, ImmutableHashSet<AreaId> Owners)
{
    public static IncidentSetting From(AreaMap map) => new(
        map.District.Id,
        [.. map.Areas.Where(area => area.Kind == AreaKind.Street).Select(area => area.Id)],
        [map.District.Id, .. map.Areas.Where(area => area.Kind is AreaKind.Street or AreaKind.Overlay).Select(area => area.Id)]);
}
