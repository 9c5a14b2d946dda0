using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Threading.RateLimiting;
using CommandCenter.Grains.Contracts;
using CommandCenter.Web.Hosting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace CommandCenter.Web.Operators;

/// <summary>Who may come in: a machine by its key, a person by a cookie, and in open mode whoever sits at this machine.</summary>
internal static class SignIn
{
    public const string RateLimit = "sign-in";

    public static IServiceCollection AddSignIn(this IServiceCollection services, StartSettings settings)
    {
        services.AddAuthentication(EntryHandler.Scheme)
            .AddScheme<AuthenticationSchemeOptions, EntryHandler>(EntryHandler.Scheme, null)
            .AddCookie(CookieAuthenticationDefaults.AuthenticationScheme, options =>
            {
                options.Cookie.Name = "cc-desk";
                options.Cookie.HttpOnly = true;
                options.Cookie.SameSite = SameSiteMode.Strict;
                options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                options.ExpireTimeSpan = TimeSpan.FromHours(12);
                options.SlidingExpiration = true;
            });
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder(EntryHandler.Scheme).RequireAuthenticatedUser().Build());
        services.AddAntiforgery(options => options.Cookie.Name = "cc-form");
        services.AddCascadingAuthenticationState();
        services.AddRateLimiter(options =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.AddPolicy(RateLimit, context => RateLimitPartition.GetFixedWindowLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "unknown",
                _ => new FixedWindowRateLimiterOptions { PermitLimit = 10, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));
        });
        services.AddSingleton(new OperatorAccounts(settings));
        return services;
    }
}

/// <summary>The accounts of this release: one administrator whose password is configured, and the configured keys of machines.</summary>
internal sealed class OperatorAccounts(StartSettings settings)
{
    private static readonly Actor Administrator = new()
    {
        Id = "admin", Name = "管理员", Kind = ActorKind.User, SeesWholeDistrict = true,
        Roles = [Role.Duty, Role.Dispatcher, Role.Leader, Role.System, Role.Security, Role.Audit],
    };

    public bool IsOpen => settings.AuthMode == AuthMode.Open;

    public Actor? FindByKey(string key)
    {
        Actor? found = null;
        foreach (var candidate in settings.ApiKeys)
        {
            // Every key is compared in constant time, so that the answer's delay tells nothing.
            if (SameText(candidate.Key, key))
            {
                found = candidate.Actor;
            }
        }

        return found;
    }

    public Actor? FindByPassword(string account, string password) =>
        settings.AdminPassword is { } expected && SameText(expected, password) & SameText("admin", account) ? Administrator : null;

    private static bool SameText(string expected, string given) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(expected)), SHA256.HashData(Encoding.UTF8.GetBytes(given)));
}

/// <summary>Finds out who asks: key, cookie, open desk, in this order. A wrong key is refused even where no key is needed.</summary>
internal sealed class EntryHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, OperatorAccounts accounts)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    public new const string Scheme = "Entry";
    public const string KeyHeader = "X-Api-Key";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.TryGetValue(KeyHeader, out var keys))
        {
            return accounts.FindByKey(keys.ToString()) is { } machine
                ? Success(ActorClaims.ToPrincipal(machine, Scheme))
                : AuthenticateResult.Fail("The key is not known.");
        }

        var cookie = await Context.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        if (cookie.Succeeded)
        {
            return Success(cookie.Principal);
        }

        return accounts.IsOpen ? Success(ActorClaims.ToPrincipal(ActorClaims.LocalDesk, Scheme)) : AuthenticateResult.NoResult();

        static AuthenticateResult Success(ClaimsPrincipal principal) => AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (IsPage(Request))
        {
            Response.Redirect($"/login?returnUrl={Uri.EscapeDataString(Request.Path + Request.QueryString)}");
            return;
        }

        await Results.Problem(statusCode: StatusCodes.Status401Unauthorized, detail: "Sign in, or send X-Api-Key.").ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Results.Problem(statusCode: StatusCodes.Status403Forbidden, detail: "The role does not allow it.").ExecuteAsync(Context);

    private static bool IsPage(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && !request.Headers.ContainsKey(KeyHeader)
        && !request.Path.StartsWithSegments("/api") && !request.Path.StartsWithSegments("/hubs") && !request.Path.StartsWithSegments("/_blazor")
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}

/// <summary>The sign-in page: one plain form without script.</summary>
internal static class LoginPage
{
    public static void MapLoginPage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/login", (HttpContext context, IAntiforgery antiforgery, string? returnUrl) =>
            Form(context, antiforgery, returnUrl, refused: false)).AllowAnonymous().ExcludeFromDescription();

        routes.MapPost("/login", async (HttpContext context, IAntiforgery antiforgery, OperatorAccounts accounts) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context))
            {
                return Results.Problem(statusCode: StatusCodes.Status400BadRequest, detail: "The form has expired; open it again.");
            }

            var form = await context.Request.ReadFormAsync();
            var returnUrl = form["returnUrl"].ToString();
            if (accounts.FindByPassword(form["account"].ToString(), form["password"].ToString()) is not { } actor)
            {
                return Form(context, antiforgery, returnUrl, refused: true);
            }

            await context.SignInAsync(
                CookieAuthenticationDefaults.AuthenticationScheme,
                ActorClaims.ToPrincipal(actor, CookieAuthenticationDefaults.AuthenticationScheme));
            return Results.LocalRedirect(IsLocal(returnUrl) ? returnUrl : "/");
        }).AllowAnonymous().RequireRateLimiting(SignIn.RateLimit).DisableAntiforgery().ExcludeFromDescription();

        routes.MapPost("/logout", async (HttpContext context, IAntiforgery antiforgery) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context))
            {
                return Results.Problem(statusCode: StatusCodes.Status400BadRequest, detail: "The form has expired; open it again.");
            }

            await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
            return Results.LocalRedirect("/login");
        }).DisableAntiforgery().ExcludeFromDescription();
    }

    private static bool IsLocal(string url) =>
        url.Length > 0 && url[0] == '/' && (url.Length == 1 || (url[1] is not '/' and not '\\')) && !url.Any(char.IsControl);

    private static IResult Form(HttpContext context, IAntiforgery antiforgery, string? returnUrl, bool refused)
    {
        var tokens = antiforgery.GetAndStoreTokens(context);
        var encode = HtmlEncoder.Default;
        var english = context.Request.Headers.AcceptLanguage.ToString().StartsWith("en", StringComparison.OrdinalIgnoreCase);
        var words = english
            ? (Lang: "en", Title: "City operations command center", Account: "Account", Password: "Password", Enter: "Sign in", Refused: "Account or password is wrong.")
            : (Lang: "zh-CN", Title: "城运指挥平台", Account: "账号", Password: "密码", Enter: "登录", Refused: "账号或密码不正确。");
        var page = $"""
            <!doctype html>
            <html lang="{words.Lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{words.Title}</title></head>
            <body><main><h1>{words.Title}</h1>{(refused ? $"<p role=\"alert\">{words.Refused}</p>" : string.Empty)}
            <form method="post" action="/login">
            <input type="hidden" name="{encode.Encode(tokens.FormFieldName)}" value="{encode.Encode(tokens.RequestToken!)}">
            <input type="hidden" name="returnUrl" value="{encode.Encode(returnUrl ?? "/")}">
            <p><label>{words.Account} <input name="account" autocomplete="username" required autofocus></label></p>
            <p><label>{words.Password} <input name="password" type="password" autocomplete="current-password" required></label></p>
            <p><button>{words.Enter}</button></p></form></main></body></html>
            """;
        return Results.Content(page, "text/html; charset=utf-8", Encoding.UTF8, refused ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK);
    }
}
