using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary><c>/metrics</c>, where Prometheus looks for it.</summary>
internal static class MetricsApi
{
    public static void MapMetrics(this IEndpointRouteBuilder root) =>
        root.MapGet("/metrics", GetAsync).WithTags("Health").WithName("metrics").WithSummary("Metrics as Prometheus text")
            .WithDescription("Queues, workers, ended tasks, requests, the process. At most a second old.")
            .Produces<string>(200, "text/plain").ProducesProblem(401);

    private static async Task GetAsync(HttpContext context, MetricsReporter reporter, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> text = await reporter.ReportAsync(cancellationToken);
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = text.Length;
        await context.Response.Body.WriteAsync(text, cancellationToken);
    }
}
