using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>What a back-test is asked for: one rule over the stored past of some devices.</summary>
[GenerateSerializer, Immutable, Alias("BackTestOrder")]
public sealed record BackTestOrder
{
    /// <summary>The rule in force, or the name under which <see cref="Document"/> is tried.</summary>
    [Id(0)] public RuleId? Rule { get; init; }

    /// <summary>A rule document that need not be stored; null: the rule in force.</summary>
    [Id(1)] public string? Document { get; init; }

    /// <summary>Empty: every device that the rule selects, in the actor's scope.</summary>
    [Id(2)] public ImmutableArray<DeviceId> Devices { get; init; } = [];

    /// <summary>Observed in from ≤ t &lt; to; what lies before fills windows and baselines only.</summary>
    [Id(3)] public required DateTimeOffset From { get; init; }
    [Id(4)] public required DateTimeOffset To { get; init; }
}

[GenerateSerializer, Immutable, Alias("TriedChange")]
public sealed record TriedChange([property: Id(0)] DateTimeOffset At, [property: Id(1)] Colour Colour);

/// <summary>A warning that the rule would have raised; its colour is the last one.</summary>
[GenerateSerializer, Immutable, Alias("TriedWarning")]
public sealed record TriedWarning
{
    [Id(0)] public required RuleId Rule { get; init; }
    [Id(1)] public required string Subject { get; init; }
    [Id(2)] public required Colour Colour { get; init; }
    [Id(3)] public required DateTimeOffset OnsetAt { get; init; }
    [Id(4)] public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>Null: it stands at the end, or waits for a person.</summary>
    [Id(5)] public DateTimeOffset? ClearedAt { get; init; }
    [Id(6)] public ImmutableArray<TriedChange> Changes { get; init; } = [];
}

[GenerateSerializer, Immutable, Alias("BackTestAnswer")]
public sealed record BackTestAnswer(
    [property: Id(0)] long Evaluated,
    [property: Id(1)] ImmutableArray<TriedWarning> Warnings);

/// <summary>Where a back-test stands. Exactly one of <see cref="Outcome"/> and running.</summary>
/// <param name="Taken">Readings, events and positions judged so far.</param>
/// <param name="ReachedAt">The time in the past that it has come to; null: none yet.</param>
/// <param name="Outcome">Null: it runs.</param>
[GenerateSerializer, Immutable, Alias("BackTestState")]
public sealed record BackTestState(
    [property: Id(0)] long Taken,
    [property: Id(1)] DateTimeOffset? ReachedAt,
    [property: Id(2)] Outcome<BackTestAnswer>? Outcome);

/// <summary>One back-test (the key is its id). It lives while it is asked for.</summary>
[Alias("IBackTestGrain")]
public interface IBackTestGrain : IGrainWithStringKey
{
    /// <summary>Begins; a second call with another order is refused as not in this phase.</summary>
    [Alias("Start")]
    Task<BackTestState> StartAsync(BackTestOrder order, Actor actor);

    /// <summary>Answers when it is over, or after a second with how far it is.</summary>
    [Alias("Wait")]
    Task<BackTestState> WaitAsync();

    [Alias("Cancel")]
    Task CancelAsync();
}
