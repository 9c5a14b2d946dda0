using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Warnings;

// Which devices of the street are being worked on.
internal sealed partial class StreetJudgement
{
    private bool _windowsChanged;
    private DateTimeOffset _maintainAt = DateTimeOffset.MaxValue;

    /// <summary>Puts the maintenance windows in force.</summary>
    public void PutWindows(ImmutableArray<MaintenanceWindow> windows, DateTimeOffset now)
    {
        Warnings.Windows = windows;
        _windowsChanged = true;
        Maintain(now);
    }

    // Which devices are in maintenance changes only when a window begins or ends, or the windows or devices change.
    private void Maintain(DateTimeOffset now)
    {
        var next = DateTimeOffset.MaxValue;
        if (!_windowsChanged && now < _maintainAt)
        {
            return;
        }

        _windowsChanged = false;
        var active = new List<MaintenanceWindow>();
        foreach (var window in Warnings.Windows)
        {
            if (window.Kind != MaintenanceKind.Maintenance || !window.Rules.IsEmpty || window.EndsAt <= now)
            {
                continue;
            }

            if (window.IsActiveAt(now))
            {
                active.Add(window);
            }

            var edge = window.From > now ? window.From : window.EndsAt;
            next = edge < next ? edge : next;
        }

        _maintainAt = next;
        for (var slot = 0; slot < State.SlotEnd; slot++)
        {
            ref var row = ref State.Row(slot);
            if (row.Registration is { } device)
            {
                var maintained = active.Count > 0 && active.Exists(window => window.Covers(device));
                if (row.InMaintenance != maintained)
                {
                    row.InMaintenance = maintained;
                    if (State.Refresh(slot, now.ToUnixTimeMilliseconds()))
                    {
                        ChangedSlots.Add(slot);
                    }
                }
            }
        }
    }
}
