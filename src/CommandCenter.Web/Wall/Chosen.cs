using CommandCenter.Grains.Contracts;

namespace CommandCenter.Web.Wall;

/// <summary>What someone touched on the map or in a list.</summary>
public abstract record Chosen
{
    public sealed record Warning(WarningId Id) : Chosen;

    public sealed record Incident(IncidentId Id) : Chosen;

    public sealed record Device(DeviceId Id) : Chosen;

    /// <summary>From the map's word and id; null for a word that the map does not have.</summary>
    public static Chosen? From(string kind, string id) => kind switch
    {
        "warning" => new Warning(new(id)),
        "incident" => new Incident(new(id)),
        "device" => new Device(new(id)),
        _ => null,
    };
}
