using CommandCenter.Grains.Contracts;
using CommandCenter.Grains.Rules;

namespace CommandCenter.Grains.Warnings;

/// <summary>The life of an official warning as pure functions. It is raised, changed and taken back by its issuer, and ends by itself; the rule R57 says whether it counts here and what it asks for.</summary>
internal static class OfficialDeciding
{
    public static RuleId Rule { get; } = new("R57");

    /// <summary>The warning after the document; null: nothing changes.</summary>
    public static WarningView? Put(WarningView? known, OfficialWarning official, AreaId district, RuleDefinition? rule, DateTimeOffset now)
    {
        var standing = known is { State: WarningState.Raised } ? known : null;
        if (official.Cancelled)
        {
            return standing is null ? null : End(standing, official.SentAt < now ? official.SentAt : now, official.Identifier);
        }

        if (rule is not { Enabled: true })
        {
            return null;
        }

        if (standing is null)
        {
            return Begin(official, district, rule, now);
        }

        // The same document again, after a crash before its record was kept.
        return standing.Evidence.Any(evidence => evidence.Event == official.Identifier) ? null : Change(standing, official, rule, now);
    }

    public static WarningView End(WarningView warning, DateTimeOffset at, string? by) => (warning with
    {
        State = WarningState.Cleared,
        ClearedAt = at,
        Reason = warning.Reason + (by is null ? "；已到期" : $"；已由 {by} 解除"),
        Version = warning.Version + 1,
    }).Noted(WarningChangeKind.Cleared, at, text: by);

    private static WarningView Begin(OfficialWarning official, AreaId district, RuleDefinition rule, DateTimeOffset now) => new WarningView
    {
        Id = WarningDeciding.IdOf(rule.Id, official.Subject, official.OnsetAt.ToUnixTimeMilliseconds()),
        Rule = rule.Id,
        RuleVersion = rule.Version,
        Subject = official.Subject,
        SubjectName = official.Name,
        RuleName = rule.Name,
        Area = district,
        Areas = official.Streets,
        Longitude = official.Longitude,
        Latitude = official.Latitude,
        Colour = official.Colour,
        PeakColour = official.Colour,
        State = WarningState.Raised,
        OnsetAt = official.OnsetAt,
        RaisedAt = official.SentAt < now ? official.SentAt : now,
        Class = rule.Class,
        Plan = official.Plan ?? rule.Plan,
        Drill = official.Drill,
        IncidentPolicy = PolicyOf(rule, official.Colour),
        Reason = official.Text,
        Evidence = [new(new(official.Sender), official.SentAt, null, official.Identifier, null)],
        ExpiresAt = official.ExpiresAt,
        Rings = official.Rings,
        Transition = 1,
        Version = 1,
    }.Noted(WarningChangeKind.Raised, official.SentAt < now ? official.SentAt : now, text: official.Text);

    private static WarningView Change(WarningView standing, OfficialWarning official, RuleDefinition rule, DateTimeOffset now)
    {
        var fresh = Begin(official, standing.Area, rule, now);
        var rises = official.Colour > standing.Colour;
        var after = standing with
        {
            RuleVersion = rule.Version,
            Areas = fresh.Areas,
            Longitude = fresh.Longitude,
            Latitude = fresh.Latitude,
            Colour = fresh.Colour,
            PeakColour = fresh.Colour > standing.PeakColour ? fresh.Colour : standing.PeakColour,
            IncidentPolicy = fresh.IncidentPolicy,
            Reason = fresh.Reason,
            Evidence = standing.Evidence.Length > 0 && standing.Evidence[^1].Event == official.Identifier ? standing.Evidence
                : standing.Evidence.Length < WarningDeciding.EvidenceMax ? standing.Evidence.Add(fresh.Evidence[0]) : standing.Evidence.RemoveAt(1).Add(fresh.Evidence[0]),
            ExpiresAt = fresh.ExpiresAt,
            Rings = standing.Rings.Length == fresh.Rings.Length && standing.Rings.Zip(fresh.Rings).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second.AsSpan())) ? standing.Rings : fresh.Rings,
            // Graver than what was seen: it speaks up again.
            Acknowledged = rises ? null : standing.Acknowledged,
            Shelved = rises ? null : standing.Shelved,
            ShelveRequested = rises ? null : standing.ShelveRequested,
            Silenced = rises ? null : standing.Silenced,
            CallingSince = rises ? null : standing.CallingSince,
            Escalation = rises ? null : standing.Escalation,
            Transition = standing.Transition + 1,
            Version = standing.Version + 1,
        };
        return official.Colour == standing.Colour ? after
            : after.Noted(rises ? WarningChangeKind.Upgraded : WarningChangeKind.Lowered, official.SentAt < now ? official.SentAt : now, text: official.Text);
    }

    private static IncidentPolicy PolicyOf(RuleDefinition rule, Colour colour) => rule.Levels.FirstOrDefault(level => level.Colour == colour)?.Incident ?? IncidentPolicy.Never;
}
