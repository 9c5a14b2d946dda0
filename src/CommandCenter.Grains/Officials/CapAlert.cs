using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Officials;

internal enum CapStatus { Actual, Exercise, System, Test, Draft }

internal enum CapMessageType { Alert, Update, Cancel, Ack, Error }

/// <summary>A document as read: what this platform uses of it.</summary>
internal sealed record CapAlert
{
    public required string Identifier { get; init; }
    public required string Sender { get; init; }
    public required DateTimeOffset Sent { get; init; }
    public required CapStatus Status { get; init; }
    public required CapMessageType MessageType { get; init; }

    /// <summary>Identifiers of earlier documents that this one follows.</summary>
    public ImmutableArray<string> References { get; init; } = [];
    public ImmutableArray<CapInfo> Infos { get; init; } = [];
}

/// <summary>One event of a document, in one language.</summary>
internal sealed record CapInfo
{
    public string Language { get; init; } = "en-US";

    /// <summary>Its five-character code of GB/T 35561, or whatever the issuer writes; null: none.</summary>
    public string? Code { get; init; }
    public required string Event { get; init; }
    public required string Severity { get; init; }
    public string? Headline { get; init; }
    public string? Description { get; init; }
    public string? Instruction { get; init; }
    public string? SenderName { get; init; }
    public DateTimeOffset? Effective { get; init; }
    public DateTimeOffset? Onset { get; init; }
    public DateTimeOffset? Expires { get; init; }

    /// <summary>A colour that the issuer writes in a parameter of its own; null: none.</summary>
    public string? ColourWord { get; init; }
    public ImmutableArray<CapArea> Areas { get; init; } = [];
}

/// <summary>Where an event holds.</summary>
/// <param name="Polygons">Each as latitude, longitude pairs, as CAP writes them.</param>
internal sealed record CapArea(
    string Description, ImmutableArray<ImmutableArray<(double Latitude, double Longitude)>> Polygons,
    ImmutableArray<(double Latitude, double Longitude, double RadiusKm)> Circles, ImmutableArray<string> Geocodes);

/// <summary>What was read, or every fault by element.</summary>
internal sealed record CapReadResult(CapAlert? Alert, ImmutableDictionary<string, ImmutableArray<string>> Faults);
