using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Rules;

/// <summary>Keeps the rule documents and has every street judge by a new version before it answers.</summary>
internal sealed class RuleBookGrain(IRuleStore store, AreaMap areas, DomainClock clock) : Grain, IRuleBookGrain
{
    private readonly SortedDictionary<string, RuleDefinition> _rules = new(StringComparer.Ordinal);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var stored = (await store.LoadNewestAsync(cancellationToken)).Select(document => document.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var rule in await RulePack.LoadNewestAsync(store))
        {
            _rules[rule.Id.Value] = rule;
            if (!stored.Contains(rule.Id.Value))
            {
                await SaveAsync(rule, Actor.System, "rule_shipped");
            }
        }
    }

    public async Task<Outcome<string>> PutAsync(RuleId id, string document, Actor actor)
    {
        if (!actor.Has(Role.System))
        {
            return Outcome.Refused<string>(Refusal.NotAllowed);
        }

        if (string.IsNullOrEmpty(id.Value) || id.Value.Length > 64 || !id.Value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            return Outcome.Invalid<string>("id", "letters, digits, - _ . only, 1 to 64");
        }

        _rules.TryGetValue(id.Value, out var before);
        var parsed = RuleParsing.Parse(id, document, (before?.Version ?? 0) + 1);
        if (parsed.Rule is not { } rule)
        {
            return Outcome.Invalid<string>(parsed.Errors);
        }

        if (before is not null && before.Canonical == rule.Canonical)
        {
            return Outcome.Of(RuleParsing.WithVersion(before), repeated: true);
        }

        await SaveAsync(rule, actor, "rule_put");
        _rules[id.Value] = rule;
        await Task.WhenAll(areas.Streets.Select(street => GrainFactory.GetGrain<IStreetGrain>(street.Id.Value).ApplyRulesAsync()));
        return Outcome.Of(RuleParsing.WithVersion(rule));
    }

    public Task<string?> GetAsync(RuleId id) =>
        Task.FromResult(id.Value is not null && _rules.TryGetValue(id.Value, out var rule) ? RuleParsing.WithVersion(rule) : null);

    public Task<ImmutableArray<string>> ListAsync() => Task.FromResult<ImmutableArray<string>>([.. _rules.Values.Select(RuleParsing.WithVersion)]);

    private Task SaveAsync(RuleDefinition rule, Actor actor, string action)
    {
        var now = clock.Now;
        return store.SaveAsync(
            new(rule.Id.Value, rule.Version, RuleParsing.WithVersion(rule), now, actor.Id),
            new(now, actor.ToBy(), action, rule.Id.Value, $"version {rule.Version}"));
    }
}
