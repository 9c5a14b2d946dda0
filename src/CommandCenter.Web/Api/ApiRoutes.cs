namespace CommandCenter.Web.Api;

/// <summary>The HTTP interface, in the order of the public contract.</summary>
internal static class ApiRoutes
{
    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1");
        api.AddEndpointFilter(RefuseForeignCursorAsync);
        api.MapDevices();
        api.MapIngest();
        api.MapAreas();
        api.MapWarnings();
        api.MapExplanations();
        api.MapMaintenance();
        api.MapRules();
        api.MapRuleProposals();
        api.MapRuleShadows();
        api.MapBackTest();
        api.MapCap();
        api.MapQuality();
        api.MapBooks();
        api.MapIncidents();
        api.MapTasks();

        // What the contract reserves or nobody knows is not there, for machines as a problem document and not as a page.
        routes.Map("/api/{**rest}", () => Answers.NotFound()).ExcludeFromDescription();
    }

    /// <summary>Only the list that made a cursor can read it; what it cannot read is the caller's mistake and not ours.</summary>
    private static async ValueTask<object?> RefuseForeignCursorAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (ArgumentException) when (context.HttpContext.Request.Query.ContainsKey("cursor"))
        {
            return Answers.Invalid("cursor", "is not a cursor of this list");
        }
    }
}
