using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Rules;

// Changes that wait for a second person. A proposal changes nothing until it is approved; then its version and the decision are one transaction.
internal sealed partial class RuleBookGrain
{
    private const int ProposalsListedMax = 500;

    private readonly SortedDictionary<string, RuleProposal> _proposals = new(StringComparer.Ordinal);

    public Task<ImmutableArray<RuleProposal>> ListProposalsAsync(RuleProposalState? state) => Task.FromResult<ImmutableArray<RuleProposal>>(
        [.. _proposals.Values.Where(proposal => state is null || proposal.State == state).OrderByDescending(proposal => proposal.At).ThenByDescending(proposal => proposal.Id, StringComparer.Ordinal).Take(ProposalsListedMax).Select(AsItStands)]);

    public Task<RuleProposal?> GetProposalAsync(string id) => Task.FromResult(_proposals.TryGetValue(id ?? string.Empty, out var proposal) ? AsItStands(proposal) : null);

    public async Task<Outcome<RuleChanged>> ApproveAsync(string id, string? why, int? inForce, Actor actor)
    {
        if (!_proposals.TryGetValue(id ?? string.Empty, out var proposal))
        {
            return Outcome.Refused<RuleChanged>(Refusal.NotFound);
        }

        if (why?.Trim().Length > RuleBookDeciding.WhyMax)
        {
            return Outcome.Invalid<RuleChanged>("why", $"at most {RuleBookDeciding.WhyMax} characters");
        }

        var current = InForce(proposal.Rule);
        if (proposal.State == RuleProposalState.Approved && proposal.Decision?.By.Id == actor.Id && current?.Version == proposal.Number)
        {
            return await AppliedAsync(current!, repeated: true);
        }

        if (RuleBookDeciding.RefuseApproval(proposal, actor, options.Value.Approvers, current?.Version ?? 0, inForce) is { } refused)
        {
            return Outcome.Refused<RuleChanged>(refused.Refusal, refused.Detail);
        }

        var (rule, errors) = Read(proposal.Rule, proposal.Document);
        if (rule is null)
        {
            return Outcome.Invalid<RuleChanged>(errors);
        }

        var now = clock.Now;
        var decided = proposal with { State = RuleProposalState.Approved, Decision = new(actor.ToBy(), now, RuleBookDeciding.Trimmed(why)), Number = rule.Version };
        var outcome = await EnactAsync(
            rule, Document(rule, proposal.By, proposal.Why, now), Audit(actor, "rule_approved", rule, RuleBookDeciding.Told(proposal.Id, why), now), [Shelved(decided, 2, now)]);
        if (IsStored(outcome))
        {
            _proposals[proposal.Id] = decided;
        }

        return outcome;
    }

    public async Task<Outcome<RuleProposal>> RejectAsync(string id, string why, Actor actor)
    {
        if (!_proposals.TryGetValue(id ?? string.Empty, out var proposal))
        {
            return Outcome.Refused<RuleProposal>(Refusal.NotFound);
        }

        if (RuleBookDeciding.WrongWhy(why) is { } wrong)
        {
            return Outcome.Invalid<RuleProposal>(wrong);
        }

        if (RuleBookDeciding.RefuseRejection(proposal, actor, options.Value.Approvers) is { } refused)
        {
            return Outcome.Refused<RuleProposal>(refused.Refusal, refused.Detail);
        }

        var now = clock.Now;
        var decided = proposal with { State = RuleProposalState.Rejected, Decision = new(actor.ToBy(), now, why.Trim()) };
        if (!await book.CommitAsync([Shelved(decided, 2, now)], [new(now, actor.ToBy(), "rule_rejected", proposal.Rule.Value, RuleBookDeciding.Told(proposal.Id, why))]))
        {
            return Overtaken<RuleProposal>();
        }

        _proposals[proposal.Id] = decided;
        return Outcome.Of(AsItStands(decided));
    }

    private async Task<Outcome<RuleChanged>> ProposeAsync(
        RuleDefinition rule, RuleDefinition? before, string? why, Actor actor, DateTimeOffset now, IReadOnlyList<(RuleShelf, StoredDocument)> together)
    {
        var open = _proposals.Values.Where(proposal => proposal.State == RuleProposalState.Open).ToArray();
        var document = RuleParsing.WithVersion(rule);
        if (open.FirstOrDefault(proposal => proposal.Rule == rule.Id && proposal.By.Id == actor.Id && proposal.Document == document) is { } same && together.Count == 0)
        {
            return Outcome.Of(new RuleChanged(document, before?.Version, AsItStands(same)), repeated: true);
        }

        if (open.Length >= options.Value.ProposalsOpenMax)
        {
            return Outcome.Refused<RuleChanged>(Refusal.Unprocessable, $"已有 {open.Length} 个提案待批准,请先处理。");
        }

        var made = new RuleProposal
        {
            Id = RuleBookDeciding.NextId("p", now, _proposals.ContainsKey), Rule = rule.Id, State = RuleProposalState.Open, BasedOn = before?.Version ?? 0,
            Document = document, By = actor.ToBy(), At = now, Why = RuleBookDeciding.Trimmed(why),
        };
        if (!await book.CommitAsync([Shelved(made, 1, now), .. together], [new(now, actor.ToBy(), "rule_proposed", rule.Id.Value, RuleBookDeciding.Told(made.Id, why))]))
        {
            return Overtaken<RuleChanged>();
        }

        _proposals[made.Id] = made;
        return Outcome.Of(new RuleChanged(document, before?.Version, AsItStands(made)));
    }

    private async Task LoadProposalsAsync(CancellationToken cancellation)
    {
        foreach (var document in await book.LoadNewestAsync(RuleShelf.Proposals, cancellation))
        {
            _proposals[document.Id] = Documents.Read<RuleProposal>(document.Json);
        }
    }

    private RuleProposal AsItStands(RuleProposal proposal)
    {
        var current = InForce(proposal.Rule)?.Version ?? 0;
        return proposal with { InForce = current, Outdated = proposal.State == RuleProposalState.Open && proposal.BasedOn != current };
    }

    private static (RuleShelf, StoredDocument) Shelved(RuleProposal proposal, int version, DateTimeOffset now) =>
        (RuleShelf.Proposals, new(proposal.Id, version, Documents.Write(proposal), now, proposal.Decision?.By.Id ?? proposal.By.Id));
}
