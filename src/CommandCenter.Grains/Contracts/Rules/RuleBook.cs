using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>The rules in force (one grain, key 0). Documents are the JSON of the public contract; they are checked here. Every act leaves an audit row in the
/// transaction of what it changes. Changes need <see cref="Role.System"/>, approving one of the <see cref="RuleBookTerms.Approvers"/>.</summary>
[Alias("IRuleBookGrain")]
public interface IRuleBookGrain : IGrainWithIntegerKey
{
    /// <summary>Checks, stores as a new version, and returns when every street judges by it. The same document again is no new version.
    /// Where a second person must approve it is refused; <see cref="ChangeAsync"/> makes a proposal then.</summary>
    [Alias("Put")]
    Task<Outcome<string>> PutAsync(RuleId id, string document, Actor actor);

    /// <summary>The newest version's document; null when there is none.</summary>
    [Alias("Get")]
    Task<string?> GetAsync(RuleId id);

    /// <summary>Every rule's newest document, by id.</summary>
    [Alias("List")]
    Task<ImmutableArray<string>> ListAsync();

    [Alias("GetTerms")]
    Task<RuleBookTerms> GetTermsAsync();

    /// <summary>Every rule with what the book knows beside its document, by id.</summary>
    [Alias("ListSummaries")]
    Task<ImmutableArray<RuleSummary>> ListSummariesAsync();

    /// <summary>A new version, or a proposal where a second person must approve. The document in force again is no change.</summary>
    [Alias("Change")]
    Task<Outcome<RuleChanged>> ChangeAsync(RuleChange change, Actor actor);

    /// <summary>Every version of the rule: shadow and open proposals first, then the newest first, rejected ones by their time among them. Empty when there is no such rule.</summary>
    [Alias("ListVersions")]
    Task<ImmutableArray<RuleVersion>> ListVersionsAsync(RuleId id);

    /// <summary>A version that is or was in force; null when there is none of the number.</summary>
    [Alias("GetVersion")]
    Task<RuleVersion?> GetVersionAsync(RuleId id, int number);

    /// <summary>The content of version <paramref name="number"/> as a new version (or proposal). <paramref name="why"/> is needed.</summary>
    [Alias("RollBack")]
    Task<Outcome<RuleChanged>> RollBackAsync(RuleId id, int number, string why, int? expectedVersion, Actor actor);

    /// <summary>Takes a rule out of force, or back into it, as a new version (or proposal): its warnings end, nothing of it is lost.</summary>
    [Alias("SetEnabled")]
    Task<Outcome<RuleChanged>> SetEnabledAsync(RuleId id, bool enabled, string why, int? expectedVersion, Actor actor);

    /// <summary>Newest first, at most 500; null: of every state.</summary>
    [Alias("ListProposals")]
    Task<ImmutableArray<RuleProposal>> ListProposalsAsync(RuleProposalState? state);

    [Alias("GetProposal")]
    Task<RuleProposal?> GetProposalAsync(string id);

    /// <summary>Puts the proposal in force. Never by its author. One made from an older version is refused as <see cref="Refusal.StaleVersion"/> unless
    /// <paramref name="inForce"/> names the version in force, which says that the approver knows.</summary>
    [Alias("Approve")]
    Task<Outcome<RuleChanged>> ApproveAsync(string id, string? why, int? inForce, Actor actor);

    /// <summary>Puts the proposal aside; its author may withdraw it so. <paramref name="why"/> is needed.</summary>
    [Alias("Reject")]
    Task<Outcome<RuleProposal>> RejectAsync(string id, string why, Actor actor);

    /// <summary>The thresholds of a rule and who answers for them; null when there is no such rule.</summary>
    [Alias("GetThresholds")]
    Task<RuleThresholds?> GetThresholdsAsync(RuleId id);

    /// <summary>Rules with thresholds that are marked 待校核 and that nobody has signed.</summary>
    [Alias("ListUnsigned")]
    Task<ImmutableArray<RuleThresholds>> ListUnsignedAsync();

    /// <summary>Signs thresholds: a person with <see cref="Role.System"/> or <see cref="Role.Leader"/>.</summary>
    [Alias("Sign")]
    Task<Outcome<RuleThresholds>> SignAsync(SignThresholds command, Actor actor);

    /// <summary>Begins a shadow run; one rule has at most one. Returns when every street runs it.</summary>
    [Alias("StartShadow")]
    Task<Outcome<RuleShadow>> StartShadowAsync(StartShadow command, Actor actor);

    /// <summary>Newest first, those put away last, at most 200.</summary>
    [Alias("ListShadows")]
    Task<ImmutableArray<RuleShadow>> ListShadowsAsync();

    /// <summary>The comparison of a shadow run that is not put away; of one that is, what was kept of it. Null: there is none.</summary>
    [Alias("CompareShadow")]
    Task<ShadowComparison?> CompareShadowAsync(string id, Actor actor);

    /// <summary>The shadow becomes a version (or proposal) and is put away.</summary>
    [Alias("PromoteShadow")]
    Task<Outcome<RuleChanged>> PromoteShadowAsync(string id, string why, int? expectedVersion, Actor actor);

    /// <summary>Ends the shadow run and puts it away; a few figures of it are kept.</summary>
    [Alias("DropShadow")]
    Task<Outcome<RuleShadow>> DropShadowAsync(string id, string why, Actor actor);
}
