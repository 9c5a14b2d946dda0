using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CommandCenter.Grains.Contracts;

namespace IotIngest.Receiving;

/// <summary>One refusal of an answer.</summary>
public sealed record IngestRefusal(RejectionReason Reason, string Detail);

/// <summary>The body of <c>POST ingest/{format}</c>: items taken, and what was refused.</summary>
public sealed record IngestAnswer(int Accepted, ImmutableArray<IngestRefusal> Rejections);

/// <summary>The body of <c>POST ingest/{format}/try</c>. Serialize with <see cref="ContractJson.Options"/>.</summary>
public sealed record TryAnswer(ImmutableArray<TryItem> Items, ImmutableArray<IngestRefusal> Rejections);

/// <summary>A decoded item; each kind has exactly the members of the contract.</summary>
[JsonDerivedType(typeof(TryReading))]
[JsonDerivedType(typeof(TryEvent))]
[JsonDerivedType(typeof(TryPosition))]
[JsonDerivedType(typeof(TryStatus))]
public abstract record TryItem([property: JsonPropertyOrder(-2)] string Kind)
{
    [JsonPropertyOrder(-4)]
    public required string Key { get; init; }

    /// <summary>Null when no such device is registered.</summary>
    [JsonPropertyOrder(-3)]
    public required string? Device { get; init; }

    [JsonPropertyOrder(-1)]
    public required DateTimeOffset At { get; init; }
}

/// <param name="Values">As decoded, under flat dotted names; null where no number stood.</param>
/// <param name="Readings">As mapped; null when the device is not registered.</param>
public sealed record TryReading(ImmutableSortedDictionary<string, double?> Values, ImmutableArray<TryMapped>? Readings) : TryItem("reading");

public sealed record TryMapped(QuantityId Quantity, double Value, string Unit);

public sealed record TryEvent(string Id, string Type, EventState State, double? Confidence, string? Snapshot) : TryItem("event");

public sealed record TryPosition(
    [property: JsonPropertyName("lon")] double Longitude, [property: JsonPropertyName("lat")] double Latitude, double? Speed, double? Heading) : TryItem("position");

public sealed record TryStatus(bool Online) : TryItem("status");
