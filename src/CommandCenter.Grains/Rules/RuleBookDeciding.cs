using System.Collections.Immutable;
using System.Globalization;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Rules;

/// <summary>What the rule book lets happen, and what it answers when not. Pure.</summary>
internal static class RuleBookDeciding
{
    public const int WhyMax = 1_000;

    // China keeps one offset the whole year.
    private static readonly TimeSpan Shanghai = TimeSpan.FromHours(8);

    /// <summary>Words that stand where an id could in the addresses of the interface.</summary>
    private static readonly string[] Reserved = ["backtest", "preview", "proposals", "shadows", "unsigned", "terms", "selected"];

    /// <summary>What is wrong with the change before its document is read; null: nothing.</summary>
    public static ImmutableDictionary<string, ImmutableArray<string>>? Wrong(RuleChange change)
    {
        var errors = new FieldErrors();
        var id = change.Rule.Value;
        if (string.IsNullOrEmpty(id) || id.Length > 64 || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            errors.Add("id", "letters, digits, - _ . only, 1 to 64");
        }
        else if (Reserved.Contains(id, StringComparer.OrdinalIgnoreCase))
        {
            errors.Add("id", "is a word of the interface");
        }

        if (change.Why?.Trim().Length > WhyMax)
        {
            errors.Add("why", $"at most {WhyMax} characters");
        }

        return errors.Any ? errors.ToImmutable() : null;
    }

    /// <summary>The sentence for an editor who has not seen the version in force; null: they have, or do not say.</summary>
    public static string? Stale(int? expected, RuleDefinition? inForce, StoredDocument? stored)
    {
        var now = inForce?.Version ?? 0;
        if (expected is not { } seen || seen == now)
        {
            return null;
        }

        return now == 0
            ? $"您依据的是第 {seen} 版,但该规则并不存在。"
            : $"您依据的是第 {seen} 版,现行为第 {now} 版{(stored is null ? string.Empty : $",由 {stored.ByName ?? stored.By} 于 {Time(stored.At)} 保存")}。请核对后再提交。";
    }

    /// <summary>Why the actor may not approve the proposal now; null: they may.</summary>
    public static (Refusal Refusal, string Detail)? RefuseApproval(RuleProposal proposal, Actor actor, ImmutableArray<Role> approvers, int current, int? knownInForce)
    {
        if (!approvers.Any(actor.Has))
        {
            return (Refusal.NotAllowed, "您的角色不能批准规则提案。");
        }

        if (proposal.State != RuleProposalState.Open)
        {
            return (Refusal.NotInThisPhase, Over(proposal));
        }

        if (proposal.By.Id == actor.Id && proposal.By.Kind == actor.Kind)
        {
            return (Refusal.HandledBySame, "提出者不能批准自己的提案,须由另一人批准。");
        }

        if (proposal.BasedOn != current && knownInForce != current)
        {
            return (Refusal.StaleVersion, $"提案依据第 {proposal.BasedOn} 版,现行已是第 {current} 版;批准将覆盖其间的修改。确认知悉后,请注明现行版本号 (inForce: {current}) 再批准。");
        }

        return null;
    }

    /// <summary>Why the actor may not put the proposal aside; null: they may. Its author may withdraw it.</summary>
    public static (Refusal Refusal, string Detail)? RefuseRejection(RuleProposal proposal, Actor actor, ImmutableArray<Role> approvers)
    {
        var own = proposal.By.Id == actor.Id && proposal.By.Kind == actor.Kind;
        if (!own && !approvers.Any(actor.Has))
        {
            return (Refusal.NotAllowed, "您的角色不能驳回规则提案。");
        }

        return proposal.State == RuleProposalState.Open ? null : (Refusal.NotInThisPhase, Over(proposal));
    }

    /// <summary>The errors of a reason that must be given; null: it is.</summary>
    public static ImmutableDictionary<string, ImmutableArray<string>>? WrongWhy(string? why)
    {
        var length = why?.Trim().Length ?? 0;
        return length is >= 1 and <= WhyMax ? null : Outcome.Invalid<string>("why", length == 0 ? "is needed" : $"at most {WhyMax} characters").Errors;
    }

    /// <summary>The next id of the day, such as <c>p-20261125-001</c>.</summary>
    public static string NextId(string prefix, DateTimeOffset now, Func<string, bool> taken)
    {
        var day = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{now.ToOffset(Shanghai):yyyyMMdd}-");
        var number = 1;
        while (taken(day + number.ToString("000", CultureInfo.InvariantCulture)))
        {
            number++;
        }

        return day + number.ToString("000", CultureInfo.InvariantCulture);
    }

    public static string? Trimmed(string? why) => string.IsNullOrWhiteSpace(why) ? null : why.Trim();

    public static string Told(string what, string? why) => Trimmed(why) is { } reason ? $"{what}: {reason}" : what;

    private static string Over(RuleProposal proposal) => proposal.State == RuleProposalState.Approved ? "该提案已获批准。" : "该提案已被驳回。";

    private static string Time(DateTimeOffset at) => at.ToOffset(Shanghai).ToString("M月d日 HH:mm", CultureInfo.InvariantCulture);
}
