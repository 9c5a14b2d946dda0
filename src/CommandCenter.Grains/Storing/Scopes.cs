using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Storing;

/// <summary>Puts an actor's scope, and filters by area, on a query, in the words of <see cref="Actor.MaySee"/>.</summary>
internal static class Scopes
{
    /// <summary>The overlays as they stand in a row.</summary>
    public static string Overlays(ImmutableArray<AreaId> overlays) =>
        overlays.IsDefaultOrEmpty ? string.Empty : $"|{string.Join('|', overlays.Select(overlay => overlay.Value))}|";

    /// <summary>The overlays of a row.</summary>
    public static IEnumerable<AreaId> Overlays(string overlays) => overlays.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(overlay => new AreaId(overlay));

    public static string[] Names(ImmutableArray<AreaId> areas) => areas.IsDefault ? [] : [.. areas.Select(area => area.Value)];

    public static string[] Marks(string[] areas) => [.. areas.Select(area => $"|{area}|")];

    /// <summary>Rows that the actor may see.</summary>
    public static IQueryable<TRow> SeenBy<TRow>(this IQueryable<TRow> rows, Actor actor)
        where TRow : class, ILocatedRow =>
        actor.SeesWholeDistrict ? rows : rows.Lying(Names(actor.Areas));

    /// <summary>Rows in one of the areas or overlays; no areas: no filter.</summary>
    public static IQueryable<TRow> In<TRow>(this IQueryable<TRow> rows, ImmutableArray<AreaId> areas)
        where TRow : class, ILocatedRow =>
        areas.IsDefaultOrEmpty ? rows : rows.Lying(Names(areas));

    private static IQueryable<TRow> Lying<TRow>(this IQueryable<TRow> rows, string[] areas)
        where TRow : class, ILocatedRow
    {
        var marks = Marks(areas);
        return rows.Where(row => areas.Contains(row.Area) || (row.Overlays != string.Empty && marks.Any(mark => row.Overlays.Contains(mark))));
    }
}
