using Essaim.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;

namespace Essaim.Server;

/// <summary>Whatever goes wrong leaves as a problem document; responses without a body (404, 405) get one.</summary>
internal sealed partial class ErrorBoundary(RequestDelegate next, ILogger<ErrorBoundary> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to tell.
            return;
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await Explain(error, context).ExecuteAsync(context);
            return;
        }

        if (context.Response is { HasStarted: false, StatusCode: 404 or 405 or 415, ContentLength: null, ContentType: null })
            await ExplainRouting(context).ExecuteAsync(context);
    }

    private ProblemHttpResult Explain(Exception error, HttpContext context)
    {
        switch (error)
        {
            case ProblemException problem:
                return problem.Problem;
            case BadHttpRequestException { StatusCode: 413 }:
                return Problem.Of(
                    413,
                    "ESS5014",
                    "Body too large",
                    $"The body is larger than {RequestBody.Limit(context):N0} bytes. Pass a reference (a path, a URL, an object's key) instead of the data itself, or split the batch.");
            case BadHttpRequestException bad:
                return Problem.Of(bad.StatusCode, "ESS5019", "Bad request", $"The request could not be read: {bad.Message}");
            case ConfigException { Mistakes.Count: > 0, Code: "ESS1301" } wrong:
                return Problem.Invalid([.. wrong.Mistakes.Select(mistake => new Mistake(mistake.Path.Length > 0 ? $"$.{mistake.Path}" : "$", $"{mistake.Problem} {mistake.Fix}".Trim()))]);
            case ConfigException { Code: "ESS1305" } unknown:
                return Problem.Of(404, unknown.Code, "No such version", unknown.Message);
            case ConfigException { Code: "ESS1304" or "ESS1308" } conflict:
                return Problem.Of(409, conflict.Code, "Not published", conflict.Message);
            case ConfigException damaged:
                LogUnavailable(context.Request.Method, context.Request.Path, damaged.Message);
                return Problem.Of(503, damaged.Code, "Not available", damaged.Message);
            case FunctionException { Code: "ESS6021" } wrong:
                return Problem.Of(400, wrong.Code, "Not a name", wrong.Message);
            case FunctionException { Code: "ESS6022" } unknown:
                return Problem.Of(404, unknown.Code, "No such function", unknown.Message);
            case FunctionException { Code: "ESS6023" } several:
                return Problem.Of(409, several.Code, "Not one version", several.Message);
            case BackendException or MetadataException or BlobException:
                EssaimException unavailable = (EssaimException)error;
                LogUnavailable(context.Request.Method, context.Request.Path, unavailable.Message);
                context.Response.Headers.RetryAfter = "5";
                return Problem.Of(503, unavailable.Code, "Not available", unavailable.Message);
            default:
                LogFailure(error, context.Request.Method, context.Request.Path, context.TraceIdentifier);
                return Problem.Of(
                    500, "ESS5050", "Internal error", $"The core failed on this request. Its log says more, under '{context.TraceIdentifier}'; please report it.");
        }
    }

    private static ProblemHttpResult ExplainRouting(HttpContext context) => context.Response.StatusCode switch
    {
        405 => Problem.Of(405, "ESS5018", "Method not allowed", $"'{context.Request.Path}' does not take {context.Request.Method}, only {context.Response.Headers.Allow}."),
        415 => FunctionUpload.ExplainContentType(context.Request) ?? FilesApi.ExplainContentType(context.Request) ?? Problem.NotJson(context.Request),
        _ => Problem.Of(404, "ESS5017", "No such address", $"There is nothing at '{context.Request.Path}'. All addresses are listed at /openapi/v1.json."),
    };

    [LoggerMessage(5001, LogLevel.Error, "{Method} {Path} failed ({Trace})")]
    private partial void LogFailure(Exception error, string method, PathString path, string trace);

    [LoggerMessage(5002, LogLevel.Warning, "{Method} {Path} could not be served: {Reason}")]
    private partial void LogUnavailable(string method, PathString path, string reason);
}
