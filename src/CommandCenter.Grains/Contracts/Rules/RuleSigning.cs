using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>One threshold of a rule, as somebody can answer for it.</summary>
[GenerateSerializer, Immutable, Alias("RuleThreshold")]
public sealed record RuleThreshold
{
    /// <summary>Its place in the document, such as <c>levels.red</c>, <c>also[0].levels.red</c>, <c>overrides.wl-017.red</c>.</summary>
    [Id(0)] public required string Path { get; init; }
    [Id(1)] public Colour? Colour { get; init; }

    /// <summary>Null: it is not one number; <see cref="Said"/> has it.</summary>
    [Id(2)] public double? Value { get; init; }

    /// <summary>What is signed in one written form: what is measured and from where on. Equal texts are equal thresholds.</summary>
    [Id(3)] public required string Said { get; init; }

    /// <summary>Null: nobody has signed it as it stands.</summary>
    [Id(4)] public RuleSignature? Signature { get; init; }
}

/// <summary>Somebody answers for a threshold. It stays with the rule over its versions until that threshold changes.</summary>
[GenerateSerializer, Immutable, Alias("RuleSignature")]
public sealed record RuleSignature
{
    [Id(0)] public required string Path { get; init; }

    /// <summary>What was signed.</summary>
    [Id(1)] public required string Said { get; init; }

    /// <summary>Where the value comes from.</summary>
    [Id(2)] public required string Basis { get; init; }
    [Id(3)] public required By By { get; init; }
    [Id(4)] public required DateTimeOffset At { get; init; }

    /// <summary>The version in force when it was signed.</summary>
    [Id(5)] public required int Version { get; init; }
}

/// <summary>The thresholds of one rule that is marked 待校核.</summary>
/// <param name="Marked">False: its thresholds need no signature; they are listed all the same.</param>
[GenerateSerializer, Immutable, Alias("RuleThresholds")]
public sealed record RuleThresholds(
    [property: Id(0)] RuleId Rule,
    [property: Id(1)] int Version,
    [property: Id(2)] Label Name,
    [property: Id(3)] bool Marked,
    [property: Id(4)] ImmutableArray<RuleThreshold> Thresholds)
{
    /// <summary>Those that need a signature and have none.</summary>
    public int UnsignedCount => Marked ? Thresholds.Count(threshold => threshold.Signature is null) : 0;
}

/// <summary>Signs thresholds of one rule. <see cref="Said"/> guards against signing what has changed since it was read: when not empty it stands parallel to <see cref="Paths"/>.</summary>
[GenerateSerializer, Immutable, Alias("SignThresholds")]
public sealed record SignThresholds
{
    [Id(0)] public required RuleId Rule { get; init; }
    [Id(1)] public required ImmutableArray<string> Paths { get; init; }

    /// <summary>4 to 1,000 characters.</summary>
    [Id(2)] public required string Basis { get; init; }
    [Id(3)] public ImmutableArray<string> Said { get; init; } = [];
}
