using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Warnings;

/// <summary>What a warning says of its subject.</summary>
internal sealed record SubjectFacts(AreaId Area, ImmutableArray<AreaId> Areas, double? Longitude, double? Latitude, string Name, string? Unit, bool Drill)
{
    /// <summary>The devices that a verdict over several rests on; empty for one about a single device.</summary>
    public ImmutableArray<Evidence> Members { get; init; } = [];

    /// <summary>Null: the subject is an area.</summary>
    public DeviceRegistration? Device { get; init; }
}

/// <summary>The life of a warning as pure functions: pending → raised → cleared, with acknowledgement and shelving on the side.</summary>
internal static class WarningDeciding
{
    public const int EvidenceMax = 20;
    private const int FirstEvidence = 10;

    /// <summary>The identity follows from rule, subject and onset, so redelivery and restart find the same warning.</summary>
    public static WarningId IdOf(RuleId rule, string subject, long onset)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{rule.Value}\n{subject}\n{onset}");
        return new("w-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 10)));
    }

    /// <summary>The warning after the verdict. The same object: nothing changed. Null: a pending that came to nothing, or none there.</summary>
    public static WarningView? Decide(WarningView? current, in Verdict verdict, SubjectFacts subject)
    {
        if (current is null)
        {
            return verdict.Kind is VerdictKind.Pending or VerdictKind.Raised ? Begin(in verdict, subject) : null;
        }

        var id = IdOf(verdict.Rule.Id, verdict.Subject, verdict.Onset);
        var onset = DateTimeOffset.FromUnixTimeMilliseconds(verdict.Onset);
        if (current.Id == id && verdict.Kind != VerdictKind.Seen && verdict.Transition <= current.Transition)
        {
            return current;
        }

        // A life that began before this warning's is one that ended earlier and is only replayed.
        if (current.Id != id && onset < current.OnsetAt)
        {
            return current;
        }

        return verdict.Kind switch
        {
            VerdictKind.Pending => current,
            VerdictKind.Seen => current.Id == id || current.State == WarningState.Raised ? WithEvidence(current, in verdict) : current,
            VerdictKind.Raised => Rise(current, in verdict, current.Id == id),
            VerdictKind.Lowered => Fall(current, in verdict, current.Id == id),
            VerdictKind.Dropped => current.State == WarningState.Pending ? null : current,
            VerdictKind.Cleared => Clear(current, in verdict, current.Id == id),
            _ => throw new InvalidOperationException($"Unknown verdict {verdict.Kind}."),
        };
    }

    /// <summary>What follows from time alone: expired acknowledgement and shelving.</summary>
    public static WarningView Expire(WarningView warning, DateTimeOffset now)
    {
        var after = warning;
        if (after.Acknowledged is { Until: { } until } && until <= now)
        {
            after = (after with { Acknowledged = null }).Noted(WarningChangeKind.AcknowledgementExpired, until);
        }

        if (after.Shelved is { } shelved && shelved.Until <= now)
        {
            after = (after with { Shelved = null }).Noted(WarningChangeKind.ShelvingExpired, shelved.Until);
        }

        if (after.ShelveRequested is { } wanted && wanted.Until <= now)
        {
            after = after with { ShelveRequested = null };
        }

        return ReferenceEquals(after, warning) ? warning : after with { Version = after.Version + 1 };
    }

    /// <summary>What an operator's command makes of the warning. Of two officers at once the first one's word stands, and the second one is told of it.</summary>
    public static Outcome<WarningView> Execute(WarningView warning, WarningCommand command, Actor actor, DateTimeOffset now, WarningsOptions options)
    {
        if (!actor.MaySee(warning.Area, warning.Areas))
        {
            return Outcome.Refused<WarningView>(Refusal.NotFound);
        }

        if (!actor.Has(Role.Duty) && !actor.Has(Role.Dispatcher) && !actor.Has(Role.Leader))
        {
            return Outcome.Refused<WarningView>(Refusal.NotAllowed);
        }

        if (warning.State != WarningState.Raised)
        {
            return Outcome.Refused<WarningView>(Refusal.NotInThisPhase, warning.State == WarningState.Pending ? "预警尚未发布" : "预警已解除");
        }

        return command switch
        {
            AcknowledgeWarning acknowledge => Acknowledge(warning, acknowledge, actor, now, options),
            ShelveWarning shelve => Shelve(warning, shelve, actor, now, options),
            UnshelveWarning => warning.Shelved is null && warning.ShelveRequested is null
                ? Outcome.Of(warning, repeated: true)
                : Outcome.Of((warning with { Shelved = null, ShelveRequested = null, Version = warning.Version + 1 }).Noted(WarningChangeKind.Unshelved, now, actor.ToBy())),
            _ => throw new InvalidOperationException($"Unknown command {command.GetType().Name}."),
        };
    }

    private static Outcome<WarningView> Acknowledge(WarningView warning, AcknowledgeWarning command, Actor actor, DateTimeOffset now, WarningsOptions options)
    {
        if (warning.Acknowledged is not null && warning.RecoveredAt is null)
        {
            return Outcome.Of(warning, repeated: true);
        }

        var seen = (warning with
        {
            Acknowledged = new(actor.Id, now, command.Comment, now.AddMinutes(options.AcknowledgeMinutes)), Version = warning.Version + 1,
        }).Noted(WarningChangeKind.Acknowledged, now, actor.ToBy(), command.Comment);
        return Outcome.Of(warning.RecoveredAt is null ? seen : (seen with { State = WarningState.Cleared, ClearedAt = now }).Noted(WarningChangeKind.Cleared, now, actor.ToBy()));
    }

    private static Outcome<WarningView> Shelve(WarningView warning, ShelveWarning command, Actor actor, DateTimeOffset now, WarningsOptions options)
    {
        if (string.IsNullOrWhiteSpace(command.Reason))
        {
            return Outcome.Invalid<WarningView>("reason", "is needed");
        }

        if (command.Until <= now || command.Until > now.AddDays(options.ShelveDaysMax))
        {
            return Outcome.Invalid<WarningView>("until", $"must be in the future and at most {options.ShelveDaysMax} days ahead");
        }

        if (warning.Shelved is { } shelved && shelved.By != actor.Id)
        {
            return Outcome.Refused<WarningView>(Refusal.NotInThisPhase, $"已由 {shelved.By} 搁置");
        }

        var wanted = new Shelving(actor.Id, now, command.Until, command.Reason);
        var needsSecond = warning.Colour == Colour.Red && options.IsLifeSafety(warning.Class) && !actor.Has(Role.Leader);
        if (needsSecond && (warning.ShelveRequested is not { } request || request.By == actor.Id))
        {
            return Outcome.Of((warning with { ShelveRequested = wanted, Version = warning.Version + 1 })
                .Noted(WarningChangeKind.ShelveRequested, now, actor.ToBy(), command.Reason));
        }

        // The second person agrees to what the first one asked for: the shorter time and the first reason count.
        var agreed = warning.ShelveRequested is { } first && first.By != actor.Id
            ? first with { Until = first.Until < command.Until ? first.Until : command.Until, ApprovedBy = actor.Id }
            : wanted with { ApprovedBy = actor.Id };
        return Outcome.Of((warning with { Shelved = agreed, ShelveRequested = null, Version = warning.Version + 1 })
            .Noted(WarningChangeKind.Shelved, now, actor.ToBy(), agreed.Reason));
    }

    /// <summary>What becomes of a warning whose rule no longer judges its subject: a pending comes to nothing (null), a raised one is over and, where the rule asks for a person, waits for one.</summary>
    public static WarningView? Withdraw(WarningView warning, bool manualClear, DateTimeOffset now)
    {
        if (warning.State == WarningState.Pending)
        {
            return null;
        }

        var over = (warning with { Reason = warning.Reason + WarningReasons.Withdrawn, Version = warning.Version + 1 }).Noted(WarningChangeKind.Withdrawn, now);
        return manualClear ? over with { RecoveredAt = now } : over with { State = WarningState.Cleared, ClearedAt = now };
    }

    /// <summary>True for a warning that has no incident and stands, or once stood, at a colour at which the rule opens one.</summary>
    public static bool WantsIncident(WarningView warning, RuleDefinition? rule) =>
        warning is { State: not WarningState.Pending, Incident: null, InhibitedBy: null, Silenced: not { Why: SilenceWhy.Maintenance or SilenceWhy.Recorded } }
        && (warning.IncidentPolicy == IncidentPolicy.Open || (rule is not null && Policy(rule, warning.PeakColour) == IncidentPolicy.Open));

    private static WarningView Begin(in Verdict verdict, SubjectFacts subject)
    {
        var rule = verdict.Rule;
        var raised = verdict.Kind == VerdictKind.Raised;
        var view = new WarningView
        {
            Id = IdOf(rule.Id, verdict.Subject, verdict.Onset),
            Rule = rule.Id,
            RuleVersion = rule.Version,
            Subject = verdict.Subject,
            Area = subject.Area,
            Areas = subject.Areas,
            Longitude = subject.Longitude,
            Latitude = subject.Latitude,
            Quantity = rule.Quantity,
            Value = verdict.Value,
            Unit = subject.Unit,
            Colour = verdict.Colour,
            PeakColour = verdict.Colour,
            State = raised ? WarningState.Raised : WarningState.Pending,
            OnsetAt = DateTimeOffset.FromUnixTimeMilliseconds(verdict.Onset),
            RaisedAt = raised ? DateTimeOffset.FromUnixTimeMilliseconds(verdict.At) : null,
            Class = rule.Class,
            Plan = rule.Plan,
            Drill = subject.Drill,
            Reason = string.Empty,
            SubjectName = subject.Name,
            RuleName = rule.Name,
            IncidentPolicy = raised ? Policy(rule, verdict.Colour) : IncidentPolicy.Never,
            Transition = verdict.Transition,
            Version = 1,
        };
        view = view with { Evidence = Add(view.Evidence, in verdict) };
        view = view with { Reason = WarningReasons.Of(view, rule), Condition = WarningReasons.ConditionOf(view, rule) };
        return raised ? view.Noted(WarningChangeKind.Raised, view.RaisedAt!.Value, text: view.Reason) : view;
    }

    private static WarningView Rise(WarningView current, in Verdict verdict, bool sameLife)
    {
        // After a manual-clear warning returned under a new life, a lesser colour than the standing one changes nothing but the recovery.
        var colour = !sameLife && current.State == WarningState.Raised && verdict.Colour < current.Colour ? current.Colour : verdict.Colour;
        var rises = current.State == WarningState.Pending || colour > current.Colour;
        // One that was over and waited for a person has happened anew: whoever acknowledged it has not seen this.
        var speaks = rises || (!sameLife && current.RecoveredAt is not null);
        var after = Changed(current, in verdict, sameLife) with
        {
            State = WarningState.Raised,
            Colour = colour,
            PeakColour = current.State == WarningState.Pending || colour > current.PeakColour ? colour : current.PeakColour,
            RaisedAt = current.RaisedAt ?? DateTimeOffset.FromUnixTimeMilliseconds(verdict.At),
            RecoveredAt = null,
            IncidentPolicy = Policy(verdict.Rule, colour),
            // Graver than what was seen or put aside: it speaks up again.
            Acknowledged = speaks ? null : current.Acknowledged,
            Shelved = rises ? null : current.Shelved,
            ShelveRequested = rises ? null : current.ShelveRequested,
            Silenced = speaks ? null : current.Silenced,
            CallingSince = speaks ? null : current.CallingSince,
            Escalation = speaks ? null : current.Escalation,
            Reason = WarningReasons.Of(current with { Colour = colour, State = WarningState.Raised, Value = verdict.Value ?? current.Value }, verdict.Rule),
        };
        after = after with { Condition = WarningReasons.ConditionOf(after, verdict.Rule) };
        return speaks
            ? after.Noted(current.State == WarningState.Pending ? WarningChangeKind.Raised : rises ? WarningChangeKind.Upgraded : WarningChangeKind.Raised, DateTimeOffset.FromUnixTimeMilliseconds(verdict.At), text: after.Reason)
            : after;
    }

    private static WarningView Fall(WarningView current, in Verdict verdict, bool sameLife)
    {
        if (current.State != WarningState.Raised || verdict.Colour >= current.Colour)
        {
            return current;
        }

        var after = Changed(current, in verdict, sameLife) with
        {
            Colour = verdict.Colour,
            IncidentPolicy = Policy(verdict.Rule, verdict.Colour),
            Reason = WarningReasons.Of(current with { Colour = verdict.Colour, Value = verdict.Value ?? current.Value }, verdict.Rule),
        };
        return (after with { Condition = WarningReasons.ConditionOf(after, verdict.Rule) })
            .Noted(WarningChangeKind.Lowered, DateTimeOffset.FromUnixTimeMilliseconds(verdict.At), text: after.Reason);
    }

    private static WarningView? Clear(WarningView current, in Verdict verdict, bool sameLife)
    {
        if (current.State == WarningState.Pending)
        {
            return null;
        }

        var at = DateTimeOffset.FromUnixTimeMilliseconds(verdict.At);
        return verdict.Rule.ManualClear
            ? (Changed(current, in verdict, sameLife) with { RecoveredAt = at }).Noted(WarningChangeKind.Recovered, at)
            : (Changed(current, in verdict, sameLife) with { State = WarningState.Cleared, ClearedAt = at }).Noted(WarningChangeKind.Cleared, at);
    }

    private static WarningView Changed(WarningView current, in Verdict verdict, bool sameLife) => current with
    {
        RuleVersion = verdict.Rule.Version,
        Value = verdict.Value ?? current.Value,
        Transition = sameLife ? verdict.Transition : current.Transition,
        Version = current.Version + 1,
    };

    private static WarningView WithEvidence(WarningView current, in Verdict verdict)
    {
        var evidence = Add(current.Evidence, in verdict);
        if (verdict.Event is null)
        {
            return current with { Value = verdict.Value ?? current.Value, Evidence = evidence };
        }

        // The same event again is no change, and so no write.
        return evidence == current.Evidence ? current : current with { Value = verdict.Value ?? current.Value, Evidence = evidence, Version = current.Version + 1 };
    }

    private static ImmutableArray<Evidence> Add(ImmutableArray<Evidence> evidence, in Verdict verdict)
    {
        if (verdict.Value is null && verdict.Event is null)
        {
            return evidence;
        }

        var at = DateTimeOffset.FromUnixTimeMilliseconds(verdict.At);
        if (verdict.Event is { } id && evidence.FirstOrDefault(known => known.Event == id) is { } before)
        {
            // Start, update and end of one occurrence are one piece of evidence, with the newest picture.
            var newest = before with { Value = verdict.Value ?? before.Value, Snapshot = verdict.Snapshot ?? before.Snapshot };
            return newest == before ? evidence : evidence.Replace(before, newest);
        }

        if (evidence.Length > 0 && (evidence[^1].At > at || (evidence[^1].At == at && verdict.Event is null)))
        {
            return evidence;
        }

        var item = new Evidence(new(verdict.Subject), at, verdict.Value, verdict.Event, verdict.Snapshot);
        // The first ones show how it began, the newest how it stands; what lies between gives way.
        return evidence.Length < EvidenceMax ? evidence.Add(item) : evidence.RemoveAt(FirstEvidence).Add(item);
    }

    private static IncidentPolicy Policy(RuleDefinition rule, Colour colour) =>
        rule.Levels.FirstOrDefault(level => level.Colour == colour)?.Incident ?? IncidentPolicy.Never;
}
