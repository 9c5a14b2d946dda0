using Microsoft.AspNetCore.Diagnostics;

namespace CommandCenter.Web.Hosting;

/// <summary>What a request sees of a failure: that a part is down (503), that it spoke nonsense (400), or a bug (500), never a stack trace.</summary>
internal static class Failures
{
    public static readonly ExceptionHandlerOptions Handler = new()
    {
        SuppressDiagnosticsCallback = context => StatusOf(context.Exception) != StatusCodes.Status500InternalServerError,
        ExceptionHandler = async context =>
        {
            var failure = context.Features.Get<IExceptionHandlerFeature>()?.Error;
            var status = StatusOf(failure);
            await Results.Problem(
                statusCode: status,
                detail: status == StatusCodes.Status503ServiceUnavailable ? "A part that is needed is down or overloaded; try again." : null).ExecuteAsync(context);
        },
    };

    private static int StatusOf(Exception? failure) => failure switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        TimeoutException or Orleans.Runtime.OrleansException => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
