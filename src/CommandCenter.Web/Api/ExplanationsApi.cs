using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/devices/{id}/explain</c>: why it rings, and why it does not.</summary>
internal static class ExplanationsApi
{
    public static void MapExplanations(this RouteGroupBuilder api) =>
        api.MapGet("/devices/{id}/explain", async (string id, HttpContext context, IClusterClient cluster) =>
        {
            var actor = context.ActorOf();
            return await cluster.GetGrain<IRegistryGrain>(0).GetAsync(new DeviceId(id), actor) is { } device
                && await cluster.GetGrain<IStreetGrain>(device.Street.Value).ExplainAsync(device.Id, actor) is { } explanation
                    ? Answers.Document(explanation)
                    : Answers.NotFound();
        }).WithTags("devices").WithSummary("Every rule that selects the device, and what it makes of it.");
}
