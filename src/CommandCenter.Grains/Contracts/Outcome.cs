using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>Why a command was refused. Each word has one HTTP status: see the members.</summary>
public enum Refusal
{
    /// <summary>Missing, or out of the actor's scope (404).</summary>
    NotFound,
    /// <summary>A field of the request is wrong; <see cref="Outcome{T}.Errors"/> names it (400).</summary>
    Invalid,
    /// <summary>The command does not fit the present state (409).</summary>
    NotInThisPhase,
    /// <summary>The caller has seen an older version (409).</summary>
    StaleVersion,
    /// <summary>The idempotency key came before with another body (422).</summary>
    KeyReused,
    /// <summary>The actor's role does not allow it (403).</summary>
    NotAllowed,
    /// <summary>Who handled the work may not verify it (409).</summary>
    HandledBySame,
    /// <summary>Refused as a whole (422).</summary>
    Unprocessable,
    /// <summary>A part that is needed is down or overloaded; try again (503).</summary>
    Unavailable,
}

/// <summary>The answer to a command: a value, or one refusal with its reason. Never both.</summary>
[GenerateSerializer, Immutable, Alias("Outcome`1")]
public sealed record Outcome<T>
{
    [Id(0)] public T? Value { get; init; }
    [Id(1)] public Refusal? Refusal { get; init; }

    /// <summary>A sentence for the operator; null when the word alone says it.</summary>
    [Id(2)] public string? Detail { get; init; }

    /// <summary>Field name to what is wrong with it; only with <see cref="Contracts.Refusal.Invalid"/>.</summary>
    [Id(3)] public ImmutableDictionary<string, ImmutableArray<string>> Errors { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>The command had been carried out before; <see cref="Value"/> is the first answer's.</summary>
    [Id(4)] public bool Repeated { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public bool Succeeded => Refusal is null;
}

/// <summary>Makes outcomes.</summary>
public static class Outcome
{
    public static Outcome<T> Of<T>(T value, bool repeated = false) => new() { Value = value, Repeated = repeated };

    public static Outcome<T> Refused<T>(Refusal refusal, string? detail = null) => new() { Refusal = refusal, Detail = detail };

    public static Outcome<T> Invalid<T>(string field, string message) => new()
    {
        Refusal = Refusal.Invalid,
        Detail = $"{field}: {message}",
        Errors = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add(field, [message]),
    };

    public static Outcome<T> Invalid<T>(ImmutableDictionary<string, ImmutableArray<string>> errors) => new() { Refusal = Refusal.Invalid, Errors = errors };
}

/// <summary>One page of a list. <see cref="Next"/> is passed back as <c>cursor</c>; null at the end.</summary>
[GenerateSerializer, Immutable, Alias("Page`1")]
public sealed record Page<T>([property: Id(0)] ImmutableArray<T> Items, [property: Id(1)] string? Next);
