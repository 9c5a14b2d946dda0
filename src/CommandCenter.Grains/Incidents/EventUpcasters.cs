using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace CommandCenter.Grains.Incidents;

/// <summary>Lifts the stored form of an event by one schema version: from (type, version) to version + 1.</summary>
internal sealed record EventUpcaster(string Type, int FromVersion, Func<JsonObject, JsonObject> Lift);

/// <summary>The steps from older forms of events to the present one. Stored bytes never change; what is read from them does.</summary>
internal static class EventUpcasters
{
    /// <summary>Empty in the first release: every event is in its first form.</summary>
    public static ImmutableArray<EventUpcaster> All { get; } = [];

    public static string Lift(string type, int version, string data, ImmutableArray<EventUpcaster> steps)
    {
        var present = data;
        for (var at = version; steps.FirstOrDefault(step => step.Type == type && step.FromVersion == at) is { } step; at++)
        {
            var document = JsonNode.Parse(present) as JsonObject ?? throw new InvalidOperationException($"Event {type} version {at} is not a JSON object.");
            present = step.Lift(document).ToJsonString();
        }

        return present;
    }
}
