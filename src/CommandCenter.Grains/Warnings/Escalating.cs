using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Warnings;

/// <summary>A step that a warning has climbed because nobody acknowledged it.</summary>
internal sealed record Escalated(WarningView Warning, EscalationStep Step, DateTimeOffset DueAt);

/// <summary>A warning of our own that calls and that nobody acknowledges climbs: seat → 值班长 → 带班领导. Pure. Each step is due at a time that follows from since
/// when it calls, and is kept on the warning itself: carried out once, over any restart.</summary>
internal static class Escalating
{
    /// <summary>The next step that is due; null: none. Only one at a time, so that each leaves its own mark and line.</summary>
    public static Escalated? Next(WarningView warning, DateTimeOffset now, WarningsOptions options)
    {
        if (!warning.IsCalling || warning.CallingSince is not { } since || !options.Escalates(warning.Rule))
        {
            return null;
        }

        var reached = warning.Escalation?.Step ?? EscalationStep.Seat;
        if (reached == EscalationStep.DutyLeader)
        {
            return null;
        }

        var step = reached + 1;
        var due = since.AddMinutes(MinutesTo(step, warning.Colour, options));
        if (due > now)
        {
            return null;
        }

        var after = warning with { Escalation = new(step, due, now), Version = warning.Version + 1 };
        return new(after.Noted(WarningChangeKind.Escalated, now, text: Word(step)), step, due);
    }

    public static string Word(EscalationStep step) => step switch
    {
        EscalationStep.ShiftLeader => "值班长",
        EscalationStep.DutyLeader => "带班领导",
        _ => "值班员",
    };

    private static int MinutesTo(EscalationStep step, Colour colour, WarningsOptions options) => (colour, step) switch
    {
        (Colour.Red, EscalationStep.ShiftLeader) => options.RedToShiftLeaderMinutes,
        (Colour.Red, _) => options.RedToDutyLeaderMinutes,
        (_, EscalationStep.ShiftLeader) => options.OrangeToShiftLeaderMinutes,
        _ => options.OrangeToDutyLeaderMinutes,
    };
}
