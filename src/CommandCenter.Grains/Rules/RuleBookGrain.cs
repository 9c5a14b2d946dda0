using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Geography;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging;

namespace CommandCenter.Grains.Rules;

/// <summary>Keeps the rule documents and has every street judge by a new version before it answers.</summary>
internal sealed class RuleBookGrain(IRuleStore store, AreaMap areas, DomainClock clock, ILogger<RuleBookGrain> logger) : Grain, IRuleBookGrain
{
    private readonly SortedDictionary<string, RuleDefinition> _rules = new(StringComparer.Ordinal);

    // Stored versions that cannot be read: the next one put must come after them.
    private readonly Dictionary<string, int> _unreadable = new(StringComparer.Ordinal);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var stored = (await store.LoadNewestAsync(cancellationToken)).Select(document => document.Id).ToHashSet(StringComparer.Ordinal);
        var loaded = await RulePack.LoadNewestAsync(store, logger);
        foreach (var document in loaded.Unreadable)
        {
            _unreadable[document.Id] = document.Version;
        }

        foreach (var rule in loaded.Rules)
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
        var overwrites = _unreadable.TryGetValue(id.Value, out var unread);
        var parsed = RuleParsing.Parse(id, document, Math.Max(before?.Version ?? 0, unread) + 1);
        if (parsed.Rule is not { } rule)
        {
            return Outcome.Invalid<string>(parsed.Errors);
        }

        if (UnknownArea(rule) is { } unknown)
        {
            return Outcome.Invalid<string>("parameters.area", $"{unknown} is no area of the map with a border");
        }

        if (!overwrites && before is not null && before.Canonical == rule.Canonical)
        {
            return Outcome.Of(RuleParsing.WithVersion(before), repeated: true);
        }

        await SaveAsync(rule, actor, "rule_put");
        _rules[id.Value] = rule;
        _unreadable.Remove(id.Value);
        await Task.WhenAll(
            areas.Streets.Select(street => GrainFactory.GetGrain<IStreetGrain>(street.Id.Value).ApplyRulesAsync())
                .Append(GrainFactory.GetGrain<IDistrictGrain>(areas.District.Id.Value).ApplyRulesAsync()));
        return Outcome.Of(RuleParsing.WithVersion(rule));
    }

    public Task<string?> GetAsync(RuleId id) =>
        Task.FromResult(id.Value is not null && _rules.TryGetValue(id.Value, out var rule) ? RuleParsing.WithVersion(rule) : null);

    public Task<ImmutableArray<string>> ListAsync() => Task.FromResult<ImmutableArray<string>>([.. _rules.Values.Select(RuleParsing.WithVersion)]);

    private string? UnknownArea(RuleDefinition rule) =>
        rule.Conditions.Concat(rule.Overrides.Values.Select(own => own.Condition).OfType<RuleCondition>())
            .Select(condition => (condition.Own as GeofenceParameters)?.Area)
            .FirstOrDefault(area => area is not null && areas.ShapeOf(new(area)) is null);

    private Task SaveAsync(RuleDefinition rule, Actor actor, string action)
    {
        var now = clock.Now;
        return store.SaveAsync(
            new(rule.Id.Value, rule.Version, RuleParsing.WithVersion(rule), now, actor.Id),
            new(now, actor.ToBy(), action, rule.Id.Value, $"version {rule.Version}"));
    }
}
