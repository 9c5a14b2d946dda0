using System.Net;

namespace CommandCenter.Web.Hosting;

/// <summary>Keeps other web pages out. Where nobody signs in, the browser of the person at the desk would otherwise lend its hands to any page that
/// it visits: a page elsewhere could send commands, or open the hub and read everything.</summary>
internal static class SameSite
{
    /// <param name="app">Call before authentication.</param>
    /// <param name="loopbackOnly">Answer only under names of this machine, so that a foreign name that resolves here gets nothing.</param>
    public static void UseSameSite(this IApplicationBuilder app, bool loopbackOnly) => app.Use((context, next) =>
    {
        if (IsForeign(context.Request) || (loopbackOnly && !IsThisMachine(context.Request.Host.Host)))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        return next(context);
    });

    private static bool IsForeign(HttpRequest request)
    {
        var reads = (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && !request.HttpContext.WebSockets.IsWebSocketRequest
            && !request.Headers.Upgrade.Contains("websocket", StringComparer.OrdinalIgnoreCase);
        if (reads)
        {
            // The browser itself keeps what another page reads from it.
            return false;
        }

        var origin = request.Headers.Origin.ToString();
        return (origin.Length > 0 && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
            || request.Headers["Sec-Fetch-Site"] == "cross-site";
    }

    private static bool IsThisMachine(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
