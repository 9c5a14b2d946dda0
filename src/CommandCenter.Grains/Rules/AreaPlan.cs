using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>Where a rule over several devices is judged: in the street's grain, or in the district's over what the streets report.</summary>
internal enum AreaScope { Street, District }

/// <summary>What a rule over several devices judges: one subject per street, overlay, district, value of a tag, or place (around the first device).</summary>
internal enum AreaPer { Street, Overlay, District, Tag, Place }

/// <summary>What a count counts.</summary>
internal enum AreaMeasure { Devices, Percent, Streets }

/// <summary>How a member of a leaf must be related to the subject.</summary>
internal enum AreaRelation { Street, Overlay, District, Tag, Place, Subject }

/// <summary>One thing that a rule over several devices looks at: devices whose rule stands at a colour, or that meet a condition of their own.</summary>
internal sealed record AreaLeaf
{
    public required int Index { get; init; }

    /// <summary>The rule whose colour counts: one of the book, or <see cref="Condition"/>.</summary>
    public required RuleId Source { get; init; }

    /// <summary>A condition written in place; judged like a rule, and raises nothing by itself.</summary>
    public RuleDefinition? Condition { get; init; }
    public Colour AtLeast { get; init; } = Colour.Blue;

    /// <summary>Restricts the devices beyond the source's own selector.</summary>
    public RuleSelect Select { get; init; } = new();

    /// <summary>A device counts for so long after its condition ended.</summary>
    public long WithinMs { get; init; }
    public double WithinMetres { get; init; }
    public AreaRelation Same { get; init; }

    /// <summary>With <see cref="AreaRelation.Tag"/>: which tag, such as <c>switch</c>.</summary>
    public string Tag { get; init; } = string.Empty;

    /// <summary>How many devices make it true.</summary>
    public int Count { get; init; } = 1;

    /// <summary>It stands under a <c>not</c>: that no device meets it must be known, and silence is no knowledge.</summary>
    public bool Negated { get; init; }
}

/// <summary>What must be true: an expression over the leaves. One family, one file.</summary>
internal abstract record AreaExpression;

internal sealed record AreaIs(int Leaf) : AreaExpression;

internal sealed record AreaNot(AreaExpression Of) : AreaExpression;

internal sealed record AreaAll(ImmutableArray<AreaExpression> Of) : AreaExpression;

internal sealed record AreaAny(ImmutableArray<AreaExpression> Of) : AreaExpression;

/// <summary>The parameters of a count or a composite as checked.</summary>
internal sealed record AreaPlan
{
    public const int LeavesMax = 16;

    public required AreaPer Per { get; init; }

    /// <summary>With <see cref="AreaPer.Tag"/>: which tag makes the subjects.</summary>
    public string Tag { get; init; } = string.Empty;
    public required AreaScope Scope { get; init; }
    public AreaMeasure Measure { get; init; }

    /// <summary>Below so many devices heard a percentage says nothing.</summary>
    public int MinPopulation { get; init; }

    /// <summary>With <see cref="AreaPer.Place"/>: a device this near to a standing subject begins no second one.</summary>
    public double WithinMetres { get; init; }

    /// <summary>The first one is the anchor: with <see cref="AreaPer.Place"/> its devices are the subjects.</summary>
    public required ImmutableArray<AreaLeaf> Leaves { get; init; }

    /// <summary>Composite: what makes each colour, parallel to the rule's levels; empty for a count.</summary>
    public ImmutableArray<AreaExpression> When { get; init; } = [];

    /// <summary>It holds a <c>not</c>, or a percentage: silence of devices changes it.</summary>
    public bool AsksSilence { get; init; }

    /// <summary>The groups of a tag that a device is in: those that its tags name, and the one named after itself, for the switch belongs to what hangs on it.</summary>
    public static IEnumerable<string> TagsOf(AreaPlace place, string name)
    {
        var own = $"{name}:{place.Id}";
        var tag = TagOf(place.Tags, name);
        return tag is null || tag == own ? [own] : [tag, own];
    }

    /// <summary>The value of a tag such as <c>switch:sw-1</c> among the tags; null: none.</summary>
    public static string? TagOf(ImmutableArray<string> tags, string name)
    {
        foreach (var tag in tags)
        {
            if (tag.Length > name.Length + 1 && tag[name.Length] == ':' && tag.StartsWith(name, StringComparison.Ordinal))
            {
                return tag;
            }
        }

        return null;
    }
}

/// <summary>Which warnings a rule explains while its own stands: they are held back unless they are graver.</summary>
internal sealed record Inhibits
{
    /// <summary>Rules that are held back; empty: any, as far as <see cref="Kinds"/> says.</summary>
    public ImmutableArray<string> Rules { get; init; } = [];

    /// <summary>Kinds of device whose warnings are held back; empty: any.</summary>
    public ImmutableArray<string> Kinds { get; init; } = [];

    /// <summary>The lowest colour of the cause that holds back.</summary>
    public Colour AtLeast { get; init; } = Colour.Blue;
    public required AreaRelation Same { get; init; }
    public string Tag { get; init; } = string.Empty;
    public double WithinMetres { get; init; }
}
