using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Tests.Rules;

public sealed class RuleBookDecidingTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);
    private static readonly Actor Wang = new() { Id = "wang", Name = "王芳", Kind = ActorKind.User, Roles = [Role.System] };
    private static readonly Actor Chen = new() { Id = "chen", Name = "陈局", Kind = ActorKind.User, Roles = [Role.Leader] };
    private static readonly ImmutableArray<Role> Approvers = [Role.Leader, Role.System];

    private static readonly RuleProposal Proposal = new()
    {
        Id = "p-1", Rule = new("R01"), State = RuleProposalState.Open, BasedOn = 3, Document = "{}", By = Wang.ToBy(), At = Now,
    };

    [Fact]
    public void Nobody_approves_their_own_proposal_whatever_their_roles()
    {
        Assert.Equal(Refusal.HandledBySame, Approval(Proposal, Wang with { Roles = [Role.Admin] }, 3, null));
        Assert.Null(Approval(Proposal, Chen, 3, null));
        Assert.Null(Approval(Proposal, Wang with { Id = "li" }, 3, null));
    }

    [Fact]
    public void Approving_needs_the_role_an_open_proposal_and_knowledge_of_what_has_changed_since()
    {
        Assert.Equal(Refusal.NotAllowed, Approval(Proposal, Chen with { Roles = [Role.Duty] }, 3, null));
        Assert.Equal(Refusal.NotInThisPhase, Approval(Proposal with { State = RuleProposalState.Rejected }, Chen, 3, null));
        Assert.Equal(Refusal.StaleVersion, Approval(Proposal, Chen, 4, null));
        Assert.Equal(Refusal.StaleVersion, Approval(Proposal, Chen, 5, 4));
        Assert.Null(Approval(Proposal, Chen, 4, 4));
    }

    [Fact]
    public void An_author_may_withdraw_and_only_an_approver_may_reject()
    {
        Assert.Null(RuleBookDeciding.RefuseRejection(Proposal, Wang with { Roles = [] }, Approvers));
        Assert.Equal(Refusal.NotAllowed, RuleBookDeciding.RefuseRejection(Proposal, Chen with { Roles = [Role.Duty] }, Approvers)?.Refusal);
        Assert.Null(RuleBookDeciding.RefuseRejection(Proposal, Chen, Approvers));
        Assert.Equal(Refusal.NotInThisPhase, RuleBookDeciding.RefuseRejection(Proposal with { State = RuleProposalState.Approved }, Chen, Approvers)?.Refusal);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(1, true)]
    [InlineData(0, false)]
    [InlineData(2, false)]
    public void An_editor_who_has_seen_another_version_is_told_which_one_is_in_force(int? expected, bool fits)
    {
        var told = RuleBookDeciding.Stale(expected, RulePack.Shipped["R01"], new("R01", 1, "{}", Now, "wang") { ByName = "王芳" });

        Assert.Equal(fits, told is null);
        Assert.True(fits || told!.Contains("第 1 版", StringComparison.Ordinal) && told.Contains("王芳", StringComparison.Ordinal), told);
    }

    [Fact]
    public void The_words_of_the_interface_are_no_ids()
    {
        foreach (var id in (string[])["proposals", "Shadows", "unsigned", "preview", "", "a b", new('x', 65)])
        {
            Assert.Equal(["id"], RuleBookDeciding.Wrong(new() { Rule = new(id), Document = "{}" })!.Keys);
        }

        Assert.Null(RuleBookDeciding.Wrong(new() { Rule = new("R01-x.y_z"), Document = "{}", Why = new('因', 1_000) }));
        Assert.Equal(["why"], RuleBookDeciding.Wrong(new() { Rule = new("R01"), Document = "{}", Why = new('因', 1_001) })!.Keys);
    }

    [Fact]
    public void Ids_count_up_within_the_day_of_Shanghai()
    {
        var evening = new DateTimeOffset(2026, 11, 24, 16, 0, 0, TimeSpan.Zero);
        Assert.Equal("p-20261125-001", RuleBookDeciding.NextId("p", evening, _ => false));
        Assert.Equal("p-20261125-003", RuleBookDeciding.NextId("p", evening, id => id is "p-20261125-001" or "p-20261125-002"));
    }

    private static Refusal? Approval(RuleProposal proposal, Actor actor, int current, int? known) =>
        RuleBookDeciding.RefuseApproval(proposal, actor, Approvers, current, known)?.Refusal;
}
