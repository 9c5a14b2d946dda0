using System.Collections.Immutable;

namespace CommandCenter.Grains.Contracts;

/// <summary>Finds the grain that holds a warning: the street's, or the district's where the rule looks at several streets.</summary>
public static class WarningHolding
{
    /// <summary>Carries out the command where the warning is held.</summary>
    public static Task<Outcome<WarningView>> ExecuteOnAsync(this IGrainFactory grains, WarningView warning, WarningCommand command, Actor actor)
    {
        ArgumentNullException.ThrowIfNull(grains);
        ArgumentNullException.ThrowIfNull(warning);
        return warning.Area.IsDistrict
            ? grains.GetGrain<IDistrictGrain>(warning.Area.Value).ExecuteAsync(warning.Id, command, actor)
            : grains.GetGrain<IStreetGrain>(warning.Area.Value).ExecuteAsync(warning.Id, command, actor);
    }

    /// <summary>Carries out the command on many warnings of one holder: one answer for each id, in the order of the ids.</summary>
    public static async Task<ImmutableArray<Outcome<WarningView>>> ExecuteManyOnAsync(
        this IGrainFactory grains, AreaId holder, ImmutableArray<WarningId> ids, WarningCommand command, Actor actor)
    {
        ArgumentNullException.ThrowIfNull(grains);
        if (!holder.IsDistrict)
        {
            return await grains.GetGrain<IStreetGrain>(holder.Value).ExecuteManyAsync(ids, command, actor);
        }

        var answers = ImmutableArray.CreateBuilder<Outcome<WarningView>>(ids.Length);
        foreach (var id in ids)
        {
            answers.Add(await grains.GetGrain<IDistrictGrain>(holder.Value).ExecuteAsync(id, command, actor));
        }

        return answers.ToImmutable();
    }

    /// <summary>The warning as its holder has it now, with evidence that is not stored yet; null: out of the actor's scope.</summary>
    public static Task<WarningView?> LookUpAsync(this IGrainFactory grains, WarningView warning, Actor actor)
    {
        ArgumentNullException.ThrowIfNull(grains);
        ArgumentNullException.ThrowIfNull(warning);
        return warning.Area.IsDistrict
            ? grains.GetGrain<IDistrictGrain>(warning.Area.Value).GetWarningAsync(warning.Id, actor)
            : grains.GetGrain<IStreetGrain>(warning.Area.Value).GetWarningAsync(warning.Id, actor);
    }
}
