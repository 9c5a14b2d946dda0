using System.Collections.Immutable;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Rules;

/// <summary>Which devices a rule judges. Empty lists do not restrict.</summary>
internal sealed record RuleSelect
{
    public ImmutableArray<string> Kinds { get; init; } = [];
    public ImmutableArray<string> Tags { get; init; } = [];
    public ImmutableArray<string> NotTags { get; init; } = [];
    public ImmutableArray<string> Areas { get; init; } = [];
    public ImmutableArray<string> Devices { get; init; } = [];

    public bool Matches(DeviceRegistration device)
    {
        if (device.Internal || !(Kinds.IsEmpty || Kinds.Contains(device.Kind)) || !(Devices.IsEmpty || Devices.Contains(device.Id.Value)))
        {
            return false;
        }

        foreach (var tag in Tags)
        {
            if (!device.Tags.Contains(tag))
            {
                return false;
            }
        }

        foreach (var tag in NotTags)
        {
            if (device.Tags.Contains(tag))
            {
                return false;
            }
        }

        return Areas.IsEmpty || InAreas(device);
    }

    private bool InAreas(DeviceRegistration device)
    {
        if (Areas.Contains(device.Street.Value))
        {
            return true;
        }

        foreach (var area in device.Areas)
        {
            if (Areas.Contains(area.Value))
            {
                return true;
            }
        }

        return false;
    }
}
