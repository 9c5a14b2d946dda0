using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Storing;
using CommandCenter.Grains.Warnings;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommandCenter.Grains.Rules;

/// <summary>Keeps the rule documents and has every street judge by a new version before it answers. What it changes in one act it stores in one transaction.</summary>
internal sealed partial class RuleBookGrain(
    IRuleStore store, IRuleBookStore book, AreaMap areas, DomainClock clock, IOptions<RulesOptions> options, ILogger<RuleBookGrain> logger) : Grain, IRuleBookGrain
{
    private static readonly TimeSpan ApplyAgain = TimeSpan.FromSeconds(5);

    private readonly SortedDictionary<string, RuleDefinition> _rules = new(StringComparer.Ordinal);

    // Who stored the version in force, when and why.
    private readonly Dictionary<string, StoredDocument> _inForce = new(StringComparer.Ordinal);

    // Stored versions that cannot be read: the next one put must come after them.
    private readonly Dictionary<string, int> _unreadable = new(StringComparer.Ordinal);

    // A street did not answer: it may judge by an older version, or miss a shadow run, until it is told again.
    private IGrainTimer? _applyAgain;
    private bool _rulesDue;
    private bool _shadowsDue;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var stored = (await store.LoadNewestAsync(cancellationToken)).ToDictionary(document => document.Id, StringComparer.Ordinal);
        var loaded = await RulePack.LoadNewestAsync(store, logger);
        foreach (var document in loaded.Unreadable)
        {
            _unreadable[document.Id] = document.Version;
        }

        foreach (var rule in loaded.Rules)
        {
            _rules[rule.Id.Value] = rule;
            if (stored.TryGetValue(rule.Id.Value, out var document))
            {
                _inForce[rule.Id.Value] = document;
            }
            else
            {
                var now = clock.Now;
                var shipped = Document(rule, Actor.System.ToBy(), "随程序发布", now);
                await store.SaveAsync(shipped, Audit(Actor.System, "rule_shipped", rule, null, now), cancellationToken);
                _inForce[rule.Id.Value] = shipped;
            }
        }

        await LoadProposalsAsync(cancellationToken);
        await LoadSignaturesAsync(cancellationToken);
        await LoadShadowsAsync(cancellationToken);
    }

    public async Task<Outcome<string>> PutAsync(RuleId id, string document, Actor actor)
    {
        if (options.Value.ApprovalRequired)
        {
            return Outcome.Refused<string>(Refusal.NotAllowed, "规则的修改须经第二人批准,请提交为提案。");
        }

        var outcome = await ChangeAsync(new() { Rule = id, Document = document }, actor);
        return new() { Value = outcome.Value?.Document, Refusal = outcome.Refusal, Detail = outcome.Detail, Errors = outcome.Errors, Repeated = outcome.Repeated };
    }

    public Task<string?> GetAsync(RuleId id) =>
        Task.FromResult(id.Value is not null && _rules.TryGetValue(id.Value, out var rule) ? RuleParsing.WithVersion(rule) : null);

    public Task<ImmutableArray<string>> ListAsync() => Task.FromResult<ImmutableArray<string>>([.. _rules.Values.Select(RuleParsing.WithVersion)]);

    public Task<RuleBookTerms> GetTermsAsync() => Task.FromResult(new RuleBookTerms(
        options.Value.ApprovalRequired, options.Value.Approvers, options.Value.ShadowDaysMax, options.Value.ShadowsMax));

    public Task<ImmutableArray<RuleSummary>> ListSummariesAsync() => Task.FromResult<ImmutableArray<RuleSummary>>([.. _rules.Values.Select(Summarize)]);

    public Task<Outcome<RuleChanged>> ChangeAsync(RuleChange change, Actor actor) => ChangeAsync(change, actor, "rule_put", []);

    private async Task<Outcome<RuleChanged>> ChangeAsync(RuleChange change, Actor actor, string action, IReadOnlyList<(RuleShelf, StoredDocument)> together)
    {
        if (!actor.Has(Role.System))
        {
            return Outcome.Refused<RuleChanged>(Refusal.NotAllowed, "您的角色不能修改规则。");
        }

        var now = clock.Now;
        if (RuleBookDeciding.Wrong(change) is { } wrong)
        {
            return Outcome.Invalid<RuleChanged>(wrong);
        }

        var before = InForce(change.Rule);
        var (rule, errors) = Read(change.Rule, change.Document);
        if (rule is null)
        {
            return Outcome.Invalid<RuleChanged>(errors);
        }

        if (before is not null && before.Canonical == rule.Canonical && !_unreadable.ContainsKey(rule.Id.Value))
        {
            if (together.Count > 0 && !await book.CommitAsync(together, [Audit(actor, action, before, change.Why, now)]))
            {
                return Overtaken<RuleChanged>();
            }

            // Whoever says it again may do so because a street did not answer the first time.
            return await AppliedAsync(before, repeated: true);
        }

        if (RuleBookDeciding.Stale(change.ExpectedVersion, before, _inForce.GetValueOrDefault(change.Rule.Value)) is { } stale)
        {
            return Outcome.Refused<RuleChanged>(Refusal.StaleVersion, stale);
        }

        return options.Value.ApprovalRequired
            ? await ProposeAsync(rule, before, change.Why, actor, now, together)
            : await EnactAsync(rule, Document(rule, actor.ToBy(), change.Why, now), Audit(actor, action, rule, change.Why, now), together);
    }

    /// <summary>Stores the version with everything that belongs to the act, and has it judged by.</summary>
    private async Task<Outcome<RuleChanged>> EnactAsync(
        RuleDefinition rule, StoredDocument document, AuditRow audit, IReadOnlyList<(RuleShelf, StoredDocument)> together)
    {
        var (signatures, lapsed) = Lapse(rule, document);
        if (!await book.CommitAsync([(RuleShelf.Rules, document), .. together, .. signatures], [audit, .. lapsed]))
        {
            return Overtaken<RuleChanged>();
        }

        _rules[rule.Id.Value] = rule;
        _inForce[rule.Id.Value] = document;
        _unreadable.Remove(rule.Id.Value);
        TakeSignatures(signatures);
        return await AppliedAsync(rule, repeated: false, apply: true);
    }

    private async Task<Outcome<RuleChanged>> AppliedAsync(RuleDefinition rule, bool repeated, bool apply = false)
    {
        _rulesDue |= apply;
        if (!await TryApplyAsync())
        {
            return Outcome.Refused<RuleChanged>(
                Refusal.Unavailable, $"规则 {rule.Id} 第 {rule.Version} 版已保存,但尚有街道未采用;系统每 {ApplyAgain.TotalSeconds:0} 秒重试,也可再次提交。");
        }

        return Outcome.Of(new RuleChanged(RuleParsing.WithVersion(rule), rule.Version, null), repeated);
    }

    /// <summary>Tells every street and the district what they do not know yet. False: one did not answer; it is told again.</summary>
    private async Task<bool> TryApplyAsync()
    {
        try
        {
            if (_rulesDue)
            {
                await Task.WhenAll(
                    areas.Streets.Select(street => GrainFactory.GetGrain<IStreetGrain>(street.Id.Value).ApplyRulesAsync())
                        .Append(GrainFactory.GetGrain<IDistrictGrain>(areas.District.Id.Value).ApplyRulesAsync()));
                _rulesDue = false;
            }

            if (_shadowsDue)
            {
                await Task.WhenAll(areas.Streets.Select(street => GrainFactory.GetGrain<IStreetShadowing>(street.Id.Value).ApplyShadowsAsync()));
                _shadowsDue = false;
            }

            _applyAgain?.Dispose();
            _applyAgain = null;
            return true;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogNotApplied(logger, failure);
            _applyAgain ??= this.RegisterGrainTimer(_ => TryApplyAsync(), new GrainTimerCreationOptions { DueTime = ApplyAgain, Period = ApplyAgain, KeepAlive = true });
            return false;
        }
    }

    // A change that is stored and that a street has not taken up yet is answered as unavailable, and only that.
    private static bool IsStored(Outcome<RuleChanged> outcome) => outcome.Refusal is null or Refusal.Unavailable;

    private RuleDefinition? InForce(RuleId id) => id.Value is not null && _rules.TryGetValue(id.Value, out var rule) ? rule : null;

    /// <summary>The document as the next version of the rule, or what is wrong with it.</summary>
    private (RuleDefinition? Rule, ImmutableDictionary<string, ImmutableArray<string>> Errors) Read(RuleId id, string document)
    {
        var parsed = RuleParsing.Parse(id, document, Math.Max(InForce(id)?.Version ?? 0, _unreadable.GetValueOrDefault(id.Value)) + 1);
        if (parsed.Rule is { } rule && UnknownArea(rule) is { } unknown)
        {
            return (null, Outcome.Invalid<string>("parameters.area", $"{unknown} is no area of the map with a border").Errors);
        }

        return (parsed.Rule, parsed.Errors);
    }

    private string? UnknownArea(RuleDefinition rule) =>
        rule.Conditions.Concat(rule.Overrides.Values.Select(own => own.Condition).OfType<RuleCondition>())
            .Select(condition => (condition.Own as GeofenceParameters)?.Area)
            .FirstOrDefault(area => area is not null && areas.ShapeOf(new(area)) is null);

    private RuleSummary Summarize(RuleDefinition rule)
    {
        var id = rule.Id.Value;
        var stored = _inForce[id];
        var shipped = RulePack.Shipped.GetValueOrDefault(id);
        var thresholds = ThresholdsOf(rule);
        return new()
        {
            Rule = rule.Id, Version = rule.Version, Document = RuleParsing.WithVersion(rule), At = stored.At, By = stored.By, ByName = stored.ByName, Why = stored.Why,
            Shipped = shipped is not null, Changed = shipped is not null && shipped.Canonical != rule.Canonical,
            Thresholds = thresholds.Marked ? thresholds.Thresholds.Length : 0, UnsignedCount = thresholds.UnsignedCount,
            Proposals = [.. _proposals.Values.Where(proposal => proposal.Rule == rule.Id && proposal.State == RuleProposalState.Open).Select(proposal => proposal.Id)],
            Shadow = ShadowOf(rule.Id)?.Id,
        };
    }

    // Somebody else wrote: what this activation holds is old, the next one reads anew.
    private Outcome<T> Overtaken<T>()
    {
        DeactivateOnIdle();
        return Outcome.Refused<T>(Refusal.StaleVersion, "规则库刚被另一处修改,请重新打开后再试。");
    }

    private static StoredDocument Document(RuleDefinition rule, By by, string? why, DateTimeOffset at) =>
        new(rule.Id.Value, rule.Version, RuleParsing.WithVersion(rule), at, by.Id) { ByName = by.Name, Why = RuleBookDeciding.Trimmed(why) };

    private static AuditRow Audit(Actor actor, string action, RuleDefinition rule, string? why, DateTimeOffset at) =>
        new(at, actor.ToBy(), action, rule.Id.Value, RuleBookDeciding.Told($"version {rule.Version}", why));

    [LoggerMessage(Level = LogLevel.Error, Message = "A street or the district did not take up the rules; it is told again")]
    private static partial void LogNotApplied(ILogger logger, Exception failure);
}
