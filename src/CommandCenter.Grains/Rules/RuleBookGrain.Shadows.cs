using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Storing;

namespace CommandCenter.Grains.Rules;

// New versions that run beside those in force.
internal sealed partial class RuleBookGrain
{
    private readonly SortedDictionary<string, RuleShadow> _shadows = new(StringComparer.Ordinal);

    public Task<Outcome<RuleShadow>> StartShadowAsync(StartShadow command, Actor actor) => Task.FromResult(Outcome.Refused<RuleShadow>(Refusal.Unavailable));

    public Task<ImmutableArray<RuleShadow>> ListShadowsAsync() => Task.FromResult<ImmutableArray<RuleShadow>>([.. _shadows.Values]);

    public Task<ShadowComparison?> CompareShadowAsync(string id, Actor actor) => Task.FromResult<ShadowComparison?>(null);

    public Task<Outcome<RuleChanged>> PromoteShadowAsync(string id, string why, int? expectedVersion, Actor actor) => Task.FromResult(Outcome.Refused<RuleChanged>(Refusal.NotFound));

    public Task<Outcome<RuleShadow>> DropShadowAsync(string id, string why, Actor actor) => Task.FromResult(Outcome.Refused<RuleShadow>(Refusal.NotFound));

    private async Task LoadShadowsAsync(CancellationToken cancellation)
    {
        foreach (var document in await book.LoadNewestAsync(RuleShelf.Shadows, cancellation))
        {
            _shadows[document.Id] = Documents.Read<RuleShadow>(document.Json);
        }
    }

    private RuleShadow? ShadowOf(RuleId rule) => _shadows.Values.FirstOrDefault(shadow => shadow.Rule == rule);
}
