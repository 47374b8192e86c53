using Essaim.Storage;
using Microsoft.AspNetCore.Http;

namespace Essaim.Server;

/// <summary>Sends a response as it was stored, or is about to be.</summary>
/// <param name="response">What to send.</param>
/// <param name="replayed">True where it was sent before.</param>
internal sealed class StoredResponse(RequestResponse response, bool replayed) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = response.Status;
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        httpContext.Response.ContentLength = response.Body.Length;
        if (response.Location is not null)
            httpContext.Response.Headers.Location = response.Location;
        if (replayed)
            httpContext.Response.Headers["Idempotency-Replayed"] = "true";
        await httpContext.Response.Body.WriteAsync(response.Body, httpContext.RequestAborted);
    }
}
