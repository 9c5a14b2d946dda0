using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Warnings;

/// <summary>Puts what a shadow raised next to what the version in force raised. Pure.</summary>
internal static class ShadowComparing
{
    /// <summary>Over within this time of being raised: flapping.</summary>
    public static readonly TimeSpan FlappingWithin = TimeSpan.FromMinutes(5);

    private static readonly WarningChangeKind[] ColourChanges = [WarningChangeKind.Raised, WarningChangeKind.Upgraded, WarningChangeKind.Lowered];

    public static ShadowWarning Tell(WarningView warning) => new()
    {
        Subject = warning.Subject, Area = warning.Area, Areas = warning.Areas, Colour = warning.Colour, PeakColour = warning.PeakColour, OnsetAt = warning.OnsetAt,
        RaisedAt = warning.RaisedAt ?? warning.OnsetAt, ClearedAt = warning.RecoveredAt ?? warning.ClearedAt, RuleVersion = warning.RuleVersion, Value = warning.Value,
        Changes = [.. warning.Changes.Where(change => ColourChanges.Contains(change.Kind)).Select(change => new TriedChange(change.At, change.Colour))],
    };

    /// <param name="old">Warnings of the rule in force over the span, in order of being raised.</param>
    /// <param name="oldTruncated">There were more of them.</param>
    /// <param name="parts">What each street wrote down; those that did not answer are missing.</param>
    public static ShadowComparison Compare(
        RuleShadow shadow, DateTimeOffset now, IReadOnlyList<ShadowWarning> old, bool oldTruncated, IReadOnlyList<ShadowPart> parts, ImmutableArray<AreaId> missing, Actor actor)
    {
        var to = Earliest(shadow.Until, now, shadow.Decision?.At);
        var made = parts.SelectMany(part => part.Warnings).Where(warning => actor.MaySee(warning.Area, warning.Areas))
            .OrderBy(warning => warning.RaisedAt).ThenBy(warning => warning.Subject, StringComparer.Ordinal).ToArray();
        var beyond = new int[4];
        foreach (var part in parts.Where(part => actor.MaySee(part.Street)))
        {
            for (var i = 0; i < beyond.Length; i++)
            {
                beyond[i] += part.Beyond[i];
            }
        }

        return new()
        {
            Shadow = shadow, From = shadow.From, To = to,
            OldCounts = Count(old, [0, 0, 0, 0]), NewCounts = Count(made, beyond),
            Old = [.. old], New = [.. made],
            OnlyOld = Without(old, made, to), OnlyNew = Without(made, old, to),
            Truncated = oldTruncated || beyond.Any(count => count > 0),
            Evaluated = parts.Sum(part => part.Evaluated),
            Missing = [.. missing.Concat(parts.Where(part => part.Since > shadow.From + Settling || part.Fault is not null).Select(part => part.Street)).Distinct()],
        };
    }

    /// <summary>Of a result that was kept, what the actor may see; the figures are then of what is listed.</summary>
    public static ShadowComparison Within(ShadowComparison result, Actor actor)
    {
        var (old, made) = (Seen(result.Old), Seen(result.New));
        return result with
        {
            Old = old, New = made, OnlyOld = Seen(result.OnlyOld), OnlyNew = Seen(result.OnlyNew), OldCounts = Count(old, [0, 0, 0, 0]), NewCounts = Count(made, [0, 0, 0, 0]),
        };

        ImmutableArray<ShadowWarning> Seen(ImmutableArray<ShadowWarning> all) => all.RemoveAll(warning => !actor.MaySee(warning.Area, warning.Areas));
    }

    // Streets begin one after the other; so much later is no loss.
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    private static ShadowCounts Count(IReadOnlyList<ShadowWarning> warnings, int[] beyond) => new(
        beyond[0] + warnings.Count(warning => warning.PeakColour == Colour.Blue), beyond[1] + warnings.Count(warning => warning.PeakColour == Colour.Yellow),
        beyond[2] + warnings.Count(warning => warning.PeakColour == Colour.Orange), beyond[3] + warnings.Count(warning => warning.PeakColour == Colour.Red),
        warnings.Count(warning => warning.ClearedAt is null), warnings.Count(warning => warning.ClearedAt is { } cleared && cleared - warning.RaisedAt <= FlappingWithin));

    private static ImmutableArray<ShadowWarning> Without(IReadOnlyList<ShadowWarning> those, IReadOnlyList<ShadowWarning> others, DateTimeOffset to)
    {
        var bySubject = others.ToLookup(other => other.Subject, StringComparer.Ordinal);
        return [.. those.Where(warning => !bySubject[warning.Subject].Any(other => Overlap(warning, other, to)))];
    }

    // From onset on: with another hold the same occurrence is raised earlier or later.
    private static bool Overlap(ShadowWarning one, ShadowWarning other, DateTimeOffset to) =>
        one.OnsetAt <= (other.ClearedAt ?? to) && other.OnsetAt <= (one.ClearedAt ?? to);

    private static DateTimeOffset Earliest(DateTimeOffset one, DateTimeOffset two, DateTimeOffset? three)
    {
        var first = one < two ? one : two;
        return three is { } last && last < first ? last : first;
    }
}
