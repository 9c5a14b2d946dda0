using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace CommandCenter.Web.Hosting;

/// <summary>The maps of the customer, with an ETag so that a replaced file is seen at the next look and an old one is not sent twice.</summary>
internal static class MapFiles
{
    // Behind authorization, and yet no endpoint: the fallback policy covers requests without one as well.
    public static void UseMapFiles(this IApplicationBuilder app, MapSettings map)
    {
        if (!Directory.Exists(map.Directory))
        {
            return;
        }

        var types = new FileExtensionContentTypeProvider(new Dictionary<string, string> { [".geojson"] = "application/geo+json" });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(map.Directory),
            RequestPath = "/maps",
            ContentTypeProvider = types,
            OnPrepareResponse = served => served.Context.Response.Headers.CacheControl = "no-cache",
        });
    }
}
