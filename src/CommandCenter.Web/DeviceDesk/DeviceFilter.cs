using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.DeviceDesk;

/// <summary>What the list and the map of the device desk show; null and empty mean everything.</summary>
public sealed record DeviceFilter(string Text = "", AreaId? Area = null, string? Kind = null, DeviceState? State = null)
{
    public bool IsEmpty => Text.Length == 0 && Area is null && Kind is null && State is null;

    /// <summary>The question to the registry; the state follows from time and is looked up in the feed.</summary>
    public DeviceSearch ToSearch() => new()
    {
        Text = Text,
        Areas = Area is { } area ? [area] : [],
        Kinds = Kind is { } kind ? [kind] : [],
    };
}

/// <summary>One row of the list: the registration and, where the feed has it, how it lives.</summary>
public sealed record DeviceRow(DeviceRegistration Device, DeviceSituation? Live)
{
    public DeviceState State => Live?.State ?? DeviceState.Unknown;
}
