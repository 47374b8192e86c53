using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>Measures requests by method, route and status. A route is a pattern, and what is no route of ours is <c>none</c>: addresses are not labels.</summary>
internal sealed class RequestMetrics(RequestDelegate next, CoreMetrics metrics, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        long start = time.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            string route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
            metrics.Answered(Method(context.Request.Method), route, context.Response.StatusCode.ToString(CultureInfo.InvariantCulture), time.GetElapsedTime(start));
        }
    }

    private static string Method(string method) => method is "GET" or "POST" or "DELETE" or "HEAD" or "PUT" or "PATCH" or "OPTIONS" ? method : "other";
}
