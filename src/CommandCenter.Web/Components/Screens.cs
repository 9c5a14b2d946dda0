using CommandCenter.Web.Texts;
using Radzen;

namespace CommandCenter.Web.Components;

/// <summary>Wires the screens: texts, Blazor, their files and addresses.</summary>
public static class Screens
{
    public static IServiceCollection AddScreens(this IServiceCollection services)
    {
        services.AddTexts();
        services.AddRadzenComponents();
        services.AddRazorComponents().AddInteractiveServerComponents(options =>
        {
            // A browser that was killed keeps its circuit and some 2 MB with it; a wall that comes back within a minute finds it again.
            options.DisconnectedCircuitMaxRetained = 50;
            options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(1);
        });
        return services;
    }

    /// <summary>Call where endpoints are mapped, after authentication and authorization.</summary>
    public static WebApplication MapScreens(this WebApplication app)
    {
        app.UseRequestLocalization();
        app.MapStaticAssets().AllowAnonymous();
        app.MapLanguageSwitch();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode().WithStaticAssets();
        return app;
    }
}
