using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Essaim.Server.Web;

/// <summary>A person who asks for a page gets a page, too, where something is wrong; programs get problem documents as everywhere.</summary>
internal sealed partial class PageErrors(RequestDelegate next, ILogger<PageErrors> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!WantsPage(context.Request))
        {
            await next(context);
            return;
        }

        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error) when (!context.Response.HasStarted && error is not OutOfMemoryException)
        {
            LogFailed(error, context.Request.Method, context.Request.Path, context.TraceIdentifier);
            context.Response.Clear();
            bool isAway = error is BackendException or Storage.MetadataException;
            await PageResult.Of<ErrorPage>(
                new { Title = isAway ? "error.away" : "error.failed", Detail = error is EssaimException known ? known.Message : null, Trace = context.TraceIdentifier },
                isAway ? 503 : 500).ExecuteAsync(context);
            return;
        }

        if (context.Response is { HasStarted: false, StatusCode: 404 or 405, ContentLength: null, ContentType: null })
            await PageResult.Of<ErrorPage>(new { Title = "error.nothing", Detail = context.Request.Path.Value }, 404).ExecuteAsync(context);
    }

    private static bool WantsPage(HttpRequest request) =>
        !request.Path.StartsWithSegments("/v1") && !request.Path.StartsWithSegments("/metrics") && !request.Path.StartsWithSegments("/openapi")
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);

    [LoggerMessage(5400, LogLevel.Error, "The page {Method} {Path} failed ({Trace})")]
    private partial void LogFailed(Exception error, string method, PathString path, string trace);
}
