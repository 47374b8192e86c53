using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>What runs here.</summary>
internal sealed record VersionView(string Version, string Runtime, string System);

/// <summary>Health (for anybody) and version.</summary>
internal static class HealthApi
{
    public static void MapHealth(this IEndpointRouteBuilder root) =>
        root.MapGet("/healthz", GetAsync).WithTags("Health").WithName("health").WithSummary("How the core and each of its parts are")
            .WithDescription("200 while it works, even degraded; 503 where a part it cannot do without has failed. Needs no key.")
            .Produces<HealthReport>().Produces<HealthReport>(503);

    public static void MapVersion(this IEndpointRouteBuilder v1) =>
        v1.MapGet("/version", () => TypedResults.Ok(Describe())).WithTags("Health").WithName("version").WithSummary("What runs here");

    private static async Task<JsonHttpResult<HealthReport>> GetAsync(HttpContext context, HealthReporter health, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        HealthReport report = await health.ReportAsync(cancellationToken);
        return TypedResults.Json(report, statusCode: report.Status == HealthPart.Failed ? 503 : 200);
    }

    private static VersionView Describe() => new(
        typeof(HealthApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
        RuntimeInformation.FrameworkDescription,
        $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}");
}
