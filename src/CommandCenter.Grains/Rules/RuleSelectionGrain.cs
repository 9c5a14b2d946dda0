using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace CommandCenter.Grains.Rules;

/// <summary>Answers what rules select, beside the rule book, so that a look at 50,000 devices keeps no change waiting.</summary>
[StatelessWorker]
internal sealed class RuleSelectionGrain(IRuleStore rules, IRegistryStore registry, ILogger<RuleSelectionGrain> logger) : Grain, IRuleSelectionGrain
{
    public async Task<Outcome<RuleSelection>> PreviewAsync(RuleId rule, string document, Actor actor)
    {
        var parsed = RuleParsing.Parse(rule, document, 1);
        return parsed.Rule is { } read
            ? Outcome.Of(RuleSelecting.Of(read, await InScopeAsync(actor)))
            : Outcome.Invalid<RuleSelection>(parsed.Errors);
    }

    public async Task<ImmutableArray<SelectionCount>> CountAsync(Actor actor)
    {
        var devices = await InScopeAsync(actor);
        return [.. (await RulePack.LoadNewestAsync(rules, logger)).Rules.Select(rule => new SelectionCount(rule.Id.Value, RuleSelecting.Count(rule, devices)))];
    }

    private async Task<ImmutableArray<DeviceRegistration>> InScopeAsync(Actor actor) =>
        (await registry.LoadAllAsync()).RemoveAll(device => !actor.MaySee(device.Street, device.Areas));
}
