using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>A device recognises something of the named types with enough confidence, and it lasts. Between its events the clock runs on:
/// a camera speaks only when something changes, so its silence is not the silence of a gauge.</summary>
internal static class EventRule
{
    public static RuleKindEntry Entry { get; } = new("event", RuleKind.Event, new("事件", "Event"), true)
    {
        Feed = RuleFeed.Events,
        MinSamples = 1,
        ValueNeeded = false,
        Parameters = [new("types", ParameterType.Texts, Needed: true), RuleParameter.Seconds("endsAfterQuietSeconds", min: 1)],
        Apply = (rule, values) => rule with { EventTypes = values.Texts("types"), QuietMs = values.MillisecondsOrNull("endsAfterQuietSeconds") },
    };

    /// <summary>Whether the event reaches the level at the time.</summary>
    public static bool Reaches(RuleDefinition rule, RuleLevel level, DeviceRegistration device, DeviceEvent happened, long at) =>
        (happened.Confidence ?? 1) >= level.MinConfidence && rule.Judges(at) && level.Schedule?.Covers(at) != false && level.Tags.All(tag => device.Tags.Contains(tag));

    /// <summary>Judges an event for a live rule; the caller has carried out earlier deadlines.</summary>
    public static void Judge(RuleLife life, DeviceRegistration device, DeviceEvent happened, long at)
    {
        life.JudgedAt = at;
        life.ReceivedAt = happened.ReceivedAt.ToUnixTimeMilliseconds();
        if (happened.State == EventState.End)
        {
            if (life.OpenEvents.RemoveAll(open => OccurrenceIds.Ends(open, happened.EventId)) > 0 && life.OpenEvents.Count == 0)
            {
                End(life, at);
            }

            return;
        }

        var counted = false;
        for (var i = 0; i < life.Levels.Length; i++)
        {
            if (Reaches(life.Rule, life.Rule.Levels[i], device, happened, at))
            {
                HoldClock.Hold(ref life.Levels[i], life.Rule.Levels[i], life.Rule.MinSamples, at, 0);
                counted = true;
            }
        }

        if (counted)
        {
            life.Over = false;
            life.QualifiedAt = at;
            life.Value = happened.Confidence;
            life.LastEvent = happened.EventId;
            life.LastSnapshot = happened.Snapshot;
            if (!life.OpenEvents.Contains(happened.EventId) && life.OpenEvents.Count < RuleLife.OpenEventsMax)
            {
                life.OpenEvents.Add(happened.EventId);
            }
        }
    }

    /// <summary>When quiet ends the condition; <see cref="long.MaxValue"/>: never.</summary>
    public static long QuietDue(RuleLife life) =>
        life.Over || life.Rule.QuietMs is not { } quiet ? long.MaxValue : life.QualifiedAt + quiet;

    /// <summary>The condition is over at the time.</summary>
    public static void End(RuleLife life, long at)
    {
        life.Over = true;
        life.OpenEvents.Clear();
        foreach (ref var level in life.Levels.AsSpan())
        {
            HoldClock.Release(ref level, life.Rule, recovered: true, at, 0);
        }
    }

    /// <summary>Carries out holds, quiet and recoveries up to the limit, in order of time.</summary>
    public static void Fire(RuleLife life, long limit, List<Verdict> verdicts)
    {
        while (!life.Ended)
        {
            var quiet = QuietDue(life);
            // A hold that falls due at the very moment of quiet has lasted.
            HoldClock.Fire(life, Math.Min(limit, quiet), 0, verdicts);
            if (life.Ended || quiet > limit)
            {
                break;
            }

            End(life, quiet);
            HoldClock.Settle(life, quiet, verdicts);
        }

        life.NextDue = life.Ended ? long.MaxValue : Math.Min(life.NextDue, QuietDue(life));
    }
}
