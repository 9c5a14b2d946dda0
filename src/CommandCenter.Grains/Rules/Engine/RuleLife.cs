using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>Where one colour of a live rule stands. Deadlines count in the running time of the subject's clock, which stands still in silence.</summary>
internal struct LevelState
{
    /// <summary>The condition holds since <see cref="Onset"/>; cleared when it breaks. Meaningless once raised.</summary>
    public bool Holding;
    public bool Raised;
    public bool Recovering;
    public long Onset;
    public long RaiseDue;
    public int Samples;

    /// <summary>Event time of the reading that made the samples enough; <see cref="long.MaxValue"/> before.</summary>
    public long EnoughAt;
    public long RecoverDue;
}

/// <summary>A rule that is true, becoming true or recovering for one subject. Exists only meanwhile, so a quiet city holds none.</summary>
internal sealed class RuleLife
{
    public const int OpenEventsMax = 8;

    public required RuleDefinition Rule { get; set; }
    public required string Subject { get; init; }
    public required int Slot { get; init; }
    public required long Onset { get; init; }

    /// <summary>Parallel to the rule's levels.</summary>
    public required LevelState[] Levels { get; set; }
    public Colour Current { get; set; }
    public int Transition { get; set; }

    /// <summary>Event time of the newest reading or event judged: what is older changes nothing.</summary>
    public long JudgedAt { get; set; }
    public double? Value { get; set; }
    public string? LastEvent { get; set; }
    public string? LastSnapshot { get; set; }

    /// <summary>Event rules: when the newest event was received, for the clock that runs on by itself.</summary>
    public long ReceivedAt { get; set; }

    /// <summary>Event rules: when the last event that counts was observed; quiet is measured from here.</summary>
    public long QualifiedAt { get; set; }

    /// <summary>Event rules: occurrences that began and did not end, at most <see cref="OpenEventsMax"/>; beyond, only quiet ends them.</summary>
    public List<string> OpenEvents { get; } = [];
    public bool Over { get; set; }

    /// <summary>Earliest deadline, in the running time of the subject's clock; <see cref="long.MaxValue"/>: none.</summary>
    public long NextDue { get; set; } = long.MaxValue;

    public bool Ended
    {
        get
        {
            foreach (ref readonly var level in Levels.AsSpan())
            {
                if (level.Raised || level.Holding)
                {
                    return false;
                }
            }

            return true;
        }
    }
}
