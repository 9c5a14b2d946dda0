using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>A rule over several devices that is true, becoming true or recovering for one subject.</summary>
internal sealed class AreaLife
{
    public required AreaRuleState Rule { get; set; }
    public required AreaSubject Subject { get; init; }
    public required RuleLife Life { get; init; }

    /// <summary>How long its clock has stood still while it could not be known.</summary>
    public long Frozen { get; set; }

    /// <summary>Since when it cannot be known; null: it is known.</summary>
    public long? UnknownSince { get; set; }

    /// <summary>The deadline under which it waits in the queue.</summary>
    public long QueuedDue { get; set; } = long.MaxValue;

    /// <summary>The value changed since it was last said.</summary>
    public bool ValueChanged { get; set; }
}

/// <summary>One rule over several devices in force.</summary>
internal sealed class AreaRuleState
{
    /// <summary>Subjects of one rule at a time; a further one is not begun, and counted.</summary>
    public const int LivesMax = 2_000;

    public required RuleDefinition Rule { get; init; }
    public required AreaPlan Plan { get; init; }
    public required ImmutableArray<AreaLeafState> Leaves { get; init; }
    public Dictionary<string, AreaLife> Lives { get; } = new(StringComparer.Ordinal);

    /// <summary>Silence or the time of day changes it, not only facts: it is looked at each second.</summary>
    public bool LookedAtEachSecond => Plan.AsksSilence || Rule.Schedule is not null || Rule.EffectiveFromMs is not null;

    /// <summary>The lives that a change of the leaf at the place may concern.</summary>
    public IEnumerable<AreaLife> Concerned(AreaLeaf leaf, AreaPlace place)
    {
        foreach (var life in Lives.Values)
        {
            if (Relates(leaf, life.Subject, place))
            {
                yield return life;
            }
        }
    }

    public static bool Relates(AreaLeaf leaf, AreaSubject subject, AreaPlace place) => leaf.Same switch
    {
        AreaRelation.Subject => place.Id == subject.Id,
        AreaRelation.Place => place.DistanceM(subject.Longitude, subject.Latitude) <= leaf.WithinMetres || place.Id == subject.Id,
        AreaRelation.Street => place.Street == subject.Street,
        AreaRelation.Overlay => place.Areas.Any(area => area.Value == subject.Id),
        AreaRelation.Tag => AreaPlan.TagOf(subject.Tags, leaf.Tag) is { } tag && AreaPlan.TagsOf(place, leaf.Tag).Contains(tag),
        _ => true,
    };
}
