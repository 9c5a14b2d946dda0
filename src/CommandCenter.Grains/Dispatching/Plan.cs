using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Dispatching;

/// <summary>How a plan is set going for a colour. Auto: by the system itself, shown on every desk.</summary>
internal enum Confirmation { OneClick, Auto }

/// <summary>A contingency plan (预案), parsed from its document. A version never changes; a change is a new version.</summary>
internal sealed record Plan
{
    public required PlanId Id { get; init; }
    public required int Version { get; init; }
    public required string Name { get; init; }
    public required ImmutableArray<string> Rules { get; init; }
    public required ImmutableArray<Colour> Colours { get; init; }
    public required ImmutableArray<ClassCode> Classes { get; init; }
    public required int DefaultResponseLevel { get; init; }
    public required ImmutableDictionary<Colour, int> ResponseLevels { get; init; }
    public required string Commander { get; init; }
    public required ImmutableDictionary<Colour, Confirmation> Confirm { get; init; }
    public required ImmutableArray<PlanTask> Tasks { get; init; }
    public required PlanEscalation Escalation { get; init; }
    public required ImmutableArray<PlanNotice> Notices { get; init; }
    public required int RadiusM { get; init; }
    public required string EndCondition { get; init; }

    public int LevelFor(Colour? colour) => colour is { } known && ResponseLevels.TryGetValue(known, out var level) ? level : DefaultResponseLevel;

    public Confirmation ConfirmFor(Colour? colour) => colour is { } known ? Confirm.GetValueOrDefault(known, Confirmation.OneClick) : Confirmation.OneClick;
}

/// <summary>One row of a plan. With <see cref="Colours"/> it belongs only to those.</summary>
internal sealed record PlanTask(string Key, string Role, string Action, int Group, bool Mandatory, TaskLimits Limits, ImmutableArray<Colour> Colours)
{
    /// <summary>A row without colours always applies. With them: at those colours, and where a person raised the response above the plan's default.</summary>
    public bool AppliesTo(Colour? colour, bool raised) => Colours.IsEmpty || raised || (colour is { } known && Colours.Contains(known));
}

/// <summary>Whom a passed limit goes to.</summary>
internal sealed record PlanEscalation(string AcceptTo, int ThenMinutes, string ThenTo, string ArriveTo, string HandleTo, bool RaiseLevel);

/// <summary>A text that goes out with the plan. Recipient <c>units</c>: every unit that gets a task.</summary>
internal sealed record PlanNotice(string Recipient, string Channel, string Template);
