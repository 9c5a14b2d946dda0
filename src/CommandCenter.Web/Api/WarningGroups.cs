using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Api;

/// <summary>One command on many warnings: each street carries out its own part in one transaction.</summary>
internal static class WarningGroups
{
    public const int IdsMax = 1_000;

    /// <summary>One answer for each id, in the order of the ids. What the actor may not see is not found.</summary>
    public static async Task<ImmutableArray<Outcome<WarningView>>> ExecuteAsync(IGrainFactory grains, IReadOnlyList<WarningId> ids, WarningCommand command, Actor actor)
    {
        var found = await grains.GetGrain<IRecordsGrain>(0).GetWarningsAsync([.. ids.Distinct()], actor);
        var answers = new Dictionary<WarningId, Outcome<WarningView>>();
        await Task.WhenAll(found.GroupBy(warning => warning.Area).Select(async street =>
        {
            ImmutableArray<WarningId> own = [.. street.Select(warning => warning.Id)];
            var outcomes = await grains.ExecuteManyOnAsync(street.Key, own, command, actor);
            lock (answers)
            {
                for (var i = 0; i < own.Length; i++)
                {
                    answers[own[i]] = outcomes[i];
                }
            }
        }));
        return [.. ids.Select(id => answers.GetValueOrDefault(id) ?? Outcome.Refused<WarningView>(Refusal.NotFound))];
    }
}
