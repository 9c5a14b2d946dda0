using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>What a version of a rule is now.</summary>
public enum RuleVersionState
{
    InForce,
    Earlier,
    /// <summary>It waits for a second person and changes nothing.</summary>
    Proposed,
    /// <summary>A second person, or its own author, said no.</summary>
    Rejected,
    /// <summary>It runs beside the version in force and calls nobody.</summary>
    Shadow,
}

/// <summary>One version of a rule: stored, proposed or tried beside.</summary>
[GenerateSerializer, Immutable, Alias("RuleVersion")]
public sealed record RuleVersion
{
    [Id(0)] public required RuleId Rule { get; init; }

    /// <summary>Null: it was never in force (proposed, rejected, shadow).</summary>
    [Id(1)] public int? Number { get; init; }
    [Id(2)] public required RuleVersionState State { get; init; }
    [Id(3)] public required DateTimeOffset At { get; init; }

    /// <summary>Id of the one who stored or proposed it.</summary>
    [Id(4)] public required string By { get; init; }

    /// <summary>Null: not recorded.</summary>
    [Id(5)] public string? ByName { get; init; }
    [Id(6)] public string? Why { get; init; }

    /// <summary>The rule document as stored.</summary>
    [Id(7)] public required string Document { get; init; }

    /// <summary>The proposal or shadow run that it is or came from.</summary>
    [Id(8)] public string? Source { get; init; }

    /// <summary>The version it was made from, where that is known; 0: a new rule.</summary>
    [Id(9)] public int? BasedOn { get; init; }

    /// <summary>The second person's decision.</summary>
    [Id(10)] public RuleDecision? Decision { get; init; }
}

/// <summary>What a person decided about a proposal, and why.</summary>
[GenerateSerializer, Immutable, Alias("RuleDecision")]
public sealed record RuleDecision([property: Id(0)] By By, [property: Id(1)] DateTimeOffset At, [property: Id(2)] string? Why);

/// <summary>A change of one rule as an editor hands it in.</summary>
[GenerateSerializer, Immutable, Alias("RuleChange")]
public sealed record RuleChange
{
    [Id(0)] public required RuleId Rule { get; init; }
    [Id(1)] public required string Document { get; init; }

    /// <summary>At most 1,000 characters; null: not told.</summary>
    [Id(2)] public string? Why { get; init; }

    /// <summary>The version in force when the editor began, 0 for a rule that is not there yet: another one is refused as <see cref="Refusal.StaleVersion"/>. Null: whatever is in force.</summary>
    [Id(3)] public int? ExpectedVersion { get; init; }
}

/// <summary>What became of a change: a version in force, or a proposal that waits.</summary>
/// <param name="Document">The document in force, or the proposed one.</param>
/// <param name="Version">The version in force now; null: there is none yet.</param>
/// <param name="Proposal">Null: the change is in force.</param>
[GenerateSerializer, Immutable, Alias("RuleChanged")]
public sealed record RuleChanged(
    [property: Id(0)] string Document,
    [property: Id(1)] int? Version,
    [property: Id(2)] RuleProposal? Proposal);

public enum RuleProposalState { Open, Approved, Rejected }

/// <summary>A change that waits for a second person.</summary>
[GenerateSerializer, Immutable, Alias("RuleProposal")]
public sealed record RuleProposal
{
    /// <summary><c>p-</c> + day + running number.</summary>
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required RuleId Rule { get; init; }
    [Id(2)] public required RuleProposalState State { get; init; }

    /// <summary>The version in force when it was made; 0: a new rule.</summary>
    [Id(3)] public required int BasedOn { get; init; }

    /// <summary>The rule in force has changed since: approving it puts those changes aside, so the approver must say that they know.</summary>
    [Id(4)] public bool Outdated { get; init; }
    [Id(5)] public required string Document { get; init; }
    [Id(6)] public required By By { get; init; }
    [Id(7)] public required DateTimeOffset At { get; init; }
    [Id(8)] public string? Why { get; init; }
    [Id(9)] public RuleDecision? Decision { get; init; }

    /// <summary>The version that it became.</summary>
    [Id(10)] public int? Number { get; init; }

    /// <summary>The version in force as it was asked for; 0: none.</summary>
    [Id(11)] public int InForce { get; init; }
}

/// <summary>One rule of the list: its document in force and what the book knows beside it.</summary>
[GenerateSerializer, Immutable, Alias("RuleSummary")]
public sealed record RuleSummary
{
    [Id(0)] public required RuleId Rule { get; init; }
    [Id(1)] public required int Version { get; init; }
    [Id(2)] public required string Document { get; init; }
    [Id(3)] public required DateTimeOffset At { get; init; }
    [Id(4)] public required string By { get; init; }
    [Id(5)] public string? ByName { get; init; }
    [Id(6)] public string? Why { get; init; }

    /// <summary>It came with the program; <see cref="Changed"/>: and no longer says what was shipped.</summary>
    [Id(7)] public bool Shipped { get; init; }
    [Id(8)] public bool Changed { get; init; }

    /// <summary>Thresholds marked 待校核, and how many of them nobody has signed.</summary>
    [Id(9)] public int Thresholds { get; init; }
    [Id(10)] public int UnsignedCount { get; init; }

    /// <summary>Open proposals of the rule.</summary>
    [Id(11)] public ImmutableArray<string> Proposals { get; init; } = [];

    /// <summary>The shadow run that has not been put away; null: none.</summary>
    [Id(12)] public string? Shadow { get; init; }
}

/// <summary>How the book is run.</summary>
/// <param name="ApprovalRequired">A change becomes a proposal and waits for a second person.</param>
/// <param name="Approvers">Roles that may approve.</param>
[GenerateSerializer, Immutable, Alias("RuleBookTerms")]
public sealed record RuleBookTerms(
    [property: Id(0)] bool ApprovalRequired,
    [property: Id(1)] ImmutableArray<Role> Approvers,
    [property: Id(2)] int ShadowDaysMax,
    [property: Id(3)] int ShadowsMax);
