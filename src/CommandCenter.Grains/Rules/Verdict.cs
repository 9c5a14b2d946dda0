using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>What a rule found for one subject at one time.</summary>
internal enum VerdictKind
{
    /// <summary>The condition began to hold; its on-delay runs.</summary>
    Pending,
    /// <summary>A colour was reached: the first, or a graver one.</summary>
    Raised,
    /// <summary>Graver colours recovered, a lesser one stands.</summary>
    Lowered,
    /// <summary>Every colour recovered.</summary>
    Cleared,
    /// <summary>The condition ended before any colour was reached.</summary>
    Dropped,
    /// <summary>A further reading or event judged while the condition lives: evidence, no change.</summary>
    Seen,
}

/// <summary>One verdict. <see cref="Onset"/> names the life; <see cref="Transition"/> counts the changes within it, 0 for <c>Seen</c>.
/// Times are event times in milliseconds since the epoch.</summary>
internal readonly record struct Verdict(
    RuleDefinition Rule,
    string Subject,
    VerdictKind Kind,
    Colour Colour,
    long Onset,
    long At,
    int Transition,
    double? Value,
    string? Event,
    string? Snapshot);
