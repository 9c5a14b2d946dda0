using CitySimulator;

namespace CommandCenter.Web.Hosting;

/// <summary>The drawn pictures of the pretended cameras.</summary>
internal static class DemoSnapshots
{
    public static void MapDemoSnapshots(this IEndpointRouteBuilder routes) => routes.MapGet("/demo/snapshots/{type}.svg", (string type, HttpContext context) =>
    {
        if (CitySnapshots.Find(type) is not { } picture)
        {
            return Results.NotFound();
        }

        context.Response.Headers.CacheControl = "private, max-age=3600";
        return Results.Bytes(picture, "image/svg+xml");
    }).ExcludeFromDescription();
}
