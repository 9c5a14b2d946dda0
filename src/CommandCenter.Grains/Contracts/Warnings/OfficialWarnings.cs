using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>What became of an official document.</summary>
public enum CapAction { Created, Updated, Cancelled, Duplicate }

/// <summary>The answer to a CAP document that was taken: also one that is expired, lies elsewhere or is a test; then it raises nothing.</summary>
/// <param name="Warnings">The warnings that it raised, changed or cleared.</param>
/// <param name="Note">Why it raised nothing; null: it did.</param>
[GenerateSerializer, Immutable, Alias("CapAnswer")]
public sealed record CapAnswer(
    [property: Id(0)] string Identifier,
    [property: Id(1)] CapAction Action,
    [property: Id(2)] ImmutableArray<WarningId> Warnings,
    [property: Id(3)] string? Note);

/// <summary>An official warning as the district shows it.</summary>
[GenerateSerializer, Immutable, Alias("OfficialWarning")]
public sealed record OfficialWarning
{
    /// <summary>What stays the same over all updates: the first document of the chain and its event.</summary>
    [Id(0)] public required string Subject { get; init; }

    /// <summary>Such as 暴雨橙色预警.</summary>
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required Colour Colour { get; init; }
    [Id(3)] public required DateTimeOffset OnsetAt { get; init; }

    /// <summary>When this version was sent.</summary>
    [Id(4)] public required DateTimeOffset SentAt { get; init; }
    [Id(5)] public required DateTimeOffset ExpiresAt { get; init; }
    [Id(6)] public required string Text { get; init; }
    [Id(7)] public ImmutableArray<AreaId> Streets { get; init; } = [];
    [Id(8)] public double? Longitude { get; init; }
    [Id(9)] public double? Latitude { get; init; }

    /// <summary>Outer rings, each as longitude, latitude, longitude, … in degrees.</summary>
    [Id(10)] public ImmutableArray<ImmutableArray<double>> Rings { get; init; } = [];
    [Id(11)] public PlanId? Plan { get; init; }
    [Id(12)] public bool Drill { get; init; }

    /// <summary>The issuer has taken it back.</summary>
    [Id(13)] public bool Cancelled { get; init; }
    [Id(14)] public required string Identifier { get; init; }
    [Id(15)] public required string Sender { get; init; }
}

/// <summary>Official warnings in and our own out, as CAP documents (one grain, key 0).</summary>
[Alias("IOfficialWarningsGrain")]
public interface IOfficialWarningsGrain : IGrainWithIntegerKey
{
    /// <summary>Takes a CAP 1.1 or 1.2 document, or one of the Chinese national exchange. Refused as a whole (422) with every fault named by element.</summary>
    [Alias("Take")]
    Task<Outcome<CapAnswer>> TakeAsync(ImmutableArray<byte> document, Actor actor);

    /// <summary>A warning as a CAP 1.2 document; null when there is none in the actor's scope.</summary>
    [Alias("Write")]
    Task<string?> WriteAsync(WarningId warning, Actor actor);
}
