using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Operators;

namespace CommandCenter.Web.Api;

/// <summary><c>/api/v1/devices/{id}/credential</c>: the account under which a device or gateway speaks to the broker.</summary>
internal static class CredentialsApi
{
    private const int TopicsCountMax = 100;
    private const int DevicesCountMax = 10_000;

    public static void MapCredentials(this RouteGroupBuilder devices)
    {
        devices.MapPost("/{id}/credential", IssueAsync)
            .WithSummary("Gives the device a new secret for the broker, shown once; the one before is worth nothing. {\"gateway\":{\"topics\":[],\"devices\":[]}} makes it a gateway.");
        devices.MapDelete("/{id}/credential", WithdrawAsync).WithSummary("Withdraws the device's account and cuts its connections.");
    }

    private static async Task<IResult> IssueAsync(string id, HttpContext context, IClusterClient cluster)
    {
        var (reader, refusal) = await DocumentReader.ReadAsync(context.Request);
        if (refusal is not null)
        {
            return refusal;
        }

        // Absent: the rights stay as they are. Both lists empty: an ordinary device again.
        GatewayRights? gateway = null;
        if (reader.Child("gateway") is { } rights)
        {
            gateway = new GatewayRights { Topics = rights.Texts("topics", TopicsCountMax), Devices = [.. rights.Texts("devices", DevicesCountMax, 64).Select(device => new DeviceId(device))] };
        }

        if (reader.Refusal() is { } wrong)
        {
            return wrong;
        }

        var outcome = await cluster.GetGrain<IRegistryGrain>(0).IssueCredentialAsync(new DeviceId(id), gateway, context.ActorOf());
        context.Response.Headers.CacheControl = "no-store";
        return Answers.From(outcome, issued => Answers.Document(issued, StatusCodes.Status201Created));
    }

    private static async Task<IResult> WithdrawAsync(string id, HttpContext context, IClusterClient cluster)
    {
        var outcome = await cluster.GetGrain<IRegistryGrain>(0).WithdrawCredentialAsync(new DeviceId(id), context.ActorOf());
        return Answers.From(outcome, _ => Results.NoContent());
    }
}
