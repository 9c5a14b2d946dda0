using Microsoft.AspNetCore.Localization;

namespace CommandCenter.Web.Texts;

/// <summary>The languages of the screens, and the address that switches between them.</summary>
public static class LanguageSwitch
{
    /// <summary>Chinese first: it is what a screen speaks unless someone chose otherwise.</summary>
    public static IReadOnlyList<string> Cultures { get; } = ["zh-CN", "en"];

    /// <summary>Texts by language: the choice is kept in a cookie; the browser's own wishes are not asked, because a wall has no one to wish.</summary>
    public static IServiceCollection AddTexts(this IServiceCollection services)
    {
        services.AddLocalization();
        services.Configure<RequestLocalizationOptions>(options =>
        {
            options.SetDefaultCulture(Cultures[0]).AddSupportedCultures([.. Cultures]).AddSupportedUICultures([.. Cultures]);
            options.RequestCultureProviders = [new CookieRequestCultureProvider()];
        });
        return services;
    }

    /// <summary><c>GET /language/{culture}?back=/wall/320404</c>: keeps the choice and goes back to a page of this site.</summary>
    public static IEndpointRouteBuilder MapLanguageSwitch(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/language/{culture}", (string culture, string? back, HttpContext context) =>
        {
            if (!Cultures.Contains(culture, StringComparer.Ordinal))
            {
                return Results.NotFound();
            }

            context.Response.Cookies.Append(
                CookieRequestCultureProvider.DefaultCookieName,
                CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(culture)),
                new CookieOptions { Path = "/", MaxAge = TimeSpan.FromDays(365), IsEssential = true, SameSite = SameSiteMode.Lax, HttpOnly = true });
            return Results.LocalRedirect(IsLocal(back) ? back! : "/");
        }).AllowAnonymous().ExcludeFromDescription();
        return endpoints;
    }

    /// <summary>A path of this site: neither another host nor the form <c>//host</c> that browsers read as one.</summary>
    private static bool IsLocal(string? address) =>
        address is ['/', ..] && !(address.Length > 1 && address[1] is '/' or '\\') && !address.Contains('\\', StringComparison.Ordinal);
}
