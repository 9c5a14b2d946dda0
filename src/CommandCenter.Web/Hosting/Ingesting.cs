using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CommandCenter.Web.Hosting;

/// <summary>Ingest in this process: its services, and its ports on Kestrel.</summary>
internal static class Ingesting
{
    public static void Add(WebApplicationBuilder builder, StartSettings settings)
    {
        _ = (builder, settings);
    }

    public static void Listen(KestrelServerOptions kestrel, StartSettings settings)
    {
        _ = (kestrel, settings);
    }
}
