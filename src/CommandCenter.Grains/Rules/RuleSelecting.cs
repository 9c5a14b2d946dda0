using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>Which of the devices a rule selects, as a person wants to see it before it is stored. A rule over several devices selects what any of its parts looks at.</summary>
internal static class RuleSelecting
{
    public static int Count(RuleDefinition rule, ImmutableArray<DeviceRegistration> devices)
    {
        var selects = Selects(rule);
        return devices.Count(device => selects.Exists(select => select.Matches(device)));
    }

    public static RuleSelection Of(RuleDefinition rule, ImmutableArray<DeviceRegistration> devices)
    {
        var selects = Selects(rule);
        var open = selects.ConvertAll(select => select with { NotTags = [] });
        var selected = devices.Where(device => selects.Exists(select => select.Matches(device))).OrderBy(device => device.Id.Value, StringComparer.Ordinal).ToArray();
        var excluded = devices.Where(device => open.Exists(select => select.Matches(device)) && !selects.Exists(select => select.Matches(device)))
            .OrderBy(device => device.Id.Value, StringComparer.Ordinal).ToArray();
        var overridden = selected.Select(device => KeyOf(rule, device)).OfType<string>().ToArray();
        return new()
        {
            Selected = selected.Length,
            Streets = Counts(selected.Select(device => device.Street.Value)),
            Kinds = Counts(selected.Select(device => device.Kind)),
            Devices = [.. selected.Take(RuleSelection.ListedMax).Select(device => Tell(rule, device))],
            Excluded = excluded.Length,
            ExcludedDevices = [.. excluded.Take(RuleSelection.ListedMax).Select(device => Tell(rule, device))],
            Overridden = overridden.Length,
            Overrides = Counts(overridden),
            UnusedOverrides = [.. rule.Overrides.Keys.Except(overridden, StringComparer.Ordinal)],
            WithoutReference = selected.Count(device => LacksReference(rule, device)),
        };
    }

    private static List<RuleSelect> Selects(RuleDefinition rule)
    {
        if (rule.Area is not { } area)
        {
            return [rule.Select];
        }

        // Conditions written in place have selectors of their own.
        var parts = area.Leaves.Select(leaf => leaf.Condition?.Select ?? leaf.Select).ToList();
        return parts.Count == 0 ? [rule.Select] : parts;
    }

    private static bool LacksReference(RuleDefinition rule, DeviceRegistration device) =>
        !rule.Conditions.IsEmpty && rule.Conditions[0] is { Relative: not RelativeTo.None, Reference: null } && rule.OverrideOf(device)?.Reference is null;

    private static string? KeyOf(RuleDefinition rule, DeviceRegistration device) =>
        rule.OverrideOf(device) is { } own ? rule.Overrides.First(pair => ReferenceEquals(pair.Value, own)).Key : null;

    private static ImmutableArray<SelectionCount> Counts(IEnumerable<string> of) =>
        [.. of.GroupBy(one => one, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => new SelectionCount(group.Key, group.Count()))];

    private static SelectedDevice Tell(RuleDefinition rule, DeviceRegistration device) => new()
    {
        Id = device.Id, Name = device.Name, Kind = device.Kind, Street = device.Street, Longitude = device.Longitude, Latitude = device.Latitude, Override = KeyOf(rule, device),
    };
}
