using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Warnings;

/// <summary>The life of warnings (configuration section <c>Warnings</c>).</summary>
public sealed class WarningsOptions
{
    /// <summary>Minutes that an acknowledgement holds, 1 to 1440; default 240. Afterwards the warning counts as unacknowledged again.</summary>
    public int AcknowledgeMinutes { get; set; } = 240;

    /// <summary>Days that a warning can be shelved at most, 1 to 30; default 7. Longer is refused.</summary>
    public int ShelveDaysMax { get; set; } = 7;

    /// <summary>Days that a maintenance window can last at most, 1 to 90; default 30. Longer is refused.</summary>
    public int MaintenanceDaysMax { get; set; } = 30;

    /// <summary>Minutes after clearing within which the same rule and subject, no graver, returns without ringing, 0 to 60; default 10. 0: it always rings.</summary>
    public int CoolDownMinutes { get; set; } = 10;

    /// <summary>Classes whose red concerns lives: two persons shelve it, and no decision to only record silences it. Default: gas, fire, people trapped,
    /// the elderly, confined space. A configured list replaces it.</summary>
    public string[] LifeSafetyClasses { get; set; } = [];

    /// <summary>Minutes until a red that nobody acknowledges goes to the 值班长, 1 to 1440; default 3.</summary>
    public int RedToShiftLeaderMinutes { get; set; } = 3;

    /// <summary>Minutes until it goes to the 带班领导, 1 to 1440; default 8. From the same moment, so more than the step before.</summary>
    public int RedToDutyLeaderMinutes { get; set; } = 8;

    /// <summary>The same for orange; default 10.</summary>
    public int OrangeToShiftLeaderMinutes { get; set; } = 10;

    /// <summary>The same for orange; default 20.</summary>
    public int OrangeToDutyLeaderMinutes { get; set; } = 20;

    /// <summary>Rules whose warnings are not our own, and so do not climb. Default: R57, the official ones. A configured list replaces it.</summary>
    public string[] NotEscalatedRules { get; set; } = [];

    /// <summary>Escalations of one street and step told in notices of their own at once, 1 to 100; default 5. More go out as one notice that counts them.</summary>
    public int EscalationNoticesMax { get; set; } = 5;

    /// <summary>Escalations carried out in one second and street, 1 to 10000; default 500. Further ones follow in the next second, and their lateness is recorded.</summary>
    public int EscalationsPerTickMax { get; set; } = 500;

    /// <summary>Minutes over which a seat's rate is counted, 1 to 60; default 10 (ISA-18.2).</summary>
    public int FloodWindowMinutes { get; set; } = 10;

    /// <summary>A flood begins when more than so many were raised within the window, 1 to 1000; default 10.</summary>
    public int FloodAbove { get; set; } = 10;

    /// <summary>A flood ends when fewer than so many were raised within the window, 1 to <see cref="FloodAbove"/>; default 5.</summary>
    public int FloodBelow { get; set; } = 5;

    /// <summary>Seconds after which a red that nobody acknowledges rings again, outside a flood, 5 to 600; default 15.</summary>
    public int RingRepeatSeconds { get; set; } = 15;

    /// <summary>Two rings of a seat are never nearer than this, seconds, 1 to 60; default 4.</summary>
    public int RingPauseSeconds { get; set; } = 4;

    /// <summary>In a flood a new red rings at most once in so many seconds, 30 to 3600; default 120. Nothing else rings.</summary>
    public int FloodRingSeconds { get; set; } = 120;

    /// <summary>Ids in one acknowledgement of a group, 1 to 1000.</summary>
    public const int GroupMax = 1000;

    private static readonly string[] LifeSafetyDefault = ["SJ-21-01", "SJ-21-02", "SJ-21-03", "SJ-21-04", "SJ-21-09"];
    private static readonly string[] NotEscalatedDefault = ["R57"];

    internal bool IsLifeSafety(ClassCode? code) =>
        code is { Value: { } value } && (LifeSafetyClasses.Length == 0 ? LifeSafetyDefault : LifeSafetyClasses).Contains(value, StringComparer.Ordinal);

    internal bool Escalates(RuleId rule) => !(NotEscalatedRules.Length == 0 ? NotEscalatedDefault : NotEscalatedRules).Contains(rule.Value, StringComparer.Ordinal);
}
