using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>What rules over several devices know of one device (or of an area that another such rule judged).</summary>
[GenerateSerializer, Immutable, Alias("AreaPlace")]
internal sealed record AreaPlace
{
    /// <summary>The kind of what is no device but the subject of another rule over several devices.</summary>
    public const string AreaKind = "area";

    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required string Kind { get; init; }
    [Id(3)] public required AreaId Street { get; init; }
    [Id(4)] public ImmutableArray<AreaId> Areas { get; init; } = [];
    [Id(5)] public ImmutableArray<string> Tags { get; init; } = [];
    [Id(6)] public double? Longitude { get; init; }
    [Id(7)] public double? Latitude { get; init; }

    public bool Drill => Tags.Contains("drill");

    public bool Matches(RuleSelect select) =>
        (select.Kinds.IsEmpty || select.Kinds.Contains(Kind))
        && (select.Tags.IsEmpty || select.Tags.All(tag => Tags.Contains(tag)))
        && !select.NotTags.Any(tag => Tags.Contains(tag))
        && (select.Areas.IsEmpty || select.Areas.Contains(Street.Value) || Areas.Any(area => select.Areas.Contains(area.Value)))
        && (select.Devices.IsEmpty || select.Devices.Contains(Id));

    /// <summary>Distance in metres; infinite when either has no position.</summary>
    public double DistanceM(double? longitude, double? latitude) =>
        Longitude is { } x && Latitude is { } y && longitude is { } toX && latitude is { } toY ? CoordinateSystems.DistanceM(x, y, toX, toY) : double.PositiveInfinity;

    public static AreaPlace Of(DeviceRegistration device, double? longitude, double? latitude) => new()
    {
        Id = device.Id.Value, Name = device.Name, Kind = device.Kind, Street = device.Street, Areas = device.Areas, Tags = device.Tags, Longitude = longitude, Latitude = latitude,
    };
}

/// <summary>The source rule stands for the device at the colour since the event time; no colour: it no longer stands.</summary>
[GenerateSerializer, Immutable, Alias("AreaFact")]
internal sealed record AreaFact
{
    [Id(0)] public required string Source { get; init; }
    [Id(1)] public required AreaPlace Place { get; init; }

    /// <summary>0: none.</summary>
    [Id(2)] public required Colour Colour { get; init; }

    /// <summary>Event time, milliseconds since the epoch.</summary>
    [Id(3)] public required long At { get; init; }

    /// <summary>Its place in the order in which it is judged; at least <see cref="At"/>.</summary>
    [Id(4)] public required long Order { get; init; }
    [Id(5)] public double? Value { get; init; }
    [Id(6)] public string? Event { get; init; }
}

/// <summary>Of the devices that a leaf could count: selected, ever heard, and heard within three intervals.</summary>
internal readonly record struct AreaPopulation(int Selected, int Heard, int Fresh);

/// <summary>What is judged: an area, a tag's value, or the place around a device.</summary>
internal sealed record AreaSubject
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required AreaId Street { get; init; }
    public ImmutableArray<AreaId> Areas { get; init; } = [];
    public ImmutableArray<string> Tags { get; init; } = [];
    public double? Longitude { get; init; }
    public double? Latitude { get; init; }
}

/// <summary>A verdict over several devices, with those that it rests on.</summary>
internal readonly record struct AreaVerdict(Verdict Verdict, AreaSubject Subject, ImmutableArray<Evidence> Members);

/// <summary>What the engine asks of the one that holds the devices.</summary>
internal interface IAreaCity
{
    /// <summary>The area with the id as a subject; null when it is none that is judged here.</summary>
    AreaSubject? FindArea(string id);

    /// <summary>The devices that the leaf could count for the subject.</summary>
    AreaPopulation Population(RuleDefinition rule, AreaLeaf leaf, AreaSubject subject, long at);

    /// <summary>Streets that do not answer: what they told counts for nothing, and they are not calm.</summary>
    IReadOnlySet<string> SilentStreets { get; }
}
