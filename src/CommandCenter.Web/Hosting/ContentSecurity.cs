using System.Security.Cryptography;

namespace CommandCenter.Web.Hosting;

/// <summary>The headers that every answer carries. Scripts run only from our own files or with the nonce of the request; map workers come from our
/// own files or blobs; pictures of cameras may come from other hosts of the network.</summary>
public static class ContentSecurity
{
    private static readonly object NonceKey = new();

    /// <summary>The nonce of the request, for inline scripts such as the import map: <c>&lt;ImportMap nonce="@…" /&gt;</c>.</summary>
    public static string NonceOf(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Items[NonceKey] is string nonce)
        {
            return nonce;
        }

        nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        context.Items[NonceKey] = nonce;
        return nonce;
    }

    internal static void UseContentSecurity(this IApplicationBuilder app, MapSettings map)
    {
        var tiles = Uri.TryCreate(map.BaseMap?.Replace("{s}", "a", StringComparison.Ordinal), UriKind.Absolute, out var address)
            ? " " + address.GetLeftPart(UriPartial.Authority)
            : string.Empty;
        app.Use((context, next) =>
        {
            var nonce = NonceOf(context);
            var headers = context.Response.Headers;
            // Radzen and MapLibre place elements by style attributes, which no nonce can cover.
            headers.ContentSecurityPolicy =
                $"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: http: https:; "
                + $"font-src 'self' data:; connect-src 'self' blob: data:{tiles}; worker-src 'self' blob:; child-src 'self' blob:; media-src 'self' blob: http: https:; "
                + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'";
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self)";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            return next();
        });
    }
}
