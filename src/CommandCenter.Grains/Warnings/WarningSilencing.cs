using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Warnings;

/// <summary>What makes a warning that is raised stand without sound, and what gives it its voice back. Pure.</summary>
internal static class WarningSilencing
{
    /// <summary>What silences a warning that reached a colour at the time; null: nothing, it rings.</summary>
    /// <param name="previous">The warning of the same rule and subject that was cleared last; null: none within memory.</param>
    public static Silence? AtRaise(
        WarningView warning, DeviceRegistration? device, WarningView? previous, ImmutableArray<MaintenanceWindow> windows, DateTimeOffset at, WarningsOptions options)
    {
        var graveForLife = warning.Colour == Colour.Red && options.IsLifeSafety(warning.Class);
        MaintenanceWindow? recorded = null;
        foreach (var window in windows)
        {
            if (!window.IsActiveAt(at) || !(device is null ? window.Covers(warning.Area, warning.Rule) : window.Covers(device, warning.Rule)))
            {
                continue;
            }

            if (window.Kind == MaintenanceKind.Maintenance)
            {
                return new(SilenceWhy.Maintenance, window.Id, window.EndsAt, window.Reason);
            }

            recorded = recorded is null || window.EndsAt > recorded.EndsAt ? window : recorded;
        }

        // A red that people may die of is silenced by work on its device alone, never by a decision to only record.
        if (recorded is not null && !graveForLife)
        {
            return new(SilenceWhy.Recorded, recorded.Id, recorded.EndsAt, recorded.Reason);
        }

        return CoolDown(warning, previous, at, options);
    }

    /// <summary>The shelving that a returning warning takes over from the one before: who shelves a thing that flaps means the thing, not one of its returns.
    /// Null: none is in force, or it returns graver.</summary>
    public static Shelving? ShelvedOn(WarningView warning, WarningView? previous, DateTimeOffset at) =>
        previous?.Shelved is { } shelved && shelved.Until > at && warning.Colour <= previous.PeakColour ? shelved : null;

    /// <summary>The silence at the time; null: it is over, and what still stands speaks up.</summary>
    public static Silence? At(Silence silence, ImmutableArray<MaintenanceWindow> windows, DateTimeOffset now)
    {
        if (silence.Why == SilenceWhy.CoolDown)
        {
            return silence.Until <= now ? null : silence;
        }

        var window = windows.FirstOrDefault(known => known.Id == silence.Reference);
        if (window is null || !window.IsActiveAt(now))
        {
            return null;
        }

        return window.EndsAt == silence.Until ? silence : silence with { Until = window.EndsAt };
    }

    // What has been heard need not be heard again at once. Measured from the first clearing: silent returns do not prolong the silence, so a thing that
    // keeps coming back is heard every ten minutes. A red that nobody has acknowledged always rings.
    private static Silence? CoolDown(WarningView warning, WarningView? previous, DateTimeOffset at, WarningsOptions options)
    {
        if (options.CoolDownMinutes == 0 || warning.Colour < Colour.Orange || previous is not { ClearedAt: { } cleared } || warning.Colour > previous.PeakColour)
        {
            return null;
        }

        if (warning.Colour == Colour.Red && !WasAcknowledged(previous))
        {
            return null;
        }

        var until = previous.Silenced is { Why: SilenceWhy.CoolDown } chained ? chained.Until : cleared.AddMinutes(options.CoolDownMinutes);
        return previous.Silenced is { Why: not SilenceWhy.CoolDown } || until <= at
            ? null
            : new(SilenceWhy.CoolDown, previous.Id.Value, until, null);
    }

    private static bool WasAcknowledged(WarningView warning) =>
        warning.Acknowledged is not null || (!warning.Changes.IsDefault && warning.Changes.Any(change => change.Kind == WarningChangeKind.Acknowledged));
}
