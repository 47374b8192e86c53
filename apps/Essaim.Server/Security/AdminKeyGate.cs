using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Essaim.Server;

/// <summary>Lets only those with the admin key into <c>/v1</c>, and to the metrics unless those are open.</summary>
internal sealed class AdminKeyGate(RequestDelegate next, AdminKey key, ServerOptions options)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        if (!NeedsKey(context.Request.Path))
            return next(context);
        string? given = Read(context.Request);
        if (given is not null && key.Matches(given))
            return next(context);
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problem.Of(
            401,
            "ESS5015",
            "Not authenticated",
            given is null
                ? "This needs the admin key. Send it as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'; the core printed at its start where the key lies."
                : "The key sent is not the admin key. The core printed at its start where the key lies.").ExecuteAsync(context);
    }

    private bool NeedsKey(PathString path) => path.StartsWithSegments("/v1") || (!options.OpenMetrics && path.StartsWithSegments("/metrics"));

    private static string? Read(HttpRequest request)
    {
        if (request.Headers.TryGetValue("X-Api-Key", out StringValues plain))
            return plain.ToString();
        string bearer = request.Headers.Authorization.ToString();
        return bearer.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? bearer[Scheme.Length..].Trim() : null;
    }
}
