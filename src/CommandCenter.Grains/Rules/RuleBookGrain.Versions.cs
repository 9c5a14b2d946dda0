using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Rules;

// What was in force before, and the way back to it: always forward, as a new version.
internal sealed partial class RuleBookGrain
{
    public async Task<ImmutableArray<RuleVersion>> ListVersionsAsync(RuleId id)
    {
        if (id.Value is null)
        {
            return [];
        }

        var stored = (await book.LoadVersionsAsync(id)).Select(document => (document.At, Version: Version(document)));
        var rejected = _proposals.Values.Where(proposal => proposal.Rule == id && proposal.State == RuleProposalState.Rejected).Select(proposal => (proposal.At, Version: Version(proposal)));
        var open = _proposals.Values.Where(proposal => proposal.Rule == id && proposal.State == RuleProposalState.Open).OrderByDescending(proposal => proposal.At).Select(Version);
        return
        [
            .. ShadowOf(id) is { } shadow ? new[] { Version(shadow) } : [],
            .. open,
            .. stored.Concat(rejected).OrderByDescending(entry => entry.At).ThenByDescending(entry => entry.Version.Number ?? int.MaxValue).Select(entry => entry.Version),
        ];
    }

    public async Task<RuleVersion?> GetVersionAsync(RuleId id, int number) =>
        id.Value is not null && await book.FindVersionAsync(id, number) is { } document ? Version(document) : null;

    public async Task<Outcome<RuleChanged>> RollBackAsync(RuleId id, int number, string why, int? expectedVersion, Actor actor)
    {
        if (RuleBookDeciding.WrongWhy(why) is { } wrong)
        {
            return Outcome.Invalid<RuleChanged>(wrong);
        }

        if (InForce(id) is null)
        {
            return Outcome.Refused<RuleChanged>(Refusal.NotFound);
        }

        if (await book.FindVersionAsync(id, number) is not { } document)
        {
            return Outcome.Invalid<RuleChanged>("version", $"{id} has no version {number}");
        }

        return await ChangeAsync(new() { Rule = id, Document = document.Json, Why = $"回退到第 {number} 版: {why.Trim()}", ExpectedVersion = expectedVersion }, actor, "rule_rolled_back", []);
    }

    public async Task<Outcome<RuleChanged>> SetEnabledAsync(RuleId id, bool enabled, string why, int? expectedVersion, Actor actor)
    {
        if (RuleBookDeciding.WrongWhy(why) is { } wrong)
        {
            return Outcome.Invalid<RuleChanged>(wrong);
        }

        if (InForce(id) is not { } rule)
        {
            return Outcome.Refused<RuleChanged>(Refusal.NotFound);
        }

        var document = JsonNode.Parse(rule.Canonical)!.AsObject();
        document["enabled"] = enabled;
        return await ChangeAsync(
            new() { Rule = id, Document = document.ToJsonString(ContractJson.Options), Why = why, ExpectedVersion = expectedVersion }, actor, enabled ? "rule_enabled" : "rule_disabled", []);
    }

    private RuleVersion Version(StoredDocument document)
    {
        var proposal = _proposals.Values.FirstOrDefault(proposal => proposal.Rule.Value == document.Id && proposal.Number == document.Version);
        return new()
        {
            Rule = new(document.Id), Number = document.Version, At = document.At, By = document.By, ByName = document.ByName, Why = document.Why, Document = document.Json,
            State = InForce(new(document.Id))?.Version == document.Version ? RuleVersionState.InForce : RuleVersionState.Earlier,
            Source = proposal?.Id, BasedOn = proposal?.BasedOn, Decision = proposal?.Decision,
        };
    }

    private static RuleVersion Version(RuleProposal proposal) => new()
    {
        Rule = proposal.Rule, State = proposal.State == RuleProposalState.Open ? RuleVersionState.Proposed : RuleVersionState.Rejected, At = proposal.At, By = proposal.By.Id,
        ByName = proposal.By.Name, Why = proposal.Why, Document = proposal.Document, Source = proposal.Id, BasedOn = proposal.BasedOn, Decision = proposal.Decision,
    };

    private static RuleVersion Version(RuleShadow shadow) => new()
    {
        Rule = shadow.Rule, State = RuleVersionState.Shadow, At = shadow.From, By = shadow.By.Id, ByName = shadow.By.Name, Why = shadow.Why, Document = shadow.Document,
        Source = shadow.Id, BasedOn = shadow.BasedOn,
    };
}
