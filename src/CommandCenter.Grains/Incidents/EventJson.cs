using System.Text.Json;
using System.Text.Json.Serialization;
using CommandCenter.Grains.Contracts;

namespace CommandCenter.Grains.Incidents;

/// <summary>The stored form of incident events.</summary>
[JsonSerializable(typeof(IncidentEvent))]
internal sealed partial class EventJson : JsonSerializerContext
{
    /// <summary>The words, times and letters of the public documents, because the timeline shows events as they are stored.</summary>
    public static EventJson Stored { get; } = new(Make());

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        ContractJson.Apply(options);
        return options;
    }
}
